"""Real feeds, state by state, through the whole monitor; what it stored is held against a count of its own."""

import asyncio
import io
import re
import shutil
import sqlite3
import tarfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import pytest

from monitor.demo.sink import KeptMail
from tests.fakes import FrozenClock
from tests.recordings import RECORDINGS, SETS, Recording, ReplayServer, State, between, spread
from tests.recount import differences, normal, stored
from tests.replay import AGAIN, READERS, Played, replay

pytestmark = pytest.mark.replay

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recorded feeds are not there (../shared/data/replay)"
)
DESK = READERS[0].subscriber.email
TENTH = datetime(2025, 12, 10, 5, 0, tzinfo=UTC)
"""07:00 in Kyiv."""


def _some(name: str, states: Sequence[State]) -> Sequence[State]:
    if name == "temp":
        return spread(states, 6)
    return spread(between(states, TENTH - timedelta(hours=35), TENTH + timedelta(hours=15)), 28)


@pytest.fixture(scope="module")
def plays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    async def play(name: str) -> Played:
        with Recording(SETS[name].path) as recording:
            states = _some(name, recording.states)
            return await replay(SETS[name], recording, states, tmp_path_factory.mktemp(name), lambda *_: None)

    return {name: asyncio.run(play(name)) for name in ("temp", "ru")}


# ── what was stored ──────────────────────────────────────────────────────────────────────────────────────────────────


@needs_recordings
@pytest.mark.parametrize("name", ["temp", "ru"])
def test_every_link_is_one_group_and_every_retitle_a_revision(plays: dict[str, Played], name: str) -> None:
    assert not plays[name].differences, "\n".join(plays[name].differences)


@needs_recordings
@pytest.mark.parametrize("name", ["temp", "ru"])
def test_every_state_is_read_once_and_whole(plays: dict[str, Played], name: str) -> None:
    tally, counted = plays[name].tally, plays[name].recount.totals()
    assert (tally.states, tally.bytes) == (counted["states"], counted["bytes"])
    assert (tally.failed, tally.polls - tally.unchanged) == (0, tally.states)
    assert tally.unchanged == tally.states // len(SETS[name].feeds) // AGAIN * len(SETS[name].feeds)
    assert tally.wire < tally.bytes / 2


@needs_recordings
@pytest.mark.parametrize(("feed", "mark"), [("meduza", "r.title"), ("feed_holod", "e.url")])
def test_undated_items_without_ids_are_neither_doubled_nor_merged(
    plays: dict[str, Played], feed: str, mark: str
) -> None:
    query = f"""SELECT count(*), count(DISTINCT {mark}), count(DISTINCT e.group_id)
        FROM entry e JOIN revision r ON r.entry_id = e.id JOIN feed f ON f.id = e.feed_id WHERE f.key = ?"""
    with closing(sqlite3.connect(plays["ru"].database)) as conn:
        [(entries, marks, groups)] = conn.execute(query, [feed])
    shown = sum(thing.feed == feed for thing in plays["ru"].recount.things.values())
    assert entries == marks == groups == shown > 20


SABOTAGE = {
    "missing": "DELETE FROM entry WHERE id = 9",
    "entries: 2": """INSERT INTO entry SELECT 100000, feed_id, group_id, publisher_id, 'x', key_version, fingerprint,
        guid, url, author, lang, published, updated, date_flags, relevant, history, first_seen_at, last_seen_at,
        revisions, pruned FROM entry WHERE id = 9""",
    "invented": "UPDATE entry SET url = url || '/more' WHERE id = 9",
    "holds 2 links": "UPDATE entry SET group_id = (SELECT group_id FROM entry WHERE id = 8) WHERE id = 9",
    "publisher": "UPDATE entry SET publisher_id = publisher_id + 1 WHERE id = 9",
    "published": "UPDATE entry SET published = '2025-12-08 01:00:00.000000' WHERE id = 9",
    "first seen": "UPDATE entry SET first_seen_at = '2025-12-08 01:00:00.000000' WHERE id = 9",
    "last seen": "UPDATE entry SET last_seen_at = '2025-12-08 01:00:00.000000' WHERE id = 9",
    "revisions: 2": "UPDATE entry SET revisions = 2 WHERE id = 9",
    "other titles": "UPDATE revision SET title = 'x' WHERE entry_id = 9",
}


@needs_recordings
@pytest.mark.parametrize("complaint", SABOTAGE)
def test_the_recount_notices(plays: dict[str, Played], tmp_path: Path, complaint: str) -> None:
    played = plays["ru"]
    copy = Path(shutil.copy(played.database, tmp_path))
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute(SABOTAGE[complaint]).rowcount == 1
        conn.commit()
    found = differences(played.recount, stored(copy), SETS["ru"].names)
    assert any(complaint in line for line in found)


# ── what was mailed ──────────────────────────────────────────────────────────────────────────────────────────────────


def _text(mail: KeptMail, kind: str = "plain") -> str:
    part = mail.message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def _mails(played: Played, at: datetime) -> dict[str, KeptMail]:
    """Give the mails of one morning by their recipient."""
    return {mail.recipients[0]: mail for mail in played.mails if parsedate_to_datetime(mail.message["Date"]) == at}


@needs_recordings
def test_every_reader_gets_one_mail_each_morning(plays: dict[str, Played]) -> None:
    for played in plays.values():
        assert played.tally.mails == played.tally.digests == len(played.mails)
        dates = Counter((mail.recipients[0], mail.message["Date"]) for mail in played.mails)
        assert set(dates.values()) == {1}
        assert {email for email, _ in dates} == {reader.subscriber.email for reader in READERS}


@needs_recordings
def test_the_digest_of_10_december_is_readable(plays: dict[str, Played]) -> None:
    text = _text(_mails(plays["ru"], TENTH)[DESK])
    sections = re.split(r"\n\n\n(.+)\n=+\n", text)
    headings, bodies = sections[1::2], sections[2::2] or sections  # stories without a topic alone need no heading
    stories = [re.findall(r"^\* (.+)$", body, re.MULTILINE) for body in bodies]
    assert len(headings) == len(set(headings))
    assert all(stories)
    headlines = [normal(line) for lines in stories for line in lines]
    assert 1 <= len(headlines) <= 15
    shown = {normal(title) for thing in plays["ru"].recount.things.values() for _, title in thing.titles}
    assert [line for line in headlines if not any(title.startswith(line.rstrip("…")) for title in shown)] == []


BROKEN = {
    "markup": r"<(?!monitor@)[a-z/!]",  # the footer names who sends it
    "entities": r"&(?:\w{2,8}|#\w{2,6});",
    "bytes read in a wrong encoding": r"[ÐÑÃâ][\x80-\xbf]|\ufffd",
    "template": r"\{[{%]|[%}]\}",
    "dates of an empty field": r"\b1970\b",
    "values of the program": r"\bNone\b|\bdatetime\b|\bPress\.",
}


@needs_recordings
@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("name", ["temp", "ru"])
def test_no_mail_shows_what_is_not_for_readers(plays: dict[str, Played], name: str, fault: str) -> None:
    for mail in plays[name].mails:
        assert not re.search(BROKEN[fault], _text(mail)), mail.message["Subject"]


# ── the server and the recording ─────────────────────────────────────────────────────────────────────────────────────

FIRST = datetime(2025, 12, 1, 8, 0, tzinfo=UTC)
DOCUMENTS = {"gazette/20251201T080000Z.xml": b"<rss>one</rss>", "gazette/20251201T090000Z.xml": b"<rss>two</rss>"}


def _archive(folder: Path, index: str | None = None) -> Path:
    path = folder / "gazettes.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        for name, body in DOCUMENTS.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    lines = [f"{name}\tc0ffee\t{len(body)}" for name, body in DOCUMENTS.items()]
    (folder / "gazettes.index.tsv").write_text(index or "\n".join(["file\tcommit\tbytes", *lines]))
    return path


async def test_the_server_shows_what_was_there_at_the_time(tmp_path: Path) -> None:
    clock = FrozenClock(FIRST - timedelta(seconds=1))
    with Recording(_archive(tmp_path)) as recording:
        server = ReplayServer(recording, recording.states, clock)
        async with server, aiohttp.ClientSession() as client:

            async def ask(**headers: str) -> tuple[int, bytes, str | None]:
                async with client.get(server.url("gazette"), headers=headers) as reply:
                    return reply.status, await reply.read(), reply.headers.get("ETag")

            assert (await ask())[0] == 503
            clock.now = FIRST
            status, body, etag = await ask()
            assert (status, body) == (200, b"<rss>one</rss>")
            assert await ask(**{"If-None-Match": str(etag)}) == (304, b"", etag)
            clock.forward(minutes=59)
            assert (await ask(**{"If-None-Match": str(etag)}))[0] == 304
            clock.forward(minutes=1)
            assert (await ask(**{"If-None-Match": str(etag)}))[:2] == (200, b"<rss>two</rss>")
            async with client.get(server.url("nobody")) as reply:
                assert reply.status == 404
        assert server.replies == {503: 1, 200: 2, 304: 2}


async def test_the_server_sends_gzip_to_those_who_take_it(tmp_path: Path) -> None:
    with Recording(_archive(tmp_path)) as recording:
        server = ReplayServer(recording, recording.states, FrozenClock(FIRST))
        async with server, aiohttp.ClientSession(auto_decompress=False) as client:
            for accepted, encoding in (("gzip", "gzip"), ("identity", None)):
                async with client.get(server.url("gazette"), headers={"Accept-Encoding": accepted}) as reply:
                    assert reply.headers.get("Content-Encoding") == encoding
                    assert (await reply.read() == b"<rss>one</rss>") == (encoding is None)


def test_a_recording_that_is_not_what_its_index_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="disagree"), Recording(_archive(tmp_path, "file\tcommit\tbytes\n")):
        pass


@pytest.mark.parametrize(("moments", "chosen"), [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9]), (10, list(range(10)))])
def test_states_are_spread_from_the_first_to_the_last(moments: int, chosen: list[int]) -> None:
    states = [State(at=FIRST + timedelta(hours=number), feed="gazette", start=number, size=1) for number in range(10)]
    assert [state.start for state in spread(states, moments)] == chosen
