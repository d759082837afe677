"""The one local SQLite store: tables, blobs, search. The only room with SQL in it."""
