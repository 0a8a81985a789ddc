"""Places in a folded text."""

from collections.abc import Iterable
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""A place in a folded text: start and end."""


def outermost(spans: Iterable[Span]) -> list[Span]:
    """Keep the spans that no other contains, in the order of the text: starts and ends both rise."""
    kept: list[Span] = []
    for span in sorted(set(spans)):
        if kept and kept[-1][0] == span[0]:
            kept[-1] = span
        elif not kept or kept[-1][1] < span[1]:
            kept.append(span)
    return kept
