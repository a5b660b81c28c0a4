"""Private notes, locked in the browser."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "note_lock",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("salt", sa.String(length=24), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_note_lock_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name="pk_note_lock"),
    )
    op.create_table(
        "note",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_note_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "id", name="pk_note"),
    )


def downgrade() -> None:
    op.drop_table("note")
    op.drop_table("note_lock")
