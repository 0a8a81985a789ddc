"""New headlines of reports with hits take a number in the order of commits, so that a window covers them too."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revision", sa.Column("seq", sa.BigInteger()))
    numbered = sa.text("seq IS NOT NULL")
    op.create_index(
        "ix_revision_seq", "revision", ["seq"], sqlite_where=numbered, postgresql_where=numbered
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_revision_seq", "revision")
    op.drop_column("revision", "seq")
