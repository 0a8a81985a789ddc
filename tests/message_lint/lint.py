"""A lint of messages, written from the RFCs and without the library that reads mail: that one forgives too much.

RFC 5322 (form), 2045–2047 (MIME), 2369, 2919 and 8058 (lists), 6376 (DKIM), and what this project asks beyond them
("house"). It knows our kinds of mail only: one sender, one recipient, one text, beside it HTML or nothing.
"""

from collections.abc import Iterable

from tests.message_lint.entity import parsed
from tests.message_lint.fields import field_faults, line_faults, value_faults, word_faults
from tests.message_lint.lists import list_faults, program_faults
from tests.message_lint.mime import mime_faults
from tests.message_lint.signature import signature_faults

_OF_A_MESSAGE = (
    field_faults,
    value_faults,
    word_faults,
    mime_faults,
    program_faults,
    list_faults,
    signature_faults,
)


def faults(data: bytes) -> list[str]:
    """Return what is wrong with a message, each with the paragraph that says so."""
    message = parsed(data)
    return [*line_faults(data), *(fault for check in _OF_A_MESSAGE for fault in check(message))]


def assert_clean(mails: Iterable[bytes]) -> None:
    """Raise AssertionError where one of the messages is wrong."""
    for data in mails:
        found = faults(data)
        assert not found, "\n".join([*found, data[:3000].decode("ascii", "replace")])
