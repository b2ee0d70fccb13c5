"""What people are called, and how they write times and dates."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None
changes_data = False


def upgrade() -> None:
    op.add_column("users", sa.Column("profile", sa.Text))


def downgrade() -> None:
    op.drop_column("users", "profile")
