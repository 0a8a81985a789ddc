"""Any text is a moment in UTC or none, and a moment that was read reads as itself."""

from datetime import UTC, datetime

from monitor.core.dates import MAX_LENGTH, judge, parse_date
from tests.core.feed_documents import NOW
from tests.fuzz.strictness import linear

DATES = (
    "Tue, 24 Feb 2026 05:00:00 +0200",
    "Tuesday, 24-Feb-26 05:00:00 EST",
    "2026-02-24T05:00:00.123+02:00",
    "20260224T050000Z",
    "вівторок, 24 лютого 2026 р., 05:00",
    "24 февраля 2026 года в 05:00 МСК",
    "mardi 24 février 2026 à 05h00",
    "Dienstag, 24. Februar 2026 um 05:00 Uhr",
    "24 lutego 2026 r., godz. 5:00",
    "Feb 24, 2026 5:00 p.m. (EET)",
    "24.02.2026 05:00 GMT+2",
    "05:00, 24.02.2026",
    "13/02/2026 5:00",
    "1771902000",
    "1771902000123",
    "2026-02",
)
SEEDS = [date.encode() for date in DATES]


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with linear(len(data)):
        found = parse_date(text)
    judge(found, text, now=NOW)
    if found is None:
        return
    assert found.utcoffset() == datetime.now(UTC).utcoffset()
    assert parse_date(found.isoformat()) == found
    assert len(text) + 2 > MAX_LENGTH or parse_date(f" {text}\n") == found
