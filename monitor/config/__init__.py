"""The file feeds.yaml: what is polled and what is watched."""

from monitor.config.compiled import Loaded, load_watched
from monitor.config.load import Config, load_config, load_pack, pack_names
from monitor.config.models import json_schema

__all__ = ["Config", "Loaded", "json_schema", "load_config", "load_pack", "load_watched", "pack_names"]
