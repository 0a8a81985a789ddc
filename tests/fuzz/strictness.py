"""What every target asks: a bounded time, and no trip of our own code that only the last safety net caught."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from monitor.errors import ParseError

OURS = Path(__file__).parents[2] / "monitor"
BASE_S = 2.0
A_MEGABYTE_S = 40.0
"""CPU time that an input may take, instrumented as it is: what is quadratic in 100 KB takes far longer."""


class TooSlow(AssertionError):
    """The time did not grow with the length alone."""


@contextmanager
def linear(size: int) -> Iterator[None]:
    """Hold what is done to an input of so many bytes to a time that grows with its length."""
    began = time.process_time()
    yield
    if (taken := time.process_time() - began) > BASE_S + A_MEGABYTE_S * size / 1e6:
        raise TooSlow(f"{taken:.1f} s for {size} bytes")


def judge(error: ParseError) -> None:
    """Raise the cause of a refusal where our own code tripped; what feedparser trips over is no fault of ours."""
    cause = error.__cause__
    if cause is None or isinstance(cause, RecursionError) or not str(error).startswith("cannot be read"):
        return
    if _is_ours(cause.__traceback__):
        raise cause


def _is_ours(trace: TracebackType | None) -> bool:
    """Tell whether it was called from our code rather than from feedparser's, whoever raised it."""
    ours = False
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        ours = (ours or OURS in file.parents) and "feedparser" not in file.parts
        trace = trace.tb_next
    return ours
