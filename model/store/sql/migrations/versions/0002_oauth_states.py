"""What a service has to bring back when a person has allowed a connection to it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None
changes_data = False


def upgrade() -> None:
    key = sa.ForeignKey("users.id", name="fk_oauth_states_users", ondelete="CASCADE")
    op.create_table(
        "oauth_states",
        sa.Column("person_id", sa.BigInteger, key, nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "state", name="pk_oauth_states"),
    )


def downgrade() -> None:
    op.drop_table("oauth_states")
