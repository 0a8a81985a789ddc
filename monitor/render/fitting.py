"""Stories fitted into the bytes that a mail may have: the strongest stay whole, the weakest give way first."""

from collections.abc import Callable, Sequence

from monitor.core.model import Item
from monitor.render.stories import Limits

LEVELS = (Limits(), Limits(summary=120, url=600, rules=6), Limits(title=120, summary=0, url=300, rules=3))
"""How stories are shown: whole, shorter, as a headline."""


def fitted(items: Sequence[Item], write: Callable[[Item, Limits], str], room: int) -> dict[int, str]:
    """Write each story (strongest first) within `room` bytes altogether: group → what was written.

    As long as it is too much the weakest are shortened, then those before them; at last the weakest are left out.
    """
    written = {item.group: write(item, LEVELS[0]) for item in items}
    sizes = {group: len(text.encode()) for group, text in written.items()}
    left = room - sum(sizes.values())
    for limits in LEVELS[1:]:
        for item in reversed(items):
            if left >= 0:
                return written
            written[item.group] = write(item, limits)
            size = len(written[item.group].encode())
            left += sizes[item.group] - size
            sizes[item.group] = size
    for item in reversed(items):
        if left >= 0:
            break
        del written[item.group]
        left += sizes[item.group]
    return written
