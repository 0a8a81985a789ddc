"""What the figures of a watched rule mean: how often it finds something, and whether that is never or always."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.core.model import RuleKind, WatchSpec
from monitor.core.watchlist import RuleText, texts_of
from monitor.store import activity, rules
from monitor.store.activity import DAY
from monitor.store.database import Connection

ALWAYS = 0.6
"""The share of what a rule reads from which on it finds nearly everything."""

ENOUGH = 100
"""How many entries a rule must have read before it is said to find nothing, or everything."""


class State(StrEnum):
    """Whether the daemon watches by the rule as the file has it; empty where it does."""

    SAME = ""
    NEW = "new, not taken up yet"
    EDITED = "edited, not taken up yet"
    REMOVED = "no longer in the file"


class Mark(StrEnum):
    """What is remarkable about how often a rule finds something."""

    NONE = ""
    NEVER = "never fires"
    ALWAYS = "fires on nearly everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A rule and what it finds.

    `days` are the hits among the news of each day, the oldest first, by whatever text the rule had. All else is since
    it is as it is: `measured` so long (at most those days, and as long as entries are stored), in which it `read` so
    many entries as news (an actor, or a topic within the scope: those that concern the war). `hits` are its finds among
    them, `share` the part that they are (None: it read none). `history` and `rematched` were found too, but were no
    news. `last` is when the newest find was made (UTC).
    """

    kind: RuleKind
    id: str
    label: str
    state: State
    mark: Mark = Mark.NONE
    days: tuple[int, ...] = ()
    measured: timedelta = timedelta()
    read: int = 0
    hits: int = 0
    history: int = 0
    rematched: int = 0
    last: datetime | None = None

    @property
    def per_day(self) -> float | None:
        """Hits a day; of a rule that is younger than a day, those so far. None before there is anything to measure."""
        return self.hits / max(self.measured / DAY, 1) if self.measured else None

    @property
    def share(self) -> float | None:
        """The part of what it read."""
        return self.hits / self.read if self.read else None


class Figures(NamedTuple):
    """What the database says: `begun` is when the first entry was seen, None where there is none."""

    now: datetime
    days: int
    begun: datetime | None
    stored: Mapping[tuple[RuleKind, str], rules.StoredRule]
    fired: Mapping[int, Sequence[activity.Fired]]
    read: Mapping[datetime, activity.Read]
    last: Mapping[int, datetime]

    @property
    def since(self) -> datetime:
        """Where the days begin."""
        return self.now - DAY * self.days

    @property
    def measured(self) -> timedelta:
        """How much of them there are entries of."""
        return self.now - max(self.since, self.begun or self.now)

    def start(self, one: rules.StoredRule) -> datetime:
        """Return from when on a rule is measured."""
        return max(self.since, one.since, self.begun or self.now)


def look(conn: Connection, now: datetime, days: int) -> Figures:
    """Read the figures of the last so many days."""
    stored = {(one.kind, one.name): one for one in rules.stored(conn)}
    fired: dict[int, list[activity.Fired]] = {}
    for one in activity.fired(conn, now, days):
        fired.setdefault(one.rule, []).append(one)
    found = Figures(now, days, activity.begun(conn), stored, fired, {}, {})
    moments = {found.since, *(found.start(one) for one in stored.values())}
    quiet = [one.rule for one in stored.values() if one.rule not in fired]
    last = {rule: max(one.last for one in each) for rule, each in fired.items()}
    return found._replace(read=activity.read(conn, list(moments)), last=last | activity.last_hits(conn, quiet))


def activities(spec: WatchSpec, figures: Figures | None) -> Iterator[Activity]:
    """Yield the actors and topics of the file, by kind and id; ids and labels alone where there are no figures."""
    unscoped = {topic.id for topic in spec.topics if not topic.scoped}
    labels = {(RuleKind.ACTOR, one.id): one.label for one in spec.actors}
    labels |= {(RuleKind.TOPIC, one.id): one.label for one in spec.topics}
    for text in texts_of(spec):
        if text.kind is RuleKind.SCOPE:
            continue
        label = labels[text.kind, text.id]
        named = label.get("en") or next(iter(label.values()), text.id)
        one = Activity(kind=text.kind, id=text.id, label=named, state=State.SAME)
        yield _measured(one, text, figures, unscoped) if figures else one


def removed(spec: WatchSpec, figures: Figures) -> Iterator[Activity]:
    """Yield the rules that the file has no more, of which hits are stored."""
    kept = {rule[:2] for rule in texts_of(spec)}
    for key, stored in figures.stored.items():
        if key not in kept and stored.rule in figures.last:
            yield _figured(
                Activity(kind=stored.kind, id=stored.name, label="", state=State.REMOVED),
                stored,
                figures,
                unscoped=False,
            )


def _measured(one: Activity, text: RuleText, figures: Figures, unscoped: Iterable[str]) -> Activity:
    stored = figures.stored.get(text[:2])
    if stored is None or not stored.watched:
        return replace(one, state=State.NEW, days=(0,) * figures.days)
    found = _figured(one, stored, figures, unscoped=one.kind is RuleKind.TOPIC and one.id in unscoped)
    state = State.SAME if stored.text == text.text else State.EDITED
    return replace(found, state=state, mark=_mark(found))


def _figured(one: Activity, stored: rules.StoredRule, figures: Figures, *, unscoped: bool) -> Activity:
    fired = figures.fired.get(stored.rule, ())
    start = figures.start(stored)
    read = figures.read.get(start, activity.Read(0, 0))
    days = [0] * figures.days
    for each in fired:
        if not each.history and each.day < figures.days:
            days[-1 - each.day] += each.hits
    own = [each for each in fired if each.own]
    return replace(
        one,
        days=tuple(days),
        measured=figures.now - start,
        read=read.entries if unscoped else read.relevant,
        hits=sum(each.hits for each in own if not each.history),
        history=sum(each.hits for each in own if each.history and not each.rematched),
        rematched=sum(each.hits for each in own if each.rematched),
        last=figures.last.get(stored.rule),
    )


def _mark(one: Activity) -> Mark:
    if one.read < ENOUGH:
        return Mark.NONE
    if not one.hits + one.history + one.rematched:
        return Mark.NEVER
    return Mark.ALWAYS if (one.share or 0) >= ALWAYS else Mark.NONE
