"""Topics that each member switches on alone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("seat", sa.Column("sealed_topics", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("seat", "sealed_topics")
