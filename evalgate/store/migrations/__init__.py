"""The history of the schema, run by Alembic; written with `python -m evalgate.store.migrating`."""
