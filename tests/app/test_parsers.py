"""The worker processes, real ones: what goes wrong in one costs its own call and nothing else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.core.model import FailureKind, Fetched
from monitor.core.parsing import parse_feed
from monitor.errors import NotAFeedError, ParseError
from monitor.parsers.pool import Budget, Parsers
from tests.app import worker_calls as work
from tests.app.conftest import ROOT, Harness
from tests.fakes import NOW, rss, spec

QUICK = Budget(seconds=0.5)


@dataclass
class Held:
    """A call under way in a worker: it goes on when it is answered; `gone` returns when its process has ended."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def answer(self, text: str) -> None:
        self.writer.write(text.encode())

    async def gone(self) -> None:
        assert await self.reader.read() == b""


@dataclass
class Line:
    """Where calls of `hold` report."""

    place: str
    calls: "asyncio.Queue[Held]"

    async def next(self) -> Held:
        return await asyncio.wait_for(self.calls.get(), 30)


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[Line]:
    line = Line(str(folder / "line"), asyncio.Queue())
    writers: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        line.calls.put_nowait(Held(int.from_bytes(await reader.readexactly(8), "big"), reader, writer))

    async with await asyncio.start_unix_server(take, line.place):
        yield line
        for writer in writers:
            writer.close()
            await writer.wait_closed()


def children() -> set[int]:
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for one in lists for pid in one.read_text().split()}


async def test_the_answer_is_that_of_the_function() -> None:
    document = rss(("Zelensky in Kyiv", "a", NOW), ("Путін", "b", NOW))
    async with Parsers() as parsers:
        assert await parsers.call(parse_feed, document, now=NOW) == parse_feed(document, now=NOW)


async def test_a_process_is_started_when_it_is_needed_and_used_again() -> None:
    before = children()
    async with Parsers() as parsers:
        assert children() == before
        first = await parsers.call(work.pid)
        assert {await parsers.call(work.pid) for _ in range(5)} == {first}
        assert children() == before | {first}
    assert children() == before


async def test_refusals_come_in_their_own_words() -> None:
    async with Parsers() as parsers:
        with pytest.raises(ParseError, match=r"^is an HTML page$"):
            await parsers.call(work.refuse, "is an HTML page")
        page = Fetched(url="https://a.example/", body=b"<html></html>", body_hash="")
        with pytest.raises(NotAFeedError):
            await parsers.call(parse_feed, page, now=NOW)


async def test_our_own_fault_comes_with_its_traceback() -> None:
    async with Parsers() as parsers:
        with pytest.raises(RuntimeError, match=r"^KeyError: 'unforeseen'") as caught:
            await parsers.call(work.stumble)
        assert "in stumble" in caught.value.__notes__[0]


async def test_what_takes_too_long_is_killed_and_the_next_call_gets_a_fresh_process() -> None:
    async with Parsers(QUICK, processes=1) as parsers:
        first = await parsers.call(work.pid)
        with pytest.raises(ParseError, match=r"^took longer than 0\.5 s$"):
            await parsers.call(work.spin)
        assert first not in children()
        assert await parsers.call(work.pid) != first


async def test_what_needs_too_much_memory_is_refused() -> None:
    async with Parsers(Budget(memory_mb=128), processes=1) as parsers:
        with pytest.raises(ParseError, match=r"^needed more than 128 MB of memory$"):
            await parsers.call(work.devour)
        assert await parsers.call(len, "abc") == 3


async def test_a_document_that_needs_too_much_memory_is_refused() -> None:
    item = "<item><title>Київ</title><link>https://news.example/{}</link></item>"
    body = f"<rss><channel>{''.join(map(item.format, range(150_000)))}</channel></rss>".encode()
    async with Parsers(Budget(memory_mb=64)) as parsers:
        with pytest.raises(ParseError, match=r"^needed more than 64 MB of memory$"):
            await parsers.call(parse_feed, Fetched(url="https://news.example", body=body, body_hash=""), now=NOW)


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGSEGV, "signal 11, Segmentation fault"), (signal.SIGKILL, "signal 9, Killed")]
)
async def test_a_crash_is_told(number: int, words: str) -> None:
    async with Parsers(processes=1) as parsers:
        with pytest.raises(ParseError) as caught:
            await parsers.call(work.crash, number)
        assert str(caught.value) == f"the parser process died ({words})"
        assert await parsers.call(len, "abc") == 3


async def test_a_process_that_died_without_a_call_costs_none() -> None:
    async with Parsers(processes=1) as parsers:
        first = await parsers.call(work.pid)
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 (it has been killed)
        assert await parsers.call(work.pid) != first


async def test_an_exit_is_told() -> None:
    async with Parsers() as parsers:
        with pytest.raises(ParseError, match=r"^the parser process ended \(exit code 3\)$"):
            await parsers.call(work.leave, 3)


async def test_output_of_the_function_is_not_taken_for_an_answer() -> None:
    async with Parsers() as parsers:
        assert [await parsers.call(work.chatter) for _ in range(3)] == ["heard"] * 3


async def test_a_death_costs_no_other_call() -> None:
    async with Parsers(Budget(seconds=2), processes=3) as parsers:
        calls = [parsers.call(work.crash) if n % 5 == 0 else parsers.call(pow, n, 2) for n in range(40)]
        found = await asyncio.gather(*calls, parsers.call(work.spin), return_exceptions=True)
    assert [value for n, value in enumerate(found[:40]) if n % 5] == [n * n for n in range(40) if n % 5]
    assert all(isinstance(value, ParseError) for value in [*found[:40:5], found[40]])


async def test_no_more_processes_than_allowed() -> None:
    async with Parsers(processes=2) as parsers:
        assert 1 <= len(set(await asyncio.gather(*(parsers.call(work.pid) for _ in range(30))))) <= 2


async def test_one_that_is_held_up_holds_up_nobody(tmp_path: Path) -> None:
    async with listening(tmp_path) as line, Parsers(processes=2) as parsers:
        slow = asyncio.create_task(parsers.call(work.hold, line.place))
        held = await line.next()
        assert [await parsers.call(abs, -n) for n in range(20)] == list(range(20))
        held.answer("done")
        assert await slow == "done"


async def test_large_messages_both_ways() -> None:
    body = os.urandom(2**20) * 20
    async with Parsers() as parsers:
        first = await parsers.call(work.pid)
        assert await parsers.call(bytes.__add__, body, b"!") == body + b"!"
        assert await parsers.call(work.pid) != first  # its memory went with it


async def test_a_process_is_replaced_after_so_many_calls() -> None:
    async with Parsers(Budget(calls=3), processes=1) as parsers:
        pids = [await parsers.call(work.pid) for _ in range(7)]
    assert [pids.count(one) for one in dict.fromkeys(pids)] == [3, 3, 1]


async def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    async with listening(tmp_path) as line, Parsers(processes=1) as parsers:
        task = asyncio.create_task(parsers.call(work.hold, line.place))
        held = await line.next()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await held.gone()
        assert held.pid not in children()
        assert await parsers.call(len, "abc") == 3


async def test_closing_ends_every_process_and_cancels_what_waits(tmp_path: Path) -> None:
    before = children()
    async with listening(tmp_path) as line:
        async with Parsers(processes=2) as parsers:
            tasks = [asyncio.create_task(parsers.call(work.hold, line.place)) for _ in range(5)]
            held = [await line.next() for _ in range(2)]
        assert children() == before
        for one in held:
            await one.gone()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(value) for value in found] == [asyncio.CancelledError] * 5
        with pytest.raises(asyncio.CancelledError):
            await parsers.call(len, "abc")


async def test_signals_for_the_daemon_do_not_reach_a_call_under_way(tmp_path: Path) -> None:
    async with listening(tmp_path) as line, Parsers() as parsers:
        task = asyncio.create_task(parsers.call(work.hold, line.place))
        held = await line.next()
        assert os.getpgid(held.pid) != os.getpgid(0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(held.pid, number)
        held.answer("still here")
        assert await task == "still here"


ORPHAN = """
import asyncio, sys
from monitor.parsers.pool import Budget, Parsers
from tests.app import worker_calls
async def main():
    async with Parsers(Budget(seconds=1)) as parsers:
        task = asyncio.create_task(parsers.call(worker_calls.hold, sys.argv[1]))
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_a_process_without_its_daemon_ends_by_itself(tmp_path: Path) -> None:
    async with listening(tmp_path) as line:
        daemon = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHAN, line.place, cwd=ROOT)
        try:
            held = await line.next()
        finally:
            daemon.kill()
            await daemon.wait()
        await asyncio.wait_for(held.gone(), 30)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
async def test_a_process_gets_nothing_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MONITOR_SMTP_PASSWORD", "secret")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        async with Parsers() as parsers:
            found = await parsers.call(work.surroundings)
    assert found["environ"] <= {"PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH", "LC_CTYPE"}
    assert found["files"] == {"socket", "/dev/null"}
    assert found["nice"] > os.nice(0)
    assert found["memory_kb"] < 30_000
    assert not {name for name in found["modules"] if not name.startswith(("monitor.core", "monitor.parsers"))} - {
        "monitor.errors"
    }


async def test_a_poll_whose_document_is_given_up_fails_and_says_why(harness: Harness) -> None:
    harness.watching(spec("courier"), spec("herald", language="en"))  # no language model is loaded
    many = rss(*((f"Title {n}", f"{n}", NOW) for n in range(20_000)))
    async with Parsers(Budget(seconds=2), processes=1) as parsers:
        harness.call = parsers.call
        outcome, _ = await harness.poll("courier", many)
        assert outcome.failure is not None
        assert (outcome.failure.kind, outcome.failure.detail) == (FailureKind.PARSE, "took longer than 2 s")
        outcome, recorded = await harness.poll("herald", rss(("Drones over Kyiv", "a", NOW)))
        assert (outcome.failure, recorded.entries) == (None, 1)
