"""Subscriptions in words: what they mean, what is told of words that mean nothing, and the way back."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import wishes
from monitor.core.model import Press, QuietHours, RuleKind, Schedule, Subscriber, Subscription
from monitor.core.query.names import Names
from monitor.core.wishes import Known, Written
from monitor.errors import InputError

TOPICS, ACTORS = ("crimea", "drones", "nato", "peace-talks"), ("nato", "putin", "trump")
ZONES = ("Asia/Tokyo", "Europe/Kyiv", "UTC")
QUERIES = ("putin peace-talks -crimea", "topic:nato -actor:nato", "trump", "(putin OR trump) lang:uk -press:state")


def mail_address(text: str) -> str:
    if "@" not in text:
        raise ValueError("must be a mail address such as desk@example.org")
    return text.lower()


KNOWN = Known(
    rules=[*((RuleKind.TOPIC, name) for name in TOPICS), *((RuleKind.ACTOR, name) for name in ACTORS)],
    names=Names(actors=ACTORS, topics=TOPICS, languages=("uk", "en"), countries=("UA", "GB"), press=("state",)),
    zones=ZONES,
    address=mail_address,
)
PLAIN = Written(email="reader@example.org", tz="Europe/Kyiv")


def meant(**changes: object) -> Subscription:
    return wishes.read(replace(PLAIN, **changes), KNOWN)  # type: ignore[arg-type]  # names and values are the test's


def test_all_words_of_a_subscription() -> None:
    found = meant(
        email="Reader@Example.org",
        lang="uk",
        name=" Evening ",
        topics=("drones", "crimea"),
        actors=("putin",),
        queries=("putin   peace-talks -crimea", "putin peace-talks -crimea", "topic:nato"),
        without=("Herald, The", "courier.example"),
        without_press=("state",),
        languages=("uk", "en"),
        daily=("19:30", "7:00", "07:00"),
        weekdays=("Fri", "monday"),
        quiet_hours="22:00-07:00",
        cap=40,
        quiet=False,
    )
    assert found == Subscription(
        pk=0,
        subscriber=Subscriber(pk=0, email="reader@example.org", lang="uk", zone="Europe/Kyiv"),
        name="Evening",
        topics=frozenset({"drones", "crimea"}),
        actors=frozenset({"putin"}),
        queries=("putin peace-talks -crimea", "topic:nato"),
        without_sources=frozenset({"Herald, The", "courier.example"}),
        without_press=frozenset({Press.STATE}),
        langs=frozenset({"uk", "en"}),
        schedule=Schedule(times=(time(7), time(19, 30)), weekdays=frozenset({0, 4})),
        quiet_hours=QuietHours(start=time(22), end=time(7)),
        cap=40,
        quiet=False,
    )


@pytest.mark.parametrize(
    ("words", "times", "days", "instant"),
    [
        ({}, "07:00", "", False),
        ({"daily": ("18:00",)}, "18:00", "", False),
        ({"every": "6h"}, "00:00 06:00 12:00 18:00", "", False),
        ({"every": "12", "weekdays": ("sat", "sun")}, "00:00 12:00", "56", False),
        ({"weekly": "mon 07:30"}, "07:30", "0", False),
        ({"weekly": "mon, thu 07:30"}, "07:30", "03", False),
        ({"instant": True}, "07:00", "", True),
    ],
)
def test_ways_to_say_when(words: dict[str, object], times: str, days: str, instant: bool) -> None:
    expected = Schedule(
        times=tuple(time.fromisoformat(at) for at in times.split()), weekdays=frozenset(map(int, days)), instant=instant
    )
    assert meant(**words).schedule == expected


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"email": "nobody"}, "'nobody' must be a mail address"),
        ({"lang": "fr"}, "unknown language of the interface 'fr'"),
        ({"tz": "Europe/Kiyv"}, "unknown zone 'Europe/Kiyv', did you mean 'Europe/Kyiv'?"),
        ({"topics": ("drone",)}, "unknown topic 'drone', did you mean 'drones'?"),
        ({"actors": ("crimea",)}, "unknown actor 'crimea'"),
        (
            {"queries": ("putin peace-talk",)},
            "the query 'putin peace-talk', column 7: no topic and no actor",
        ),
        ({"queries": ("putin -krimea",)}, "column 8: no topic and no actor is called “krimea”; did you mean crimea?"),
        ({"queries": ("actor:crimea",)}, "it is one of the topics: topic:crimea"),
        ({"queries": ("putin OR trump -nato",)}, "column 16: AND and OR stand side by side"),
        ({"queries": ("putin country:UK",)}, "column 7: no country has the code “UK”"),
        (
            {"queries": ("putin wheat",)},
            "is called “wheat”; words of a text are no part",
        ),
        ({"queries": ('putin "peace talks"',)}, "column 7: “peace talks” asks for words; words of a text are no part"),
        ({"queries": ("-crimea",)}, "only what must be lacking is named"),
        ({"queries": tuple(f"putin -{name}" for name in TOPICS) * 9}, None),
        ({"queries": tuple(f"putin {'x' * n}" for n in range(21))}, "at most 20 queries, not 21"),
        ({"without_press": ("stat",)}, "unknown kind of press 'stat', did you mean 'state'?"),
        ({"languages": ("xx",)}, "unknown language 'xx'"),
        ({"daily": ("24:00",)}, "'24:00' is no time of day"),
        ({"daily": ("٠٧:٠٠",)}, "is no time of day"),
        ({"every": "5h"}, "'5h' does not divide a day"),
        ({"every": "6 minutes"}, "does not divide a day"),
        ({"weekly": "07:00"}, "'07:00' names no day and time"),
        ({"weekly": "someday 07:00"}, "unknown weekday 'someday'"),
        ({"weekdays": ("tues",)}, "unknown weekday 'tues', did you mean 'tue'?"),
        ({"weekly": "mon"}, "'mon' names no day and time"),
        ({"weekly": "mon 7"}, "'7' is no time of day"),
        ({"weekdays": ("mon",), "instant": True}, "weekdays narrow"),
        ({"weekdays": ("mon",), "weekly": "mon 07:00"}, "weekdays narrow"),
        ({"daily": ("07:00",), "every": "6h"}, "daily and every do not go together"),
        ({"instant": True, "weekly": "mon 07:00"}, "weekly and instant do not go together"),
        ({"quiet_hours": "22:00"}, "'22:00' are no quiet hours"),
        ({"quiet_hours": "22:00-22:00"}, "always or never"),
        ({"quiet_hours": "22:00-7"}, "'7' is no time of day"),
        ({"cap": 0}, "between 1 and 100 items, not 0"),
        ({"cap": 101}, "between 1 and 100 items, not 101"),
    ],
)
def test_words_that_mean_nothing_are_told(words: dict[str, object], told: str | None) -> None:
    if told is None:
        assert len(meant(**words).queries) == len(TOPICS)  # the same query twice is one
        return
    with pytest.raises(InputError) as caught:
        meant(**words)
    assert told in str(caught.value)


CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
WISHES = st.builds(
    Subscription,
    pk=st.just(0),
    subscriber=st.builds(
        Subscriber,
        pk=st.just(0),
        email=st.just("reader@example.org"),
        lang=st.sampled_from(wishes.INTERFACE),
        zone=st.sampled_from(ZONES),
        status=st.just(Subscriber(pk=0, email="").status),
        version=st.just(0),
    ),
    name=st.text(max_size=9).map(str.strip),
    topics=st.frozensets(st.sampled_from(TOPICS)),
    actors=st.frozensets(st.sampled_from(ACTORS)),
    queries=st.lists(st.sampled_from(QUERIES), unique=True).map(tuple),
    without_sources=st.frozensets(st.text(min_size=1, max_size=9), max_size=2),
    without_press=st.frozensets(st.sampled_from(Press)),
    langs=st.frozensets(st.sampled_from(["en", "uk", "ru"])),
    schedule=st.just(Schedule(instant=True))
    | st.builds(
        Schedule,
        times=st.frozensets(CLOCKS, min_size=1, max_size=5).map(lambda times: tuple(sorted(times))),
        weekdays=st.frozensets(st.integers(0, 6)),
        instant=st.just(False),
    )
    | st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24]).map(lambda n: Schedule(times=tuple(map(time, range(0, 24, n))))),
    quiet_hours=st.none()
    | st.builds(QuietHours, start=CLOCKS, end=CLOCKS).filter(lambda hours: hours.start != hours.end),
    cap=st.integers(1, 100),
    quiet=st.booleans(),
)


@given(WISHES)
def test_what_was_written_is_read_as_the_same(wish: Subscription) -> None:
    assert wishes.read(wishes.write(wish), KNOWN) == wish


@pytest.mark.parametrize(
    ("words", "when", "what"),
    [
        ({}, "daily at 07:00 Europe/Kyiv", "everything about the war"),
        ({"topics": ("drones", "crimea")}, "daily at 07:00 Europe/Kyiv", "crimea or drones"),
        ({"topics": ("drones",), "actors": ("putin",)}, "daily at 07:00 Europe/Kyiv", "drones, naming putin"),
        ({"every": "6h"}, "every 6 hours Europe/Kyiv", "everything about the war"),
        ({"every": "1h", "weekdays": ("sun",)}, "on sun every hour Europe/Kyiv", "everything about the war"),
        (
            {"weekly": "mon 07:00", "queries": ("trump",), "quiet_hours": "22:00-07:00"},
            "on mon at 07:00 Europe/Kyiv, quiet 22:00-07:00",
            "[trump]",
        ),
        (
            {
                "instant": True,
                "actors": ("putin",),
                "queries": ("trump",),
                "languages": ("uk",),
                "without": ("Herald",),
            },
            "as soon as there is something Europe/Kyiv",
            "naming putin; or [trump], in uk, without Herald",
        ),
        ({"without_press": ("state",)}, "daily at 07:00 Europe/Kyiv", "everything about the war, without state press"),
    ],
)
def test_a_subscription_is_told_in_a_line(words: dict[str, object], when: str, what: str) -> None:
    found = meant(**words)
    assert (wishes.when(found), wishes.what(found)) == (when, what)
