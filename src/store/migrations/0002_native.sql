-- Keys with a scope, creates that may be sent twice, legal holds, and what the VMS reports.
ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'full' CHECK (scope IN ('full', 'read'));
ALTER TABLE api_keys ADD COLUMN organization_id INTEGER REFERENCES organizations (id);
ALTER TABLE api_keys ADD COLUMN network TEXT;
ALTER TABLE api_keys ADD COLUMN last_used_at_ms INTEGER;
CREATE INDEX api_keys_by_organization ON api_keys (organization_id) WHERE organization_id IS NOT NULL;

CREATE TABLE idempotency_keys (
    actor         TEXT    NOT NULL,
    key           TEXT    NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash  BLOB    NOT NULL CHECK (length(request_hash) = 32),
    status        INTEGER NOT NULL,
    headers       TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_ms);

ALTER TABLE organizations ADD COLUMN dvr_used_gb INTEGER NOT NULL DEFAULT 0 CHECK (dvr_used_gb >= 0);

CREATE TABLE holds (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER UNIQUE REFERENCES organizations (id),
    camera_id       INTEGER UNIQUE REFERENCES cameras (id),
    reason          TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    author          TEXT    NOT NULL,
    since_ms        INTEGER NOT NULL,
    CHECK ((organization_id IS NULL) <> (camera_id IS NULL))
) STRICT;

DROP VIEW organizations_in_force;
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
