"""The commands about readers and their mail: `subscribers`, `digest`."""

import sqlite3
from email.message import EmailMessage

import pytest

from monitor.clock import utc_now
from monitor.demo.sink import MailSink
from monitor.store.schema import suppression
from tests.e2e.place import Place
from tests.e2e.servers import Background, FeedServer, WatchedSmtpd, document

READER = "reader@example.org"


@pytest.fixture
def polled(place: Place, server: FeedServer) -> Place:
    """A place with three stored entries, two of them about the war, and a subscriber to one of its topics."""
    server.replies["courier"] = document("Drones over Kyiv", "Ceasefire in Ukraine", "Wheat")
    place.write({"courier": server.url("courier")})
    assert place.cli("poll").code == 0
    assert place.cli("subscribers", "add", READER, "--topics", "drones", "--cap", "1").code == 0
    return place


# ── subscribers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("email", "options", "words"),
    [
        ("nonsense", "", ["'nonsense'", "must be a mail address such as desk@example.org"]),
        (READER, "--topics dronez", ["unknown topic 'dronez'", "did you mean 'drones'?"]),
        (READER, "--topics drones,peace", ["unknown topic 'peace'"]),
        (READER, "--actors puttin", ["unknown actor 'puttin'", "did you mean 'putin'?"]),
        (READER, "--tz Europe/Kiyv", ["unknown zone 'Europe/Kiyv'", "did you mean 'Europe/Kyiv'?"]),
        (READER, "--daily 25:00", ["'25:00' is no time of day", "07:00"]),
        (READER, "--daily noon", ["'noon' is no time of day"]),
        (READER, "--lang xx", ["--lang", "'xx'"]),
        (READER, "--topic drones --query putin,nato", ["column 6: words are parted by spaces", "write OR"]),
        (READER, "--query -nato", ["column 1: only what must be lacking is named"]),
        (READER, "--language uk,xx", ["unknown language 'xx'"]),
        (READER, "--without-press statist", ["unknown kind of press 'statist'", "did you mean 'state'?"]),
        (READER, "--every 7h", ["'7h' does not divide a day"]),
        (READER, "--every 6h --daily 07:00", ["daily and every do not go together"]),
        (READER, "--weekly someday 07:00", ["unknown weekday 'someday'", "did you mean 'sunday'?"]),
        (READER, "--weekdays mon --instant", ["weekdays narrow"]),
        (READER, "--quiet-hours 22-7", ["'22' is no time of day"]),
        (READER, "--cap 0", ["--cap"]),
    ],
)
def test_a_wrong_answer_says_what_would_be_right(place: Place, email: str, options: str, words: list[str]) -> None:
    place.write({})
    done = place.cli("subscribers", "add", email, *options.split())
    assert (done.code, done.out) == (2, "")
    assert [word for word in words if word not in done.err] == []
    assert place.cli("subscribers", "list", "--json").records == []


def test_a_subscriber_comes_and_goes(place: Place) -> None:
    place.write({})
    choice = ["--topics", "drones, peace-talks", "--actors", "putin", "--lang", "uk"]
    times = ["--daily", "19:30", "--daily", "07:00", "--tz", "Europe/Kyiv"]
    added = place.cli("subscribers", "add", "Reader@EXAMPLE.org", *choice, *times)
    told = "Reader@example.org will be sent a digest daily at 07:00, 19:30 Europe/Kyiv: "
    assert (added.code, added.out.startswith(told + "drones or peace-talks, naming putin\n")) == (0, True)
    again = place.cli("subscribers", "add", "Reader@example.org", *choice, *times)
    assert (again.code, "has this subscription already" in again.err) == (2, True)

    [record] = place.cli("subscribers", "list", "--json").records
    wish = record["subscription"]
    assert (wish["topics"], wish["actors"], wish["schedule"]["times"]) == (
        ["drones", "peace-talks"],
        ["putin"],
        ["07:00:00", "19:30:00"],
    )
    assert (wish["subscriber"]["lang"], wish["subscriber"]["zone"]) == ("uk", "Europe/Kyiv")
    assert record["next_digest_at"] > utc_now().isoformat()
    shown = place.cli("subscribers", "show", "Reader@EXAMPLE.ORG")
    assert (shown.code, "drones or peace-talks, naming putin" in shown.out) == (0, True)

    second = place.cli("subscribers", "add", "Reader@example.org", "--daily", "08:00")
    assert second.code == 0
    number = place.cli("subscribers", "list", "--json").records[1]["subscription"]["pk"]
    ended = place.cli("subscribers", "remove", "Reader@example.org", "--number", str(number))
    assert (ended.code, len(place.cli("subscribers", "list", "--json").records)) == (0, 1)
    assert place.cli("subscribers", "remove", "Reader@example.org", "--number", str(number)).code == 2
    assert place.cli("subscribers", "remove", "Reader@EXAMPLE.org", stdin="n\n").code == 1
    assert place.cli("subscribers", "remove", "Reader@EXAMPLE.org", "--yes").code == 0
    for words in (["remove", "--yes"], ["show"], ["export"], ["pause"], ["resume"], ["unsubscribe"]):
        gone = place.cli("subscribers", *words, "Reader@example.org")
        assert (gone.code, gone.out, "Reader@example.org" in gone.err) == (2, "", True)
    assert place.cli("subscribers", "list", "--json").records == []


def test_every_wish_can_be_told(place: Place) -> None:
    place.write({})
    what = ["--topic", "peace-talks,drones", "--topic", "drones", "--actor", "putin", "--query", "putin -drones"]
    limits = ["--without", "Herald, The", "--without-press", "state", "--language", "uk,en", "--cap", "5", "--no-quiet"]
    when = ["--weekly", "mon", "07:00", "--quiet-hours", "22:00-06:30", "--tz", "Europe/Kyiv", "--name", "Weekly"]
    added = place.cli("subscribers", "add", READER, *what, *limits, *when)
    assert (added.code, added.out.split("\n")[0]) == (
        0,
        f"{READER} will be sent a digest on mon at 07:00 Europe/Kyiv, quiet 22:00-06:30: "
        "drones or peace-talks, naming putin; or [putin -drones], in en or uk, "
        "without Herald, The or state press",
    )
    [record] = place.cli("subscribers", "list", "--json").records
    wish = record["subscription"]
    assert wish["schedule"] == {"times": ["07:00:00"], "weekdays": [0], "instant": False}
    assert wish["quiet_hours"] == {"start": "22:00:00", "end": "06:30:00"}
    assert (wish["queries"], wish["without_sources"], wish["without_press"]) == (
        ["putin -drones"],
        ["Herald, The"],
        ["state"],
    )
    assert (wish["name"], wish["cap"], wish["quiet"], wish["langs"]) == ("Weekly", 5, False, ["en", "uk"])


def test_pausing_leaving_and_coming_back(place: Place) -> None:
    place.write({})
    assert place.cli("subscribers", "add", READER, "--consent", "letter of 1 March").code == 0
    assert place.cli("subscribers", "pause", READER).code == 0
    [paused] = place.cli("subscribers", "list", "--json").records
    assert paused["subscription"]["subscriber"]["status"] == "paused"
    assert place.cli("subscribers", "resume", READER).code == 0
    assert place.cli("subscribers", "unsubscribe", READER).code == 0
    late = place.cli("subscribers", "pause", READER)
    assert (late.code, late.err) == (2, f"{READER} is unsubscribed, not active or paused\n")
    shown = place.cli("subscribers", "show", READER).out
    assert f"{READER}: unsubscribed since " in shown
    assert "“letter of 1 March”" in shown
    for words in (["resume", READER], ["add", READER, "--topic", "drones"]):
        refused = place.cli("subscribers", *words)
        assert (refused.code, "has unsubscribed" in refused.err) == (2, True)
    assert place.cli("subscribers", "resume", READER, "--consent", "letter of 2 March").code == 0
    [told] = place.cli("subscribers", "show", READER, "--json").records
    assert (told["subscriber"]["status"], told["subscriber"]["consent_wording"]) == ("active", "letter of 2 March")
    assert (len(told["subscriptions"]), told["mails"], told["suppression"]) == (1, [], [])


def test_show_tells_that_an_address_takes_no_mail(place: Place) -> None:
    place.write({})
    assert place.cli("subscribers", "add", READER).code == 0
    since = utc_now()
    row = {"address": READER, "reason": "no such user", "reply": "550 5.1.1 unknown", "since": since}
    with place.db() as db:
        db.run_now(lambda conn: conn.execute(suppression.insert().values(row)))
    shown = place.cli("subscribers", "show", READER).out
    assert ": no such user; the server said: 550 5.1.1 unknown" in shown
    with place.db() as db:
        db.run_now(lambda conn: conn.execute(suppression.update().values(lifted_at=utc_now())))
    assert f"took no mail from {since.isoformat()} to " in place.cli("subscribers", "show", READER).out


def test_a_list_of_readers_moves_to_another_place(place: Place) -> None:
    place.write({})
    rows = (
        "email,topics,every,status,consent_who,consent_at,consent_how,consent_wording",
        'a@example.org,drones; peace-talks,6h,,Anna,2026-03-01T12:00+02:00,paper form,"Yes, please"',
        "b@example.org,,,unsubscribed,Bo,2026-03-01T12:00+02:00,paper form,Yes",
    )
    file = place.folder / "readers.csv"
    file.write_text("\n".join([*rows, "c@example.org,dronez,5h,,Cy,2026-03-01,paper form,Yes"]))
    wrong = place.cli("subscribers", "import", str(file))
    assert (wrong.code, wrong.out, wrong.err.startswith("line 4: unknown topic 'dronez'")) == (2, "", True)
    file.write_text("\n".join(rows))
    tried = place.cli("subscribers", "import", str(file), "--dry-run")
    assert (tried.code, tried.out) == (0, "2 subscriptions of 2 readers are sound\n")
    assert place.cli("subscribers", "list", "--json").records == []
    taken = place.cli("subscribers", "import", str(file))
    assert (taken.code, taken.out) == (0, "2 subscriptions of 2 readers were added\n")
    lists = {form: place.cli("subscribers", "export", "--form", form).out for form in ("csv", "jsonl")}
    again = place.cli("subscribers", "import", str(file))
    assert (again.code, again.err) == (
        2,
        "line 2: a@example.org has this subscription already\nline 3: b@example.org has this subscription already\n",
    )
    [kept] = place.cli("subscribers", "export", "a@example.org").records
    assert (kept["subscriber"]["consent_who"], kept["subscriptions"][0]["topics"]) == (
        "Anna",
        ["drones", "peace-talks"],
    )
    for form, text in lists.items():
        for email in ("a@example.org", "b@example.org"):
            assert place.cli("subscribers", "remove", email, "--yes").code == 0
        file.write_text(text)
        assert place.cli("subscribers", "import", str(file)).code == 0
        assert place.cli("subscribers", "export", "--form", form).out == text
    missing = place.cli("subscribers", "import", str(place.folder / "nowhere.csv"))
    assert (missing.code, "No such file" in missing.err) == (2, True)


# ── digest ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def rows(place: Place) -> list[tuple[object, ...]]:
    """Return all that planning a digest could change."""
    connection = sqlite3.connect(place.database)
    found = [
        row
        for table in ("subscription", "edition", "delivery", "outbox", "counter")
        for row in connection.execute(f"SELECT * FROM {table}")
    ]
    connection.close()
    return found


def test_preview_writes_files_and_changes_nothing(polled: Place) -> None:
    before = rows(polled)
    done = polled.cli("digest", "preview", READER, "--why", "--html")
    assert done.code == 0
    assert "1 stories" in done.out
    html, text = sorted((polled.folder / "var" / "preview").iterdir())
    assert (html.suffix, text.suffix) == (".html", ".txt")
    assert str(html) in done.out
    for page in (html.read_text(), text.read_text()):
        assert "https://courier.example/drones-over-kyiv" in page
        assert "ceasefire-in-ukraine" not in page
    shown, _, left_out = done.out.partition("left out")
    assert "Drones over Kyiv" in shown
    assert "Ceasefire in Ukraine" in left_out
    assert rows(polled) == before
    elsewhere = polled.folder / "elsewhere"
    assert polled.cli("digest", "preview", READER, "--out", elsewhere).code == 0
    assert len(list(elsewhere.iterdir())) == 2


def test_what_is_not_said_of_a_known_reader_stays(place: Place) -> None:
    place.write({"one": "https://one.example/feed"})
    first = ("--daily", "07:00", "--tz", "Europe/Kyiv", "--lang", "uk")
    assert place.cli("subscribers", "add", "anna@example.org", *first).code == 0
    second = place.cli("subscribers", "add", "anna@example.org", "--weekly", "mon", "08:00", "--query", "putin -drones")
    assert (second.code, "Europe/Kyiv" in second.out) == (0, True)
    kept = place.cli("subscribers", "list", "--json").records
    assert {(one["subscription"]["subscriber"]["lang"], one["subscription"]["subscriber"]["zone"]) for one in kept} == {
        ("uk", "Europe/Kyiv")
    }
    assert "[putin -drones]" in place.cli("subscribers", "list").out


def test_preview_is_read_on_the_terminal(polled: Place) -> None:
    done = polled.cli("digest", "preview", READER)
    assert (done.code, "Drones over Kyiv" in done.out) == (0, True)
    assert not (polled.folder / "var" / "preview").exists()


def test_send(polled: Place, sink: MailSink) -> None:
    done = polled.cli("digest", "send", "--to", READER)
    assert (done.code, done.out) == (0, f"1 stories for {READER}; edition 1\n1 mails taken by the server\n")
    again = polled.cli("digest", "send", "--to", READER)
    assert (again.code, again.out) == (0, f"0 stories for {READER}; edition 2\n1 mails taken by the server\n")
    first, second = (mail.message for mail in sink.mails)
    assert "Drones over Kyiv" in said(first)
    assert "Drones over Kyiv" not in said(second)
    assert first["Message-ID"] != second["Message-ID"]


def said(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(
    ("mood", "code", "said_of_it"),
    [("451 4.3.0 later", "deferred", "451"), ("550 5.1.1 no such user", "failed", "550")],
)
def test_send_that_is_not_taken_is_code_1(
    polled: Place, background: Background, mood: str, code: str, said_of_it: str
) -> None:
    smtpd = background.enter(WatchedSmtpd(moods={"RCPT": mood}))
    polled.mail_to(smtpd.port)
    done = polled.cli("digest", "send", "--to", READER)
    assert (done.code, "0 mails taken by the server" in done.out) == (1, True)
    shown = polled.cli("subscribers", "show", READER).out
    assert code in shown
    assert said_of_it in shown


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["preview", "nobody@example.org"], "nobody@example.org has no subscription"),
        (["send", "--to", "nobody@example.org"], "nobody@example.org has no subscription that takes digests"),
    ],
)
def test_a_stranger_has_no_digest(polled: Place, sink: MailSink, words: list[str], reason: str) -> None:
    done = polled.cli("digest", *words)
    assert (done.code, done.out, done.err) == (2, "", f"{reason}\n")
    assert sink.mails == ()


def test_send_needs_a_mail_server(polled: Place) -> None:
    before = rows(polled)
    done = polled.cli("digest", "send", "--to", READER)
    assert (done.code, "MONITOR_SMTP_HOST" in done.err) == (2, True)
    assert rows(polled) == before
