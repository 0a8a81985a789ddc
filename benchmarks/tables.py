"""What the benchmarks print: tables of one look, and goals beside what came out."""

from dataclasses import dataclass

from rich import box
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What was aimed at, what came out, and whether it is enough."""

    name: str
    limit: float
    value: float
    met: bool


def plain_table(*names: str, words: int = 2) -> Table:
    """Return an empty table; so many columns at its left are words, the others figures."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(names):
        table.add_column(name, justify="left" if at < words else "right", no_wrap=True)
    return table
