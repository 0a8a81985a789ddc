"""Digests, alerts, mails about accounts and operator's notices → letters, by Jinja2."""

from monitor.render.letters import Renderer, View
from monitor.render.personal import Personal, Shared
from monitor.render.words import Labels, Words

__all__ = ["Labels", "Personal", "Renderer", "Shared", "View", "Words"]
