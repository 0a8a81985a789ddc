"""Digests frozen as JSON and read back."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digest_json import dumps, loads
from monitor.core.model import Alerted, Coverage, Day, Digest, Item, LeftOut, Press, Publisher, Reason, Section, Window
from tests.sample_digest import sample

NAMES = st.lists(st.text(), max_size=3).map(tuple)
PUBLISHERS = st.builds(
    Publisher, name=st.text(), country=st.none() | st.text(), press=st.none() | st.sampled_from(Press)
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(timezones=st.just(UTC))
ITEMS = st.builds(
    Item,
    publisher=PUBLISHERS,
    published=st.none() | TIMES,
    marks=st.lists(st.tuples(st.integers(), st.integers()), max_size=3).map(tuple),
    tags=NAMES,
    actors=NAMES,
    score=FINITE,
    before=st.none() | st.text(),
    reasons=st.lists(st.builds(Reason, points=FINITE), max_size=2).map(tuple),
    original=st.booleans(),
    countries=NAMES,
    also=st.lists(st.tuples(st.integers(), st.integers()), max_size=2).map(tuple),
)
DIGESTS = st.builds(
    Digest,
    window=st.builds(Window, start=TIMES, end=TIMES),
    sections=st.lists(st.builds(Section, items=st.lists(ITEMS, max_size=2).map(tuple)), max_size=2).map(tuple),
    coverage=st.builds(Coverage, watched=st.integers(), failing=NAMES, silent=NAMES),
    left_out=st.lists(st.builds(LeftOut), max_size=2).map(tuple),
    top=st.lists(st.integers(), max_size=5).map(tuple),
    rest=st.lists(ITEMS, max_size=2).map(tuple),
    alerted=st.lists(st.builds(Alerted, at=TIMES), max_size=2).map(tuple),
    new=st.integers(),
    updated=st.integers(),
    countries=st.integers(),
    days=st.lists(st.builds(Day), max_size=2).map(tuple),
    instant=st.booleans(),
)


@given(DIGESTS)
def test_freezing_loses_nothing(digest: Digest) -> None:
    text = dumps(digest)
    assert loads(text) == digest
    assert dumps(loads(text)) == text


def test_times_come_back_aware_and_text_stays_readable() -> None:
    text = dumps(sample())
    assert "перемир’я" in text
    assert loads(text).window.end.tzinfo is UTC


def test_a_digest_of_the_first_format_is_still_read() -> None:
    later = {"top", "rest", "alerted", "new", "updated", "countries", "days", "instant"}
    frozen = json.loads(dumps(sample()))
    first = {name: value for name, value in frozen.items() if name not in later} | {"format": 1}
    for section in first["sections"]:
        section["items"] = [{k: v for k, v in item.items() if k not in GAINED} for item in section["items"]]
    old = loads(json.dumps(first))
    assert (old.window, old.total, old.top, old.days) == (sample().window, sample().total, (), ())


GAINED = {"before", "reasons", "original", "countries", "also"}


@pytest.mark.parametrize("text", ["", "[", '{"format": 0}', "{}"])
def test_what_is_no_frozen_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"format|Expecting"):
        loads(text)
