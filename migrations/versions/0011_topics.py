"""Topics that each member switches on alone, and questions of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("seat", sa.Column("sealed_topics", sa.LargeBinary(), nullable=True))
    op.create_table(
        "proposal",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("space_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_proposal_space_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_proposal_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    op.create_index("ix_proposal_space_id", "proposal", ["space_id"])
    op.create_index("ix_proposal_member_id", "proposal", ["member_id"])


def downgrade() -> None:
    op.drop_table("proposal")
    op.drop_column("seat", "sealed_topics")
