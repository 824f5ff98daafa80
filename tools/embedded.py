"""The local default model behind an OpenAI-compatible endpoint on loopback, inside this process: no key, no hub."""

from __future__ import annotations

import os
import secrets
import threading
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from tools.endpoint import Endpoint
from workspace.errors import UserError
from workspace.weights import weight
from workspace.words import Words

MODEL = "qwen2.5-coder-1.5b"
CONTEXT = 16_384
AT_ONCE = 8
# On two cores a long reply takes minutes, and giving up on it would only ask for it again.
SECONDS = 1800.0
QUIET = -1

_starting = threading.Lock()


def serve() -> Endpoint:
    """Started by the first who asks and then shared; ends with the process. Fetches the weights if it has to."""
    with _starting:
        return _serve(weight(MODEL))


@cache
def _serve(path: Path) -> Endpoint:
    import xllamacpp

    key = secrets.token_urlsafe(24)
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = str(path), {MODEL}
    params.n_ctx, params.n_parallel, params.kv_unified = CONTEXT, AT_ONCE, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = cores()
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.ui, params.endpoint_slots, params.cors_origins = False, False, ""
    params.cache_ram_mib, params.verbosity = 256, QUIET
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, MemoryError) as error:
        raise _no_start(error) from error
    _running.append(server)
    return Endpoint(
        f"{server.listening_address}/v1", SecretStr(key), MODEL, AT_ONCE, SECONDS, bad_replies=3, enforces_schema=True
    )


# The server stops when its object goes.
_running: list[object] = []


def cores() -> int:
    """What this process may use: a container's share counts, or 64 threads would fight for two cores."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(allowed, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return max(1, allowed)


def _no_start(error: Exception) -> UserError:
    return UserError(
        Words(f"The local model did not start ({error}).", f"本地模型未能启动（{error}）。"),
        Words(
            "It needs about 2 GB of free memory. Or name another: OPENAI_BASE_URL, OPENAI_API_KEY, TUNESMITH_MODEL.",
            "它需要约 2 GB 可用内存；也可以用 OPENAI_BASE_URL、OPENAI_API_KEY、TUNESMITH_MODEL 指定其他模型。",
        ),
    )
