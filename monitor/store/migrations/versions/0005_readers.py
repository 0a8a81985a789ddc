"""What readers may wish, how they agreed, and mail that waits or is not to be sent at all."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Moment = sa.DateTime(timezone=True)
_LISTS = ("queries", "without_sources", "without_press", "langs")

subscription = sa.table(
    "subscription", sa.column("id", _Id), sa.column("daily", sa.JSON()), sa.column("schedule", sa.JSON())
)
outbox = sa.table("outbox", sa.column("id", _Id), sa.column("recipient", sa.String()), sa.column("domain", sa.String()))


def upgrade() -> None:
    _subscriptions()
    _subscribers()
    _outbox()
    op.add_column("edition", sa.Column("instant", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "suppression",
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("since", _Moment, nullable=False),
        sa.Column("lifted_at", _Moment),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
    )
    op.create_table(
        "domain_hold",
        sa.Column("id", _Id, nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _Moment, nullable=False),
        sa.Column("until", _Moment),
        sa.Column("released_at", _Moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_hold")),
    )
    unreleased = sa.text("released_at IS NULL")
    op.create_index(
        "ix_domain_hold_open", "domain_hold", ["domain"],
        unique=True, sqlite_where=unreleased, postgresql_where=unreleased,
    )  # fmt: skip


def _subscriptions() -> None:
    """Add the wishes; times of day become a schedule."""
    op.add_column("subscription", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    for name in _LISTS:
        op.add_column("subscription", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("subscription", sa.Column("schedule", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("subscription", sa.Column("quiet_from", sa.String(5)))
    op.add_column("subscription", sa.Column("quiet_to", sa.String(5)))
    conn = op.get_bind()
    for pk, daily in conn.execute(sa.select(subscription.c.id, subscription.c.daily)).all():
        schedule = {"times": daily, "weekdays": [], "instant": False}
        conn.execute(subscription.update().where(subscription.c.id == pk).values(schedule=schedule))
    op.drop_column("subscription", "daily")


def _subscribers() -> None:
    """Add who agreed, which was the operator, and since when the subscriber is there, which is since then."""
    op.add_column("subscriber", sa.Column("consent_who", sa.Text(), nullable=False, server_default="operator"))
    op.add_column("subscriber", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    for name in ("created_at", "status_at"):  # SQLite cannot make a column NOT NULL later without a new table
        column = sa.Column(name, _Moment, nullable=False, server_default="1970-01-01 00:00:00+00")
        op.add_column("subscriber", column)
    op.execute("UPDATE subscriber SET created_at = consent_at, status_at = consent_at")


def _outbox() -> None:
    """Add the recipients' domains."""
    op.add_column("outbox", sa.Column("domain", sa.String(255), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("hold_reason", sa.Text()))
    conn = op.get_bind()
    for pk, recipient in conn.execute(sa.select(outbox.c.id, outbox.c.recipient)).all():
        domain = recipient.rpartition("@")[2].rstrip("> ").lower()
        conn.execute(outbox.update().where(outbox.c.id == pk).values(domain=domain))
    op.create_index("ix_outbox_domain_finished_at", "outbox", ["domain", "finished_at"])
    op.create_index("ix_outbox_recipient", "outbox", ["recipient"])


def downgrade() -> None:
    op.drop_table("domain_hold")
    op.drop_table("suppression")
    op.drop_column("edition", "instant")
    op.drop_index("ix_outbox_recipient", "outbox")
    op.drop_index("ix_outbox_domain_finished_at", "outbox")
    for table, names in (
        ("outbox", ("hold_reason", "domain")),
        ("subscriber", ("status_at", "created_at", "version", "consent_who")),
    ):
        for name in names:
            op.drop_column(table, name)
    op.add_column("subscription", sa.Column("daily", sa.JSON(), nullable=False, server_default='["07:00"]'))
    conn = op.get_bind()
    for pk, schedule in conn.execute(sa.select(subscription.c.id, subscription.c.schedule)).all():
        conn.execute(subscription.update().where(subscription.c.id == pk).values(daily=schedule["times"]))
    for name in ("quiet_to", "quiet_from", "schedule", *_LISTS, "name"):
        op.drop_column("subscription", name)
