"""Entries and verdicts as JSON objects."""

from datetime import UTC, datetime

import pytest

from monitor.core.model import DateFlag, Evidence, Match, RuleKind, Verdict
from monitor.core.records import entry_from_record, verdict_record
from monitor.errors import InputError

WHOLE = {
    "id": "en-1",
    "lang": "en",
    "title": "A title",
    "summary": "A summary",
    "content": "A text",
    "published": "2026-01-15T12:00:00+01:00",
    "source": "A paper",
    "url": "https://example.org/1",
    "unknown": 1,
}


def test_a_whole_record() -> None:
    entry = entry_from_record(WHOLE)
    assert entry.keys == ("en-1",)
    assert (entry.title, entry.summary, entry.content, entry.lang) == ("A title", "A summary", "A text", "en")
    assert (entry.source_title, entry.url) == ("A paper", "https://example.org/1")
    assert entry.published == datetime(2026, 1, 15, 11, tzinfo=UTC)
    assert entry.date_flags == frozenset()


@pytest.mark.parametrize("rest", [{}, dict.fromkeys(("lang", "summary", "content", "published", "source", "url"))])
def test_all_but_id_and_title_may_be_absent_or_null(rest: dict[str, None]) -> None:
    entry = entry_from_record({"id": "1", "title": "", **rest})
    assert (entry.title, entry.summary, entry.content, entry.lang, entry.published) == ("", "", "", None, None)
    assert entry.date_flags == {DateFlag.MISSING}


@pytest.mark.parametrize(
    ("raw", "published", "flags"),
    [
        ("Thu, 15 Jan 2026 11:00:00 GMT", datetime(2026, 1, 15, 11, tzinfo=UTC), set()),
        ("some day", None, {DateFlag.UNREADABLE}),
        ("", None, {DateFlag.MISSING}),
    ],
)
def test_dates(raw: str, published: datetime | None, flags: set[DateFlag]) -> None:
    entry = entry_from_record({"id": "1", "title": "t", "published": raw})
    assert entry.published == published
    assert entry.date_flags == flags


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"title": "t"}, "id"),
        ({"id": "1"}, "title"),
        ({"id": 1, "title": "t"}, "id"),
        ({"id": "1", "title": None}, "title"),
        ({"id": "1", "title": "t", "summary": ["s"]}, "summary"),
        ({"id": "1", "title": "t", "published": 1768474800}, "published"),
        ({"id": "1", "title": "t", "source": {"title": "x"}}, "source"),
    ],
)
def test_the_wrong_key_is_named(record: dict[str, object], key: str) -> None:
    with pytest.raises(InputError, match=f"'{key}'"):
        entry_from_record(record)


def test_a_verdict_as_an_object() -> None:
    evidence = Evidence(field="title", start=2, end=7, text="Putin")
    matches = (
        Match(kind=RuleKind.ACTOR, rule="putin", evidence=(evidence,)),
        Match(kind=RuleKind.SCOPE, rule="scope", evidence=(evidence,)),
        Match(kind=RuleKind.TOPIC, rule="sanctions", evidence=(evidence,)),
    )
    place = {"field": "title", "start": 2, "end": 7, "text": "Putin"}
    assert verdict_record("en-1", Verdict(relevant=True, matches=matches)) == {
        "id": "en-1",
        "relevant": True,
        "actors": ["putin"],
        "topics": ["sanctions"],
        "evidence": [{"watch": watch, **place} for watch in ("putin", "scope", "sanctions")],
    }


def test_a_verdict_without_matches() -> None:
    assert verdict_record("1", Verdict(relevant=False)) == {
        "id": "1",
        "relevant": False,
        "actors": [],
        "topics": [],
        "evidence": [],
    }
