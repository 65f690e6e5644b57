-- By which second the usage of an organization was told last, where upstream takes usage.
CREATE TABLE upstream_gauges (
    subject TEXT    PRIMARY KEY,
    second  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
