"""A rule knows which text decides now; what became of the last reading of feeds.yaml; matching the past anew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Moment = sa.DateTime(timezone=True)

rule = sa.table("rule", sa.column("id", _Id), sa.column("revision_id", _Id))
rule_revision = sa.table("rule_revision", sa.column("id", _Id), sa.column("rule_id", _Id))


def upgrade() -> None:
    """Of a rule that has several texts the newest is taken for the one that decides; the next start knows better."""
    op.add_column("rule", sa.Column("revision_id", _Id))
    op.add_column("rule", sa.Column("watched", sa.Boolean(), nullable=False, server_default=sa.true()))
    newest = sa.select(sa.func.max(rule_revision.c.id)).where(rule_revision.c.rule_id == rule.c.id)
    op.execute(rule.update().values(revision_id=newest.scalar_subquery()))
    op.create_table(
        "configuration",
        sa.Column("id", _Id, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("read_at", _Moment, nullable=False),
        sa.Column("taken_digest", sa.String(64)),
        sa.Column("taken_at", _Moment),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration")),
    )
    op.create_table(
        "rematch",
        sa.Column("id", _Id, nullable=False),
        sa.Column("open", sa.Boolean()),
        sa.Column("asked_at", _Moment, nullable=False),
        sa.Column("since", _Moment),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("worked_at", _Moment),
        sa.Column("finished_at", _Moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rematch")),
        sa.UniqueConstraint("open", name=op.f("uq_rematch_open")),
    )


def downgrade() -> None:
    op.drop_table("rematch")
    op.drop_table("configuration")
    op.drop_column("rule", "watched")
    op.drop_column("rule", "revision_id")
