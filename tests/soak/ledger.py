"""What the server says that it did, held against the store."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.recordings import SETS, Recording
from tests.recount import Key, Recount, canonical, key_of, stored
from tests.soak import plan

Ledger: TypeAlias = dict[str, tuple[list[int], list[int], int, int]]
"""By feed: versions handed out whole, versions that requests named as the one they know, how many replies nobody could
have read, and how many requests came."""

RECORDED = {feed for about in SETS.values() if about.path.exists() for feed in about.feeds}


@dataclass(slots=True, kw_only=True)
class Count:
    """Entries that successful polls were shown, and that are stored; and those of recorded feeds."""

    shown: int
    stored: int
    recorded: int


def seen(ledger: Ledger, polls: Mapping[str, int], failed: Mapping[str, int]) -> tuple[dict[str, list[int]], int]:
    """Return the versions that successful polls were shown, and the number of feeds of which that is not quite sure.

    Those are the feeds with a poll that failed on our side (a timeout on a busy machine) or was still under way at the
    end: of them only what a later request named counts.
    """
    sure = {
        name
        for name, (_, _, failing, requests) in ledger.items()
        if failing == failed.get(name, 0) and requests == polls[name]
    }
    found = {
        name: [one for one in handed if name in sure or one in named] for name, (handed, named, *_) in ledger.items()
    }
    return found, len(ledger) - len(sure)


def differences(database: Path, polled: Mapping[str, list[int]]) -> tuple[list[str], Count]:
    """Return where the store does not hold what successful polls were shown, one line each."""
    numbers = {plan.name(number): number for number in range(plan.FEEDS)}
    expected = plan.expected({numbers[name]: versions for name, versions in polled.items() if name in numbers})
    found: defaultdict[str, list[list[str]]] = defaultdict(list)
    rows = stored(database)
    for row in rows:
        if row.feed in numbers:
            found[row.link].append([title for _, _, title in row.revisions])
    lost = [
        f"{url}: shown {titles}, stored {found[url]}"
        for url, titles in expected.items()
        if not any(set(titles) <= set(kept) for kept in found[url])
    ]
    lost += [f"{url}: stored {len(kept)} times" for url, kept in found.items() if len(kept) > 1]
    wanted = _recorded(polled)
    kept = {key_of(row.feed, canonical(row.link), row.revisions[-1][2]) for row in rows if row.feed in RECORDED}
    lost += [f"missing: {key}" for key in sorted(wanted - kept)]
    return lost, Count(shown=len(expected), stored=len(found), recorded=len(wanted))


def _recorded(polled: Mapping[str, list[int]]) -> set[Key]:
    """Count, by means that are not the product's, what the recorded documents held."""
    recount = Recount()
    for about in SETS.values():
        if about.path.exists():
            with Recording(about.path) as recording:
                numbers: Counter[str] = Counter()
                for state in recording.states:
                    if numbers[state.feed] in polled[state.feed]:
                        recount.add(state.feed, state.at, recording.read(state))
                    numbers[state.feed] += 1
    return set(recount.things)
