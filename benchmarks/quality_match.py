"""What the matcher finds, against labels made by reading: relevance, actors and topics, in six languages.

Three sets of real entries (`benchmarks/quality/sets.py` tells who labelled them): `tune` and `own` may be looked at,
`held` only judges. Figures are percent with 95 % intervals from a bootstrap over entries. Actors and topics are counted
over all labels of a set (micro); the macro row averages over topics with ten labels or more. The peers search for the
same listed words under the same rule of relevance: as they are listed, or by lemmas.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.quality import report, sets
from benchmarks.quality.scores import KINDS, Found, by_id, score
from benchmarks.quality.sets import Labelled, labels_of
from benchmarks.quality.ways import peers, verdicts
from monitor.config import load_config
from monitor.core.model import WatchSpec

SHIPPED = Path(__file__).parents[1] / "feeds.yaml"
FOREIGN_GOAL = 1
OURS = "ours"
WIDTH = 100
EXAMPLES = """examples:
  python -m benchmarks.quality_match                                    all figures, with the peers
  python -m benchmarks.quality_match --ours                             ours alone, in a few seconds
  python -m benchmarks.quality_match --misses topics --lang uk --show   what to work on
  python -m benchmarks.quality_match --by topic --set own"""


def all_found(spec: WatchSpec, entries: Sequence[Labelled], *, alone: bool) -> dict[str, Found]:
    """Let every way judge the entries; way → what it says."""
    found: dict[str, Found] = {OURS: {id_: labels_of(told) for id_, told in verdicts(spec, entries).items()}}
    if alone:
        return found
    if not find_spec("simplemma"):
        print("left out, not installed: simplemma", file=sys.stderr)
    return found | {name: way(entries) for name, way in peers(spec)}


def figures(spec: WatchSpec, chosen: dict[str, list[Labelled]], *, alone: bool) -> dict[str, Any]:
    """Measure; returns what --json prints."""
    every = [one for labelled in chosen.values() for one in labelled]
    found = all_found(spec, every, alone=alone)
    foreign = [id_ for id_ in sets.foreign_ids() if id_ in found[OURS]]
    return {
        "sets": {name: {"entries": len(some), "ways": score(some, found)} for name, some in chosen.items()},
        "foreign": {
            "entries": len(foreign),
            "goal": FOREIGN_GOAL,
            "relevant": {way: [id_ for id_ in foreign if told[id_].relevant] for way, told in found.items()},
        },
    }


def show_figures(console: Console, measured: dict[str, Any]) -> None:
    """Print a table for each set, and the false alarms."""
    for name, one in measured["sets"].items():
        console.print(report.figures_table(f"{name}: {one['entries']:,} entries", one["ways"]))
    foreign = measured["foreign"]
    if not foreign["entries"]:
        return
    for way, ids in foreign["relevant"].items():
        goal = f"  goal ≤ {FOREIGN_GOAL}: {'met' if len(ids) <= FOREIGN_GOAL else 'NOT met'}" if way == OURS else ""
        console.print(f"{way}: {len(ids)} of {foreign['entries']} foreign entries relevant{goal}")
    if ids := foreign["relevant"][OURS]:
        console.print("  " + " ".join(ids))


def show_misses(console: Console, spec: WatchSpec, labelled: Sequence[Labelled], options: argparse.Namespace) -> None:
    """Print the entries in which ours differs from the labels."""
    told = verdicts(spec, labelled)
    found = {id_: labels_of(verdict) for id_, verdict in told.items()}
    for line in report.misses(options.misses, labelled, found, told if options.show else None):
        console.print(line)


def show_by(console: Console, spec: WatchSpec, labelled: Sequence[Labelled], kind: str) -> None:
    """Print right, extra and missing for each actor or topic."""
    found = {id_: labels_of(verdict) for id_, verdict in verdicts(spec, labelled).items()}
    console.print(report.counts_table(kind, by_id(f"{kind}s", labelled, found)))


def parse_arguments() -> argparse.Namespace:
    """Read the command line; what was looked at cannot judge, so `held` is refused where entries would be shown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--ours", action="store_true", help="without the peers")
    parser.add_argument("--set", choices=sets.NAMES, help="only this set (for --misses and --by: own)")
    parser.add_argument("--lang", help="only entries of this language")
    parser.add_argument("--misses", choices=KINDS, help="list entries with missing and extra labels")
    parser.add_argument(
        "--show", action="store_true", help="with --misses: headlines, and the words behind what is extra"
    )
    parser.add_argument("--by", choices=["actor", "topic"], help="right, extra and missing for each id")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    options = parser.parse_args()
    if options.set == "held" and (options.misses or options.by):
        parser.error("`held` shows no entries and no ids: a set that one has looked at cannot judge any more")
    return options


def choose(options: argparse.Namespace) -> dict[str, list[Labelled]]:
    """Read the sets that are asked for; exits with 2 where the data is not there."""
    if absent := sets.absent():
        print(f"not found: {', '.join(absent)}", file=sys.stderr)
        sys.exit(2)
    wanted = [options.set or "own"] if options.misses or options.by else [options.set] if options.set else sets.NAMES
    found = {name: labelled for name, labelled in sets.load_sets().items() if name in wanted}
    return {name: [one for one in some if options.lang in {None, one.lang}] for name, some in found.items()}


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    chosen = choose(options)
    spec = load_config(SHIPPED, environ={}).watch
    console = Console(highlight=False, markup=False, soft_wrap=True, width=WIDTH)
    if options.misses:
        show_misses(console, spec, next(iter(chosen.values())), options)
    elif options.by:
        show_by(console, spec, next(iter(chosen.values())), options.by)
    else:
        measured = figures(spec, chosen, alone=options.ours)
        if options.json:
            print(json.dumps(measured, default=asdict))
        else:
            show_figures(console, measured)


if __name__ == "__main__":
    main()
