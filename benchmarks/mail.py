"""What a digest costs from its frozen edition to signed bytes, and how fast mails leave.

Readers get editions of 15 stories out of 60 invented candidates, in three languages. Once every edition is another;
once 50 editions are shared, so that their letters are rendered once and only what is a reader's own is filled in. Then
the signed mails go to Debian's `smtp-sink` over several connections: by our mailer, by the standard library, and by
`smtp-source`, which sends one and the same mail and does nothing else (the limit).
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import process_time

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console
from rich.table import Table

from benchmarks.mailing.made import END, LABELS, Wanted, wanted
from benchmarks.mailing.wire import Sent, measure, program
from benchmarks.tables import Goal, plain_table
from monitor.core.model import Outgoing
from monitor.net.dkim import Signer
from monitor.net.message import compose
from monitor.render import Personal, Renderer

ROOT = Path(__file__).parents[1]
SENDER = "Ukraine monitor <desk@example.org>"
PAGES = "https://monitor.example.org"
SHARED = 50
GOALS = {"all different": 100.0, f"{SHARED} different": 600.0}
EXAMPLES = "examples:\n  python -m benchmarks.mail\n  python -m benchmarks.mail --readers 1000 --different 200 --json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one mail costs, in milliseconds of CPU by step, and how many are made in a second of CPU."""

    editions: str
    mails: int
    render_ms: float
    build_ms: float
    sign_ms: float
    mails_cpu_s: float
    kb: float


@dataclass(slots=True)
class Spent:
    """Seconds of CPU, by step."""

    render: float = 0.0
    build: float = 0.0
    sign: float = 0.0

    @property
    def total(self) -> float:
        """Return the seconds of all steps."""
        return self.render + self.build + self.sign


class Press:
    """Makes mails, and notes what each step costs."""

    def __init__(self, signer: Signer) -> None:
        self.spent = Spent()
        self._signer = signer
        self._renderer = Renderer(ROOT / "templates", sender=SENDER)

    def mail(self, one: Wanted) -> Outgoing:
        """Render, build and sign."""
        begun = process_time()
        email, token = one.wish.subscriber.email, f"{one.wish.pk}-0.{'x' * 30}"
        shared = self._renderer.frozen(one.content, one.wish, LABELS, pages=True)
        leave, own = f"{PAGES}/u/{token}", {"manage": f"{PAGES}/m/{token}", "page": f"{PAGES}/d/{token}"}
        letter = shared.personal(Personal(address=email, unsubscribe=leave, **own))
        rendered = process_time()
        built = compose(
            letter,
            sender=SENDER,
            recipient=email,
            message_id=f"<edition.{one.wish.pk}@example.org>",
            date=END,
            list_id="Ukraine monitor <digest.example.org>",
            unsubscribe="desk@example.org",
            unsubscribe_url=leave,
        )
        composed = process_time()
        signed = replace(built, data=self._signer.sign(built.data, END))
        self.spent.render += rendered - begun
        self.spent.build += composed - rendered
        self.spent.sign += process_time() - composed
        return signed


def make(name: str, all_wanted: Iterator[Wanted], signer: Signer, keep: int) -> tuple[Made, list[Outgoing]]:
    """Make all mails; give the last of them too, at most so many."""
    press, mails, size, count = Press(signer), list[Outgoing](), 0, 0
    for one in all_wanted:
        mail = press.mail(one)
        mails = [*mails[-keep + 1 :], mail] if len(mails) >= keep else [*mails, mail]
        size, count = size + len(mail.data), count + 1
    spent = press.spent
    made = Made(
        editions=name,
        mails=count,
        render_ms=spent.render / count * 1e3,
        build_ms=spent.build / count * 1e3,
        sign_ms=spent.sign / count * 1e3,
        mails_cpu_s=count / spent.total,
        kb=size / count / 1e3,
    )
    return made, mails


def new_signer() -> Signer:
    """Make a key of 2048 bits, and read it as the program does."""
    key = rsa.generate_private_key(65537, 2048)
    with tempfile.TemporaryDirectory(prefix="mail-benchmark-") as folder:
        path = Path(folder) / "dkim.pem"
        path.touch(0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return Signer.from_file(path, domain="example.org", selector="news")


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def goals(made: Sequence[Made]) -> list[Goal]:
    """Hold the figures against what was aimed at."""
    return [
        Goal(
            name=f"{one.editions}: mails a CPU second, at least",
            limit=limit,
            value=one.mails_cpu_s,
            met=one.mails_cpu_s >= limit,
        )
        for one in made
        if (limit := GOALS.get(one.editions)) is not None
    ]


def made_table(made: Sequence[Made]) -> Table:
    """Lay out what mails cost."""
    found = plain_table("editions", "mails", "kB", "render ms", "build ms", "sign ms", "mails/CPU s", words=1)
    for one in made:
        steps = (f"{one.render_ms:.2f}", f"{one.build_ms:.2f}", f"{one.sign_ms:.2f}")
        found.add_row(one.editions, f"{one.mails:,}", f"{one.kb:.0f}", *steps, f"{one.mails_cpu_s:,.0f}")
    return found


def sent_table(sent: Sequence[Sent]) -> Table:
    """Lay out how fast they leave."""
    found = plain_table("way", "mails/s", "CPU µs/mail", words=1)
    for one in sent:
        found.add_row(one.way, f"{one.mails_s:,.0f}", f"{one.cpu_us:,.0f}")
    return found


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--readers", type=int, default=10_000, help=f"readers of {SHARED} editions (default 10,000)")
    parser.add_argument("--different", type=int, default=1_000, help="readers with an edition each (default 1,000)")
    parser.add_argument("--sent", type=int, default=2_000, help="mails that are sent by each way (default 2,000)")
    parser.add_argument("--connections", type=int, default=8, help="connections at the same time (default 8)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    options = parser.parse_args()
    if min(options.readers, options.different, options.sent, options.connections) < 1:
        parser.error("sizes begin at 1")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    signer = new_signer()
    different, _ = make("all different", wanted(options.different, options.different), signer, 1)
    shared, mails = make(f"{SHARED} different", wanted(options.readers, SHARED), signer, options.sent)
    sent = measure(mails, options.connections) if program("smtp-sink") and program("smtp-source") else []
    made = [different, shared]
    if options.json:
        rows = {"made": [*map(asdict, made)], "sent": [*map(asdict, sent)], "goals": [*map(asdict, goals(made))]}
        print(json.dumps(rows))
        return
    console = Console(highlight=False)
    console.print(made_table(made))
    for goal in goals(made):
        console.print(f"{'met' if goal.met else 'MISSED'}  {goal.name} {goal.limit:,.0f}: {goal.value:,.0f}")
    if sent:
        console.print(f"\n{len(mails):,} mails over {options.connections} connections to smtp-sink")
        console.print(sent_table(sent))
    else:
        console.print("\nnothing is sent: smtp-sink and smtp-source (Postfix) are not installed")


if __name__ == "__main__":
    main()
