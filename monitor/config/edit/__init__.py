"""Edits of the person's own file that leave every other byte as it stands."""

from monitor.config.edit.feeds import adding, disabling, moving, removing
from monitor.config.edit.file import Edit, Step, planned, replace
from monitor.config.edit.watch import (
    adding_topic,
    excluding,
    extending,
    querying,
    removing_rule,
    switching_off,
)

__all__ = [
    "Edit",
    "Step",
    "adding",
    "adding_topic",
    "disabling",
    "excluding",
    "extending",
    "moving",
    "planned",
    "querying",
    "removing",
    "removing_rule",
    "replace",
    "switching_off",
]
