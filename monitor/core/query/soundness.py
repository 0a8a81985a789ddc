"""Whether a query can hold, can fail, and asks for anything."""

from monitor.core.query.tree import Node


def check_sound(node: Node) -> None:
    """Look whether a query makes sense. Raises Mistake."""
