"""Any bytes, whatever they are declared as, are text or ParseError; what is detected can be decoded."""

from monitor.core.model import Fetched
from monitor.core.parsing.charset import CHARSETS, decode, detect
from monitor.core.parsing.document import read_document
from monitor.errors import ParseError
from tests.core.feed_documents import CYRILLIC, URL
from tests.fuzz.strictness import linear

SEEDS = [
    name.encode() + b"\n" + CYRILLIC.replace("utf-8", name).encode(name, "replace")
    for name in (*CHARSETS, "utf-8", "utf-16", "utf-32-be", "gb2312", "shift_jis")
]


def check(data: bytes) -> None:
    name, _, body = data.partition(b"\n")
    declared = name.decode("ascii", "replace")
    with linear(len(data)):
        body.decode(detect(body), "replace").encode()
        detect(body, declared)
        (decode(body, declared) or "").encode("utf-8", "surrogatepass")
        for kind in (None, f"text/xml; charset={declared}"):
            try:
                document = read_document(Fetched(url=URL, body=body, body_hash="", content_type=kind))
            except ParseError:
                continue
            document.text.encode()
