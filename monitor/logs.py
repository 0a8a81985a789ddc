"""Structured logs: one line an event, for a terminal or as JSON."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _Lines:
    """Passes lines on. One that cannot be written (its reader has gone, its disk is full) stops no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Send logs to `stream` (standard error) as `console` lines or as `json`. Colours only on a terminal."""
    stream = stream or sys.stderr
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        # Plain tracebacks: the richer ones print local variables, headers with their secrets among them.
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    errors = [structlog.processors.format_exc_info] if form == "json" else []
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *errors,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _Lines(stream))),
        cache_logger_on_first_use=False,
    )


def get() -> structlog.typing.FilteringBoundLogger:
    """Return a logger; it follows whatever `configure` says last."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
