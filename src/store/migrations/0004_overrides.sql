-- What the files say of organizations, and what the API stored below it.
CREATE TABLE override_tables (
    id             INTEGER PRIMARY KEY,
    position       INTEGER NOT NULL,
    scope          TEXT    NOT NULL CHECK (scope IN ('all', 'subtree', 'name')),
    name           TEXT    CHECK ((name IS NULL) = (scope = 'all')),
    file           TEXT    NOT NULL,
    line           INTEGER NOT NULL,
    create_missing INTEGER NOT NULL CHECK (create_missing IN (0, 1)),
    parents        TEXT    NOT NULL,
    expires_at_ms  INTEGER
) STRICT;
CREATE INDEX override_tables_by_name ON override_tables (name, scope);
CREATE INDEX override_tables_by_end ON override_tables (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
CREATE TABLE override_settings (
    table_id INTEGER NOT NULL REFERENCES override_tables (id) ON DELETE CASCADE,
    field    TEXT    NOT NULL,
    value    ANY     NOT NULL,
    line     INTEGER NOT NULL,
    PRIMARY KEY (table_id, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE override_state (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),
    applied_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE managed_fields (
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    field           TEXT    NOT NULL,
    table_id        INTEGER,
    stored          ANY,
    PRIMARY KEY (organization_id, field)
) STRICT, WITHOUT ROWID;
