"""Keys, members, sign-ins, and the limits on guessing."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "key",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key"),
    )
    op.create_table(
        "member",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("key_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["key.id"], name="fk_member_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_member"),
        sa.UniqueConstraint("email", name="uq_member_email"),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_sign_in_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
    )
    op.create_index("ix_sign_in_expires_at", "sign_in", ["expires_at"])
    op.create_index("ix_sign_in_member_id", "sign_in", ["member_id"])
    op.create_table(
        "joining",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_joining"),
    )
    op.create_index("ix_joining_expires_at", "joining", ["expires_at"])
    op.create_table(
        "reset",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_reset_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_reset"),
    )
    op.create_index("ix_reset_expires_at", "reset", ["expires_at"])
    op.create_index("ix_reset_member_id", "reset", ["member_id"])
    op.create_table(
        "address_change",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_address_change_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name="pk_address_change"),
    )
    op.create_index("ix_address_change_expires_at", "address_change", ["expires_at"])
    op.create_table(
        "attempt",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "hour", name="pk_attempt"),
    )
    op.create_index("ix_attempt_hour", "attempt", ["hour"])


def downgrade() -> None:
    op.drop_table("attempt")
    op.drop_table("address_change")
    op.drop_table("reset")
    op.drop_table("joining")
    op.drop_table("sign_in")
    op.drop_table("member")
    op.drop_table("key")
