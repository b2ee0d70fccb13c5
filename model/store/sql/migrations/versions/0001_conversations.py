"""People, their conversations and messages, and the files that these refer to."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = depends_on = None
changes_data = False


def upgrade() -> None:
    _make_people()
    _make_conversations()
    _make_messages()


def _make_people() -> None:
    users = op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("clock", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("emptied_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("address", name="uq_users_address"),
    )
    op.bulk_insert(users, [{"id": 0, "address": ""}])  # the one person, where nobody signs in


def _make_conversations() -> None:
    op.create_table(
        "conversations",
        _person("conversations"),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.String(64), nullable=False),
        sa.Column("id", sa.Text),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("is_pinned", sa.Boolean, nullable=False),
        sa.Column("around", sa.Text),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "number", name="pk_conversations"),
        sa.UniqueConstraint("person_id", "name_key", name="uq_conversations_person_id_name_key"),
    )
    op.create_index("ix_conversations_person_id_written_at", "conversations", ["person_id", "written_at"])


def _make_messages() -> None:
    op.create_table(
        "messages",
        _person("messages"),
        sa.Column("conversation", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("rest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "conversation", "place", name="pk_messages"),
        _conversation("messages"),
    )
    op.create_table(
        "file_references",
        _person("file_references"),
        sa.Column("conversation", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "conversation", "sha256", name="pk_file_references"),
        _conversation("file_references"),
    )
    op.create_index("ix_file_references_person_id_sha256", "file_references", ["person_id", "sha256"])


def downgrade() -> None:
    for table in ("file_references", "messages", "conversations", "users"):
        op.drop_table(table)


def _person(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("users.id", name=f"fk_{table}_users", ondelete="CASCADE")
    return sa.Column("person_id", sa.BigInteger, key, nullable=False)


def _conversation(table: str) -> sa.ForeignKeyConstraint:
    columns = ["person_id", "conversation"], ["conversations.person_id", "conversations.number"]
    return sa.ForeignKeyConstraint(*columns, name=f"fk_{table}_conversations", ondelete="CASCADE")
