"""Letters other than the digest, and letters that readers share."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core import digest_json
from monitor.core.digest import build_digest
from monitor.core.model import Alerted, Coverage, Subscriber
from monitor.render import Personal, Renderer
from tests.sample_digest import END, LABELS, SUBSCRIPTION, WINDOW, sample
from tests.sample_letters import BY_MAIL, BY_PAGE, SENDER, TEMPLATES, Page, edition, reader, render


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES, sender=SENDER)


# ── alert and quiet notice ───────────────────────────────────────────────────────────────────────────────────────────


def test_alert_is_short_and_says_that_it_is_one(renderer: Renderer) -> None:
    alert = edition(instant=True, sections=sample().sections[:1], total=3, more=0)
    letter = render(renderer, alert, BY_PAGE)
    page = Page(letter.html)
    assert letter.subject.startswith("Alert: Kremlin calls report of a secret ceasefire call “pure… and 2 more")
    assert letter.text.startswith("Alert · 24 November, 07:00\n8 new · 1 updated · 25 sources · 6 countries\n")
    assert len(page.all("h3")) == letter.text.count("\n* ") == 3
    assert letter.bulk
    for absent in ("Coverage", "What matters most", "Reports a day"):
        assert absent not in page.text + letter.text
    for present in ("You asked for", "Change what you get"):
        assert present in page.text
        assert present in letter.text


def test_quiet_notice(renderer: Renderer) -> None:
    empty = build_digest([], SUBSCRIPTION, WINDOW, Coverage(watched=1))
    letter = render(renderer, empty)
    assert letter.subject == "Ukraine monitor: nothing to tell · 24 November, 07:00"
    assert letter.text.startswith(
        "Nothing to tell: 23 November, 07:00 – 24 November, 07:00 (Europe/Kyiv).\n1 feed watched. All of them answer.\n"
    )
    assert (letter.html, letter.bulk) == (None, True)
    assert "leave@monitor.example" in letter.text


def test_a_digest_that_only_repeats_alerts_says_which(renderer: Renderer) -> None:
    empty = build_digest([], SUBSCRIPTION, WINDOW, Coverage(watched=1))
    told = Alerted(title="Drones over Odesa", url="https://wire.example/1", lang="en", at=WINDOW.start, since=4)
    text = render(renderer, replace(empty, alerted=(told,))).text
    assert text.startswith("Nothing new since the alerts: 23 November, 07:00 – 24 November, 07:00")
    assert "Drones over Odesa – since then 4 more reports" in " ".join(text.split())
    assert "https://wire.example/1" in text


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lang", "subject", "phrase"),
    [
        ("en", "Please confirm: digests of the Ukraine monitor", "by 24 November, 07:00:"),
        ("uk", "Підтвердьте, будь ласка: випуски Монітора «Україна»", "до 24 листопада, 07:00:"),
        ("de", "Bitte bestätigen: Ausgaben des Ukraine-Monitors", "bis 24. November, 07:00"),
    ],
)
def test_confirming_names_the_wish_and_one_link(renderer: Renderer, lang: str, subject: str, phrase: str) -> None:
    wish = replace(SUBSCRIPTION, subscriber=reader(lang), topics=frozenset({"drones"}))
    letter = renderer.confirm(wish, LABELS, link="https://m.example/c/1?a&b", expires=END)
    page = Page(letter.html)
    assert (letter.subject, letter.lang, letter.bulk) == (subject, lang, False)
    assert [a["href"] for a in page.all("a")] == ["https://m.example/c/1?a&b"]
    assert "\nhttps://m.example/c/1?a&b\n" in letter.text
    for said in (phrase, LABELS[next(iter(key for key in LABELS if key[1] == "drones"))][lang], "desk@example.org"):
        assert said in page.text
        assert said in " ".join(letter.text.split())


def test_managing_leads_to_the_subscription_and_to_the_data(renderer: Renderer) -> None:
    letter = renderer.manage(reader("de"), manage="https://m.example/m/1", data="https://m.example/y/1", expires=END)
    assert [a["href"] for a in Page(letter.html).all("a")] == ["https://m.example/m/1", "https://m.example/y/1"]
    assert (letter.bulk, letter.lang) == (False, "de")
    assert "\nhttps://m.example/y/1\n" in letter.text
    without = renderer.manage(reader(), manage="https://m.example/m/1", data=None, expires=END)
    assert "erase" not in without.text


# ── shared letters ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_rendering_serves_many_readers(renderer: Renderer) -> None:
    shared = renderer.digest(edition(), SUBSCRIPTION, LABELS, pages=True)
    for n in range(3):
        own = Personal(
            address=f'"{n}&"@example.org',
            unsubscribe=f"https://m.example/u/{n}?a&b",
            manage=f"https://m.example/m/{n}",
            page=f"https://m.example/d/{n}",
        )
        letter = shared.personal(own)
        page = Page(letter.html)
        assert f'Sent to "{n}&"@example.org by' in page.text
        assert [a["href"] for a in page.all("a")][-3:] == [own.page, own.manage, own.unsubscribe]
        assert f'Sent to "{n}&"@example.org by' in letter.text
        assert f"Unsubscribe: https://m.example/u/{n}?a&b\n" in letter.text
        assert "\x01" not in letter.text + page.html


def test_a_frozen_edition_is_rendered_once_for_equal_wishes(renderer: Renderer) -> None:
    content = digest_json.dumps(edition())

    def frozen(**changes: object) -> object:
        wish = replace(SUBSCRIPTION, **changes)  # type: ignore[arg-type]  # names and values are the caller's
        return renderer.frozen(content, wish, LABELS, pages=True)

    first = frozen()
    assert frozen(pk=7, name="mine", subscriber=Subscriber(pk=9, email="b@example.org", zone="Europe/Kyiv")) is first
    assert first == renderer.digest(edition(), SUBSCRIPTION, LABELS, pages=True)
    assert frozen(subscriber=reader("uk")) != first
    assert frozen(topics=frozenset({"drones"})) != first
    relabelled = renderer.frozen(content, SUBSCRIPTION, dict(LABELS), pages=True)
    assert relabelled == first
    assert relabelled is not first


def test_a_page_shows_everything(renderer: Renderer) -> None:
    rest = sample().sections[0].items
    view = renderer.view(edition(rest=rest), replace(SUBSCRIPTION, subscriber=reader("uk")), LABELS)
    assert [len(section.stories) for section in view.sections] == [len(one.items) for one in sample().sections]
    assert [story.title for story in view.rest.stories] == [item.title for item in rest]
    assert (view.words.lang, view.sections[0].label) == ("uk", "Мирні переговори")
    assert renderer.view(replace(sample(), sections=()), SUBSCRIPTION, LABELS).edition is None


# ── the operator ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_operator_s_notices(renderer: Renderer) -> None:
    problem = renderer.problem(key="disk\nfull", detail="12 MB left " * 20, since=END)
    assert problem.subject == "[Ukraine monitor] Problem: disk full"
    assert "Since:   2025-11-24 05:00 (UTC)" in problem.text
    assert max(map(len, problem.text.splitlines())) <= 72
    over = renderer.recovered(
        key="disk full", detail="3 GB left", since=END, until=END + timedelta(hours=26, minutes=5), zone="Europe/Berlin"
    )
    assert over.subject == "[Ukraine monitor] Recovered: disk full (1 d 2 h)"
    assert "Until:     2025-11-25 08:05 (Europe/Berlin)" in over.text
    assert [(letter.html, letter.bulk) for letter in (problem, over)] == [(None, False)] * 2


@pytest.mark.parametrize(("minutes", "lasted"), [(0, "0 min"), (59, "59 min"), (60, "1 h 0 min"), (1440, "1 d 0 h")])
def test_how_long_a_problem_lasted(renderer: Renderer, minutes: int, lasted: str) -> None:
    letter = renderer.recovered(key="k", detail="", since=END, until=END + timedelta(minutes=minutes))
    assert f"Lasted:    {lasted}\n" in letter.text


def test_mail_way_out_is_a_mailbox_in_the_text(renderer: Renderer) -> None:
    letter = render(renderer, sample(), BY_MAIL)
    assert letter.text.endswith("address to:\nleave@monitor.example\n")
    assert Page(letter.html).all("a")[-1]["href"] == BY_MAIL.unsubscribe
