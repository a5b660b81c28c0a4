"""Runs the numbered migrations on the app's own engine, and compares models with the schema for new ones."""

from alembic import context
from flask import current_app
from sqlalchemy import text

db = current_app.extensions["sqlalchemy"]
LOCK = 7_304_117_285  # two machines that start at once on one PostgreSQL migrate one after the other


def render_item(kind, item, autogen_context):
    """Write our own column type as a plain one: a migration must not import the app of another day."""
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def run():
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A batch change drops and makes a table anew; with foreign keys on, that would delete its rows' children.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            render_item=render_item,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"a migration left rows without their parents in {broken[0][0]}")
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")


run()
