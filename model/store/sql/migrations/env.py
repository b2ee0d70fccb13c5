"""What Alembic runs: the migrations in `versions`, at the connection it is given, else at that of DATABASE_URL."""

from alembic import context
from sqlalchemy import Connection, create_engine

from model.store.sql.tables import metadata
from settings import Settings


def run(connection: Connection) -> None:
    """Run the migrations that are asked for, all of them or none."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,  # SQLite changes no table in place
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Run at the connection that `model/store/sql/migrate.py` holds; at the command line there is none."""
    if held := context.config.attributes.get("connection"):
        run(held)
    else:
        with create_engine(Settings.load().database_url).begin() as connection:
            run(connection)


if __name__ != "__main__":  # Alembic gives it another name
    main()
