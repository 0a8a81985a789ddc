"""The compiled watchlist, kept on disk under the hash of what it is made from, so that a start need not make it anew.

To expand every name and term takes seconds; to read the forms back takes a fraction of one. The hash covers the pack,
its places, the watched part of feeds.yaml, our own code and the versions of the dictionaries. A file that cannot be
read back is made anew, and one that cannot be written costs only time.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from monitor.config.load import Source, pack_of, read_source, watch_of
from monitor.config.packs import Pack
from monitor.core.automaton import Automaton, Packed
from monitor.core.forms import Sign, forget
from monitor.core.model import FeedSpec, RuleKind, WatchSpec
from monitor.core.query.indexing import words_of
from monitor.core.query.plain import as_list, from_list
from monitor.core.query.rules import Asked
from monitor.core.rule_json import watch_of as watch_of_rules
from monitor.core.uses import Sought, Use, late_word
from monitor.core.watchlist import Compiled, RuleText, Watchlist, compile_forms, no_collection, queries_of
from monitor.errors import ConfigError, Finding

SUFFIX = ".forms"
KEPT = 3
"""How many compiled watchlists stay in the folder: after an edit that is taken back, the former one is still there."""

_DICTIONARIES = ("pymorphy3", "pymorphy3-dicts-ru", "shevchenko-py", "simplemma")
_WATCHED = ("extends", "scope", "actors", "topics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What feeds.yaml says, ready for use: the feeds, the matcher, and the warnings and the pack of `Config`.

    `content` is the SHA-256 of the file, `key` that of all that the watchlist is made from, in hexadecimal.
    """

    feeds: tuple[FeedSpec, ...]
    watchlist: Watchlist
    content: str
    key: str
    warnings: tuple[Finding, ...] = ()
    pack: Pack | None = None


def load_watched(
    path: Path,
    *,
    environ: Mapping[str, str],
    folder: Path | None,
    packs: Traversable | None = None,
    kept: Path | None = None,
    raw: bytes | None = None,
    last: Loaded | None = None,
) -> Loaded:
    """Read feeds.yaml and compile what it watches, by way of what is kept in the folder, if one is given.

    `environ`, `packs` and `kept` are those of `load_config`; a version that is pinned is kept there from its first use
    on, so that it still counts when a newer program no longer brings it. `raw` is the file's content where that was
    read already. The watchlist of `last` is taken over where it is made from the same. Raises ConfigError with every
    mistake.
    """
    source = read_source(path, environ=environ, raw=raw)
    pack = pack_of(source, packs=packs, kept=kept)
    key = _key(source, pack.files() if pack else [])
    if last and last.key == key and not source.findings:
        watchlist = last.watchlist
    else:
        file = _file(source, key, folder)
        watchlist = (_read(file) if file else None) or _made(watch_of(source, pack), file)
    if pack is not None and kept is not None:
        pack = pack.keep(kept)
    return Loaded(
        feeds=source.feeds(),  # not before: a file with mistakes has none
        watchlist=watchlist,
        content=sha256(source.document.raw).hexdigest(),
        key=key,
        warnings=source.warnings(pack),
        pack=pack,
    )


def to_compile(
    path: Path,
    raw: bytes,
    *,
    environ: Mapping[str, str],
    folder: Path,
    kept: Path | None = None,
    last: Loaded | None = None,
) -> tuple[WatchSpec, Path] | None:
    """Return what `load_watched` would have to compile, and the file for it: for `compile_into`, in a process of its
    own. None where it is there already. Raises ConfigError with every mistake."""
    source = read_source(path, environ=environ, raw=raw)
    pack = pack_of(source, kept=kept)
    key = _key(source, pack.files() if pack else [])
    file = _file(source, key, folder)
    if file and (file.exists() or (last and last.key == key)):
        return None
    spec = watch_of(source, pack)
    return (spec, file) if file else None


def compile_into(spec: WatchSpec, file: Path) -> None:
    """Compile a watchlist and keep it in the file. Raises ConfigError as `compile_watchlist` does, and OSError."""
    _write(file, compile_forms(spec))


def compiled_of(rules: Sequence[RuleText], folder: Path | None) -> Watchlist:
    """Return the watchlist of these rules: one that is kept in the folder, else made, and kept there for the next time.

    Raises ConfigError as `compile_watchlist` does, and StoreError for a rule that this program cannot read.
    """
    made = folder / f"watchlist-{_program_tag()}-{_hash(sorted(rules))}{SUFFIX}" if folder else None
    kept = folder.glob(f"watchlist-{_program_tag()}-*{SUFFIX}") if folder else ()
    for file in sorted(kept, key=lambda file: (file != made, -file.stat().st_mtime)):
        if (found := _read(file)) and sorted(found.rules) == sorted(rules):
            with suppress(OSError):
                file.touch()  # what was of use lately is dropped last
            return found
    return _made(watch_of_rules(rules), made)


def _file(source: Source, key: str, folder: Path | None) -> Path | None:
    return None if folder is None or source.findings else folder / f"watchlist-{_program_tag()}-{key}{SUFFIX}"


def _made(spec: WatchSpec, file: Path | None) -> Watchlist:
    compiled = compile_forms(spec)
    if file:
        forget()
        with suppress(OSError):
            _write(file, compiled)
    return compiled.watchlist()


def _key(source: Source, pack: list[bytes]) -> str:
    data = source.document.data
    watched = {key: data.get(key) for key in _WATCHED} if isinstance(data, dict) else {}
    parts = [*pack, json.dumps(watched, default=str).encode()]
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()[:32]


def _hash(rules: Sequence[RuleText]) -> str:
    return sha256(json.dumps(rules).encode()).hexdigest()[:32]


def _program_tag() -> str:
    return sha256(_program()).hexdigest()[:12]


@cache
def _program() -> bytes:
    """Return what else the forms depend on: our code, and the dictionaries' versions."""
    code = sorted((Path(__file__).parents[1] / "core").rglob("*.py"))
    parts = [path.read_bytes() for path in (*code, Path(__file__))]
    return b"".join(sha256(part).digest() for part in parts) + "".join(map(version, _DICTIONARIES)).encode()


# ── on disk: a line of JSON, the packed forms, a line of JSON ────────────────────────────────────────────────────────


def _read(file: Path) -> Watchlist | None:
    """Read a watchlist back; its automaton is built meanwhile, beside Python's own work."""
    try:
        with no_collection(), file.open("rb") as lines, ThreadPoolExecutor(1) as worker:
            alphabet, exact, size = json.loads(lines.readline())
            packed = Packed(alphabet, lines.read(size), {int(at): form for at, form in exact.items()})
            automaton = worker.submit(Automaton, packed)
            record = json.loads(lines.read())
            rules = tuple(RuleText(RuleKind(kind), name, text) for kind, name, text in record["rules"])
            asked = [_asked(*fields) for fields in record["asked"]]
            kinds = [rule.kind for rule in rules] + [RuleKind.TOPIC] * len(words_of(asked))
            table = list(_tables(record["uses"], kinds))
            uses = tuple(map(table.__getitem__, record["of"]))
            if automaton.result().form_count != len(uses):
                return None
            return Watchlist(
                rules=rules,
                labels={(RuleKind(kind), name): label for kind, name, label in record["labels"]},
                automaton=automaton.result(),
                uses=uses,
                unscoped=frozenset(record["unscoped"]),
                languages=frozenset(record["languages"]),
                queries=queries_of(asked, [rule[:2] for rule in rules]),
                late={number: late_word(_sought(kinds, one) for one in groups) for number, groups in record["late"]},
            )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ConfigError):
        return None


def _write(file: Path, compiled: Compiled) -> None:
    places = {uses: at for at, uses in enumerate(dict.fromkeys(compiled.forms.values()))}
    alphabet, forms, exact = compiled.packed
    record = {
        "rules": compiled.rules,
        "labels": [[kind, name, dict(label)] for (kind, name), label in compiled.labels.items()],
        "unscoped": sorted(compiled.unscoped),
        "languages": sorted(compiled.languages),
        "asked": [[one.rule, one.scoped, *_trees(one)] for one in compiled.asked],
        "late": [
            [number, [[[*_fields(one.use)], one.forms] for one in late.sought]]
            for number, late in compiled.late.items()
        ],
        "uses": [[list(_fields(use)) for use in uses] for uses in places],
        "of": [places[uses] for uses in compiled.forms.values()],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}.new")
    made.write_bytes(b"".join((_line((alphabet, exact, len(forms))), forms, _line(record))))
    made.replace(file)
    for old in sorted(file.parent.glob(f"watchlist-*{SUFFIX}"), key=lambda found: found.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _fields(use: Use) -> list[object]:
    """Return a use without the kind, which its rule has, and without the last fields, where they are as usual."""
    fields: list[object] = [
        value.isoformat() if isinstance(value, date) else value for at, value in enumerate(use) if at != _KIND
    ]
    while fields[-1] == _USUAL[len(fields) - 1]:
        fields.pop()
    return fields


_KIND = Use._fields.index("kind")
_USUAL = (None, *(Use._field_defaults.get(name) for name in Use._fields if name not in {"rule", "kind"}))


_SIGNS: Mapping[str | None, Sign | None] = {None: None} | {str(sign): sign for sign in Sign}


def _tables(rows: list[list[list[Any]]], kinds: list[RuleKind]) -> Iterator[tuple[Use, ...]]:
    for row in rows:
        yield tuple([_use(kinds, _SIGNS, *fields) for fields in row])


def _sought(kinds: list[RuleKind], group: list[Any]) -> Sought:
    fields, forms = group
    return Sought(_use(kinds, _SIGNS, *fields), tuple(forms))


def _use(
    kinds: list[RuleKind],
    signs: Mapping[str | None, Sign | None],
    rule: int,
    sign: str | None = None,
    lemma: str = "",
    group: str = "",
    since: str | None = None,
    until: str | None = None,
    *rest: Any,
) -> Use:
    return Use(rule, kinds[rule], signs[sign], lemma, group, _day(since), _day(until), *rest)


def _trees(asked: Asked) -> list[list[object] | None]:
    return [as_list(node) if node else None for node in (asked.query, asked.unless)]


def _asked(rule: int, scoped: bool, query: list[object] | None, unless: list[object] | None) -> Asked:
    return Asked(rule, scoped, *(from_list(tree) if tree else None for tree in (query, unless)))


@lru_cache
def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
