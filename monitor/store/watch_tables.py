"""Tables of what is watched: rules and their texts, what became of the file's readings, and matching the past anew."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, Table, Text, UniqueConstraint, true

from monitor.store.columns import ID, UtcDateTime, metadata, pk, ref

rule = Table(
    "rule",
    metadata,
    pk(),
    Column("kind", String(10), nullable=False),
    Column("name", String(100), nullable=False),
    Column("revision_id", ID),
    Column("watched", Boolean, nullable=False, default=True, server_default=true()),
    UniqueConstraint("kind", "name"),
)
"""`revision_id` is the text that decides now, or that decided last where the rule is no longer watched. It is no
reference to the database: each of the two tables would have to be made before the other."""

rule_revision = Table(
    "rule_revision",
    metadata,
    pk(),
    ref("rule_id", "rule"),
    Column("digest", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("rule_id", "digest"),
)

configuration = Table(
    "configuration",
    metadata,
    pk(),
    Column("path", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("taken_digest", String(64)),
    Column("taken_at", UtcDateTime),
    Column("findings", JSON, nullable=False),
)
"""One row: what became of the last reading of feeds.yaml (`number` counts them), and which one is in force."""

rematch = Table(
    "rematch",
    metadata,
    pk(),
    Column("open", Boolean, unique=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime),
    Column("digest", String(64), nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("worked_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
)
"""`open` is true until it is done and null afterwards, so that its key lets only one be open."""
