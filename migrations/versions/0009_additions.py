"""What somebody adds later to an answer that is revealed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "addition",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.String(length=80), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_addition_entry_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["key_id"], ["key.id"], name="fk_addition_key_id"),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_addition"),
    )


def downgrade() -> None:
    op.drop_table("addition")
