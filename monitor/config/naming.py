"""Which feed a person means by an id; the only home of the words for one that is none."""

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from monitor.config.wording import shown
from monitor.core.model import FeedSpec
from monitor.errors import InputError

_OFFERED = 3


def no_feed(names: Iterable[str], known: Collection[str]) -> InputError:
    """Return the error that says of each name that no feed has it, and which ids are near."""
    return InputError("\n".join(f"no feed “{shown(name)}”{_hint(name, known)}" for name in names))


def _hint(name: str, known: Collection[str]) -> str:
    found = get_close_matches(name.casefold(), known, _OFFERED)
    return f"; did you mean {' or '.join(found)}?" if found else "; `run_monitor.py feeds list` names them all"


def require_feeds(names: Sequence[str], specs: Collection[FeedSpec], *, enabled: bool = False) -> None:
    """Raise InputError where a name is no feed's id, or, with `enabled`, that of a disabled feed."""
    known = {spec.id: spec for spec in specs}
    if unknown := [name for name in names if name not in known]:
        raise no_feed(unknown, known)
    if resting := [name for name in names if enabled and not known[name].enabled]:
        raise InputError("\n".join(map(disabled, resting)))


def disabled(name: str) -> str:
    """Say that a feed is not polled by the person's own will."""
    return f"feed “{name}” is disabled: `enabled: false`"
