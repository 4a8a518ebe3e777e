from tests.house.source import ROOT

# Before the first migration is written there is nothing to hold against the models.
collect_ignore = [] if list((ROOT / "migrations").glob("versions/*.py")) else ["test_migrations.py"]
