"""Check-ins, entries, answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "check_in",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("space_id", ID, nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("prompts", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_check_in_space_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_check_in"),
        sa.UniqueConstraint("space_id", "week_on", name="uq_check_in_space_id_week_on"),
    )
    op.create_index(
        "ix_check_in_to_remind",
        "check_in",
        ["remind_at"],
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.create_table(
        "entry",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("check_in_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed_ratings", sa.LargeBinary(), nullable=True),
        sa.Column("ratings_version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_in.id"], name="fk_entry_check_in_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_entry_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("check_in_id", "member_id", name="uq_entry_check_in_id_member_id"),
    )
    op.create_index("ix_entry_member_id", "entry", ["member_id"])
    op.create_table(
        "answer",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("prompt", sa.String(80), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_answer_entry_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["key_id"], ["key.id"], name="fk_answer_key_id"),
        sa.PrimaryKeyConstraint("entry_id", "prompt", name="pk_answer"),
    )


def downgrade() -> None:
    op.drop_table("answer")
    op.drop_table("entry")
    op.drop_table("check_in")
