"""The database itself refuses to change a published table: the second lock behind the operations.

Of a row of `price_table` that is published or superseded only the step published -> superseded is let through, with
nothing else changed but `version`; its rows in `effect` are neither added, changed nor removed. Migrations and tests
execute the texts after the tables are made; a new column of `price_table` is added to the SQLite text.
"""

FROZEN = "('published', 'superseded')"

_SAME = (
    "id",
    "created_at",
    "programme_id",
    "number",
    "note",
    "illustrative",
    "cap_per_person_minor",
    "cap_contract_minor",
    "published_at",
)

IMMUTABLE = {
    "sqlite": [
        f"CREATE TRIGGER price_table_no_update BEFORE UPDATE ON price_table WHEN OLD.state IN {FROZEN} "
        "AND NOT (OLD.state = 'published' AND NEW.state = 'superseded' AND "
        + " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _SAME)
        + ") BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        f"CREATE TRIGGER price_table_no_delete BEFORE DELETE ON price_table WHEN OLD.state IN {FROZEN} "
        "BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER effect_no_insert BEFORE INSERT ON effect WHEN EXISTS (SELECT 1 FROM price_table "
        f"WHERE id = NEW.table_id AND state IN {FROZEN}) "
        "BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER effect_no_update BEFORE UPDATE ON effect WHEN EXISTS (SELECT 1 FROM price_table "
        f"WHERE id IN (OLD.table_id, NEW.table_id) AND state IN {FROZEN}) "
        "BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER effect_no_delete BEFORE DELETE ON effect WHEN EXISTS (SELECT 1 FROM price_table "
        f"WHERE id = OLD.table_id AND state IN {FROZEN}) "
        "BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
    ],
    "postgresql": [
        f"""CREATE OR REPLACE FUNCTION refuse_table_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.state NOT IN {FROZEN} THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'superseded'
        AND to_jsonb(NEW) - 'state' - 'version' = to_jsonb(OLD) - 'state' - 'version' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a published price table never changes';
END $$""",
        "CREATE TRIGGER price_table_immutable BEFORE UPDATE OR DELETE ON price_table "
        "FOR EACH ROW EXECUTE FUNCTION refuse_table_change()",
        f"""CREATE OR REPLACE FUNCTION refuse_effect_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM price_table WHERE id = OLD.table_id AND state IN {FROZEN}) THEN
        RAISE EXCEPTION 'a published price table never changes';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF EXISTS (SELECT 1 FROM price_table WHERE id = NEW.table_id AND state IN {FROZEN}) THEN
        RAISE EXCEPTION 'a published price table never changes';
    END IF;
    RETURN NEW;
END $$""",
        "CREATE TRIGGER effect_immutable BEFORE INSERT OR UPDATE OR DELETE ON effect "
        "FOR EACH ROW EXECUTE FUNCTION refuse_effect_change()",
    ],
}
