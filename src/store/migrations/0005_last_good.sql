-- Keeps the text of the files that were in order last.
CREATE TABLE last_good (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    main  TEXT    NOT NULL,
    files TEXT    NOT NULL
) STRICT;
