"""Addresses: whose they are, how long they hold, and that none can be made up."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Subscriber
from monitor.links import FORM_LIFETIME, LIFETIME, Links, Opened, Purpose
from tests.fakes import NOW, FrozenClock

SECRET = "a secret of the tests, long enough"
READER = Subscriber(pk=12, email="reader+news@example.org", version=7)
ENDING = [purpose for purpose in Purpose if purpose in LIFETIME]


SITE = "https://monitor.example"


def links(clock: FrozenClock | None = None, base_url: str | None = SITE, key: str = SECRET) -> Links:
    return Links(base_url, key, "desk@example.org", clock or FrozenClock())


def token(made: Links, purpose: Purpose, reader: Subscriber = READER) -> str:
    more = (5,) if purpose is Purpose.EDITION else ()
    path = made.path(purpose, reader, *more)
    assert path.startswith(f"/{purpose}/")
    return path.removeprefix(f"/{purpose}/")


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_tells_whose_it_is(purpose: Purpose) -> None:
    edition = 5 if purpose is Purpose.EDITION else None
    assert links().opened(purpose, token(links(), purpose)) == Opened(subscriber=12, version=7, edition=edition)


@pytest.mark.parametrize("made", Purpose)
@pytest.mark.parametrize("read", Purpose)
def test_a_token_is_for_one_purpose(made: Purpose, read: Purpose) -> None:
    assert (links().opened(read, token(links(), made)) is not None) == (made is read)


def test_another_secret_opens_nothing() -> None:
    other = links(key="another secret of the tests, as long")
    assert [purpose for purpose in Purpose if other.opened(purpose, token(links(), purpose))] == []


@given(st.sampled_from(list(Purpose)), st.data())
def test_a_changed_token_opens_nothing(purpose: Purpose, data: st.DataObject) -> None:
    good = token(links(), purpose)
    at = data.draw(st.integers(0, len(good) - 1))
    new = data.draw(st.characters(codec="ascii", categories=["L", "N", "P"]).filter(lambda letter: letter != good[at]))
    changed = good[:at] + new + good[at + 1 :]
    before_last = at < len(good) - 1  # the last letter of base64 has bits that stand for nothing
    assert links().opened(purpose, changed) is None or not before_last


@given(st.sampled_from(list(Purpose)), st.text())
def test_what_is_no_token_opens_nothing(purpose: Purpose, text: str) -> None:
    assert links().opened(purpose, text) is None


@pytest.mark.parametrize("purpose", ENDING)
def test_a_token_ends(purpose: Purpose) -> None:
    clock = FrozenClock()
    made = links(clock)
    written = token(made, purpose)
    clock.now = NOW + LIFETIME[purpose]
    assert made.opened(purpose, written) is not None
    clock.forward(seconds=1)
    assert made.opened(purpose, written) is None


def test_the_way_out_has_no_end() -> None:
    clock = FrozenClock()
    made = links(clock)
    written = token(made, Purpose.UNSUBSCRIBE)
    clock.forward(days=36_500)
    assert made.opened(Purpose.UNSUBSCRIBE, written) is not None


def test_addresses_are_short() -> None:
    reader = Subscriber(pk=1_000_000, email="reader@example.org", version=2**30)
    made = [links().unsubscribe(reader), links().manage(reader), links().edition(reader, 10_000_000)]
    assert [len(address or "") <= len(SITE) + 64 for address in made] == [True] * 3


def test_without_pages_readers_write() -> None:
    none = links(base_url=None)
    assert unquote(none.unsubscribe(READER)) == "mailto:desk@example.org?subject=unsubscribe reader+news@example.org"
    assert "+" not in none.unsubscribe(READER)  # some read it as a space
    assert (none.web, none.one_click(READER), none.manage(READER), none.edition(READER, 1)) == (False, None, None, None)


def test_one_click_is_https_only() -> None:
    assert (links().one_click(READER) or "").startswith(f"{SITE}/u/")
    assert links(base_url="http://127.0.0.1:8080").one_click(READER) is None


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(links())


def test_a_form_counts_for_its_page_and_its_time() -> None:
    clock = FrozenClock()
    made = links(clock)
    seal = made.seal("/m/abc")
    assert made.sealed("/m/abc", seal)
    assert not made.sealed("/m/abd", seal)
    assert not made.sealed("/m/abc", "")
    clock.now = NOW + FORM_LIFETIME + timedelta(seconds=1)
    assert not made.sealed("/m/abc", seal)


@given(st.text(alphabet="abc./-", max_size=20), st.text(max_size=30))
def test_no_seal_can_be_made_up(page: str, seal: str) -> None:
    assert not links().sealed(page, seal)
