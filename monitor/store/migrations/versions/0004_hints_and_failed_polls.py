"""How many polls of a feed have failed, and how long its server says that an answer stays fresh."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Of the failed polls before, only those since the last good one are known."""
    with op.batch_alter_table("feed") as table:
        table.add_column(sa.Column("failed_polls", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("fresh_s", sa.Integer(), nullable=True))
    feed = sa.table("feed", sa.column("failed_polls"), sa.column("failures"))
    op.execute(feed.update().values(failed_polls=feed.c.failures))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("feed") as table:
        table.drop_column("fresh_s")
        table.drop_column("failed_polls")
