-- Sending upstream: where it stands, the batch under way, what was set aside, and a digest of the state.
ALTER TABLE site ADD COLUMN queued_bytes INTEGER NOT NULL DEFAULT 0;

CREATE TABLE upstream (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    epoch_uuid      BLOB    CHECK (length(epoch_uuid) = 16),
    acked_seq       INTEGER NOT NULL DEFAULT 0,
    chain           BLOB    NOT NULL DEFAULT x'' CHECK (length(chain) IN (0, 32)),
    snapshot_at     TEXT,
    fingerprint     TEXT,
    quarantine      TEXT,
    last_success_ms INTEGER
) STRICT;
INSERT INTO upstream (id) VALUES (1);

CREATE TABLE upstream_batch (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    batch_uuid   BLOB    NOT NULL CHECK (length(batch_uuid) = 16),
    from_seq     INTEGER NOT NULL,
    seqs         TEXT    NOT NULL,
    body_hash    BLOB    NOT NULL CHECK (length(body_hash) = 32),
    frozen_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE upstream_parked (
    seq          INTEGER PRIMARY KEY,
    event_uuid   BLOB    NOT NULL CHECK (length(event_uuid) = 16),
    epoch_uuid   BLOB    NOT NULL CHECK (length(epoch_uuid) = 16),
    type         TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    data         TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    follows      INTEGER NOT NULL CHECK (follows IN (0, 1)),
    parked_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX upstream_parked_by_subject ON upstream_parked (subject);

CREATE TABLE state_digest (
    bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 15),
    sum    INTEGER NOT NULL DEFAULT 0
) STRICT;
