"""llama.cpp's server on loopback, started the same way wherever one is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finetune.base import cores

QUIET = -1


def started(model: Path, adapter: Path | None, context: int, at_once: int, key: str) -> Any:
    """It listens at `listening_address`, and stops when the object goes. Raises RuntimeError or MemoryError."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    if adapter:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    # Each place has a context of its own: shared, four long prompts would leave no room to answer.
    params.n_ctx, params.n_parallel, params.kv_unified = context * at_once, at_once, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = cores()
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.ui, params.endpoint_slots, params.cors_origins = False, False, ""
    # A prompt kept from the tuned model would be wrong for the base.
    params.cache_ram_mib, params.verbosity = 0, QUIET
    return xllamacpp.Server(params)
