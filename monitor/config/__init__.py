"""The file feeds.yaml: what is polled and what is watched."""

from monitor.config.compiled import Loaded, compile_into, load_watched, to_compile
from monitor.config.load import Config, load_config
from monitor.config.models import json_schema
from monitor.config.packs import Pack, load_pack, pack_names
from monitor.config.positions import read_bytes

__all__ = [
    "Config",
    "Loaded",
    "Pack",
    "compile_into",
    "json_schema",
    "load_config",
    "load_pack",
    "load_watched",
    "pack_names",
    "read_bytes",
    "to_compile",
]
