"""The places beside a pack: a line for each place, with its names by language.

    uk: Часів Яр | ru: Часов Яр | en: Chasiv Yar, Chasov Yar | de: Tschassiw Jar
    uk: Суми | ru: ~Сумы | en: ~Sumy

A `~` before a name says that it is an ordinary word too, or a place elsewhere: it is a weak sign. Lines that begin
with `#` are comments. Names stand in their base form.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

from monitor.config.fields import checked_language, checked_word
from monitor.config.positions import read_text
from monitor.config.wording import quoted
from monitor.core.model import Terms
from monitor.errors import ConfigError, Finding

DOUBT = "~"
_LONGEST = 200
_SHAPE = 'must be names by language, such as "uk: Часів Яр | en: Chasiv Yar, Chasov Yar"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What the file says, and its bytes: `strong` names are a sign by themselves, `doubtful` ones beside another."""

    raw: bytes = b""
    strong: Terms = field(default_factory=dict)
    doubtful: Terms = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Name:
    language: str
    text: str
    doubtful: bool


def read_places(path: Traversable) -> Places:
    """Read the file; one that is not there has no places. Raises ConfigError with every mistake."""
    if not path.is_file():
        return Places()
    raw, text = read_text(path)
    reader = _Reader(source=str(path))
    names = [name for number, line in enumerate(text.split("\n"), 1) for name in reader.names(number, line)]
    if reader.findings:
        raise ConfigError(reader.findings)
    return Places(raw=raw, strong=_terms(names, doubtful=False), doubtful=_terms(names, doubtful=True))


def _terms(names: list[_Name], *, doubtful: bool) -> Terms:
    terms: dict[str, list[str]] = {}
    for name in names:
        if name.doubtful == doubtful:
            terms.setdefault(name.language, []).append(name.text)
    return {language: tuple(listed) for language, listed in terms.items()}


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads line by line; `lines` tells where a name of a language was first."""

    source: str
    findings: list[Finding] = field(default_factory=list)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def names(self, number: int, line: str) -> Iterator[_Name]:
        """Yield the names of one line; its mistakes become findings."""
        if not line.strip() or line.lstrip().startswith("#"):
            return
        languages: set[str] = set()
        for column, part in _split(line, "|", start=1):
            try:
                language, listed = _by_language(part, languages)
            except ValueError as error:
                self._report(number, column, str(error))
            else:
                yield from self._listed(number, language, _split(listed, ",", start=column + len(part) - len(listed)))

    def _listed(self, number: int, language: str, parts: Iterator[tuple[int, str]]) -> Iterator[_Name]:
        for column, part in parts:
            name = _Name(language, part.removeprefix(DOUBT).lstrip(), part.startswith(DOUBT))
            try:
                self._check(number, name)
            except ValueError as error:
                self._report(number, column, str(error))
            else:
                yield name

    def _check(self, number: int, name: _Name) -> None:
        if not name.text:
            raise ValueError("a name is missing here; write one, or remove the comma")
        _check_name(name.text)
        key = (name.language, name.text.casefold())
        if key in self.lines:
            raise ValueError(f"{quoted(name.text)} stands twice, first in line {self.lines[key]}; remove one")
        self.lines[key] = number

    def _report(self, line: int, column: int, message: str) -> None:
        self.findings.append(Finding(source=self.source, message=message, line=line, column=column))


def _by_language(part: str, before: set[str]) -> tuple[str, str]:
    language, colon, listed = part.partition(":")
    if not colon:
        raise ValueError(f"{quoted(part) if part else 'this'} {_SHAPE}")
    try:
        checked_language(language)
    except ValueError as error:
        raise ValueError(f"{quoted(language)} {error}") from None
    if language in before:
        raise ValueError(f"the language {quoted(language)} stands twice in this line; put its names together")
    before.add(language)
    return language, listed


def _check_name(text: str) -> None:
    try:
        checked_word(text)
    except ValueError as error:
        raise ValueError(f"{quoted(text)} {error}") from None
    if len(text) > _LONGEST:
        raise ValueError(f"{quoted(text)} is longer than {_LONGEST} characters")
    if misplaced := re.search(f"[{DOUBT}:]", text):
        raise ValueError(f'{quoted(text)} holds a "{misplaced[0]}"; names are parted by ",", languages by "|"')


def _split(line: str, mark: str, *, start: int) -> Iterator[tuple[int, str]]:
    """Yield the parts between the marks, stripped, with their columns."""
    for part in line.split(mark):
        yield start + len(part) - len(part.lstrip()), part.strip()
        start += len(part) + len(mark)
