"""How many of the forms that texts show are made: against grammar, and against public lists of spellings.

The pairs of grammar are those of the tests. `sanctions` pairs the name of a Russian or Ukrainian in Cyrillic with its
Latin aliases in the EU's list, `places` and `first names` a Ukrainian name with its Latin spellings at
spelling-ukraine; a pair counts when the Latin name is among the transliterations. Speed: all forms of the built-in
watchlist, dictionaries loaded.
"""

import argparse
import csv
import io
import json
import re
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from monitor.config import load_config
from monitor.core.forms import forget, forms_of_actor, forms_of_scope, forms_of_term, forms_of_topic
from monitor.core.forms.latin import SPELLINGS, latin
from monitor.core.model import ActorSpec, WatchSpec
from tests.core.grammar import NAMES, TERMS

Pair: TypeAlias = tuple[str, str, bool]
"""What is listed, what a text shows, and whether that was made."""

DATA = Path(__file__).parents[2] / "shared/data/names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One set of pairs: how many, how many of the forms were made, and the others."""

    pairs: str
    count: int
    made: int
    misses: tuple[str, ...]


def grammar_names(language: str) -> Iterator[Pair]:
    """Pair names with their cases."""
    for lang, gender, first, last, lasts, whole in NAMES:
        if lang == language:
            spec = ActorSpec(id="x", label={}, gender=gender, first={lang: (first,)}, last={lang: (last,)})
            made = {form.text for form in forms_of_actor(spec)}
            yield from ((last, form, form in made) for form in (*lasts.split(), whole))


def grammar_terms(language: str) -> Iterator[Pair]:
    """Pair words and phrases with their cases."""
    for lang, term, forms in TERMS:
        if lang == language:
            made = {form.text for form in forms_of_term(term, lang)}
            yield from ((term, form, form in made) for form in forms.split("|"))


def sanctioned() -> Iterator[Pair]:
    """Pair last names in Cyrillic with the Latin ones that stand before them."""
    text = (DATA / "eu_sanctions_aliases.csv").read_text(encoding="utf-8-sig")
    for record in csv.DictReader(io.StringIO(text)):
        if record["schema"] == "Person":
            listed = re.split("[();]", f"{record['name']};{record['alias'] or ''}")
            words = [name.split()[-1] for name in listed if len(name.split()) in {2, 3}]
            natives = [word for word in words if re.fullmatch("[А-ЯЁІЇЄҐ-]{3,}", word)]
            for written in words:
                yield from _spelt(natives, written)


def _spelt(natives: list[str], written: str) -> Iterator[Pair]:
    if not natives or not re.fullmatch("[A-Z'-]{3,}", written):
        return
    made = {latin(native, spelling) for spelling in SPELLINGS for native in natives}
    yield natives[0], written, written.casefold() in {one.casefold() for one in made if one}


def spelling_ukraine(folder: str) -> Iterator[Pair]:
    """Pair Ukrainian names with the Latin spellings, good and bad, that a list knows."""
    with tarfile.open(DATA / "spelling_ukraine.tar.xz") as archive:
        for member in archive.getmembers():
            if member.name.startswith(f"{folder}/") and (file := archive.extractfile(member)):
                yield from _listed(json.load(file))


def _listed(record: dict[str, object]) -> Iterator[Pair]:
    native = str(record["sourceSpelling"])
    if " " in native:
        return
    uk = {latin(native, spelling) for spelling in SPELLINGS if spelling.source == "uk"}
    written = str(record["correctSpelling"])
    yield native, written, written in uk


def rows() -> Iterator[Row]:
    """Take all measurements; those of outside lists only where the lists are."""
    for language in ("en", "uk", "ru", "de", "fr", "pl"):
        yield row(f"grammar, names, {language}", list(grammar_names(language)))
        yield row(f"grammar, terms, {language}", list(grammar_terms(language)))
    if DATA.is_dir():
        yield row("sanctions, last names", sorted(set(sanctioned())))
        yield row("places", list(spelling_ukraine("places")))
        yield row("first names", list(spelling_ukraine("personal_names")))


def row(name: str, pairs: list[Pair]) -> Row:
    """Count one set of pairs."""
    misses = tuple(f"{listed} → {shown}" for listed, shown, made in pairs if not made)
    return Row(pairs=name, count=len(pairs), made=len(pairs) - len(misses), misses=misses)


def built_in() -> WatchSpec:
    """Load the built-in watchlist."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.yaml"
        path.write_text("extends: ukraine\n", encoding="utf-8")
        return load_config(path, environ={}).watch


def expansion(watch: WatchSpec) -> tuple[float, int]:
    """Return the seconds of a cold expansion of a watchlist, and how many different forms it has."""
    forget()
    start = time.perf_counter()
    made = {form.text for actor in watch.actors for form in forms_of_actor(actor)}
    made |= {form.text for topic in watch.topics for form in forms_of_topic(topic)}
    made |= {form.text for form in forms_of_scope(watch.scope)}
    return time.perf_counter() - start, len(made)


def table(found: list[Row], shown: int) -> str:
    """Lay the rows out for a person, each with its first misses."""
    lines = [f"{'pairs':<24} {'count':>6} {'made':>6} {'recall':>7}  misses"]
    for one in found:
        recall = one.made / one.count if one.count else 1.0
        lines.append(f"{one.pairs:<24} {one.count:>6} {one.made:>6} {recall:>7.1%}  {', '.join(one.misses[:shown])}")
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  python -m benchmarks.forms\n  python -m benchmarks.forms --misses 1000",
    )
    parser.add_argument("--misses", type=int, default=3, help="misses shown of each set (default 3)")
    parser.add_argument("--json", action="store_true", help="one object a line instead of the table")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    found = list(rows())
    seconds, count = expansion(built_in())
    if options.json:
        print("\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in found))
        print(json.dumps({"seconds": seconds, "forms": count}))
    else:
        print(table(found, options.misses))
        print(f"\nbuilt-in watchlist: {count:,} different forms in {seconds:.1f} s")


if __name__ == "__main__":
    main()
