"""What a document says about when to come again."""

from datetime import timedelta

import pytest

from monitor.core.model import NO_HINTS, Hints
from monitor.core.parsing.hints import REACH, read_hints

ITEM = "<item><title>a</title><ttl>5</ttl></item>"


def rss(head: str = "", tail: str = "", items: str = ITEM) -> str:
    return f'<rss version="2.0"><channel><title>t</title>{head}{items}{tail}</channel></rss>'


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", NO_HINTS),
        ("<ttl>60</ttl>", Hints(ttl=timedelta(hours=1))),
        ("<ttl> 0 </ttl>", NO_HINTS),
        ("<ttl>soon</ttl>", NO_HINTS),
        ("<sy:updatePeriod>\n hourly </sy:updatePeriod>", Hints(period=timedelta(hours=1))),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>24</sy:updateFrequency>",
            Hints(period=timedelta(hours=1)),
        ),
        ("<sy:updateFrequency>4</sy:updateFrequency>", NO_HINTS),
        (
            "<ttl>5</ttl><syn:updatePeriod>hourly</syn:updatePeriod>",
            Hints(ttl=timedelta(minutes=5), period=timedelta(hours=1)),
        ),
        (
            "<skipHours><hour>0</hour><hour>1</hour>\n<hour>24</hour><hour>99</hour></skipHours>",
            Hints(skip_hours=frozenset({0, 1})),
        ),
        (
            "<skipDays><day>Saturday</day><day>sunday</day><day>Funday</day></skipDays>",
            Hints(skip_days=frozenset({5, 6})),
        ),
        (f"<skipHours>{''.join(f'<hour>{hour}</hour>' for hour in range(24))}</skipHours>", NO_HINTS),
    ],
)
def test_hints_are_read_before_and_behind_the_items(head: str, expected: Hints) -> None:
    assert read_hints(rss(head)) == expected
    assert read_hints(rss(tail=head)) == expected
    assert read_hints(rss(head, items="")) == expected


def test_a_long_document_is_read_at_its_ends() -> None:
    items = ITEM * (REACH // 10)
    assert read_hints(rss("<ttl>60</ttl>", items=items)).interval == timedelta(hours=1)
    assert read_hints(rss(tail="<ttl>60</ttl>", items=items)).interval == timedelta(hours=1)
    assert read_hints(rss(items=items)) == NO_HINTS


def test_the_longest_interval_counts() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert (Hints(ttl=hour, period=day).interval, Hints(ttl=day, period=hour).interval) == (day, day)
    assert (Hints(ttl=hour).interval, NO_HINTS.interval) == (hour, None)
