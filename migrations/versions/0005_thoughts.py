"""Thoughts that members keep for themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "thought",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_thought_member_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["key_id"], ["key.id"], name="fk_thought_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_thought"),
        sa.UniqueConstraint("member_id", "number", name="uq_thought_member_id_number"),
    )


def downgrade() -> None:
    op.drop_table("thought")
