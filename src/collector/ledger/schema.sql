-- The collector's own file. Every table is STRICT. Times are milliseconds since 1970, UUIDs are hyphenated lower-case text.

-- The boxes that have sent something.
CREATE TABLE sites (
    id                 INTEGER PRIMARY KEY,
    uuid               TEXT    NOT NULL UNIQUE,
    title              TEXT,                                    -- as the box last called itself
    newest_epoch       INTEGER REFERENCES epochs (id),          -- the only one that may send
    shown_epoch        INTEGER REFERENCES epochs (id),          -- whose state is shown: the newest that is complete
    heard_at_ms        INTEGER NOT NULL,                        -- the last batch, a repeated one too
    difference         TEXT,                                    -- what the last comparison found; NULL: nothing
    agreed_at_ms       INTEGER,                                 -- the last heartbeat whose digest was the same as here
    resync_pending     INTEGER NOT NULL DEFAULT 0 CHECK (resync_pending IN (0, 1)),
    resync_asked_at_ms INTEGER
) STRICT;

-- Runs of sequence numbers. A new one replaces what the older ones said as soon as its snapshot is complete.
CREATE TABLE epochs (
    id               INTEGER PRIMARY KEY,                       -- rises: the newest of a site has the greatest
    site_id          INTEGER NOT NULL REFERENCES sites (id),
    uuid             TEXT    NOT NULL,
    old_epoch        TEXT,                                      -- which one it follows, by its own word
    reason           TEXT    NOT NULL,
    opened_at_ms     INTEGER NOT NULL,
    completed_at_ms  INTEGER,                                   -- when its snapshot was complete
    superseded_at_ms INTEGER,                                   -- when a newer one was opened
    acked_seq        INTEGER NOT NULL,                          -- the highest number that a batch covered
    top_seq          INTEGER NOT NULL,                          -- the highest number of an event about a subject
    batches          INTEGER NOT NULL,                          -- how many links the chain has
    chain            BLOB    NOT NULL CHECK (length(chain) = 32),
    sums             BLOB    NOT NULL CHECK (length(sums) = 128), -- the digest, kept up to date
    organizations    INTEGER NOT NULL DEFAULT 0,                -- live subjects of each kind
    members          INTEGER NOT NULL DEFAULT 0,
    cameras          INTEGER NOT NULL DEFAULT 0,
    users            INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site_id, uuid)
) STRICT;

-- The newest state of every subject that an epoch has named.
CREATE TABLE subjects (
    id             INTEGER PRIMARY KEY,
    epoch_id       INTEGER NOT NULL REFERENCES epochs (id),
    kind           TEXT    NOT NULL,
    subject        TEXT    NOT NULL,                            -- organization/42
    version        INTEGER NOT NULL,
    weight         INTEGER,                                     -- what it adds to the digest, as the bits of an unsigned number
    state          TEXT,                                        -- byte for byte as received; NULL: it is gone, only the version is remembered
    received_at_ms INTEGER NOT NULL,
    UNIQUE (epoch_id, kind, subject)
) STRICT;

-- Batches that were acknowledged: the last few of every epoch.
CREATE TABLE batches (
    id        INTEGER PRIMARY KEY,
    site_id   INTEGER NOT NULL REFERENCES sites (id),
    epoch_id  INTEGER NOT NULL REFERENCES epochs (id),
    number    INTEGER NOT NULL,                                 -- the link of the chain that it made
    uuid      TEXT    NOT NULL,
    body_hash BLOB    NOT NULL CHECK (length(body_hash) = 32),
    answer    TEXT    NOT NULL,                                 -- the acknowledgement, to be given again
    UNIQUE (site_id, uuid)
) STRICT;
CREATE INDEX batches_by_epoch ON batches (epoch_id, number);

-- The last events, of all sites together.
CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,           -- the order of arrival
    site_id        INTEGER NOT NULL REFERENCES sites (id),
    epoch_id       INTEGER NOT NULL REFERENCES epochs (id),
    event_id       TEXT    NOT NULL,
    content        BLOB    NOT NULL CHECK (length(content) = 32), -- hash of what must never change under the same id
    subject        TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,                            -- applied, ignored, noted, rejected
    received_at_ms INTEGER NOT NULL,
    text           TEXT                                         -- byte for byte as received; NULL: too long to keep
) STRICT;
CREATE INDEX events_by_event ON events (event_id, site_id);
CREATE INDEX events_by_site ON events (site_id, id);
CREATE INDEX events_by_subject ON events (subject, id);

-- Numbers of the newest epoch that never came.
CREATE TABLE gaps (
    id            INTEGER PRIMARY KEY,
    epoch_id      INTEGER NOT NULL REFERENCES epochs (id),
    first         INTEGER NOT NULL,
    last          INTEGER NOT NULL CHECK (last >= first),
    noticed_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX gaps_by_epoch ON gaps (epoch_id, first);

-- How often something happened at a site, and when last.
CREATE TABLE tallies (
    site_id INTEGER NOT NULL REFERENCES sites (id),
    name    TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (site_id, name)
) STRICT, WITHOUT ROWID;
