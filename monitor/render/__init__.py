"""Digests and operator's notices → letters, by Jinja2."""

from monitor.render.letters import Renderer
from monitor.render.words import Labels

__all__ = ["Labels", "Renderer"]
