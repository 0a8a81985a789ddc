"""Whether a query makes sense: every part of it can hold and can fail, and it asks for something."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from monitor.core.query.format import format as written
from monitor.core.query.mistake import Mistake, shown
from monitor.core.query.satisfy import Wish, can_hold
from monitor.core.query.tree import And, Fact, Node, Not, Or, Origin, Sentence, Term, Title, children, walk


def check_sound(node: Node) -> None:
    """Refuse what never matches, what matches everything, and what only tells what must be lacking. Raises Mistake."""
    for part in _inside_out(node):
        match part:
            case And(parts=parts):
                _check_together(parts)
                _check_branches(parts)
            case Or() if not can_hold([Wish(part, wanted=False)]):
                raise Mistake(part.at, f"{shown(written(part))} holds for every entry; write what must stand")
            case Sentence(part=inner) if _holds_for_nothing(inner):
                raise Mistake(part.at, "S( ) names only what a sentence must lack; say also what must stand in it")
    _check_asking(node)


def _inside_out(node: Node) -> Iterator[Node]:
    for part in children(node):
        yield from _inside_out(part)
    yield node


# ── what can never hold ──────────────────────────────────────────────────────────────────────────────────────────────


def _check_together(parts: Sequence[Node]) -> None:
    if can_hold(map(Wish, parts)):
        return
    last = bisect_left(range(len(parts)), True, key=lambda end: not can_hold(map(Wish, parts[: end + 1])))
    culprit, before = parts[last], parts[:last]
    for part in before:
        if not can_hold([Wish(part), Wish(culprit)]):
            raise Mistake(culprit.at, _never(culprit, part))
    raise Mistake(culprit.at, f"{shown(written(culprit))} can never hold beside all that stands before it; remove it")


def _never(culprit: Node, other: Node) -> str:
    both = f"{shown(written(culprit))} and {shown(written(other))} (column {other.at})"
    return f"{both} can never hold together{_reason(culprit, other)}"


def _reason(one: Node, other: Node) -> str:
    """Say why, where facts exclude each other."""
    facts = [part for part in (one, other) if isinstance(part, Fact)]
    if len(facts) == 2:
        return f": {_ONE[facts[0].origin]}; for either, write OR between them"
    languages = {part.language for node in (one, other) for part in walk(node) if isinstance(part, Term)}
    if facts and facts[0].origin is Origin.LANGUAGE and languages:
        return ": words of one language are not looked for in texts of another; remove one of them"
    return "; remove one of them"


_ONE = {
    Origin.LANGUAGE: "an entry has one language",
    Origin.COUNTRY: "a publisher has one country",
    Origin.PRESS: "a publisher is of one kind",
}


def _check_branches(parts: Sequence[Node]) -> None:
    """Refuse a side of OR that what stands beside the OR rules out."""
    firm = [part for part in parts if not isinstance(part, Or)]
    for branch in (branch for part in parts if isinstance(part, Or) for branch in part.parts):
        if can_hold(map(Wish, (*firm, branch))):
            continue
        culprit = next((other for other in firm if not can_hold([Wish(other), Wish(branch)])), None)
        if culprit:
            raise Mistake(branch.at, _never(branch, culprit))
        never = f"{shown(written(branch))} can never hold beside what is outside of its brackets"
        raise Mistake(branch.at, f"{never}; remove it")


# ── what asks for nothing ────────────────────────────────────────────────────────────────────────────────────────────


def _check_asking(node: Node) -> None:
    """Refuse what holds for an entry that has nothing of all that is named."""
    if not _holds_for_nothing(node):
        return
    if isinstance(node, Or):
        branch = next(part for part in node.parts if _holds_for_nothing(part))
        raise Mistake(
            branch.at,
            f"this side of OR, {shown(written(branch))}, names only what must be lacking, so that nearly every entry"
            " would match; say also what must stand, as in drone -sport",
        )
    raise Mistake(
        node.at,
        "only what must be lacking is named, so that nearly every entry would match; say also what must stand,"
        " as in drone -sport",
    )


def _holds_for_nothing(node: Node) -> bool:
    match node:
        case And(parts=parts):
            return all(map(_holds_for_nothing, parts))
        case Or(parts=parts):
            return any(map(_holds_for_nothing, parts))
        case Not(part=part):
            return not _holds_for_nothing(part)
        case Title(part=part):
            return _holds_for_nothing(part)
    return False
