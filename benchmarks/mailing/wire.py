"""The same mails to Debian's `smtp-sink` over some connections: ours, the standard library, Postfix's `smtp-source`."""

import asyncio
import os
import resource
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from monitor.core.model import Outgoing
from monitor.net.mail import MAILS_PER_CONNECTION, Mailer, Smtp

HOST = "127.0.0.1"
_PROGRAMS = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", os.environ.get("PATH", "")))
_START_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """So many mails a second of the wall, and the CPU of the sender alone, in microseconds a mail."""

    way: str
    mails_s: float
    cpu_us: float


def program(name: str) -> str | None:
    """Find one of Postfix's programs, which often stand where only root looks."""
    return shutil.which(name, path=_PROGRAMS)


def measure(mails: Sequence[Outgoing], connections: int) -> list[Sent]:
    """Send them all by each way in turn, to a sink of its own. Raises FileNotFoundError without Postfix's programs."""
    ways: dict[str, Callable[[Sequence[Outgoing], int, int], float]] = {
        "ours": _ours,
        "smtplib": _smtplib,
        "smtp-source": _smtp_source,
    }
    return [_timed(name, way, mails, connections) for name, way in ways.items()]


def _timed(
    name: str, way: Callable[[Sequence[Outgoing], int, int], float], mails: Sequence[Outgoing], connections: int
) -> Sent:
    with sink() as port:
        begun = time.perf_counter()
        cpu = way(mails, port, connections)
        wall = time.perf_counter() - begun
    return Sent(way=name, mails_s=len(mails) / wall, cpu_us=cpu / len(mails) * 1e6)


@contextmanager
def sink() -> Iterator[int]:
    """Run `smtp-sink` on loopback; gives its port."""
    found = program("smtp-sink")
    if found is None:
        raise FileNotFoundError("smtp-sink")
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    process = subprocess.Popen([found, "-u", "nobody", f"{HOST}:{port}", "1000"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def server(port: int) -> Smtp:
    """Return the sink as our mailer wants it."""
    return Smtp(host=HOST, port=port, security="none", timeout=timedelta(seconds=30))


def _wait_for(port: int) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


# ── the ways ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ours(mails: Sequence[Outgoing], port: int, connections: int) -> float:
    begun = time.process_time()
    asyncio.run(_send_all(mails, port, connections))
    return time.process_time() - begun


async def _send_all(mails: Sequence[Outgoing], port: int, connections: int) -> None:
    waiting = iter(mails)

    async def sender(mailer: Mailer) -> None:
        for mail in waiting:
            await mailer.send(mail)

    async with Mailer(server(port), connections=connections) as mailer:
        await asyncio.gather(*(sender(mailer) for _ in range(connections)))


def _smtplib(mails: Sequence[Outgoing], port: int, connections: int) -> float:
    """Send with as many threads, each with a connection that is renewed as often as ours."""
    begun = time.process_time()
    with ThreadPoolExecutor(connections) as threads:
        for _ in threads.map(
            _one_connection, (mails[at::connections] for at in range(connections)), [port] * connections
        ):
            pass
    return time.process_time() - begun


def _one_connection(mails: Sequence[Outgoing], port: int) -> None:
    for at in range(0, len(mails), MAILS_PER_CONNECTION):
        with smtplib.SMTP(HOST, port) as client:
            for mail in mails[at : at + MAILS_PER_CONNECTION]:
                client.sendmail(mail.sender, [mail.recipient], mail.data)


def _smtp_source(mails: Sequence[Outgoing], port: int, connections: int) -> float:
    """Send one of the mails as often: it knows no other way, and does nothing else."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(prefix="mail-benchmark-") as folder:
        sample = Path(folder) / "mail.eml"
        sample.write_bytes(mails[0].data.replace(b"\r\n", b"\n"))
        options = ["-s", str(connections), "-m", str(len(mails)), "-d", "-F", str(sample)]
        addresses = ["-f", mails[0].sender, "-t", mails[0].recipient]
        subprocess.run([program("smtp-source") or "", *options, *addresses, f"{HOST}:{port}"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
