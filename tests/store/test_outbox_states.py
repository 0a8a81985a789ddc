"""Any order of events: no mail is lost, none goes out to a domain that is held, and every state has a way out."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from monitor.core.model import HoldReason, MailKind, MailState, QueuedMail
from monitor.core.replies import Fault, Judgement
from monitor.notify import outcomes
from monitor.store import holds, mails, outbox, suppressions
from monitor.store.database import Connection, create
from monitor.store.schema import metadata
from monitor.store.schema import outbox as table
from tests.fakes import NOW

LEASE = timedelta(minutes=10)
GIVE_UP = timedelta(hours=24)
DOMAINS = ("a.example", "b.example")
KINDS = (MailKind.MANAGE, MailKind.MANAGE, MailKind.OPERATOR)


class Outbox(RuleBasedStateMachine):
    """The store's functions as `Dispatch` and the operator call them, in any order and at any time."""

    begun = Bundle("begun")
    hold_unknown = False

    @initialize()
    def open(self) -> None:
        self.engine = create("sqlite://")
        self.now = NOW
        self.made = 0
        self.claimed: list[QueuedMail] = []
        self.bodies: dict[int, set[bytes]] = {}
        self.on_wire: Counter[int] = Counter()
        self.ended: set[int] = set()
        with self.work() as conn:
            metadata.create_all(conn)

    @contextmanager
    def work(self) -> Iterator[Connection]:
        with self.engine.begin() as conn:
            yield conn

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.everything_ends()
            self.engine.dispose()

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        domain=st.sampled_from(DOMAINS), reader=st.integers(0, 1), kind=st.sampled_from(KINDS), count=st.integers(1, 3)
    )
    def queue(self, domain: str, reader: int, kind: MailKind, count: int) -> None:
        address = f"reader{reader}@{domain}"
        with self.work() as conn:
            stopped = suppressions.of(conn, address) is not None and kind != MailKind.OPERATOR
            for _ in range(count):
                self.made += 1
                outbox.queue(conn, kind, str(self.made), address, domain="example.org", now=self.now)
                found = conn.execute(select(table.c.id).where(table.c.subject == str(self.made))).first()
                assert (found is None) == stopped

    @rule(limit=st.integers(2, 5), without=st.sampled_from([set[str](), set[str](), {DOMAINS[0]}]))
    def claim(self, limit: int, without: set[str]) -> None:
        with self.work() as conn:
            shut = shut_now(conn, self.now)
            got = outbox.claim(conn, self.now, lease=LEASE, limit=limit, without=without)
        assert not {mail.domain for mail in got} & without
        assert not {mail.domain for mail in got if mail.kind != MailKind.OPERATOR} & shut
        assert not got or holds.SERVER not in shut
        self.claimed += got

    @precondition(lambda self: self.claimed)
    @rule(target=begun, count=st.integers(1, 2))
    def begin(self, count: int) -> object:
        going, self.claimed = self.claimed[:count], self.claimed[count:]
        return multiple(*(mail for mail in going if self.goes_out(mail)))

    def goes_out(self, mail: QueuedMail) -> bool:
        with self.work() as conn:
            shut = shut_now(conn, self.now)
            row = conn.execute(select(table).where(table.c.id == mail.pk)).one()
            kept = outbox.begin(conn, mail, f"{mail.pk}/{row.attempts}".encode(), self.now, lease=LEASE)
        if kept is None:
            return False
        assert row.state in outbox.WAITING
        assert holds.SERVER not in shut
        assert mail.kind == MailKind.OPERATOR or mail.domain not in shut
        assert self.on_wire[mail.pk] == 0 or not self.hold_unknown
        self.bodies.setdefault(mail.pk, set()).add(kept)
        self.on_wire[mail.pk] += 1
        return True

    @rule(mail=consumes(begun))
    def take(self, mail: QueuedMail) -> None:
        self.end(mail, lambda conn: outcomes.taken(conn, mail, "250 ok", self.now))

    @rule(
        mail=consumes(begun),
        fault=st.sampled_from([fault for fault in Fault if fault != Fault.UNKNOWN] + [Fault.POLICY]),
        wait=st.sampled_from([None, timedelta(minutes=5)]),
    )
    def refuse(self, mail: QueuedMail, fault: Fault, wait: timedelta | None) -> None:
        trouble = self.trouble(mail, Judgement(fault=fault, wait=wait))
        ended = self.end(mail, lambda conn: outcomes.not_taken(conn, mail, trouble))
        if ended and fault == Fault.POLICY and mail.attempts == 1:
            self.bodies.pop(mail.pk, None)  # nobody has a copy, and it may be mended

    @rule(mail=consumes(begun))
    def lose_the_connection(self, mail: QueuedMail) -> None:
        fault = Fault.UNKNOWN if self.hold_unknown else Fault.MAIL
        trouble = self.trouble(mail, Judgement(fault=fault))
        with self.work() as conn:
            if self.in_flight(conn, mail):
                outcomes.not_taken(conn, mail, trouble)

    def trouble(self, mail: QueuedMail, judged: Judgement) -> outcomes.Trouble:
        too_old = self.now - mail.created_at >= GIVE_UP
        return outcomes.Trouble(judged=judged, reply="no", at=self.now, too_old=too_old, chance=0.5)

    def end(self, mail: QueuedMail, work: object) -> bool:
        """Answer for a mail; false where somebody else has taken it over, as its lease was over."""
        assert callable(work)
        with self.work() as conn:
            mine = self.in_flight(conn, mail)
            if mine:
                work(conn)
                self.on_wire[mail.pk] -= 1
        return mine

    def in_flight(self, conn: Connection, mail: QueuedMail) -> bool:
        row = conn.execute(select(table.c.state, table.c.attempts).where(table.c.id == mail.pk)).one()
        return bool(row.state == MailState.SENDING and row.attempts == mail.attempts)

    @rule()
    def crash(self) -> None:
        self.claimed = []
        with self.work() as conn:
            sending = conn.execute(select(table.c.id).where(table.c.state == MailState.SENDING)).scalars().all()
            assert outbox.repair(conn, self.now, hold=self.hold_unknown) == len(sending)

    @rule(minutes=st.sampled_from([1, 15, 130, 26 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        with self.work() as conn:
            outbox.reclaim(conn, self.now, hold=self.hold_unknown)
            outbox.expire(conn, self.now - GIVE_UP, self.now)

    @rule(domain=st.sampled_from(DOMAINS))
    def release(self, domain: str) -> None:
        with self.work() as conn:
            mails.release_domain(conn, domain, self.now)
            assert domain not in shut_now(conn, self.now)
            left = mails.listed(conn, states=[MailState.HELD], domain=domain)
        assert {mail.hold_reason for mail in left} <= {HoldReason.UNKNOWN}

    @rule(domain=st.sampled_from(DOMAINS))
    def retry(self, domain: str) -> None:
        with self.work() as conn:
            mails.retry(conn, self.now, domain=domain)

    @rule(reader=st.integers(0, 1), domain=st.sampled_from(DOMAINS))
    def unsuppress(self, reader: int, domain: str) -> None:
        address = f"reader{reader}@{domain}"
        with self.work() as conn:
            stopped = suppressions.of(conn, address) is not None
            assert suppressions.lift(conn, address, self.now) == stopped
            assert suppressions.of(conn, address) is None

    # ── what holds ───────────────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def nothing_is_lost_and_ended_mails_stay_so(self) -> None:
        with self.work() as conn:
            rows = conn.execute(select(table)).all()
        ended = {row.id for row in rows if row.state in outbox.FINAL}
        assert self.ended <= ended
        self.ended = ended
        assert all(row.body is None and row.payload is None and row.finished_at for row in rows if row.id in ended)
        assert all(
            (row.hold_reason is not None) == (row.state == MailState.HELD) for row in rows if row.id not in ended
        )
        assert all(row.lease_until for row in rows if row.state == MailState.SENDING)

    @invariant()
    def every_copy_has_the_same_bytes(self) -> None:
        assert all(len(copies) == 1 for copies in self.bodies.values())

    def everything_ends(self) -> None:
        """Let the operator release what is held and the servers take everything."""
        with self.work() as conn:
            outbox.repair(conn, self.now, hold=self.hold_unknown)
            for hold in holds.current(conn):
                holds.release(conn, hold.domain, self.now)
            for kept in mails.listed(conn, states=[MailState.HELD], limit=10_000):
                assert mails.release_mail(conn, kept.number, self.now)
            self.now += timedelta(days=1)
            while got := outbox.claim(conn, self.now, lease=LEASE, limit=50):
                for mail in got:
                    assert outbox.begin(conn, mail, b"x", self.now, lease=LEASE) is not None
                    outcomes.taken(conn, mail, "250 ok", self.now)
            assert set(outbox.counts(conn).states) <= set(outbox.FINAL)


class CautiousOutbox(Outbox):
    """The same with `MONITOR_AMBIGUOUS=hold`: without the operator's word nothing goes out a second time."""

    hold_unknown = True


def shut_now(conn: Connection, now: datetime) -> set[str]:
    return {str(domain) for domain in conn.execute(holds.shut(now)).scalars()}


OFTEN = settings(max_examples=40, stateful_step_count=50, deadline=None)


def test_any_order_of_events() -> None:
    run_state_machine_as_test(Outbox, settings=OFTEN)


def test_any_order_of_events_where_nothing_may_go_twice() -> None:
    run_state_machine_as_test(CautiousOutbox, settings=OFTEN)
