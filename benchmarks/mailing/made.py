"""Readers and their editions, invented: the same numbers give the same mails; and a key that signs them."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.loopback.documents import LANGUAGES, WAR, WORDS
from monitor.core import digest_json
from monitor.core.digest import build_digest
from monitor.core.model import (
    Candidate,
    Coverage,
    Evidence,
    Match,
    Press,
    Publisher,
    RuleKind,
    Subscriber,
    Subscription,
    Window,
)
from monitor.net.dkim import Signer
from monitor.render import Labels

SENDER = "Ukraine monitor <desk@example.org>"
PAGES = "https://monitor.example.org"
CANDIDATES = 60
END = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(days=1), end=END, seq_from=0, seq_to=100_000)
COVERAGE = Coverage(watched=129, silent=("Harbour Wire",), failing=("Elbe-Bote", "Le Phare du Nord"))
TOPICS = ("drones", "peace-talks", "energy", "sanctions", "military-aid")
LABELS: Labels = {
    (RuleKind.TOPIC, topic): {"en": topic.replace("-", " ").capitalize(), "uk": f"Тема {number}"}
    for number, topic in enumerate(TOPICS, 1)
}
ZONES = ("Europe/Kyiv", "Europe/Berlin", "Europe/London")
INTERFACES = ("uk", "de", "en")
PRESS = tuple(Press)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A reader and the edition, frozen, that is to become a mail."""

    wish: Subscription
    content: str


def wanted(readers: int, editions: int) -> Iterator[Wanted]:
    """Yield so many readers; so many different editions among them, in turn."""
    for number in range(readers):
        edition = number % editions
        yield Wanted(wish=reader(number, edition), content=_shared(edition) if editions < readers else frozen(edition))


def reader(number: int, edition: int) -> Subscription:
    """Make a reader of an edition: its language and zone, and an own address."""
    one = Subscriber(
        pk=number + 1,
        email=f"reader-{number}@example.org",
        lang=INTERFACES[edition % 3],
        zone=ZONES[edition % 3],
    )
    return Subscription(pk=number + 1, subscriber=one, topics=frozenset(TOPICS))


@cache
def _shared(edition: int) -> str:
    return frozen(edition)


def frozen(edition: int) -> str:
    """Select an edition from candidates of its own, and freeze it as the outbox keeps it."""
    digest = build_digest(candidates(edition), reader(edition, edition), WINDOW, COVERAGE)
    return digest_json.dumps(digest)


def candidates(edition: int) -> list[Candidate]:
    """Make what the store would offer for an edition."""
    chance = random.Random(edition)
    return [_candidate(chance, edition * CANDIDATES + number + 1) for number in range(CANDIDATES)]


def _candidate(chance: random.Random, number: int) -> Candidate:
    lang = LANGUAGES[number % len(LANGUAGES)]
    words = WORDS[lang].split()
    head = chance.choice(WAR[lang])
    matched = head.split()[0]
    return Candidate(
        group=number,
        revision=number,
        entry=number,
        title=f"{head}: {' '.join(chance.sample(words, 5))}",
        summary=" ".join(chance.choices(words, k=45)) + ".",
        url=f"https://outlet-{number % 97}.example/{lang}/news/2026/03/01/{number}",
        lang=lang,
        publisher=Publisher(name=f"Outlet {number % 97}", country="UA", press=chance.choice(PRESS)),
        published=END - timedelta(minutes=chance.randint(10, 1300)),
        date_flags=frozenset(),
        seen=END - timedelta(minutes=5),
        history=False,
        matches=(
            Match(
                kind=RuleKind.TOPIC,
                rule=TOPICS[number % len(TOPICS)],
                evidence=(Evidence(field="title", start=0, end=len(matched), text=matched),),
            ),
        ),
        sources=tuple(f"Outlet {other}" for other in range(number % 7)),
    )


def new_signer() -> Signer:
    """Make a key of 2048 bits, and read it as the program does."""
    key = rsa.generate_private_key(65537, 2048)
    with tempfile.TemporaryDirectory(prefix="mail-benchmark-") as folder:
        path = Path(folder) / "dkim.pem"
        path.touch(0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return Signer.from_file(path, domain="example.org", selector="news")
