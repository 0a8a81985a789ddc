"""What the schedule of polls remembers: pace, back-off, hints, moves, and figures for `feeds health`."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    ("redirect_permanent", sa.Boolean(), sa.false()),
    ("redirect_used", sa.Boolean(), sa.false()),
    ("redirect_since", sa.DateTime(timezone=True), None),
    ("pace_s", sa.Integer(), None),
    ("backoff_s", sa.Integer(), None),
    ("hints", sa.JSON(), None),
    ("empty_polls", sa.Integer(), "0"),
    ("fetch_ms", sa.Integer(), None),
    ("lag_s", sa.Integer(), None),
)


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("feed") as table:
        for name, kind, default in COLUMNS:
            table.add_column(sa.Column(name, kind, nullable=default is None, server_default=default))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("feed") as table:
        for name, _, _ in COLUMNS:
            table.drop_column(name)
