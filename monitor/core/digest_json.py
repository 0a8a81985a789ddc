"""A digest frozen as JSON and read back, equal to the last bit."""

import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeAlias

from monitor.core.model import Alerted, Coverage, Day, Digest, Item, LeftOut, Press, Publisher, Reason, Section, Window

FORMAT = 2
"""The version of the frozen form: to be raised whenever a field of it changes."""

READ = (1, FORMAT)
"""What can be read: the first format had fewer fields, and nothing else was different."""

_Json: TypeAlias = dict[str, Any]


def dumps(digest: Digest) -> str:
    """Freeze a digest as one line of JSON; times are ISO 8601 in UTC."""
    frozen = {"format": FORMAT, **_fields(digest)}
    return json.dumps(frozen, default=_out, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def loads(text: str) -> Digest:
    """Read a frozen digest.

    Raises ValueError where the text is not JSON or of another format, KeyError or TypeError where a field is wrong.
    """
    data: _Json = json.loads(text)
    version = data.pop("format", None)
    if version not in READ:
        raise ValueError(f"a digest frozen in format {version!r}; this program reads {READ}")
    data["window"] = _window(data["window"])
    data["sections"] = tuple(_section(section) for section in data["sections"])
    data["coverage"] = _coverage(data["coverage"])
    data["left_out"] = tuple(LeftOut(**out) for out in data["left_out"])
    return Digest(**data | _later(data))


def _later(data: _Json) -> _Json:
    """Read what the first format had not."""
    return {
        "top": tuple(data.get("top", ())),
        "rest": tuple(_item(item) for item in data.get("rest", ())),
        "alerted": tuple(Alerted(**one | {"at": datetime.fromisoformat(one["at"])}) for one in data.get("alerted", ())),
        "days": tuple(Day(date=date.fromisoformat(day["date"]), hits=day["hits"]) for day in data.get("days", ())),
    }


def _out(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return _fields(value)
    raise TypeError(f"a digest holds no {type(value).__name__}")


def _fields(value: Any) -> _Json:
    """Give an object's fields as they are; `dataclasses.asdict` copies each value, which takes five times as long."""
    return {name: getattr(value, name) for name in _names(value.__class__)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _window(data: _Json) -> Window:
    return Window(**data | {name: datetime.fromisoformat(data[name]) for name in ("start", "end")})


def _coverage(data: _Json) -> Coverage:
    return Coverage(**data | {name: tuple(data[name]) for name in ("failing", "silent")})


def _section(data: _Json) -> Section:
    return Section(topic=data["topic"], items=tuple(_item(item) for item in data["items"]))


def _item(data: _Json) -> Item:
    known = data | {name: tuple(data[name]) for name in ("tags", "actors")}
    known["published"] = _instant(data["published"])
    known["publisher"] = _publisher(data["publisher"])
    known["marks"] = tuple((start, end) for start, end in data["marks"])
    known["reasons"] = tuple(Reason(**reason) for reason in data.get("reasons", ()))
    known["countries"] = tuple(data.get("countries", ()))
    known["also"] = tuple((group, revision) for group, revision in data.get("also", ()))
    return Item(**known)


def _publisher(data: _Json) -> Publisher:
    press = data["press"]
    return Publisher(**data | {"press": None if press is None else Press(press)})
