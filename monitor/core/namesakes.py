"""Which names in a text are the actors', and which are somebody else's or no names at all."""

from collections.abc import Sequence
from datetime import date

from monitor.core.forms import Sign
from monitor.core.sightings import Sighting, Why
from monitor.core.tracing import Trace


def of_holders(sightings: list[Sighting], today: date, trace: Trace | None = None) -> list[Sighting]:
    """Read the titles of an entry that has no date: a holder of any time whom the text names has it, else today's."""
    named = {s.use.rule for s in sightings if not s.use.dated}
    known = {s.span for s in sightings if s.use.dated and s.use.rule in named}
    held = [
        s
        for s in sightings
        if not s.use.dated or s.use.rule in named or (s.span not in known and s.use.holds_on(today))
    ]
    if trace is not None:
        trace.without(sightings, held, Why.OFFICE)
    return held


def named_actors(
    sightings: list[Sighting], first_names: Sequence[Sighting], trace: Trace | None = None
) -> list[Sighting]:
    """Return those that name their actor.

    Dropped: a last name right behind a first name (an actor's own stands in a longer form, which won already), and a
    doubtful form without a sure one of the same actor, or a word of the actor's context, anywhere in the entry.
    """
    ends = {s.end for s in first_names}
    named = [s for s in sightings if not (s.use.bare and s.start - 1 in ends)]
    sure = {s.use.rule for s in named if not s.use.needs_context}
    found = [s for s in named if s.use.sign is not Sign.CONTEXT and (s.use.rule in sure or not s.use.needs_context)]
    if trace is not None:
        trace.without(sightings, named, Why.FIRST_NAME)
        trace.without(named, found, Why.CONTEXT)
    return found
