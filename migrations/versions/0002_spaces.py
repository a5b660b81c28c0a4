"""Spaces, seats, invitations, schedules."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "space",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["key.id"], name="fk_space_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_space"),
    )
    op.create_table(
        "seat",
        sa.Column("space_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_seat_member_id"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_seat_space_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", "member_id", name="pk_seat"),
    )
    op.create_index("ix_seat_member_id", "seat", ["member_id"])
    op.create_index(
        "uq_seat_active_member",
        "seat",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "schedule",
        sa.Column("space_id", ID, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("length", sa.String(8), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_schedule_space_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", name="pk_schedule"),
    )
    op.create_index("ix_schedule_next_due_at", "schedule", ["next_due_at"])
    op.create_table(
        "invitation",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_invitation_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("code_hash", name="uq_invitation_code_hash"),
    )
    op.create_index("ix_invitation_member_id", "invitation", ["member_id"])


def downgrade() -> None:
    op.drop_table("invitation")
    op.drop_table("schedule")
    op.drop_table("seat")
    op.drop_table("space")
