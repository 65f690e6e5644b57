//! The chain of the audit trail: whole after anything that the box does, and broken, by name, by anything else.

use orgbox::{
    clock::Clock,
    model::{
        BrandingId, Error, Field, OrgId, Result,
        actor::{Actor, Who},
        audit::{AuditFilter, AuditOrder, BrokenLink, Flaw, Progress, Verification},
        branding::Branding,
        organization::NewOrganization,
    },
    ops::{audit, organization},
    store::{
        Options, Store, Write, brandings, journal,
        migrate::{self, STEPS},
        open,
    },
};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::support::{Bare, test_box::NOON_MS};

#[test]
fn the_chain_is_whole_through_refusals_neighbours_and_a_new_start() {
    let bare = bare(3);
    let refused = bare.write(|write, who| {
        let new = NewOrganization { title: "Gone".to_owned(), ..NewOrganization::default() };
        organization::create(write, who, new)?;
        Err::<(), _>(Error::refused(Field::Id, "on_purpose", "no"))
    });
    refused.unwrap_err();
    let neighbour = Store::open(&bare.path(), Clock::manual(NOON_MS), Options::default()).unwrap();
    for store in [&neighbour, &bare.store, &neighbour] {
        store.write(row).unwrap();
        store.write(row).unwrap();
    }
    neighbour.stop();
    let rows = bare.column("SELECT count(*) FROM audit")[0].parse().unwrap();
    let found = verify(&bare.store);
    assert_eq!((found.first_broken, found.rows), (None, rows));

    let path = bare.path();
    let opened_again = Store::open(&path, Clock::manual(NOON_MS), Options::default()).unwrap();
    assert_eq!(verify(&opened_again), found);
    opened_again.write(row).unwrap();
    let after = verify(&opened_again);
    assert_eq!((after.first_broken, after.rows), (None, rows + 1));
    assert_ne!(after.head, found.head);
}

#[test]
fn a_hash_covers_every_column_as_it_is_documented() {
    let bare = bare(2);
    let mut previous = vec![0; 32];
    let connection = bare.sqlite();
    let sql = "SELECT id, at_ms, actor, actor_user_id, actor_key, address, dialect, request_id, operation, subject, \
               organization_id, before, after, hash FROM audit ORDER BY id";
    let mut statement = connection.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        let mut bytes = previous.clone();
        for column in 0..13 {
            match row.get::<_, rusqlite::types::Value>(column).unwrap() {
                rusqlite::types::Value::Null => bytes.push(0),
                rusqlite::types::Value::Integer(number) => {
                    bytes.push(1);
                    bytes.extend(number.to_be_bytes());
                }
                rusqlite::types::Value::Text(text) => {
                    bytes.push(2);
                    bytes.extend((text.len() as u64).to_be_bytes());
                    bytes.extend(text.as_bytes());
                }
                other => panic!("{other:?}"),
            }
        }
        previous = row.get(13).unwrap();
        assert_eq!(Sha256::digest(&bytes).to_vec(), previous);
        count += 1;
    }
    assert!(count > 5);
    assert_eq!(verify(&bare.store).head.hash.to_vec(), previous);
}

#[test]
fn whatever_is_changed_is_named() {
    let columns = [
        "at_ms = at_ms + 1",
        "actor = 'nobody'",
        "actor_user_id = 99",
        "actor_key = 'a key'",
        "address = '10.0.0.1'",
        "dialect = 'wotkit'",
        "request_id = 'another'",
        "operation = 'delete'",
        "subject = 'organization/99'",
        "organization_id = 99",
        "hash = zeroblob(32)",
        "before = '{}'",
        "after = replace(after, 'Org 1', 'Org 2')",
        // What stands in one column could as well stand in the next.
        "dialect = 'cl', request_id = 'i'",
    ];
    for change in columns {
        assert_broken(&format!("UPDATE audit SET {change} WHERE id = 6"), 6, Flaw::Changed);
    }
}

#[test]
fn whatever_is_missing_or_added_is_named() {
    assert_broken("DELETE FROM audit WHERE id = 6", 6, Flaw::Missing);
    assert_broken("DELETE FROM audit WHERE id = 1", 1, Flaw::Missing);
    assert_broken("DELETE FROM audit WHERE id >= 6", 6, Flaw::Missing);
    assert_broken("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", LAST, Flaw::Missing);
    assert_broken("DELETE FROM audit", 1, Flaw::Missing);
    let copy = |id: i64| {
        format!(
            "INSERT INTO audit SELECT {id}, at_ms, actor, actor_user_id, actor_key, address, dialect, request_id, \
             operation, subject, organization_id, hash, before, after FROM audit WHERE id = 6"
        )
    };
    assert_broken(&copy(0), 0, Flaw::Inserted);
    assert_broken(&copy(-5), -5, Flaw::Inserted);
    assert_broken(&copy(LAST + 1), LAST + 1, Flaw::Inserted);
    assert_broken(&copy(LAST + 9), LAST + 9, Flaw::Inserted);
    // Room is made for one in the middle.
    let shifted = format!(
        "UPDATE audit SET id = id + 1000 WHERE id >= 6; {}; UPDATE audit SET id = id - 999 WHERE id > 1000",
        copy(6).replace("id = 6", "id = 3")
    );
    assert_broken(&shifted, 6, Flaw::Changed);
    assert_broken(
        "UPDATE audit SET id = 1000 WHERE id = 6; UPDATE audit SET id = 6 WHERE id = 7; \
                   UPDATE audit SET id = 7 WHERE id = 1000",
        6,
        Flaw::Changed,
    );
}

#[test]
fn an_end_that_was_cut_off_stays_noticed_when_the_box_writes_on() {
    let bare = bare(6);
    tamper(&bare, &format!("DELETE FROM audit WHERE id >= {}", LAST - 2));
    bare.organization("Later");
    assert_eq!(verify(&bare.store).first_broken, Some(BrokenLink { id: LAST - 2, why: Flaw::Missing }));
    // A row behind the end does not keep the box from writing.
    let bare = self::bare(6);
    tamper(&bare, &format!("UPDATE audit SET id = {} WHERE id = {LAST}", LAST + 3));
    bare.organization("Later");
    assert_eq!(verify(&bare.store).first_broken, Some(BrokenLink { id: LAST, why: Flaw::Missing }));
}

#[test]
fn an_end_that_was_written_anew_does_not_fit_what_the_box_remembers() {
    let bare = bare(6);
    tamper(&bare, &format!("UPDATE site SET audit_hash = zeroblob(32), audit_last_id = {LAST}"));
    assert_eq!(verify(&bare.store).first_broken, Some(BrokenLink { id: LAST, why: Flaw::Changed }));
}

#[test]
fn long_trails_are_checked_and_read_in_parts() {
    const ROWS: usize = 12_000;
    let bare = Bare::new();
    let before = bare.column("SELECT count(*) FROM audit")[0].parse::<usize>().unwrap();
    for _ in 0..ROWS / 1000 {
        bare.write(|write, _| (0..1000).try_for_each(|_| row(write))).unwrap();
    }
    let mut walk = None;
    let mut steps = 0;
    let reader = bare.store.reader().unwrap();
    let found = loop {
        steps += 1;
        match reader.read(|read| audit::verify(read, &Actor::command_line(), walk)).unwrap() {
            Progress::More(on) => walk = Some(on),
            Progress::Done(found) => break found,
        }
        // What is written meanwhile is left to the next check.
        bare.write(|write, _| row(write)).unwrap();
    };
    assert!(steps > 2, "{steps} steps");
    assert_eq!((found.first_broken, found.rows), (None, (before + ROWS) as u64));
    tamper(&bare, "UPDATE audit SET actor = 'nobody' WHERE id = 11000");
    assert_eq!(verify(&bare.store).first_broken, Some(BrokenLink { id: 11_000, why: Flaw::Changed }));
}

#[test]
fn a_read_looks_at_a_bounded_part_of_a_long_trail() {
    let bare = Bare::new();
    let sql = "DROP TRIGGER audit_is_append_only_update; \
               WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 120000) \
               INSERT INTO audit (id, at_ms, actor, dialect, request_id, operation, subject, organization_id, hash) \
               SELECT i, i, 'ann', 'native', '', 'update', 'user/1', iif(i = 150, 42, 43), zeroblob(32) FROM n";
    bare.sqlite().execute_batch(sql).unwrap();
    let reader = bare.store.reader().unwrap();
    for order in [AuditOrder::NewestFirst, AuditOrder::OldestFirst] {
        let filter = AuditFilter { organization_id: Some(OrgId(42)), ..AuditFilter::default() };
        let (mut after, mut found, mut reads) = (None, Vec::new(), 0);
        loop {
            let actor = Actor::command_line();
            let slice = reader.read(|read| audit::list(read, &actor, &filter, order, after, 10)).unwrap();
            found.extend(slice.entries.into_iter().map(|entry| entry.id));
            reads += 1;
            after = slice.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((found, reads), (vec![150], 3), "{order:?}");
    }
}

#[test]
fn rows_from_before_the_chain_are_chained_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    let mut connection = Connection::open(&path).unwrap();
    let old = "INSERT INTO site (id, site_uuid, epoch_uuid, created_at_ms) VALUES (1, zeroblob(16), zeroblob(16), 0); \
         INSERT INTO organizations (id, name, title, title_key, sso_secret, created_at_ms) \
         VALUES (9, 'nine', 'Nine', 'nine', zeroblob(32), 0); \
         INSERT INTO cameras (id, organization_id, name, kind, created_at_ms) VALUES (3, 9, 'door', 1, 0); \
         INSERT INTO audit (at_ms, actor, dialect, request_id, operation, subject, before, after) VALUES \
         (1, 'ann', 'cli', '', 'create', 'organization/42', NULL, '{}'), \
         (2, 'ann', 'cli', '', 'update', 'member/42-7', '{}', '{}'), \
         (3, 'ann', 'cli', '', 'create', 'camera/2', NULL, '{\"organization_id\":8}'), \
         (4, 'ann', 'cli', '', 'update', 'camera/3', '{\"name\":\"a\"}', '{\"name\":\"door\"}'), \
         (5, 'ann', 'cli', '', 'delete', 'camera/2', '{\"organization_id\":8}', NULL), \
         (6, 'ann', 'cli', '', 'update', 'user/7', '{}', '{}');";
    connection.execute_batch(STEPS[0]).unwrap();
    connection.execute_batch(STEPS[1]).unwrap();
    connection.execute_batch(old).unwrap();
    connection.pragma_update(None, "application_id", open::APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    migrate::bring_up_to_date(&mut connection, &path, NOON_MS).unwrap();
    drop(connection);

    let store = Store::open(&path, Clock::manual(NOON_MS), Options::default()).unwrap();
    let found = verify(&store);
    assert_eq!((found.first_broken, found.rows, found.head.id), (None, 6, 6));
    store.write(row).unwrap();
    assert_eq!((verify(&store).first_broken, verify(&store).rows), (None, 7));
    let connection = Connection::open(&path).unwrap();
    let column = |sql: &str| crate::support::test_box::first_column(&connection, sql);
    let organizations = column("SELECT coalesce(organization_id, 0) FROM audit WHERE id <= 6 ORDER BY id");
    assert_eq!(organizations, ["42", "42", "8", "9", "8", "0"]);
    assert_eq!(column("SELECT at_ms || actor || subject FROM audit WHERE id = 4"), ["4anncamera/3"]);
    assert!(connection.execute("DELETE FROM audit", []).is_err());
    assert!(connection.execute("UPDATE audit SET actor = ''", []).is_err());
}

/// The newest row of [`bare`]`(6)`.
const LAST: i64 = 10;

/// A store with so many organizations of its own.
fn bare(organizations: i64) -> Bare {
    let bare = Bare::new();
    (0..organizations).for_each(|number| drop(bare.organization(&format!("Org {number}"))));
    bare
}

/// One more row, and nothing else.
fn row(write: &Write<'_>) -> Result<()> {
    let branding = Branding {
        id: BrandingId(50),
        name: String::new(),
        logo_filename: String::new(),
        landing_domain: String::new(),
        primary_color: "#000000".to_owned(),
        organizations: Vec::new(),
    };
    let change = brandings::put(write, &branding, false)?;
    journal::record_secret(write, &change, &Who::command_line(), "name")
}

fn verify(store: &Store) -> Verification {
    let reader = store.reader().unwrap();
    let mut walk = None;
    loop {
        match reader.read(|read| audit::verify(read, &Actor::command_line(), walk)).unwrap() {
            Progress::More(on) => walk = Some(on),
            Progress::Done(found) => return found,
        }
    }
}

fn tamper(bare: &Bare, sql: &str) {
    let free = "DROP TRIGGER IF EXISTS audit_is_append_only_update; DROP TRIGGER IF EXISTS audit_is_append_only_delete";
    bare.sqlite().execute_batch(&format!("{free}; {sql}")).unwrap();
}

#[track_caller]
fn assert_broken(sql: &str, id: i64, why: Flaw) {
    let bare = bare(6);
    assert_eq!(bare.column("SELECT max(id) FROM audit"), [LAST.to_string()]);
    assert_eq!(verify(&bare.store).first_broken, None);
    tamper(&bare, sql);
    let found = verify(&bare.store);
    assert_eq!(found.first_broken, Some(BrokenLink { id, why }), "{sql}");
    assert_eq!(found.rows, (id - 1).clamp(0, LAST) as u64, "{sql}");
}
