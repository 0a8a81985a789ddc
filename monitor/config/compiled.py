"""The compiled watchlist, kept on disk under the hash of what it is made from, so that a start need not make it anew.

To expand every name and term takes seconds; to read the forms back takes a fraction of one. The hash covers the pack,
its places, the watched part of feeds.yaml, our own code and the versions of the dictionaries. A file that cannot be
read back is made anew, and one that cannot be written costs only time.
"""

import gc
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from monitor.config.load import Source, built_in, pack_files, read_source, watch_of
from monitor.core.forms import Sign, forget
from monitor.core.model import FeedSpec, RuleKind
from monitor.core.watchlist import Compiled, RuleText, Use, Watchlist, compile_forms

KEPT = 3
"""How many compiled watchlists stay in the folder: after an edit that is taken back, the former one is still there."""

_DICTIONARIES = ("pymorphy3", "pymorphy3-dicts-ru", "shevchenko-py", "simplemma")
_WATCHED = ("extends", "scope", "actors", "topics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What feeds.yaml says, ready for use: the feeds, and the matcher."""

    feeds: tuple[FeedSpec, ...]
    watchlist: Watchlist


def load_watched(
    path: Path, *, environ: Mapping[str, str], folder: Path | None, packs: Traversable | None = None
) -> Loaded:
    """Read feeds.yaml and compile what it watches, by way of what is kept in the folder, if one is given.

    `environ` and `packs` are those of `load_config`. Raises ConfigError with every mistake.
    """
    source = read_source(path, environ=environ)
    packs = packs or built_in()
    pack = pack_files(source.file.extends, packs)
    file = folder / f"watchlist-{_key(source, pack)}.json" if folder and not source.findings else None
    compiled = _read(file) if file else None
    if compiled is None:
        compiled = compile_forms(watch_of(source, packs))
        if file:
            forget()
            with suppress(OSError):
                _write(file, compiled)
    return Loaded(feeds=source.feeds(), watchlist=compiled.watchlist())


def _key(source: Source, pack: list[bytes]) -> str:
    data = source.document.data
    watched = {key: data.get(key) for key in _WATCHED} if isinstance(data, dict) else {}
    parts = [*pack, json.dumps(watched, default=str).encode(), _program()]
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()[:32]


@cache
def _program() -> bytes:
    """Return what else the forms depend on: our code, and the dictionaries' versions."""
    code = sorted((Path(__file__).parents[1] / "core").rglob("*.py"))
    parts = [path.read_bytes() for path in (*code, Path(__file__))]
    return b"".join(sha256(part).digest() for part in parts) + "".join(map(version, _DICTIONARIES)).encode()


# ── on disk ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(file: Path) -> Compiled | None:
    try:
        with _no_collection():
            record = json.loads(file.read_bytes())
            table = [tuple([_use(fields) for fields in uses]) for uses in record["uses"]]
            return Compiled(
                rules=tuple(RuleText(RuleKind(kind), name, text) for kind, name, text in record["rules"]),
                labels={(RuleKind(kind), name): label for kind, name, label in record["labels"]},
                forms=dict(zip(record["forms"], map(table.__getitem__, record["of"]), strict=True)),
                unscoped=frozenset(record["unscoped"]),
                languages=frozenset(record["languages"]),
            )
    except (OSError, ValueError, LookupError, TypeError):
        return None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking a hundred thousand new objects: none of them is garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _write(file: Path, compiled: Compiled) -> None:
    places = {uses: at for at, uses in enumerate(dict.fromkeys(compiled.forms.values()))}
    record = {
        "rules": compiled.rules,
        "labels": [[kind, name, dict(label)] for (kind, name), label in compiled.labels.items()],
        "unscoped": sorted(compiled.unscoped),
        "languages": sorted(compiled.languages),
        "uses": [[list(_fields(use)) for use in uses] for uses in places],
        "forms": list(compiled.forms),
        "of": [places[uses] for uses in compiled.forms.values()],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}.new")
    made.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    made.replace(file)
    for old in sorted(file.parent.glob("watchlist-*.json"), key=lambda found: found.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _fields(use: Use) -> Iterator[object]:
    for value in use:
        yield value.isoformat() if isinstance(value, date) else value


def _use(fields: list[Any]) -> Use:
    rule, kind, sign, lemma, group, since, until, *rest = fields
    known = (rule, RuleKind(kind), None if sign is None else Sign(sign), lemma, group, _day(since), _day(until))
    return Use(*known, *rest)


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
