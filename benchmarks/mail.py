"""What a digest costs from its frozen edition to signed bytes, and how fast mails leave.

Readers get editions of 15 stories out of 60 invented candidates, in three languages. Once every edition is another;
once 50 editions are shared, so that their letters are rendered once and only what is a reader's own is filled in. Then
the signed mails go to Debian's `smtp-sink` over several connections: by our mailer, by the standard library, and by
`smtp-source`, which sends one and the same mail and does nothing else (the limit).

Last, the program's own way from a database on disk to the sink, planning and sending: what it costs and how much memory
it takes for few readers and for many, each number in a fresh process.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import process_time

from rich.console import Console
from rich.table import Table

from benchmarks.mailing import real
from benchmarks.mailing.made import END, LABELS, PAGES, SENDER, Wanted, new_signer, wanted
from benchmarks.mailing.wire import Sent, measure, program
from benchmarks.tables import Goal, plain_table
from monitor import logs
from monitor.core.model import Outgoing
from monitor.net.dkim import Signer
from monitor.net.message import compose
from monitor.render import Personal, Renderer

ROOT = Path(__file__).parents[1]
SHARED = 50
GOALS = {"all different": 100.0, f"{SHARED} different": 600.0}
FLAT = 1.1
EXAMPLES = """examples:
  python -m benchmarks.mail
  python -m benchmarks.mail --readers 1000 --different 200 --subscribers 500 1000 --json
  python -m benchmarks.mail --subscribers 1000 20000"""


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


def way_of(subscribers: int, connections: int) -> real.Way:
    """Measure the program's own way in a fresh process."""
    sizes = ["--subscribers", str(subscribers), "--connections", str(connections)]
    command = [sys.executable, "-m", "benchmarks.mail", "--one", *sizes]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return real.Way(**json.loads(done.stdout))


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def goals(made: Sequence[Made], ways: Sequence[real.Way]) -> Iterator[Goal]:
    """Hold the figures against what was aimed at."""
    for one in made:
        limit, value = GOALS[one.editions], one.mails_cpu_s
        yield Goal(name=f"{one.editions}: mails a CPU second, at least", limit=limit, value=value, met=value >= limit)
    if len(ways) > 1:
        few, many = ways[0], ways[-1]
        name = f"flat: peak memory, {few.subscribers:,} → {many.subscribers:,} readers, at most times"
        growth = many.peak_mb / few.peak_mb
        yield Goal(name=name, limit=FLAT, value=growth, met=growth <= FLAT)


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


def way_table(ways: Sequence[real.Way]) -> Table:
    """Lay out what the program's own way costs and holds."""
    found = plain_table("readers", "plan ms", "send ms", "MB at first", "peak MB, planned", "peak MB, sent", words=0)
    for one in ways:
        memory = (f"{value:.0f}" for value in (one.start_mb, one.planned_mb, one.peak_mb))
        found.add_row(f"{one.subscribers:,}", f"{one.plan_ms:.2f}", f"{one.send_ms:.2f}", *memory)
    return found


def show(made: Sequence[Made], sent: Sequence[Sent], ways: Sequence[real.Way], sending: str) -> None:
    """Print the tables."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(made_table(made))
    if sent:
        console.print(sending)
        console.print(sent_table(sent))
        console.print(f"From the database to the sink, {real.WISHES} wishes; CPU a mail:")
        console.print(way_table(ways))
    else:
        console.print("nothing is sent: smtp-sink and smtp-source (Postfix) are not installed\n")
    for goal in goals(made, ways):
        console.print(f"{'met' if goal.met else 'MISSED'}  {goal.name} {goal.limit:g}: {goal.value:,.4g}")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--readers", type=int, default=10_000, help=f"readers of {SHARED} editions (default 10,000)")
    parser.add_argument("--different", type=int, default=1_000, help="readers with an edition each (default 1,000)")
    parser.add_argument("--sent", type=int, default=2_000, help="mails that are sent by each way (default 2,000)")
    parser.add_argument("--connections", type=int, default=8, help="connections at the same time (default 8)")
    parser.add_argument(
        "--subscribers",
        type=int,
        nargs="+",
        default=[1_000, 5_000],
        help="readers in the database, few and many (default 1,000 and 5,000)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.readers, options.different, options.sent, options.connections, *options.subscribers) < 1:
        parser.error("sizes begin at 1")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    if options.one:
        logs.configure("json", "error", sys.stderr)
        print(json.dumps(asdict(real.measure(options.subscribers[0], options.connections))))
        return
    signer = new_signer()
    different, _ = make("all different", wanted(options.different, options.different), signer, 1)
    shared, mails = make(f"{SHARED} different", wanted(options.readers, SHARED), signer, options.sent)
    made, can_send = [different, shared], program("smtp-sink") and program("smtp-source")
    sent = measure(mails, options.connections) if can_send else []
    ways = [way_of(number, options.connections) for number in sorted(options.subscribers)] if can_send else []
    if options.json:
        rows = {"made": [*map(asdict, made)], "sent": [*map(asdict, sent)], "ways": [*map(asdict, ways)]}
        print(json.dumps(rows | {"goals": [*map(asdict, goals(made, ways))]}))
    else:
        show(made, sent, ways, f"{len(mails):,} mails over {options.connections} connections to smtp-sink")


if __name__ == "__main__":
    main()
