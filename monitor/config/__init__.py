"""The file feeds.yaml: what is polled and what is watched."""

from monitor.config.compiled import Loaded, load_watched
from monitor.config.load import Config, load_config
from monitor.config.models import json_schema
from monitor.config.packs import Pack, load_pack, pack_names

__all__ = ["Config", "Loaded", "Pack", "json_schema", "load_config", "load_pack", "load_watched", "pack_names"]
