"""A Postfix of our own on loopback, in a temporary folder, which delivers one domain into a Maildir.

It touches nothing of a Postfix that the machine runs: configuration, queue, data, log and port are its own. Postfix
must be started by root, so the tests with it are skipped for others, and where it is not installed.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

DOMAIN = "example.org"
WAIT_S = 60.0
_PROGRAMS = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", os.environ.get("PATH", "")))

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
maillog_file = /dev/stdout
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
myhostname = mail.{domain}
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:Maildir/
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{user}
virtual_minimum_uid = 1
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def program(name: str) -> str | None:
    """Find a program of Postfix, which often stands where only root looks."""
    return shutil.which(name, path=_PROGRAMS)


def missing() -> str | None:
    """Say why there is no Postfix here, or None."""
    if program("postfix") is None:
        return "Postfix is not installed"
    return None if os.geteuid() == 0 else "Postfix must be started by root"


class Postfix:
    """A context manager; `port` takes mail for `DOMAIN`, `mails()` is what was delivered."""

    def __init__(self) -> None:
        self.port = 0
        self.log: list[str] = []
        self._folder = Path()
        self._news = threading.Condition()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postfix-")))
            self._write()
            process = subprocess.Popen(
                [program("postfix") or "", "-c", str(self._folder / "etc"), "start-fg"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(self._stop, process)
            reader = threading.Thread(target=self._read, args=(process,))
            reader.start()
            self._stack = stack.pop_all()
            self._reader = reader
        try:
            self.wait(lambda: self._said("daemon started"))
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def mails(self) -> list[bytes]:
        """The messages in the Maildir, oldest first, with the line ends of the wire."""
        files = sorted((self._folder / "Maildir" / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in files]

    def wait_for_mails(self, count: int) -> None:
        """Block until so many were delivered."""
        self.wait(lambda: sum("status=sent (delivered to maildir)" in line for line in self.log) >= count)

    def wait(self, done: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(done, WAIT_S), "".join(self.log)

    def _write(self) -> None:
        # Its daemons run as another user, who must get in.
        self._folder.chmod(0o755)
        for name, user in (("etc", 0), ("queue", 0), ("data", _user()), ("Maildir", _user())):
            (self._folder / name).mkdir()
            os.chown(self._folder / name, user, -1)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        daemons = _default("daemon_directory")
        main = _MAIN.format(folder=self._folder, domain=DOMAIN, daemons=daemons, user=_user())
        (self._folder / "etc" / "main.cf").write_text(main)
        (self._folder / "etc" / "master.cf").write_text(_MASTER.format(port=self.port))

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with self._news:
                self.log.append(line)
                self._news.notify_all()

    def _said(self, words: str) -> bool:
        return any(words in line for line in self.log)

    def _stop(self, process: "subprocess.Popen[str]") -> None:
        # The process that we started only waits for this one, and would leave it behind.
        master = self._folder / "queue" / "pid" / "master.pid"
        if process.poll() is None and master.exists():
            os.kill(int(master.read_text()), signal.SIGTERM)
        process.terminate()
        process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        if process.stdout:
            process.stdout.close()


def _default(name: str) -> str:
    found = subprocess.run([program("postconf") or "", "-d", "-h", name], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def _user() -> int:
    found = subprocess.run(["id", "-u", _default("mail_owner")], capture_output=True, text=True, check=True)
    return int(found.stdout)
