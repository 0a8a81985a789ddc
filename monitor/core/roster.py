"""Lists of readers, both ways: CSV with a heading (RFC 4180), or one JSON object a line. A row is one subscription.

In CSV several values of a column stand between semicolons, and an apostrophe stands before what a spreadsheet would
take for a formula: readers choose names of subscriptions, and the operator opens the list. Every row has the consent of
its reader: without it nothing is read.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias

from monitor.core import wishes
from monitor.core.model import Consent, Status, Subscription
from monitor.errors import InputError

MAX_BYTES = 50_000_000
MAX_TOLD = 20
"""So many mistakes of a list are told; the others are counted."""

CONSENT = ("consent_who", "consent_at", "consent_how", "consent_wording")
COLUMNS = (*(field.name for field in fields(wishes.Written)), "status", *CONSENT)

_LISTS = frozenset({"topics", "actors", "queries", "without", "without_press", "languages", "daily", "weekdays"})
_FLAGS: Mapping[str, bool] = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_STATES = (Status.ACTIVE, Status.PAUSED, Status.UNSUBSCRIBED)

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")

Form: TypeAlias = Literal["csv", "jsonl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row: a subscription whose reader has a status, and the reader's consent. `line` counts from 1."""

    wish: Subscription
    consent: Consent
    line: int = 0


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read(text: str, known: wishes.Known) -> list[Listed]:
    """Read a list in either form. Raises InputError with every mistake and its line."""
    rows = _json_lines(text) if text.lstrip()[:1] == "{" else _csv(text)
    listed, mistakes = [], []
    for line, row in rows:
        try:
            if isinstance(row, InputError):
                raise row
            listed.append(_listed(row, known, line))
        except InputError as error:
            mistakes.append(f"line {line}: {error}")
    if mistakes:
        raise InputError(summary(mistakes))
    return listed


def summary(mistakes: list[str]) -> str:
    """Tell the first mistakes, and how many others there are."""
    others = len(mistakes) - MAX_TOLD
    return "\n".join([*mistakes[:MAX_TOLD], *([f"and {others} more mistakes"] if others > 0 else [])])


_Row: TypeAlias = dict[str, Any]


def _json_lines(text: str) -> Iterator[tuple[int, _Row | InputError]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            yield number, InputError(f"no JSON: {error}")
            continue
        yield number, row if isinstance(row, dict) else InputError("a line must be a JSON object")


def _csv(text: str) -> Iterator[tuple[int, _Row | InputError]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
        if wrong := _unknown_column(heading):
            yield 1, wrong
            return
        begun = reader.line_num
        for cells in reader:
            line, begun = begun + 1, reader.line_num
            if len(cells) > len(heading):
                yield line, InputError(f"{len(cells)} cells under {len(heading)} headings")
            elif any(cell.strip() for cell in cells):
                row = {name: _unguarded(cell.strip()) for name, cell in zip(heading, cells, strict=False)}
                yield line, {name: _split(name, cell) for name, cell in row.items() if cell}
    except csv.Error as error:
        yield reader.line_num, InputError(f"no CSV: {error}")


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _unknown_column(names: Iterable[str]) -> InputError | None:
    name = next((name for name in names if name not in COLUMNS), None)
    if name is None:
        return None
    near = get_close_matches(name, COLUMNS, 1)
    hint = f", did you mean {near[0]!r}?" if near else f"; there are {', '.join(COLUMNS)}"
    return InputError(f"unknown column {name!r}{hint}")


def _split(name: str, cell: str) -> object:
    return [part.strip() for part in cell.split(";") if part.strip()] if name in _LISTS else cell


def _listed(row: _Row, known: wishes.Known, line: int) -> Listed:
    if wrong := _unknown_column(row):
        raise wrong
    values = {name: _value(name, value) for name, value in row.items() if value is not None}
    if missing := [name for name in ("email", *CONSENT) if not values.get(name)]:
        raise InputError(f"{' and '.join(missing)} missing: a list tells who agreed, when, how and to which words")
    status = values.pop("status", Status.ACTIVE)
    if status not in _STATES:
        raise InputError(f"unknown status {status!r}; it may be {', '.join(_STATES)}")
    consent = {name.removeprefix("consent_"): values.pop(name) for name in CONSENT}
    wish = wishes.read(wishes.Written(**values), known)
    reader = replace(wish.subscriber, status=Status(status))
    at = _moment(consent.pop("at"))
    return Listed(wish=replace(wish, subscriber=reader), consent=Consent(at=at, **consent), line=line)


def _value(name: str, value: object) -> Any:
    if name in _LISTS:
        return _texts(name, value)
    if name in ("instant", "quiet"):
        return _flag(name, value)
    if name == "cap":
        return _number(name, value)
    if not isinstance(value, str):
        raise InputError(f"{name} must be a text, not {value!r}")
    return value.strip()


def _texts(name: str, value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise InputError(f"{name} must be a text or a list of texts, not {value!r}")
    return tuple(each.strip() for each in values if each.strip())


def _flag(name: str, value: object) -> bool:
    found = value if isinstance(value, bool) else _FLAGS.get(str(value).lower())
    if found is None:
        raise InputError(f"{name} must be yes or no, not {value!r}")
    return found


def _number(name: str, value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(f"{name} must be a number, not {value!r}")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"consent_at {text!r} is no moment; write it as 2026-03-01T12:00:00+00:00") from None
    if moment.tzinfo is None:
        raise InputError(f"consent_at {text!r} has no zone; write it as 2026-03-01T12:00:00+00:00")
    return moment


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write(listed: Iterable[Listed], form: Form) -> str:
    """Return a list that `read` reads as the same."""
    rows = [_row(one) for one in listed]
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row.get(name, "")) for name in COLUMNS] for row in rows)
    return text.getvalue()


def _row(listed: Listed) -> _Row:
    consent = {name: getattr(listed.consent, name.removeprefix("consent_")) for name in CONSENT}
    consent["consent_at"] = listed.consent.at.isoformat()
    said = asdict(wishes.write(listed.wish))
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
    wanted = {name: value for name, value in plain.items() if value not in ("", [])}
    return wanted | {"status": str(listed.wish.subscriber.status)} | consent


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    cell = "; ".join(value) if isinstance(value, list) else str(value)
    return f"'{cell}" if _FORMULA.match(cell) else cell
