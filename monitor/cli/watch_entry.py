"""`watch explain ENTRY`: why a stored entry has its verdict, stage by stage, and what stands stored of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import groupby
from typing import NamedTuple

import typer

from monitor.cli.session import near, out, print_json, session
from monitor.config import load_watched
from monitor.core.explaining import Explained, explain
from monitor.core.model import Entry, Evidence, Match, RuleKind
from monitor.core.relevance import ENOUGH
from monitor.core.topic_cases import QueryPart, TopicCase
from monitor.core.urls import host_of
from monitor.core.watchlist import Watchlist
from monitor.errors import InputError
from monitor.storage import open_database
from monitor.store import activity, past
from monitor.store.database import Connection

_NUMBER = re.compile(r"[0-9]{1,18}")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class Stored(NamedTuple):
    """A stored entry and its hits."""

    past: past.Past
    hits: Sequence[activity.Standing]


def names_entry(target: str) -> bool:
    """Tell whether what is to be explained is a stored entry, by its number or its address, and no query."""
    return bool(_NUMBER.fullmatch(target) or _ADDRESS.match(target))


def explain_entry(context: typer.Context, target: str, as_json: bool, rule: str | None = None) -> None:
    """Tell why each entry with this number or address has its verdict; of one rule alone, where one is given.

    Raises InputError where no such entry is stored, or no such rule is watched.
    """
    here = session(context)
    settings = here.settings()
    watchlist = load_watched(settings.feeds, environ=here.environ, folder=settings.cache, kept=settings.packs).watchlist
    number = None if rule is None else _numbered(watchlist, rule)
    db = open_database(settings)
    try:
        stored = db.read_now(_stored, target)
    finally:
        db.close()
    for one in stored:
        entry, origin, seen = one.past.found, one.past.origin, one.past.seen
        found = explain(watchlist, entry, now=seen, origin=origin, rule=number)
        if as_json:
            print_json(_record(one, found, watchlist))
        else:
            _show(one, found, watchlist)


def _numbered(watchlist: Watchlist, name: str) -> int:
    kind, _, rest = name.rpartition(":")
    for number, rule in enumerate(watchlist.rules):
        if rule.id == rest and kind in {"", rule.kind} and rule.kind is not RuleKind.SCOPE:
            return number
    known = [rule.id for rule in watchlist.rules if rule.kind is not RuleKind.SCOPE]
    raise InputError(f"no actor and no topic {name!r}{near(rest, known)}; `watch list` names them all")


def _stored(conn: Connection, target: str) -> list[Stored]:
    if _ADDRESS.match(target):
        found = past.by_url(conn, target)
        problem = "" if found else _no_address(conn, target)
    else:
        one = past.one(conn, int(target))
        found = [one] if one else []
        problem = "" if found else _no_number(conn, int(target))
    if problem:
        raise InputError(problem)
    return [Stored(each, activity.standing(conn, each.entry)) for each in found]


def _no_number(conn: Connection, number: int) -> str:
    if activity.is_stored(conn, number):
        return f"entry {number} is stored without its text (`db prune` took it): there is nothing left to read"
    return f"no entry {number} is stored; `hits` lists the numbers of those that a rule found"


def _no_address(conn: Connection, url: str) -> str:
    host = host_of(url)
    newest = activity.newest_at(conn, host) if host else []
    lines = [f"no entry with the address {url} is stored: no feed has shown it, or it is not the article's own address"]
    lines += [f"  newest of {host}: entry {entry}: {title} ({at})" for entry, title, at in newest]
    lines.append("what a document holds is told by `feeds probe`, and by `parse --json` into `match`")
    return "\n".join(lines)


# ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _record(one: Stored, found: Explained, watchlist: Watchlist) -> dict[str, object]:
    entry = one.past.found
    return {
        "entry": one.past.entry,
        "title": entry.title,
        "url": entry.url,
        "feed": one.past.origin.feed,
        "publisher": _plain(one.past.origin.publisher),
        "seen": one.past.seen,
        "published": entry.published,
        "date_flags": sorted(entry.date_flags),
        "declared_language": entry.lang,
        **{name: value for name, value in _members(found).items() if name != "verdict"},
        "needed": ENOUGH,
        "relevant": found.verdict.relevant,
        "matches": [_plain_match(match) for match in found.verdict.matches if match.kind is not RuleKind.SCOPE],
        "stored": {
            "relevant": one.past.relevant,
            "hits": [{**_plain_standing(hit), "state": _age(hit, watchlist)} for hit in _of_rules(one.hits, found)],
        },
    }


def _plain_match(match: Match) -> dict[str, object]:
    return {"kind": match.kind, "rule": match.rule, "evidence": _plain(match.evidence)}


def _plain_standing(hit: activity.Standing) -> dict[str, object]:
    return {name: _plain(value) for name, value in hit._asdict().items() if name not in {"text", "current"}}


def _plain(value: object) -> object:
    if isinstance(value, Evidence):
        return value._asdict()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return _members(value) if is_dataclass(value) else value


def _members(value: object) -> dict[str, object]:
    assert is_dataclass(value)
    return {member.name: _plain(getattr(value, member.name)) for member in fields(value)}


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _show(one: Stored, found: Explained, watchlist: Watchlist) -> None:
    out.print(f"entry {one.past.entry}: {one.past.found.title}", style="bold", markup=False)
    _lines(_head(one, found))
    _section("1 words that count", _counted(found))
    _section("2 words passed over", _passed(found))
    _section(f"3 signs of the war: {found.points} of the {ENOUGH} points that are needed", _signs(found))
    _section("4 topics", (line for case in found.topics for line in _topic(case)))
    _section("5 result", _result(found))
    _section("stored", _standing(one, found, watchlist))


def _section(heading: str, lines: Iterable[str]) -> None:
    out.print(heading, style="bold", markup=False)
    _lines(list(lines) or ["none"])


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(f"  {line}", markup=False)


def _head(one: Stored, found: Explained) -> Iterator[str]:
    entry, origin = one.past.found, one.past.origin
    who = origin.publisher
    about = [who.name, who.country, who.press] if who else []
    published = f"published {entry.published:%d %b %Y %H:%M} UTC" if entry.published else "no date of its own"
    flags = f" ({', '.join(sorted(entry.date_flags))})" if entry.date_flags else ""
    yield f"{origin.feed} ({', '.join(part for part in about if part)}), seen {one.past.seen:%d %b %Y %H:%M} UTC"
    yield f"{published}{flags}"
    yield from [entry.url] if entry.url else []
    yield f"language: declared {entry.lang or 'none'}, read as {_language(found)}"
    yield f"titles are read as of {_day(entry, one, found)}"


def _language(found: Explained) -> str:
    return found.language or "unknown: the words of every language count"


def _day(entry: Entry, one: Stored, found: Explained) -> str:
    if found.day:
        return f"{found.day}, its date"
    why = "its date is doubtful" if entry.published else "it has no date"
    return f"{one.past.seen.date()}, when it was seen: {why}"


def _quoted(words: Iterable[Evidence]) -> str:
    return ", ".join(f"“{one.text}” ({one.field})" for one in words)


def _counted(found: Explained) -> Iterator[str]:
    for (kind, rule), group in groupby(found.counted, key=lambda one: (one.kind, one.rule)):
        signs = [(one.words, f" as a {one.sign}" if one.sign == "hint" else "") for one in group]
        yield f"{kind}:{rule}  " + ", ".join(f"{_quoted([words])}{sign}" for words, sign in signs)


def _passed(found: Explained) -> Iterator[str]:
    for one in found.passed:
        name = "signs of the war" if one.kind is RuleKind.SCOPE else f"{one.kind}:{one.rule}"
        yield f"{name}  {_quoted([one.words])}: {one.detail}"


def _signs(found: Explained) -> Iterator[str]:
    for one in found.signs:
        yield f"{one.points:+d} {one.what}: {_quoted(one.words)}"
    if found.late:
        yield f" 0 too far down to count: {_quoted(found.late)}"


def _topic(case: TopicCase) -> Iterator[str]:
    yield f"{case.rule}: {f'no: {case.problem}' if case.problem else 'yes'}"
    for what, words in (("terms", case.terms), ("hints", case.hints)):
        if words:
            yield f"  {what}: {_quoted(words)}"
    for what, parts in (("query", case.query), ("unless", case.unless)):
        if parts:
            yield f"  {what}, what holds of it (+) and what not (-):"
            yield from map(_part, parts)


def _part(part: QueryPart) -> str:
    words = f"  {_quoted(part.words)}" if part.words else ""
    return f"    {'  ' * part.depth}{'+' if part.holds else '-'} {part.text}{words}"


def _result(found: Explained) -> Iterator[str]:
    if about := found.about:
        yield f"{about.kind}:{about.rule}: {'matches' if about.matched else f'does not match: {about.why}'}"
        if about.inside:
            yield f"  inside longer words: {_quoted(about.inside)}"
    yield found.result
    if found.nearest and not found.about:
        yield f"nearest: {found.nearest}"


# ── what stands stored ───────────────────────────────────────────────────────────────────────────────────────────────


def _of_rules(hits: Iterable[activity.Standing], found: Explained) -> list[activity.Standing]:
    """Return the hits of actors and topics; of the one that was asked about, if one was."""
    about = found.about
    return [
        hit
        for hit in hits
        if hit.kind is not RuleKind.SCOPE and (about is None or (hit.kind, hit.name) == (about.kind, about.rule))
    ]


def _standing(one: Stored, found: Explained, watchlist: Watchlist) -> Iterator[str]:
    """Say which hits are kept, and where they differ from what is found now."""
    hits = _of_rules(one.hits, found)
    now = {(match.kind, match.rule) for match in found.verdict.matches if match.kind is not RuleKind.SCOPE}
    if found.about:
        now &= {(found.about.kind, found.about.rule)}
    if one.past.relevant != found.verdict.relevant:
        yield f"read last, it was {'' if one.past.relevant else 'not '}taken to concern the war: the rules were others"
    for hit in hits:
        gone = "" if (hit.kind, hit.name) in now else "; it would not be found now"
        news = ", by a re-match" if hit.rematched else ", as history" if hit.history else ""
        yield f"{hit.kind}:{hit.name}  found {hit.found:%d %b %Y %H:%M} UTC{news}, {_age(hit, watchlist)}{gone}"
        if hit.title is not None and hit.title != one.past.found.title:
            yield f"  in the headline of then: {hit.title}"
    for kind, name in sorted(now - {(hit.kind, hit.name) for hit in hits}):
        yield f"{kind}:{name}  not stored: it matches by the rules of now; `watch rematch` takes it up"


def _age(hit: activity.Standing, watchlist: Watchlist) -> str:
    texts: Mapping[tuple[RuleKind, str], str] = {(rule.kind, rule.id): rule.text for rule in watchlist.rules}
    text = texts.get((hit.kind, hit.name))
    if text is None:
        return "under a rule that is no longer in the file"
    return (
        "under the rule as it is" if text == hit.text else f"under an older revision of the rule ({hit.since:%d %b %Y})"
    )
