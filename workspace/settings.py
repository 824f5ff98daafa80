"""Keys, home folder and limits, read once from the environment; and what keeps libraries from phoning home."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

QUIET = {
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "ANONYMIZED_TELEMETRY": "False",
    "TOKENIZERS_PARALLELISM": "false",
}


class Settings(BaseModel):
    """Only an administrator's environment sets these; no chat message can."""

    model_config = ConfigDict(frozen=True)

    home: Path
    base_url: str | None = None
    api_key: SecretStr | None = None
    model: str | None = None
    weights_dir: Path | None = Field(None, description="A folder that already holds weight files")
    most_at_once: int = Field(64, ge=1, description="Requests under way at one time, at most")
    request_seconds: float = Field(120.0, gt=0, description="When a reply counts as lost")
    price_in: float = Field(0.0, description="US dollars per million tokens read")
    price_out: float = Field(0.0, description="US dollars per million tokens written")
    password: SecretStr | None = Field(None, description="What the chat asks for beyond loopback")

    @property
    def embedded(self) -> bool:
        """No endpoint is named: the model inside this process is used."""
        return self.base_url is None and self.api_key is None


@cache
def settings() -> Settings:
    """Read once, from the environment. Tests call `settings.cache_clear()`."""
    env = os.environ
    optional = {
        "base_url": env.get("OPENAI_BASE_URL"),
        "api_key": env.get("OPENAI_API_KEY"),
        "model": env.get("TUNESMITH_MODEL"),
        "weights_dir": env.get("TUNESMITH_WEIGHTS"),
        "most_at_once": env.get("TUNESMITH_MOST_AT_ONCE"),
        "request_seconds": env.get("TUNESMITH_REQUEST_SECONDS"),
        "price_in": env.get("TUNESMITH_PRICE_IN"),
        "price_out": env.get("TUNESMITH_PRICE_OUT"),
        "password": env.get("TUNESMITH_PASSWORD"),
    }
    home = Path(env.get("TUNESMITH_HOME", "~/.tunesmith")).expanduser()
    return Settings.model_validate({"home": home, **{k: v for k, v in optional.items() if v}})


def quiet_libraries() -> None:
    """Must run before the first import of a library that would phone home."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def redacted(text: str) -> str:
    """The text without any secret of the settings."""
    for secret in (settings().api_key, settings().password):
        if secret and secret.get_secret_value():
            text = text.replace(secret.get_secret_value(), "•••")
    return text
