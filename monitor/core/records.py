"""Entries and verdicts as JSON objects, the form in which commands read and write them."""

from collections.abc import Mapping

from monitor.core.dates import parse_date
from monitor.core.model import DateFlag, Entry, Evidence, Match, RuleKind, Verdict
from monitor.errors import InputError

KEYS = frozenset({"id", "lang", "title", "summary", "content", "published", "source", "url"})
"""What an entry's object may have."""

PASSED_OVER = frozenset({"summary_html", "content_html", "author", "updated", "date_flags"})
"""What the command `parse` adds to that."""


def entry_from_record(record: Mapping[str, object]) -> Entry:
    """Read the entry that a JSON object describes: `id lang title summary content published source url`.

    All but `id` and `title` may be absent or null; other keys are passed over. `published` is RFC 3339 or RFC 822; a
    date that cannot be read becomes a flag, as in a feed. Raises InputError, naming the key, for what is no string.
    """
    raw = _text(record, "published")
    published = parse_date(raw) if raw else None
    return Entry(
        keys=(_required(record, "id"),),
        key_version=0,
        title=_required(record, "title"),
        fingerprint="",
        summary=_text(record, "summary") or "",
        content=_text(record, "content") or "",
        lang=_text(record, "lang"),
        url=_text(record, "url"),
        source_title=_text(record, "source"),
        published=published,
        date_flags=frozenset() if published else frozenset({DateFlag.UNREADABLE if raw else DateFlag.MISSING}),
    )


def verdict_record(name: str, verdict: Verdict) -> dict[str, object]:
    """Turn an entry's verdict into an object for JSON; `watch` is a rule's id, `start` and `end` count code points."""
    return {
        "id": name,
        "relevant": verdict.relevant,
        "actors": _rules(verdict, RuleKind.ACTOR),
        "topics": _rules(verdict, RuleKind.TOPIC),
        "evidence": [_place(match, evidence) for match in verdict.matches for evidence in match.evidence],
    }


def _text(record: Mapping[str, object], key: str) -> str | None:
    value = record.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InputError(f"{key!r} must be a string in quotes, not {value!r}")


def _required(record: Mapping[str, object], key: str) -> str:
    value = _text(record, key)
    if value is None:
        raise InputError(f"{key!r} is missing or null; an entry needs at least 'id' and 'title'")
    return value


def _rules(verdict: Verdict, kind: RuleKind) -> list[str]:
    return [match.rule for match in verdict.matches if match.kind is kind]


def _place(match: Match, evidence: Evidence) -> dict[str, object]:
    return {
        "watch": match.rule,
        "field": evidence.field,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
    }
