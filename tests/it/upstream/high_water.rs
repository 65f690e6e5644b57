//! The high-water file, and what follows from comparing it with the database.

use orgbox::upstream::high_water::{Finding, HighWater, Standing, compare, next_bound, path, read, write};
use uuid::Uuid;

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[test]
fn every_way_back_in_time_is_noticed() {
    let file = HighWater { site: uuid(1), epoch: uuid(2), acked_seq: 100, bound_seq: 1000, chain: "aa".into() };
    let same = Standing {
        site: uuid(1),
        epoch: Some(uuid(2)),
        acked_seq: 100,
        chain: "aa".into(),
        fingerprint: Some("here".into()),
    };
    let with = |change: fn(&mut Standing)| {
        let mut changed = same.clone();
        change(&mut changed);
        changed
    };
    assert_eq!(compare(&same, Some(&file), "here"), Finding::Same);
    assert_eq!(compare(&with(|it| it.acked_seq = 250), Some(&file), "here"), Finding::Same);
    let renewed =
        |database: &Standing, fingerprint| matches!(compare(database, Some(&file), fingerprint), Finding::NewEpoch(_));
    assert!(renewed(&with(|it| it.epoch = Some(uuid(3))), "here"));
    assert!(renewed(&with(|it| it.acked_seq = 99), "here"));
    assert!(renewed(&with(|it| it.chain = "bb".into()), "here"));
    assert!(renewed(&same, "elsewhere"));
    let reason = |fingerprint| compare(&with(|it| it.fingerprint = Some("aa-bb".into())), Some(&file), fingerprint);
    assert_eq!(reason("aa-bb"), Finding::Same);
    assert_eq!(reason("cc-bb"), Finding::NewEpoch("the database was copied or moved"));
    assert_eq!(reason("aa-cc"), Finding::NewEpoch("it goes to another address, or in another format"));
    assert!(renewed(&with(|it| it.epoch = None), "here"));
    assert!(matches!(compare(&with(|it| it.site = uuid(9)), Some(&file), "here"), Finding::Refuse(_)));
    assert!(matches!(compare(&same, None, "here"), Finding::NewEpoch(_)));
    assert_eq!(compare(&with(|it| it.epoch = None), None, "here"), Finding::NewEpoch("first start"));
}

#[test]
fn a_bound_is_a_whole_step_that_covers() {
    assert_eq!(next_bound(0, 1), Some(1000));
    assert_eq!(next_bound(1000, 1000), None);
    assert_eq!(next_bound(1000, 1001), Some(2000));
    assert_eq!(next_bound(1000, 3500), Some(4000));
}

#[test]
fn the_file_is_read_as_it_was_written_and_rubbish_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(&folder.path().join("orgbox.db"));
    assert_eq!(path.file_name().unwrap(), "orgbox.hwm");
    assert_eq!(read(&path).unwrap(), None);
    let written = HighWater { site: uuid(1), epoch: uuid(2), acked_seq: 7, bound_seq: 1000, chain: "aa".into() };
    write(&path, &written).unwrap();
    assert_eq!(read(&path).unwrap(), Some(written));
    std::fs::write(&path, "{").unwrap();
    assert_eq!(read(&path).unwrap(), None);
}
