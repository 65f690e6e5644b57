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
    subject         TEXT    PRIMARY KEY,
    seq             INTEGER NOT NULL,
    event_uuid      BLOB    NOT NULL CHECK (length(event_uuid) = 16),
    epoch_uuid      BLOB    NOT NULL CHECK (length(epoch_uuid) = 16),
    type            TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    data            TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    parked_at_ms    INTEGER NOT NULL,
    followers       INTEGER NOT NULL DEFAULT 0,
    newest_type     TEXT,
    newest_version  INTEGER,
    newest_at_ms    INTEGER,
    newest_data     TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE state_digest (
    bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 15),
    sum    INTEGER NOT NULL DEFAULT 0
) STRICT;
