"""The golden tables of wrong inputs, read as a whole: one voice, and each message says what would be right."""

import re

from tests.config.test_mistakes import CASES as FILES
from tests.core.test_query_mistakes import CASES as QUERIES

LEAST = 60
LONGEST = 200
ADVICE = re.compile(r"; |\b(write|put|remove|leave out)\b|\bmust (be|have|begin|come|look|stand)\b|, as in | such as ")
"""How a message says what would be right."""

TRADE = re.compile(
    r"\b(mapping|scalar|anchor|alias|node|token|string|integer|boolean|bool|regex|ASCII|ISO|null|None|pars(e|er|ed|ing)"
    r"|syntax|operand|identifier|invalid|illegal|error|exception|failed)\b"
)
"""What a programmer would say, and a journalist would not."""

OF_FILES = sorted({line.split(" ", 1)[1] for _, _, told in FILES for line in told})
OF_QUERIES = sorted({message for _, _, message in QUERIES})
MESSAGES = [*OF_FILES, *OF_QUERIES]


def unquoted(message: str) -> str:
    """The message without what the person wrote."""
    return re.sub(r'"[^"]*"|“[^”]*”', "", message)


def test_there_are_enough_wrong_inputs() -> None:
    assert len(FILES) + len(QUERIES) >= LEAST
    assert len(MESSAGES) >= LEAST


def test_each_message_says_what_would_be_right() -> None:
    assert [message for message in MESSAGES if not ADVICE.search(unquoted(message))] == []


def test_no_message_speaks_as_programmers_do() -> None:
    assert [message for message in MESSAGES if TRADE.search(unquoted(message))] == []


def test_each_message_is_one_short_line_without_a_capital_or_a_full_stop() -> None:
    assert [message for message in MESSAGES if re.match("[A-Z][a-z]", message) or message[-1] in ".! "] == []
    assert [message for message in MESSAGES if len(message) > LONGEST or not message.isprintable()] == []
