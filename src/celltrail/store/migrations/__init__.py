"""The steps of the schema, as SQL; `migrate.py` applies them."""
