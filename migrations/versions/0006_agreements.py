"""Agreements that members make after a reveal."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("space_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=True),
        sa.Column("is_living", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_look_back", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_agreement_space_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_agreement_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
    )
    op.create_index("ix_agreement_space_id", "agreement", ["space_id"])
    op.create_index("ix_agreement_member_id", "agreement", ["member_id"])
    op.create_index(
        "uq_agreement_living",
        "agreement",
        ["space_id", "member_id", "week_on"],
        unique=True,
        sqlite_where=sa.text("is_living"),
        postgresql_where=sa.text("is_living"),
    )


def downgrade() -> None:
    op.drop_table("agreement")
