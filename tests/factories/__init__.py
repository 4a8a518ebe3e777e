"""Rows for tests, laid directly in the database; each function commits what it made and returns it."""
