"""Subscribers, what they asked for, and when their next digest is due."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, select, update

from monitor.core import schedule
from monitor.core.model import Consent as Consent  # noqa: PLC0414 - whoever adds a reader finds it here
from monitor.core.model import (
    DueDigest,
    Press,
    QuietHours,
    Schedule,
    Status,
    Subscriber,
    Subscription,
)
from monitor.core.roster import Listed, summary
from monitor.errors import InputError
from monitor.store import suppressions
from monitor.store.entries import chunks
from monitor.store.inserts import insert_one
from monitor.store.schema import edition, subscriber, subscription

FAILED = "failed"

VERSIONS = 2**30
"""A subscriber's first version is one of so many: SQLite gives the id of one who was erased to another, whose pages the
old links must not open."""


def add(
    conn: Connection,
    reader: Subscriber,
    wish: Subscription,
    *,
    consent: Consent,
    next_digest_at: datetime,
    now: datetime | None = None,
) -> Subscription:
    """Store a subscription, and its subscriber where the address is new (its `pk` and `wish.pk` are given here).

    A pending reader becomes what `reader.status` says. Raises InputError when the address has the same subscription
    already, and when an active one is wanted for a reader who has unsubscribed. `now` is when they agreed, where it is
    not given.
    """
    now = now or consent.at
    old = row_of(conn, reader.email)
    if old is None:
        pk = _add_subscriber(conn, reader, consent, now)
    else:
        pk = old.id
        _join(conn, old, reader, consent, now)
        if any(_same(wish, have) for have in by_email(conn, old.email)):
            raise InputError(f"{old.email} has this subscription already")
        conn.execute(update(subscriber).where(subscriber.c.id == pk).values(lang=reader.lang, zone=reader.zone))
        for have in by_email(conn, old.email):  # their slots follow the zone
            set_next(conn, have.pk, schedule.next_slot(have, now))
    wish_pk = insert_one(
        conn,
        subscription,
        subscriber_id=pk,
        **columns(wish),
        created_at=now,
        next_digest_at=next_digest_at,
    )
    return get(conn, wish_pk)


def add_all(conn: Connection, listed: Iterable[Listed], now: datetime) -> list[Subscription]:
    """Store the subscriptions of a list, all of them. Raises InputError with the lines that cannot be stored."""
    added, mistakes = [], []
    for one in listed:
        reader, slot = one.wish.subscriber, schedule.next_slot(one.wish, now)
        try:
            added.append(add(conn, reader, one.wish, consent=one.consent, next_digest_at=slot, now=now))
        except InputError as error:
            mistakes.append(f"line {one.line}: {error}")
    if mistakes:
        raise InputError(summary(mistakes))
    return added


def _join(conn: Connection, old: Row[Any], reader: Subscriber, consent: Consent, now: datetime) -> None:
    """Let somebody else's word count for a reader who has not said yes, but not against one who has said no."""
    before = Status(old.status)
    if reader.status is Status.ACTIVE and before is Status.UNSUBSCRIBED:
        raise InputError(f"{old.email} has unsubscribed; only they can ask to come back")
    if reader.status is not Status.PENDING and before is Status.PENDING:
        conn.execute(update(subscription).where(subscription.c.subscriber_id == old.id).values(active=False))
        values = {"status": reader.status, "status_at": now, **consent_columns(consent)}
        conn.execute(update(subscriber).where(subscriber.c.id == old.id).values(**values))


def _add_subscriber(conn: Connection, reader: Subscriber, consent: Consent, now: datetime) -> int:
    return insert_one(
        conn,
        subscriber,
        email=reader.email,
        lang=reader.lang,
        zone=reader.zone,
        status=reader.status,
        status_at=now,
        version=secrets.randbelow(VERSIONS),
        created_at=now,
        **consent_columns(consent),
    )


def consent_columns(consent: Consent) -> dict[str, Any]:
    """Return what a subscriber's row keeps of the consent."""
    return {
        "consent_who": consent.who,
        "consent_at": consent.at,
        "consent_how": consent.how,
        "consent_wording": consent.wording,
    }


def row_of(conn: Connection, email: str) -> Row[Any] | None:
    """Return the subscriber's row with an address, however its letters are cased: people type them as they like."""
    query = select(subscriber).where(func.lower(subscriber.c.email) == email.lower())
    return conn.execute(query.order_by(subscriber.c.email != email, subscriber.c.id)).first()


def _same(left: Subscription, right: Subscription) -> bool:
    """Tell whether two subscriptions take the same entries at the same times."""
    return replace(left, pk=0, subscriber=right.subscriber, name="", cap=0, quiet=True) == replace(
        right, pk=0, name="", cap=0, quiet=True
    )


def end(conn: Connection, email: str, pk: int) -> bool:
    """End one subscription; the reader stays, and so does the ledger. False when it is not this reader's."""
    if all(wish.pk != pk for wish in by_email(conn, email)):
        return False
    conn.execute(update(subscription).where(subscription.c.id == pk).values(active=False))
    return True


def _query() -> Select[Any]:
    return select(
        subscription,
        subscriber.c.email,
        subscriber.c.lang,
        subscriber.c.zone,
        subscriber.c.status,
        subscriber.c.version,
    ).join(subscriber, subscriber.c.id == subscription.c.subscriber_id)


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        pk=row.id,
        subscriber=Subscriber(
            pk=row.subscriber_id,
            email=row.email,
            lang=row.lang,
            zone=row.zone,
            status=Status(row.status),
            version=row.version,
        ),
        name=row.name,
        topics=frozenset(row.topics),
        actors=frozenset(row.actors),
        queries=tuple(row.queries),
        without_sources=frozenset(row.without_sources),
        without_press=frozenset(Press(kind) for kind in row.without_press),
        langs=frozenset(row.langs),
        schedule=_schedule(row.schedule),
        quiet_hours=_quiet_hours(row.quiet_from, row.quiet_to),
        cap=row.cap,
        quiet=row.quiet,
    )


def _schedule(data: dict[str, Any]) -> Schedule:
    times = tuple(time.fromisoformat(moment) for moment in data["times"])
    return Schedule(times=times, weekdays=frozenset(data["weekdays"]), instant=data["instant"])


def _quiet_hours(start: str | None, end: str | None) -> QuietHours | None:
    return QuietHours(start=time.fromisoformat(start), end=time.fromisoformat(end)) if start and end else None


def columns(wish: Subscription) -> dict[str, Any]:
    """Return what a subscription's row keeps of the wishes."""
    when, hours = wish.schedule, wish.quiet_hours
    return {
        "name": wish.name,
        "topics": sorted(wish.topics),
        "actors": sorted(wish.actors),
        "queries": list(wish.queries),
        "without_sources": sorted(wish.without_sources),
        "without_press": sorted(wish.without_press),
        "langs": sorted(wish.langs),
        "schedule": {
            "times": [_clock(moment) for moment in when.times],
            "weekdays": sorted(when.weekdays),
            "instant": when.instant,
        },
        "quiet_from": hours and _clock(hours.start),
        "quiet_to": hours and _clock(hours.end),
        "cap": wish.cap,
        "quiet": wish.quiet,
    }


def _clock(moment: time) -> str:
    return moment.isoformat("minutes")


def get(conn: Connection, pk: int) -> Subscription:
    """Return a subscription by its id, an ended one too."""
    return _subscription(conn.execute(_query().where(subscription.c.id == pk)).one())


def everyone(conn: Connection) -> list[tuple[Subscription, datetime]]:
    """Return every subscription with the moment of its next digest, by address."""
    rows = conn.execute(_query().where(subscription.c.active).order_by(subscriber.c.email, subscription.c.id))
    return [(_subscription(row), row.next_digest_at) for row in rows]


def by_email(conn: Connection, email: str) -> list[Subscription]:
    """Return the subscriptions of an address."""
    query = _query().where(subscriber.c.email == email, subscription.c.active)
    rows = conn.execute(query.order_by(subscription.c.id))
    return [_subscription(row) for row in rows]


def roster(conn: Connection) -> list[Listed]:
    """Return every subscription with its reader's consent, by address; those of readers who never confirmed are left
    out, and of one without a subscription only that they have unsubscribed is told."""
    query = (
        select(subscription, *(column for column in subscriber.c if column.name not in ("id", "created_at")))
        .select_from(subscriber)
        .outerjoin(subscription, (subscription.c.subscriber_id == subscriber.c.id) & subscription.c.active)
        .where(subscriber.c.status != Status.PENDING)
        .where(subscription.c.id.is_not(None) | (subscriber.c.status == Status.UNSUBSCRIBED))
        .order_by(subscriber.c.email, subscription.c.id)
    )
    rows = conn.execute(query)
    return [Listed(wish=_subscription(row) if row.id else _none_left(row), consent=_consent(row)) for row in rows]


def _none_left(row: Row[Any]) -> Subscription:
    reader = Subscriber(pk=0, email=row.email, lang=row.lang, zone=row.zone, status=Status(row.status))
    return Subscription(pk=0, subscriber=reader)


def _consent(row: Row[Any]) -> Consent:
    return Consent(at=row.consent_at, how=row.consent_how, wording=row.consent_wording, who=row.consent_who)


def due(conn: Connection, now: datetime, *, limit: int = 500) -> list[DueDigest]:
    """Return the subscriptions whose slot has come, the longest waiting first; those of addresses that take no mail
    wait."""
    query = _query().where(
        subscription.c.active,
        subscriber.c.status == Status.ACTIVE,
        subscription.c.next_digest_at <= now,
        ~suppressions.stops_subscriber(),
    )
    rows = conn.execute(query.order_by(subscription.c.next_digest_at, subscription.c.id).limit(limit)).all()
    return with_last_edition(conn, rows)


def as_due(conn: Connection, email: str) -> list[DueDigest]:
    """Return an address's subscriptions as if their slot had come."""
    return with_last_edition(
        conn, conn.execute(_query().where(subscriber.c.email == email, subscription.c.active)).all()
    )


def with_last_edition(conn: Connection, rows: Sequence[Row[Any]]) -> list[DueDigest]:
    """Add where each last edition ended; one whose mail failed covers nothing, so its items come again."""
    covered = _covered(conn, [row.id for row in rows])
    found = []
    for row in rows:
        since, seq = covered.get(row.id, (None, None))
        wish = _subscription(row)
        found.append(
            DueDigest(subscription=wish, slot=row.next_digest_at, created_at=row.created_at, since=since, seq_from=seq)
        )
    return found


def _covered(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[datetime, int]]:
    """Map subscriptions to the end of their last good edition; to the beginning of the first lost one, where no later
    one covers that."""
    own, again = edition.c.subscription_id, edition.alias()
    covering = exists().where(
        (again.c.subscription_id == own) & (again.c.state != FAILED) & (again.c.id > edition.c.id),
        (again.c.seq_from <= edition.c.seq_from) & (again.c.seq_to >= edition.c.seq_to),
    )
    good = select(own, func.max(edition.c.window_end), func.max(edition.c.seq_to)).where(edition.c.state != FAILED)
    lost = select(own, func.min(edition.c.window_start), func.min(edition.c.seq_from)).where(
        edition.c.state == FAILED, ~covering
    )
    covered: dict[int, tuple[datetime, int]] = {}
    for query in (good, lost):
        for pk, end, seq in conn.execute(query.where(own.in_(ids)).group_by(own)):
            since, before = covered.get(pk, (end, seq))
            covered[pk] = min(since, end), min(before, seq)
    return covered


def takes_digests(conn: Connection, pk: int) -> bool:
    """Tell whether a subscription is still there, its reader active and the address not stopped."""
    query = _query().where(subscription.c.id == pk, subscription.c.active, subscriber.c.status == Status.ACTIVE)
    return conn.execute(query.where(~suppressions.stops_subscriber())).first() is not None


def set_next(conn: Connection, pk: int, at: datetime) -> None:
    """Note when a subscription's next digest is due."""
    set_all_next(conn, {pk: at})


def set_all_next(conn: Connection, slots: Mapping[int, datetime]) -> None:
    """Note when the next digests of subscriptions are due."""
    for at in set(slots.values()):
        for part in chunks([pk for pk, slot in slots.items() if slot == at]):
            conn.execute(update(subscription).where(subscription.c.id.in_(part)).values(next_digest_at=at))


def count(conn: Connection) -> int:
    """Return how many active subscribers there are."""
    query = select(func.count()).select_from(subscriber).where(subscriber.c.status == Status.ACTIVE)
    return int(conn.execute(query).scalar_one())
