-- orgbox: today's schema. A new database is made from this file; an older one is brought here by src/store/migrations/.
--
-- Conventions: every table is STRICT. Times are milliseconds since 1970 (`…_ms`), durations and sizes carry their unit
-- last. Foreign keys are on. What must be recorded as an event is never deleted by a cascade: `ops/` deletes it by name.
-- Nothing in here is a secret in clear but organizations.sso_secret, which the Surfsight API must be able to show again.

-- The box itself: exactly one row.
CREATE TABLE site (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    site_uuid     BLOB    NOT NULL CHECK (length(site_uuid) = 16),   -- names this box towards billing, made at first start
    epoch_uuid    BLOB    NOT NULL CHECK (length(epoch_uuid) = 16),  -- names this run of sequence numbers; a restore opens a new one
    last_seq      INTEGER NOT NULL DEFAULT 0 CHECK (last_seq >= 0),  -- the sequence number last given to an event
    created_at_ms INTEGER NOT NULL,
    write_probe   INTEGER NOT NULL DEFAULT 0,                        -- rewritten to find out whether a fault is over
    audit_last_id INTEGER NOT NULL DEFAULT 0,                        -- the newest row of the audit trail: a cut end is noticed
    audit_hash    BLOB    NOT NULL                                   -- that row's hash
        DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000' CHECK (length(audit_hash) = 32),
    queued_bytes  INTEGER NOT NULL DEFAULT 0,                        -- data of the events that are not delivered yet, roughly
    pruned_seq    INTEGER NOT NULL DEFAULT 0                         -- events up to here may be gone from the feed, with nothing in their place
) STRICT;

-- Users: the people and programs that sign in.
CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,                 -- never reused
    version       INTEGER NOT NULL DEFAULT 1,                        -- counts changes, for billing
    login         TEXT    NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 100),
    password_hash TEXT,                                              -- Argon2id in PHC form; NULL: no password, cannot sign in with one
    role          TEXT    NOT NULL CHECK (role IN ('user', 'admin', 'super_admin')),
    enabled       INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    name          TEXT    NOT NULL DEFAULT '',                       -- full name
    email         TEXT    NOT NULL DEFAULT '',                       -- not unique: one person may read the mail of several users
    phone         TEXT    NOT NULL DEFAULT '',
    note          TEXT    NOT NULL DEFAULT '',
    locale        TEXT    NOT NULL DEFAULT '',
    time_zone     TEXT    NOT NULL DEFAULT '',
    external_id   TEXT    NOT NULL DEFAULT '',                       -- the user's id in another system
    max_sessions  INTEGER CHECK (max_sessions BETWEEN 1 AND 10000),  -- NULL: the box's bound
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_email ON users (email COLLATE NOCASE) WHERE email <> '';

-- Sessions of the Watcher and tokens of the Surfsight API. The token itself is never stored.
CREATE TABLE sessions (
    token_hash    BLOB    PRIMARY KEY CHECK (length(token_hash) = 32), -- SHA-256
    user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind          TEXT    NOT NULL CHECK (kind IN ('watcher', 'surfsight')),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER                                            -- NULL: until logout or eviction
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, kind, created_at_ms);

-- API keys: a public half that finds the row and a secret half kept as its hash.
CREATE TABLE api_keys (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose rights it has
    name          TEXT    NOT NULL,                                  -- tells people which key it is
    public_id     TEXT    NOT NULL UNIQUE CHECK (length(public_id) = 16), -- 16 hexadecimal digits
    secret_hash   BLOB    NOT NULL CHECK (length(secret_hash) = 32), -- SHA-256 of the other 16
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,                                           -- NULL: until revoked
    scope         TEXT    NOT NULL DEFAULT 'full' CHECK (scope IN ('full', 'read')), -- read: changes nothing
    organization_id INTEGER REFERENCES organizations (id),           -- only this one and what is below it; NULL: all its user reaches
    network       TEXT,                                              -- only from these addresses, in CIDR form; NULL: from anywhere
    last_used_at_ms INTEGER                                          -- to the minute; NULL: never
) STRICT;
CREATE INDEX api_keys_by_user ON api_keys (user_id);
CREATE INDEX api_keys_by_organization ON api_keys (organization_id) WHERE organization_id IS NOT NULL;

-- Answers to creates that were sent with an Idempotency-Key, kept for a day, written in the create's own transaction: sent
-- again, the same answer comes again.
CREATE TABLE idempotency_keys (
    actor         TEXT    NOT NULL,                                  -- whose key it is: keys of two actors never meet
    key           TEXT    NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash  BLOB    NOT NULL CHECK (length(request_hash) = 32), -- SHA-256 of method, path and body without a password: another request with the same key is refused
    status        INTEGER NOT NULL,
    headers       TEXT    NOT NULL,                                  -- JSON object
    body          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_ms);

-- Brandings: looks that an organization can choose, its own or one from above it.
CREATE TABLE brandings (
    id             INTEGER PRIMARY KEY,                              -- chosen by whoever configures it
    name           TEXT    NOT NULL,
    logo_filename  TEXT    NOT NULL,
    landing_domain TEXT    NOT NULL,
    primary_color  TEXT    NOT NULL CHECK (length(primary_color) = 7 AND primary_color GLOB '#*'),
    from_file      INTEGER NOT NULL DEFAULT 0 CHECK (from_file IN (0, 1)) -- 1: goes when the configuration file drops it
) STRICT;

-- Organizations. NULL in a limit, retention or profile column means the default; the view below fills it in.
CREATE TABLE organizations (
    id                           INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: billing and the VMS remember ids
    version                      INTEGER NOT NULL DEFAULT 1,         -- counts changes of the row, its links and its members
    name                         TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 50), -- URL-safe, case-sensitive
    title                        TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
    title_key                    TEXT    NOT NULL,                   -- the title folded for order and search in every script; SQLite folds only ASCII
    description                  TEXT,
    image_url                    TEXT,                               -- shown, never fetched
    status                       INTEGER NOT NULL DEFAULT 200 CHECK (status BETWEEN 0 AND 999), -- 200 is active
    branding_id                  INTEGER REFERENCES brandings (id),
    owner_id                     INTEGER REFERENCES users (id),      -- NULL: nobody may edit its members and cameras
    partner_id                   INTEGER,                            -- the administrator who made it; may be gone by now, hence no reference
    camera_limit                 INTEGER CHECK (camera_limit >= 0),
    user_limit                   INTEGER CHECK (user_limit >= 0),
    dvr_limit_gb                 INTEGER CHECK (dvr_limit_gb >= 0),
    purge_days                   INTEGER CHECK (purge_days BETWEEN 1 AND 366),
    purge_days_front             INTEGER CHECK (purge_days_front BETWEEN 1 AND 366),
    purge_days_rear              INTEGER CHECK (purge_days_rear BETWEEN 1 AND 366),
    purge_days_auxiliary         INTEGER CHECK (purge_days_auxiliary BETWEEN 1 AND 366),
    device_retention_minutes     INTEGER CHECK (device_retention_minutes >= 4),
    live_video_timeout_seconds   INTEGER CHECK (live_video_timeout_seconds >= 30),
    organization_profile_enabled INTEGER CHECK (organization_profile_enabled IN (0, 1)),
    exclusive_partner_only       INTEGER NOT NULL DEFAULT 0 CHECK (exclusive_partner_only IN (0, 1)),
    user_count                   INTEGER NOT NULL DEFAULT 0 CHECK (user_count >= 0),   -- kept by triggers: two count(*) triple a read
    camera_count                 INTEGER NOT NULL DEFAULT 0 CHECK (camera_count >= 0), -- kept by triggers
    mosaic_count                 INTEGER NOT NULL DEFAULT 0 CHECK (mosaic_count >= 0), -- 0 until a VMS reports it
    sso_secret                   BLOB    NOT NULL CHECK (length(sso_secret) = 32),     -- shown to partners again and again, so not a hash
    created_at_ms                INTEGER NOT NULL,
    dvr_used_gb                  INTEGER NOT NULL DEFAULT 0 CHECK (dvr_used_gb >= 0)   -- gigabytes of footage, rounded up; 0 until a VMS reports it
) STRICT;
CREATE INDEX organizations_by_title ON organizations (title_key, id);
CREATE INDEX organizations_by_owner ON organizations (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX organizations_by_branding ON organizations (branding_id) WHERE branding_id IS NOT NULL;

-- The values in force: what every read goes through. The defaults stand here and nowhere else.
CREATE VIEW organizations_in_force AS SELECT
    id, version, name, title, title_key, description, image_url, status, branding_id, owner_id, partner_id,
    coalesce(camera_limit, 1000)              AS camera_limit,
    coalesce(user_limit, 1000)                AS user_limit,
    coalesce(dvr_limit_gb, 100)               AS dvr_limit_gb,
    coalesce(purge_days, 31)                  AS purge_days,
    coalesce(purge_days_front, purge_days, 31) AS purge_days_front,
    coalesce(purge_days_rear, purge_days, 31) AS purge_days_rear,
    coalesce(purge_days_auxiliary, purge_days, 31) AS purge_days_auxiliary,
    coalesce(device_retention_minutes, 1440)  AS device_retention_minutes,
    coalesce(live_video_timeout_seconds, 30)  AS live_video_timeout_seconds,
    coalesce(organization_profile_enabled, 1) AS organization_profile_enabled,
    exclusive_partner_only, user_count, camera_count, mosaic_count, dvr_used_gb,
    -- Which purge times are given and stand at no default: 1 the general one, 2 front, 4 rear, 8 auxiliary.
    (purge_days IS NOT NULL) + 2 * (purge_days_front IS NOT NULL) + 4 * (purge_days_rear IS NOT NULL)
        + 8 * (purge_days_auxiliary IS NOT NULL) AS purges_given
FROM organizations;

-- Links of the hierarchy: an acyclic graph. The graph in memory is loaded from here and checks for cycles.
CREATE TABLE organization_parents (
    child_id  INTEGER NOT NULL REFERENCES organizations (id),
    parent_id INTEGER NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (child_id, parent_id),
    CHECK (child_id <> parent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX organization_parents_by_parent ON organization_parents (parent_id);

-- Which organizations a branding belongs to; it is available to all below them as well.
CREATE TABLE branding_organizations (
    branding_id     INTEGER NOT NULL REFERENCES brandings (id) ON DELETE CASCADE,
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    PRIMARY KEY (branding_id, organization_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX branding_organizations_by_organization ON branding_organizations (organization_id);

-- Members of organizations and what they may do there and below.
CREATE TABLE members (
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    user_id          INTEGER NOT NULL REFERENCES users (id),
    can_view_stats   INTEGER NOT NULL DEFAULT 0 CHECK (can_view_stats IN (0, 1)),
    can_edit_users   INTEGER NOT NULL DEFAULT 0 CHECK (can_edit_users IN (0, 1)),
    can_edit_cameras INTEGER NOT NULL DEFAULT 0 CHECK (can_edit_cameras IN (0, 1)),
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id);
CREATE TRIGGER members_inserted AFTER INSERT ON members BEGIN
    UPDATE organizations SET user_count = user_count + 1 WHERE id = new.organization_id;
END;
CREATE TRIGGER members_deleted AFTER DELETE ON members BEGIN
    UPDATE organizations SET user_count = user_count - 1 WHERE id = old.organization_id;
END;

-- Cameras, as far as limits and retention need them.
CREATE TABLE cameras (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    version         INTEGER NOT NULL DEFAULT 1,
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    kind            INTEGER NOT NULL CHECK (kind IN (1, 2) OR kind BETWEEN 50 AND 999), -- 1 front, 2 rear, 50+ auxiliary
    partner_id      INTEGER,                                         -- the administrator whose device it is, if known
    created_at_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX cameras_by_organization ON cameras (organization_id, id);
CREATE TRIGGER cameras_inserted AFTER INSERT ON cameras BEGIN
    UPDATE organizations SET camera_count = camera_count + 1 WHERE id = new.organization_id;
END;
CREATE TRIGGER cameras_deleted AFTER DELETE ON cameras BEGIN
    UPDATE organizations SET camera_count = camera_count - 1 WHERE id = old.organization_id;
END;
CREATE TRIGGER cameras_moved AFTER UPDATE OF organization_id ON cameras BEGIN
    UPDATE organizations SET camera_count = camera_count - 1 WHERE id = old.organization_id;
    UPDATE organizations SET camera_count = camera_count + 1 WHERE id = new.organization_id;
END;

-- Legal holds: what is under hold is not deleted and its footage is not kept shorter, whoever asks.
CREATE TABLE holds (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER UNIQUE REFERENCES organizations (id),    -- this organization and its cameras, or
    camera_id       INTEGER UNIQUE REFERENCES cameras (id),          -- this camera
    reason          TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    author          TEXT    NOT NULL,                                -- login of whoever set it; may be gone by now, hence no reference
    since_ms        INTEGER NOT NULL,
    CHECK ((organization_id IS NULL) <> (camera_id IS NULL))
) STRICT;

-- Installation groups (IGRPs) and the types an organization can have in each.
CREATE TABLE igrps (
    id        INTEGER PRIMARY KEY,                                   -- chosen by whoever configures it
    name      TEXT    NOT NULL,
    from_file INTEGER NOT NULL DEFAULT 0 CHECK (from_file IN (0, 1))
) STRICT;
CREATE TABLE igrp_types (
    igrp_id    INTEGER NOT NULL REFERENCES igrps (id) ON DELETE CASCADE,
    code       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    sort_order INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (igrp_id, code)
) STRICT, WITHOUT ROWID;

-- What an organization is within a group. The type is no foreign key: a type that the configuration drops stays readable.
CREATE TABLE organization_igrps (
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    igrp_id         INTEGER NOT NULL REFERENCES igrps (id) ON DELETE CASCADE,
    type_code       TEXT,
    reference       TEXT,
    PRIMARY KEY (organization_id, igrp_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX organization_igrps_by_igrp ON organization_igrps (igrp_id);

-- What the files say of organizations, as last applied: a start with a broken file keeps it, and what is made or moved
-- meanwhile gets its share. Tables that have ended are taken out.
CREATE TABLE override_tables (
    id             INTEGER PRIMARY KEY,                              -- stays while file and selector stay: lines shift, ids don't
    position       INTEGER NOT NULL,                                 -- in file order: of equally particular tables the later wins
    scope          TEXT    NOT NULL CHECK (scope IN ('all', 'subtree', 'name')), -- *, north/**, north
    name           TEXT    CHECK ((name IS NULL) = (scope = 'all')), -- no reference: it may name what is not there yet
    file           TEXT    NOT NULL,                                 -- config.toml, config.d/10-site.toml
    line           INTEGER NOT NULL,                                 -- of its head
    create_missing INTEGER NOT NULL CHECK (create_missing IN (0, 1)),
    parents        TEXT    NOT NULL,                                 -- JSON array of names, for one that is made
    expires_at_ms  INTEGER                                           -- NULL: until it is taken out of the file
) STRICT;
CREATE INDEX override_tables_by_name ON override_tables (name, scope);
CREATE INDEX override_tables_by_end ON override_tables (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- The lines of those tables. A field is spelled as its column in organizations.
CREATE TABLE override_settings (
    table_id INTEGER NOT NULL REFERENCES override_tables (id) ON DELETE CASCADE,
    field    TEXT    NOT NULL,
    value    ANY     NOT NULL,
    line     INTEGER NOT NULL,
    PRIMARY KEY (table_id, field)
) STRICT, WITHOUT ROWID;

-- Which files were applied last; no row before the first time and after they have been cleared.
CREATE TABLE override_state (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),      -- SHA-256 over the files
    applied_at_ms INTEGER NOT NULL
) STRICT;

-- The files as they were read last without a mistake, so that a start on broken or missing ones knows how to run. A file
-- names secrets and holds none.
CREATE TABLE last_good (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    main  TEXT    NOT NULL,                                          -- the path of the main file: another file's words are not its
    files TEXT    NOT NULL                                           -- JSON array of [name, text] in file order
) STRICT;

-- The fields of organizations that a file manages. The organization's own row has the value in force, so that reads, lists
-- and limits cost what they cost without files; what the API stored is kept here and goes back when the file lets go.
CREATE TABLE managed_fields (
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    field           TEXT    NOT NULL,
    table_id        INTEGER,                                         -- who manages it; NULL: no file any more, but a legal hold keeps the value
    stored          ANY,                                             -- what the column held; NULL: nothing, so the default
    PRIMARY KEY (organization_id, field)
) STRICT, WITHOUT ROWID;

-- What billing must hear, in order. A row is written in the transaction of the change it tells of, and never changes. It
-- goes once it was delivered upstream and lies behind the window that the change feed keeps.
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY,                                  -- from site.last_seq: gapless within an epoch
    event_uuid BLOB    NOT NULL CHECK (length(event_uuid) = 16), -- UUIDv7, random: sequence numbers come again after a restore
    epoch_uuid BLOB    NOT NULL CHECK (length(epoch_uuid) = 16),
    type       TEXT    NOT NULL,                                     -- io.orgbox.organization.updated.v1
    subject    TEXT    NOT NULL,                                     -- organization/42
    version    INTEGER NOT NULL,                                     -- rises per subject: a receiver keeps the greatest
    at_ms      INTEGER NOT NULL,
    data       TEXT    NOT NULL                                      -- id, op, changed, cause, actor, and the full after-image
) STRICT;

-- Where sending stands: exactly one row.
CREATE TABLE upstream (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    epoch_uuid      BLOB    CHECK (length(epoch_uuid) = 16),         -- the epoch that was opened upstream; NULL: none yet
    acked_seq       INTEGER NOT NULL DEFAULT 0,                      -- up to here every event is delivered, replaced by a later one, or parked
    chain           BLOB    NOT NULL DEFAULT x'' CHECK (length(chain) IN (0, 32)), -- hash chain over the batches delivered in the epoch
    snapshot_at     TEXT,                                            -- how far the full state was told, as kind:id; NULL: it was
    fingerprint     TEXT,                                            -- of the machine, the file and the receiver for which the epoch was opened
    quarantine      TEXT,                                            -- why nothing is sent until an operator decides; NULL: nothing is wrong
    last_success_ms INTEGER,                                         -- when a batch was last acknowledged
    epoch_due       TEXT,                                            -- why an operator has an epoch opened; NULL: none is asked for
    delivered_seq   INTEGER NOT NULL DEFAULT 0                       -- up to here the receiver has been told; the next batch covers what is behind
) STRICT;
INSERT INTO upstream (id) VALUES (1);

-- The batch under way: frozen before its first try, so that every try is the same to the letter. At most one row.
CREATE TABLE upstream_batch (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    batch_uuid   BLOB    NOT NULL CHECK (length(batch_uuid) = 16),
    from_seq     INTEGER NOT NULL,                                   -- the lowest number that its first event stands for
    seqs         TEXT    NOT NULL,                                   -- JSON list of the events in it
    body_hash    BLOB    NOT NULL CHECK (length(body_hash) = 32),    -- SHA-256
    frozen_at_ms INTEGER NOT NULL
) STRICT;

-- Events that upstream does not take: kept until an operator decides, and with each what came later of its subject.
CREATE TABLE upstream_parked (
    subject         TEXT    PRIMARY KEY,
    seq             INTEGER NOT NULL,                                -- the event that was refused
    event_uuid      BLOB    NOT NULL CHECK (length(event_uuid) = 16),
    epoch_uuid      BLOB    NOT NULL CHECK (length(epoch_uuid) = 16),
    type            TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    data            TEXT    NOT NULL,
    reason          TEXT    NOT NULL,                                -- what upstream said
    parked_at_ms    INTEGER NOT NULL,
    followers       INTEGER NOT NULL DEFAULT 0,                      -- later events of the subject; the newest of them is kept
    newest_type     TEXT,
    newest_version  INTEGER,
    newest_at_ms    INTEGER,
    newest_data     TEXT,
    newest_seq      INTEGER                                          -- later events up to this one have been seen
) STRICT, WITHOUT ROWID;

-- By which second the usage of an organization was told last, where upstream takes usage: no two values share a second, even
-- after the clock went back.
CREATE TABLE upstream_gauges (
    subject TEXT    PRIMARY KEY,                                     -- organization/42
    second  INTEGER NOT NULL                                         -- since 1970
) STRICT, WITHOUT ROWID;

-- A digest of everything that events tell of: the wrapping sum of the hashes of all subjects' states, by the first digit of
-- the hash of the subject. Kept up to date in each change's transaction; a receiver keeps its own and compares.
CREATE TABLE state_digest (
    bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 15),
    sum    INTEGER NOT NULL DEFAULT 0                                -- 64 bits, wrapping
) STRICT;

-- The audit trail: one row per change, written in the same transaction. Append-only, as the triggers see to, and chained:
-- a row's hash covers the hash of the row before it, see src/store/audit_chain.rs.
CREATE TABLE audit (
    id              INTEGER PRIMARY KEY,                             -- 1, 2, 3 and so on without a gap
    at_ms           INTEGER NOT NULL,
    actor           TEXT    NOT NULL,                                -- login, or the name of what acted, or both: ann (system key)
    actor_user_id   INTEGER,                                         -- no reference: the user may be gone by now
    actor_key       TEXT,                                            -- the name of the API key that was used, if one was
    address         TEXT,                                            -- the peer's address; NULL at the command line
    dialect         TEXT    NOT NULL,                                -- watcher, wotkit, infinity, surfsight, native, cli, file, system
    request_id      TEXT    NOT NULL,                                -- finds the log lines; empty where the box itself acts
    operation       TEXT    NOT NULL CHECK (operation IN ('create', 'update', 'delete')),
    subject         TEXT    NOT NULL,                                -- organization/42
    organization_id INTEGER,                                         -- the organization that it concerns, which may be gone by now
    hash            BLOB    NOT NULL CHECK (length(hash) = 32),      -- SHA-256 over the hash before it and every other column
    before          TEXT,                                            -- the fields that changed; NULL for what is new
    after           TEXT                                             -- the same fields afterwards; NULL for what is gone
) STRICT;
CREATE INDEX audit_by_organization ON audit (organization_id) WHERE organization_id IS NOT NULL;
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit trail is append-only');
END;
