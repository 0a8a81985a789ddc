"""The error tree, classed by what the caller must do.

    MonitorError
    ├── ConfigError      the person must edit a file or a variable; exit code 2, holds every finding
    ├── InputError       the command was given something unusable; exit code 2
    │   └── QueryError       a query of the watch language, with the column of the mistake
    ├── ParseError       a document is no feed that can be read; becomes a poll's failure
    ├── StoreError       the database refused (locked, full, gone); the work is to be tried again
    └── MailError        a mail was not taken
        ├── MailDeferred     for now (4xx, lost connection): try again
        └── MailRefused      for good (5xx)

A feed's failure to answer is not an exception: it is data (`core.model.Failure`).
"""

from collections.abc import Sequence
from dataclasses import dataclass


class MonitorError(Exception):
    """Root of everything that this program raises on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mistake in a configuration, and where it stands (lines and columns count from 1)."""

    source: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.source, self.line, self.column) if part is not None)
        return f"{place}: {self.message}"


class ConfigError(MonitorError):
    """The configuration is wrong; `findings` holds every mistake, in the order of the file."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class InputError(MonitorError):
    """A command's argument or input file cannot be used; the message says what would be right."""


class QueryError(InputError):
    """A query of the watch language is wrong at `column` (from 1) of `text`; `problem` says what would be right."""

    def __init__(self, text: str, column: int, problem: str) -> None:
        self.text = text
        self.column = column
        self.problem = problem
        super().__init__(f"{text}\n{' ' * (column - 1)}^\ncolumn {column}: {problem}")


class ParseError(MonitorError):
    """The bytes are not a feed that can be read; the message says why."""


class NotAFeedError(ParseError):
    """They are something else: a web page, or a document of another kind."""


class StoreError(MonitorError):
    """The database refused the work; nothing of it was kept."""


class MailError(MonitorError):
    """A mail was not accepted. `code` is the SMTP reply code and `reply` the server's text, where there was a reply."""

    def __init__(self, message: str, *, code: int | None = None, reply: str = "") -> None:
        self.code = code
        self.reply = reply
        super().__init__(message)


class MailDeferred(MailError):
    """Not now: a 4xx reply, a lost connection, a time-out.

    `unserved`: the server took no mail of ours at all (no connection, no sign-in). `ambiguous`: the connection was lost
    while the text was handed over, so that nobody knows whether the mail was taken.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        reply: str = "",
        unserved: bool = False,
        ambiguous: bool = False,
    ) -> None:
        self.unserved = unserved
        self.ambiguous = ambiguous
        super().__init__(message, code=code, reply=reply)


class MailRefused(MailError):
    """Never: a 5xx reply to this sender, recipient or message."""
