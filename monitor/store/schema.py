"""Tables and indexes: the data model of the whole program, made for years.

publisher   feed ──< entry >── entry_group     feed ── feed_outline  what the last document showed
              │        ├──< entry_key         identities; outlive the entry's text
              │        ├──< revision          what was seen when
              │        └──< hit >── rule ──< rule_revision     (`watch_tables`)
subscriber ──< subscription ──< edition ──< delivery (subscriber, group, revision)
outbox      every mail, with its reply        problem     what the operator was told
suppression addresses that take no mail       domain_hold domains whose mail waits for the operator
counter     the commit sequence       configuration, rematch  (`watch_tables`)
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from monitor.store.columns import ID, UtcDateTime, pk, ref
from monitor.store.columns import metadata as metadata  # noqa: PLC0414 - whoever needs all tables asks for them here
from monitor.store.watch_tables import configuration as configuration  # noqa: PLC0414
from monitor.store.watch_tables import rematch as rematch  # noqa: PLC0414
from monitor.store.watch_tables import rule as rule  # noqa: PLC0414
from monitor.store.watch_tables import rule_revision as rule_revision  # noqa: PLC0414

counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

publisher = Table(
    "publisher",
    metadata,
    pk(),
    Column("name", String(300), nullable=False),
    Column("country", String(2), nullable=False, default=""),
    Column("press", String(20), nullable=False, default=""),
    UniqueConstraint("name", "country", "press"),
)

feed = Table(
    "feed",
    metadata,
    pk(),
    Column("key", String(100), nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("url", Text, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("next_poll_at", UtcDateTime, nullable=False),
    Column("next_reason", String(300), nullable=False, default=""),
    Column("epoch", Integer, nullable=False, default=0),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("failures", Integer, nullable=False, default=0),
    Column("failure_kind", String(20)),
    Column("failure_detail", Text),
    Column("failing_since", UtcDateTime),
    Column("first_ok_at", UtcDateTime),
    Column("last_ok_at", UtcDateTime),
    Column("last_poll_at", UtcDateTime),
    Column("last_new_at", UtcDateTime),
    Column("polls", Integer, nullable=False, default=0),
    Column("not_modified", Integer, nullable=False, default=0),
    Column("gaps", Integer, nullable=False, default=0),
    Column("redirected_to", Text),
    Column("redirect_status", Integer),
    Column("redirect_polls", Integer, nullable=False, default=0),
    Column("redirect_permanent", Boolean, nullable=False, default=False, server_default=false()),
    Column("redirect_used", Boolean, nullable=False, default=False, server_default=false()),
    Column("redirect_since", UtcDateTime),
    Column("pace_s", Integer),
    Column("backoff_s", Integer),
    Column("hints", JSON),
    Column("fresh_s", Integer),
    Column("empty_polls", Integer, nullable=False, default=0, server_default="0"),
    Column("failed_polls", Integer, nullable=False, default=0, server_default="0"),
    Column("fetch_ms", Integer),
    Column("lag_s", Integer),
    Column("warnings", JSON),
    Index("ix_feed_due", "active", "next_poll_at"),
)

feed_outline = Table(
    "feed_outline",
    metadata,
    Column("feed_id", ID, ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("outline", LargeBinary, nullable=False),
)

entry_group = Table("entry_group", metadata, pk(), Column("key", Text, nullable=False, unique=True))

entry = Table(
    "entry",
    metadata,
    pk(),
    ref("feed_id", "feed"),
    ref("group_id", "entry_group"),
    ref("publisher_id", "publisher"),
    Column("key", String(80), nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("guid", Text),
    Column("url", Text),
    Column("author", Text),
    Column("lang", String(10)),
    Column("published", UtcDateTime),
    Column("updated", UtcDateTime),
    Column("date_flags", JSON, nullable=False),
    Column("relevant", Boolean, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("revisions", Integer, nullable=False),
    Column("pruned", Boolean, nullable=False, default=False),
    UniqueConstraint("feed_id", "key"),
    Index("ix_entry_group_id", "group_id"),
    Index("ix_entry_last_seen_at", "last_seen_at"),
)

entry_key = Table(
    "entry_key",
    metadata,
    Column("feed_id", ID, ForeignKey("feed.id"), primary_key=True),
    Column("key", String(80), primary_key=True),
    ref("entry_id", "entry", ondelete="CASCADE"),
    Index("ix_entry_key_entry_id", "entry_id"),
    sqlite_with_rowid=False,
)

revision = Table(
    "revision",
    metadata,
    pk(),
    ref("entry_id", "entry", ondelete="CASCADE"),
    Column("number", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("summary_html", Text),
    Column("content", Text, nullable=False),
    Column("content_html", Text),
    Column("seq", BigInteger),
    UniqueConstraint("entry_id", "number"),
    Index(
        "ix_revision_seq",
        "seq",
        sqlite_where=Column("seq").is_not(None),
        postgresql_where=Column("seq").is_not(None),
    ),
)

hit = Table(
    "hit",
    metadata,
    pk(),
    ref("entry_id", "entry", ondelete="CASCADE"),
    ref("rule_id", "rule"),
    ref("revision_id", "revision", nullable=True, ondelete="SET NULL"),
    ref("rule_revision_id", "rule_revision"),
    Column("evidence", JSON, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    UniqueConstraint("entry_id", "rule_id"),
    Index("ix_hit_seq", "seq"),
    Index("ix_hit_found_at", "found_at"),
    Index("ix_hit_revision_id", "revision_id"),
)

subscriber = Table(
    "subscriber",
    metadata,
    pk(),
    Column("email", String(320), nullable=False, unique=True),
    Column("lang", String(10), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("status", String(20), nullable=False),
    Column("status_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, default=0),
    Column("consent_who", Text, nullable=False),
    Column("consent_at", UtcDateTime, nullable=False),
    Column("consent_how", Text, nullable=False),
    Column("consent_wording", Text, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    pk(),
    ref("subscriber_id", "subscriber", ondelete="CASCADE"),
    Column("name", Text, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("actors", JSON, nullable=False),
    Column("queries", JSON, nullable=False),
    Column("without_sources", JSON, nullable=False),
    Column("without_press", JSON, nullable=False),
    Column("langs", JSON, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("quiet_from", String(5)),
    Column("quiet_to", String(5)),
    Column("cap", Integer, nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_digest_at", UtcDateTime, nullable=False),
    Index("ix_subscription_next_digest_at", "next_digest_at"),
    Index("ix_subscription_subscriber_id", "subscriber_id"),
)

edition = Table(
    "edition",
    metadata,
    pk(),
    ref("subscription_id", "subscription", ondelete="CASCADE"),
    Column("window_start", UtcDateTime, nullable=False),
    Column("window_end", UtcDateTime, nullable=False),
    Column("seq_from", BigInteger, nullable=False),
    Column("seq_to", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("instant", Boolean, nullable=False, default=False),
    Column("content", Text),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("subscription_id", "window_end"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("subscriber_id", ID, ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ID, ForeignKey("entry_group.id"), primary_key=True),
    Column("revision_id", ID, primary_key=True),
    ref("edition_id", "edition", ondelete="CASCADE"),
    Column("planned_at", UtcDateTime, nullable=False),
    Index("ix_delivery_edition_id", "edition_id"),
    Index("ix_delivery_group_id", "group_id"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    pk(),
    Column("kind", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("domain", String(255), nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("payload", Text),
    Column("body", LargeBinary),
    Column("reply", Text),
    Column("hold_reason", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("kind", "subject"),
    Index("ix_outbox_due", "state", "next_try_at"),
    Index("ix_outbox_domain_finished_at", "domain", "finished_at"),
    Index("ix_outbox_recipient", "recipient"),
)

suppression = Table(
    "suppression",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
)

domain_hold = Table(
    "domain_hold",
    metadata,
    pk(),
    Column("domain", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("released_at", UtcDateTime),
    Index(
        "ix_domain_hold_open",
        "domain",
        unique=True,
        sqlite_where=Column("released_at").is_(None),
        postgresql_where=Column("released_at").is_(None),
    ),
)

problem = Table(
    "problem",
    metadata,
    pk(),
    Column("key", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(
        "ix_problem_open",
        "key",
        unique=True,
        sqlite_where=Column("ended_at").is_(None),
        postgresql_where=Column("ended_at").is_(None),
    ),
)
