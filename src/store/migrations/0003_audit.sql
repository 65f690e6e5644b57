-- The audit trail is chained, knows the organization that is concerned and the key that was used. The rows that are there
-- are chained as they are: the chain proves that nothing was changed since this step. The table is made anew, so that the
-- texts that can be long stand behind everything that rows are looked for by.
ALTER TABLE site ADD COLUMN audit_last_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE site ADD COLUMN audit_hash BLOB NOT NULL
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000' CHECK (length(audit_hash) = 32);

DROP TRIGGER audit_is_append_only_update;
DROP TRIGGER audit_is_append_only_delete;
ALTER TABLE audit RENAME TO unchained_audit;
CREATE TABLE audit (
    id              INTEGER PRIMARY KEY,
    at_ms           INTEGER NOT NULL,
    actor           TEXT    NOT NULL,
    actor_user_id   INTEGER,
    actor_key       TEXT,
    address         TEXT,
    dialect         TEXT    NOT NULL,
    request_id      TEXT    NOT NULL,
    operation       TEXT    NOT NULL CHECK (operation IN ('create', 'update', 'delete')),
    subject         TEXT    NOT NULL,
    organization_id INTEGER,
    hash            BLOB    NOT NULL CHECK (length(hash) = 32),
    before          TEXT,
    after           TEXT
) STRICT;
INSERT INTO audit (id, at_ms, actor, actor_user_id, actor_key, address, dialect, request_id, operation, subject,
    organization_id, before, after, hash)
SELECT *, orgbox_audit_link(id, at_ms, actor, actor_user_id, actor_key, address, dialect, request_id, operation, subject,
    organization_id, before, after)
FROM (
    SELECT id, at_ms, actor, actor_user_id, NULL AS actor_key, address, dialect, request_id, operation, subject,
        CASE
            -- A text is read as a number up to its first other character: of 42-7 the organization.
            WHEN subject GLOB 'organization/*' THEN CAST(substr(subject, 14) AS INTEGER)
            WHEN subject GLOB 'member/*' THEN CAST(substr(subject, 8) AS INTEGER)
            WHEN subject GLOB 'camera/*' THEN coalesce(after ->> 'organization_id', before ->> 'organization_id',
                (SELECT organization_id FROM cameras WHERE cameras.id = CAST(substr(subject, 8) AS INTEGER)))
        END AS organization_id,
        before, after
    FROM unchained_audit
)
ORDER BY id;
DROP TABLE unchained_audit;
CREATE INDEX audit_by_organization ON audit (organization_id) WHERE organization_id IS NOT NULL;
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit trail is append-only');
END;
UPDATE site SET audit_last_id = last.id, audit_hash = last.hash
FROM (SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1) AS last;
