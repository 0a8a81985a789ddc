"""The whole data model, made for years."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Time = sa.DateTime(timezone=True)

TABLES = (
    "counter",
    "entry_group",
    "feed",
    "outbox",
    "problem",
    "publisher",
    "rule",
    "subscriber",
    "entry",
    "rule_revision",
    "subscription",
    "edition",
    "entry_key",
    "revision",
    "delivery",
    "hit",
)


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "entry_group",
        sa.Column("id", _Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_group")),
        sa.UniqueConstraint("key", name=op.f("uq_entry_group_key")),
    )


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("id", _Id, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_poll_at", _Time, nullable=False),
        sa.Column("next_reason", sa.String(length=300), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("body_hash", sa.String(length=64)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure_kind", sa.String(length=20)),
        sa.Column("failure_detail", sa.Text()),
        sa.Column("failing_since", _Time),
        sa.Column("first_ok_at", _Time),
        sa.Column("last_ok_at", _Time),
        sa.Column("last_poll_at", _Time),
        sa.Column("last_new_at", _Time),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("redirected_to", sa.Text()),
        sa.Column("redirect_status", sa.Integer()),
        sa.Column("redirect_polls", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("key", name=op.f("uq_feed_key")),
    )
    op.create_index("ix_feed_due", "feed", ["active", "next_poll_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", _Time, nullable=False),
        sa.Column("lease_until", _Time),
        sa.Column("payload", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("reply", sa.Text()),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("finished_at", _Time),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_outbox_kind_subject")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "next_try_at"])
    op.create_table(
        "problem",
        sa.Column("id", _Id, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", _Time, nullable=False),
        sa.Column("ended_at", _Time),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
    )
    op.create_index(
        "ix_problem_open",
        "problem",
        ["key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "publisher",
        sa.Column("id", _Id, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("press", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publisher")),
        sa.UniqueConstraint("name", "country", "press", name=op.f("uq_publisher_name_country_press")),
    )


def _rule() -> None:
    op.create_table(
        "rule",
        sa.Column("id", _Id, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_rule_kind_name")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", _Id, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("consent_at", _Time, nullable=False),
        sa.Column("consent_how", sa.Text(), nullable=False),
        sa.Column("consent_wording", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("email", name=op.f("uq_subscriber_email")),
    )


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("id", _Id, nullable=False),
        sa.Column("feed_id", _Id, nullable=False),
        sa.Column("group_id", _Id, nullable=False),
        sa.Column("publisher_id", _Id, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("guid", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("author", sa.Text()),
        sa.Column("lang", sa.String(length=10)),
        sa.Column("published", _Time),
        sa.Column("updated", _Time),
        sa.Column("date_flags", sa.JSON(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", _Time, nullable=False),
        sa.Column("last_seen_at", _Time, nullable=False),
        sa.Column("revisions", sa.Integer(), nullable=False),
        sa.Column("pruned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_entry_feed_id_feed")),
        sa.ForeignKeyConstraint(["group_id"], ["entry_group.id"], name=op.f("fk_entry_group_id_entry_group")),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_entry_publisher_id_publisher")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("feed_id", "key", name=op.f("uq_entry_feed_id_key")),
    )
    op.create_index("ix_entry_group_id", "entry", ["group_id"])
    op.create_index("ix_entry_last_seen_at", "entry", ["last_seen_at"])


def _rule_revision() -> None:
    op.create_table(
        "rule_revision",
        sa.Column("id", _Id, nullable=False),
        sa.Column("rule_id", _Id, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_rule_revision_rule_id_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_revision")),
        sa.UniqueConstraint("rule_id", "digest", name=op.f("uq_rule_revision_rule_id_digest")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", _Id, nullable=False),
        sa.Column("subscriber_id", _Id, nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("actors", sa.JSON(), nullable=False),
        sa.Column("daily", sa.JSON(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("next_digest_at", _Time, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_subscription_subscriber_id_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_next_digest_at", "subscription", ["next_digest_at"])
    op.create_index("ix_subscription_subscriber_id", "subscription", ["subscriber_id"])


def _edition() -> None:
    op.create_table(
        "edition",
        sa.Column("id", _Id, nullable=False),
        sa.Column("subscription_id", _Id, nullable=False),
        sa.Column("window_start", _Time, nullable=False),
        sa.Column("window_end", _Time, nullable=False),
        sa.Column("seq_from", sa.BigInteger(), nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("created_at", _Time, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_edition_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("subscription_id", "window_end", name=op.f("uq_edition_subscription_id_window_end")),
    )
    op.create_table(
        "entry_key",
        sa.Column("feed_id", _Id, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("entry_id", _Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_key_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_entry_key_feed_id_feed")),
        sa.PrimaryKeyConstraint("feed_id", "key", name=op.f("pk_entry_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_key_entry_id", "entry_key", ["entry_id"])


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", _Id, nullable=False),
        sa.Column("entry_id", _Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seen_at", _Time, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_html", sa.Text()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_html", sa.Text()),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_revision_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_revision_entry_id_number")),
    )
    op.create_table(
        "delivery",
        sa.Column("subscriber_id", _Id, nullable=False),
        sa.Column("group_id", _Id, nullable=False),
        sa.Column("revision_id", _Id, nullable=False),
        sa.Column("edition_id", _Id, nullable=False),
        sa.Column("planned_at", _Time, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_delivery_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["entry_group.id"], name=op.f("fk_delivery_group_id_entry_group")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_delivery_subscriber_id_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "group_id", "revision_id", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_edition_id", "delivery", ["edition_id"])
    op.create_index("ix_delivery_group_id", "delivery", ["group_id"])


def _hit() -> None:
    op.create_table(
        "hit",
        sa.Column("id", _Id, nullable=False),
        sa.Column("entry_id", _Id, nullable=False),
        sa.Column("rule_id", _Id, nullable=False),
        sa.Column("revision_id", _Id),
        sa.Column("rule_revision_id", _Id, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("found_at", _Time, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_hit_entry_id_entry"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_hit_revision_id_revision"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_hit_rule_id_rule")),
        sa.ForeignKeyConstraint(
            ["rule_revision_id"], ["rule_revision.id"], name=op.f("fk_hit_rule_revision_id_rule_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hit")),
        sa.UniqueConstraint("entry_id", "rule_id", name=op.f("uq_hit_entry_id_rule_id")),
    )
    op.create_index("ix_hit_found_at", "hit", ["found_at"])
    op.create_index("ix_hit_revision_id", "hit", ["revision_id"])
    op.create_index("ix_hit_seq", "hit", ["seq"])


def upgrade() -> None:
    _counter()
    _feed()
    _outbox()
    _rule()
    _entry()
    _rule_revision()
    _edition()
    _revision()
    _hit()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
