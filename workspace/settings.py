"""Keys, home folder and limits, read once from the environment; and what keeps libraries from phoning home."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

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
# They tell at each start which fast paths this machine lacks.
LOUD = ("torchao", "torch.utils._pytree", "bitsandbytes")


# By name: `TUNESMITH_CONNECTION_SHOP` is the connection "shop".
CONNECTION, SECRET = "TUNESMITH_CONNECTION_", "TUNESMITH_SECRET_"
HUBS = {
    "huggingface": "https://huggingface.co",
    "modelscope": "https://www.modelscope.cn",
    "kaggle": "https://www.kaggle.com",
}
ENDPOINTS = {"huggingface": "HF_ENDPOINT", "modelscope": "MODELSCOPE_ENDPOINT", "kaggle": "KAGGLE_API_ENDPOINT"}
HUB_TOKENS = ("HF_TOKEN", "MODELSCOPE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY")
# So short that taking it out of a text would leave holes everywhere.
SHORTEST_SECRET = 3


class Slack(BaseModel):
    """One app in one workspace."""

    model_config = ConfigDict(frozen=True)

    bot_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = Field(None, description="Of Socket Mode, where no address is open to the internet")
    team: str | None = Field(None, description="The only workspace that is listened to; else the bot token's own")
    approvers: frozenset[str] = Field(frozenset(), description="Ids of users who may order in everybody's threads")
    api_url: str = Field("https://slack.com/api/", description="Where Slack's Web API is reached")


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
    price_per_hour: float | None = Field(None, ge=0, description="What this machine costs an hour, in US dollars")
    api_door_key: SecretStr | None = Field(None, description="What programs must show to use a served model")
    mcp_folders: tuple[Path, ...] = Field((), description="Where other assistants may have files read; else here")
    connections: dict[str, SecretStr] = Field({}, description="Addresses of databases by name, passwords and all")
    secrets: dict[str, SecretStr] = Field({}, description='"host value" by name: a header that this host alone is sent')
    private_hosts: frozenset[str] = Field(frozenset(), description="Hosts (or host:port) inside the network to fetch")
    hub_endpoints: dict[str, str] = Field(HUBS, description="Where a hub, or a mirror of it, is reached")
    hub_tokens: dict[str, SecretStr] = Field({}, description="HF_TOKEN and the like")
    slack: Slack = Slack()

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
        "price_per_hour": env.get("TUNESMITH_PRICE_PER_HOUR"),
        "api_door_key": env.get("TUNESMITH_API_KEY"),
    }
    home = Path(env.get("TUNESMITH_HOME", "~/.tunesmith")).expanduser()
    folders = [folder for folder in env.get("TUNESMITH_MCP_FILES", "").split(os.pathsep) if folder]
    remote = {
        "mcp_folders": tuple(Path(folder).expanduser() for folder in folders),
        "connections": _named(CONNECTION),
        "secrets": _named(SECRET),
        "private_hosts": _listed("TUNESMITH_PRIVATE_HOSTS"),
        "hub_endpoints": {hub: (env.get(ENDPOINTS[hub]) or usual).rstrip("/") for hub, usual in HUBS.items()},
        "hub_tokens": {name: env[name] for name in HUB_TOKENS if env.get(name)},
        "slack": _slack(),
    }
    return Settings.model_validate({"home": home, **remote, **{k: v for k, v in optional.items() if v}})


def _slack() -> Slack:
    names = {
        "bot_token": "SLACK_BOT_TOKEN",
        "signing_secret": "SLACK_SIGNING_SECRET",
        "app_token": "SLACK_APP_TOKEN",
        "team": "TUNESMITH_SLACK_TEAM",
        "api_url": "SLACK_API_URL",
    }
    given = {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}
    return Slack.model_validate({**given, "approvers": _listed("TUNESMITH_SLACK_APPROVERS")})


def _listed(name: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, os.environ.get(name, "").split(","))))


def _named(prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix).lower(): value for key, value in os.environ.items() if key.startswith(prefix)}


def quiet_libraries() -> None:
    """Must run before the first import of a library that would phone home, or tell its makers' troubles."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)


def redacted(text: str) -> str:
    """The text without any secret of the settings."""
    for secret in sorted(set(_secrets()), key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "•••")
    return text


def _secrets() -> Iterator[str]:
    now = settings()
    hidden = (secret for name, secret in now.hub_tokens.items() if name != "KAGGLE_USERNAME")
    slack = (now.slack.bot_token, now.slack.signing_secret, now.slack.app_token)
    for secret in (now.api_key, now.api_door_key, *slack, *hidden):
        if secret:
            yield secret.get_secret_value()
    for secret in now.secrets.values():
        yield from secret.get_secret_value().split()[1:]
        yield secret.get_secret_value().partition(" ")[2]
    for secret in now.connections.values():
        yield secret.get_secret_value()
        # A driver repeats the password as it stands in the address, or as it is meant.
        given = urlsplit(secret.get_secret_value()).password or ""
        yield from (given, unquote(given))
