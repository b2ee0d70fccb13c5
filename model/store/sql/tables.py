"""The tables: people, their conversations, a row for each message, and which files are referred to.

Every table but `users` begins with `person_id`, and so does every index. A change here needs a migration beside it
(`migrations/versions`); `make database` brings a database up to date.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

HEAD = "0003"  # the newest migration


class AnyText(TypeDecorator[str]):
    """Text with any characters: PostgreSQL refuses NUL, so it is written as the two characters U+0001 and a."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a text as it stands in the database."""
        if value and ("\0" in value or "\1" in value):
            return value.replace("\1", "\1b").replace("\0", "\1a")
        return value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a text as it was written."""
        if value and "\1" in value:
            return str(value).replace("\1a", "\0").replace("\1b", "\1")
        return value


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _person() -> Column[int]:
    return Column("person_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


# `address` is what a person signs in with, "" for the one person where nobody does.
# `clock` counts what was done to a person's conversations: it numbers them, gives them their places in the list, and
# tells whoever has read them what is new since. `emptied_at` is what it showed when one was deleted last. `profile` is
# JSON: what the person is called, and how they write times and dates.
users = Table(
    "users",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("address", AnyText, nullable=False, unique=True),
    Column("clock", BigInteger, nullable=False, server_default="0"),
    Column("emptied_at", BigInteger, nullable=False, server_default="0"),
    Column("profile", AnyText),
)

# `around` is what stands around the messages of a published object, as JSON. `name_key` is the SHA-256 of the name,
# since no index takes texts of any length; `digest` changes whenever the conversation or its name does.
conversations = Table(
    "conversations",
    metadata,
    _person(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    Column("written_at", BigInteger, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("name_key", String(64), nullable=False),
    Column("id", AnyText),
    Column("updated_at", AnyText, nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("around", AnyText),
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("person_id", "name_key"),
    Index(None, "person_id", "written_at"),
)

# `rest` is all of a message but its role and content, as JSON in its own order; text and no JSONB, which would sort
# keys, drop the digits of 1.50 and refuse a NUL.
messages = Table(
    "messages",
    metadata,
    _person(),
    Column("conversation", BigInteger, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("id", AnyText, nullable=False),
    Column("role", AnyText, nullable=False),
    Column("content", AnyText, nullable=False),
    Column("rest", AnyText, nullable=False),
    ForeignKeyConstraint(
        ["person_id", "conversation"], ["conversations.person_id", "conversations.number"], ondelete="CASCADE"
    ),
)

# Whatever looks like the SHA-256 of a file, wherever it stands in a conversation.
file_references = Table(
    "file_references",
    metadata,
    _person(),
    Column("conversation", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", String(64), primary_key=True),
    ForeignKeyConstraint(
        ["person_id", "conversation"], ["conversations.person_id", "conversations.number"], ondelete="CASCADE"
    ),
    Index(None, "person_id", "sha256"),
)

# What a service has to bring back when a person has allowed a connection to it.
oauth_states = Table(
    "oauth_states",
    metadata,
    _person(),
    Column("state", String(64), primary_key=True),  # its SHA-256
    Column("data", AnyText, nullable=False),  # JSON
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
