"""The labelled entries: three sets, none of which shares an entry with another.

- `tune` and `held`: the two halves of `../shared/data/labels/dev.jsonl`, parted by a hash of the id. Others made these
  labels. `tune` may be looked at; `held` judges, and so must not be.
- `own`: `labels.jsonl` in this folder, ids and labels only. Seven readers (language models; one a language, for Russian
  two) read every entry of `entries.jsonl` that `dev.jsonl` does not label, each entry by one reader, by the rules of
  the watch list, with entries of `dev.jsonl` as examples of its conventions, without seeing the matcher's verdicts.

`foreign_ids.txt` lists entries of `own` that no watch list should let in; its head tells how they were drawn.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from benchmarks.quality.ids import ACTORS, TOPICS
from monitor.core.model import Entry, RuleKind, Verdict
from monitor.core.records import entry_from_record

HERE = Path(__file__).parent
DATA = HERE.parents[1] / ".." / "shared" / "data"
ENTRIES = DATA / "entries.jsonl"
DEV = DATA / "labels" / "dev.jsonl"
OWN = HERE / "labels.jsonl"
FOREIGN = HERE / "foreign_ids.txt"

NAMES = ("tune", "held", "own")

NOW = datetime(2026, 9, 1, tzinfo=UTC)
"""Read for entries without a date: shortly after the last of the data."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What an entry is about, by a reader or by a program; ids that are not scored are left out."""

    relevant: bool
    actors: frozenset[str]
    topics: frozenset[str]

    def of(self, kind: str) -> frozenset[str]:
        """Return the labels of a kind: `relevance` (one label or none), `actors` or `topics`."""
        if kind == "relevance":
            return frozenset({"relevant"} if self.relevant else ())
        return self.actors if kind == "actors" else self.topics


@dataclass(frozen=True, slots=True)
class Labelled:
    """An entry with the labels that its reader gave."""

    entry: Entry
    lang: str
    truth: Labels

    @property
    def id(self) -> str:
        """Its id in the data."""
        return self.entry.keys[0]

    @property
    def day(self) -> date:
        """The day against which titles are read."""
        return (self.entry.published or NOW).date()


def scored(relevant: bool, actors: Iterable[str], topics: Iterable[str]) -> Labels:
    """Keep what is scored."""
    return Labels(relevant, ACTORS.intersection(actors), TOPICS.intersection(topics))


def labels_of(verdict: Verdict) -> Labels:
    """Return what a verdict says."""
    rules = {kind: [m.rule for m in verdict.matches if m.kind is kind] for kind in (RuleKind.ACTOR, RuleKind.TOPIC)}
    return scored(verdict.relevant, rules[RuleKind.ACTOR], rules[RuleKind.TOPIC])


def absent() -> list[str]:
    """Name the files that are not there."""
    return [str(path.resolve()) for path in (ENTRIES, DEV) if not path.exists()]


def load_sets() -> dict[str, list[Labelled]]:
    """Read all sets; name → entries in the order of the data."""
    named = {id_: (name, truth) for id_, name, truth in _truths()}
    sets: dict[str, list[Labelled]] = {name: [] for name in NAMES}
    for record in _records(ENTRIES):
        if found := named.get(str(record["id"])):
            sets[found[0]].append(Labelled(entry_from_record(record), str(record["lang"]), found[1]))
    return sets


def foreign_ids() -> list[str]:
    """Return the ids of the entries that are foreign to the war."""
    return [line for line in FOREIGN.read_text(encoding="ascii").splitlines() if not line.startswith("#")]


def _truths() -> Iterator[tuple[str, str, Labels]]:
    for record in _records(DEV):
        even = sha256(str(record["id"]).encode()).digest()[-1] % 2 == 0
        yield str(record["id"]), "tune" if even else "held", _truth(record)
    for record in _records(OWN):
        yield str(record["id"]), "own", _truth(record)


def _truth(record: Mapping[str, object]) -> Labels:
    actors, topics = record["actors"], record["topics"]
    assert isinstance(actors, list)
    assert isinstance(topics, list)
    return scored(record["relevant"] is True, actors, topics)


def _records(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
