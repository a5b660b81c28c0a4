"""What a member does with their own entry once its week has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("entry", sa.Column("is_shared", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("entry", sa.Column("is_carried", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("entry", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_entry_deleted_at",
        "entry",
        ["deleted_at"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_entry_deleted_at", "entry")
    op.drop_column("entry", "deleted_at")
    op.drop_column("entry", "is_carried")
    op.drop_column("entry", "is_shared")
