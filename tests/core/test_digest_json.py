"""Digests frozen as JSON and read back."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digest_json import dumps, loads
from monitor.core.model import Coverage, Digest, Item, LeftOut, Press, Publisher, Section, Window
from tests.sample_digest import sample

NAMES = st.lists(st.text(), max_size=3).map(tuple)
PUBLISHERS = st.builds(
    Publisher, name=st.text(), country=st.none() | st.text(), press=st.none() | st.sampled_from(Press)
)
TIMES = st.datetimes(timezones=st.just(UTC))
ITEMS = st.builds(
    Item,
    publisher=PUBLISHERS,
    published=st.none() | TIMES,
    marks=st.lists(st.tuples(st.integers(), st.integers()), max_size=3).map(tuple),
    tags=NAMES,
    actors=NAMES,
    score=st.floats(allow_nan=False, allow_infinity=False),
)
DIGESTS = st.builds(
    Digest,
    window=st.builds(Window, start=TIMES, end=TIMES),
    sections=st.lists(st.builds(Section, items=st.lists(ITEMS, max_size=2).map(tuple)), max_size=2).map(tuple),
    coverage=st.builds(Coverage, watched=st.integers(), failing=NAMES, silent=NAMES),
    left_out=st.lists(st.builds(LeftOut), max_size=2).map(tuple),
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


@pytest.mark.parametrize("text", ["", "[", '{"format": 0}', "{}"])
def test_what_is_no_frozen_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"format|Expecting"):
        loads(text)
