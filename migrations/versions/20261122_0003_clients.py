"""Labels of clients: who stands behind a client_hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tts_client",
        sa.Column("client_hash", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("department", sa.Text()),
        sa.PrimaryKeyConstraint("client_hash", name="pk_tts_client"),
    )


def downgrade() -> None:
    op.drop_table("tts_client")
