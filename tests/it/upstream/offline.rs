//! Ninety days without a link. `ORGBOX_LONG=1` makes a million changes on 5000 organizations of it; run that one alone, for
//! it watches the memory of the process.

use orgbox::{
    clock::Clock,
    model::OrgId,
    ops::outbox,
    upstream::{sender::Pass, settings::Settings},
};
use rusqlite::Connection;

use super::{
    faults::is_long,
    receiver::settings,
    rig::{self, Upstream},
    sending::Home,
};

/// Changes come in so many portions a day.
const PORTIONS: usize = 5;
const DAYS: usize = 90;
const DAY_MS: i64 = 86_400_000;
const MIB: i64 = 1 << 20;

/// How large a run is.
struct Size {
    organizations: usize,
    changes: usize,
    queue_bytes: i64,
}

/// What was found at its largest.
#[derive(Debug, Default)]
struct Peaks {
    counted_bytes: i64,
    table_bytes: i64,
    wal_bytes: i64,
    resident_after_a_week_bytes: i64,
    resident_bytes: i64,
    longest_step_ms: i64,
    longest_write_ms: i64,
}

#[test]
fn ninety_days_offline_stay_within_the_budget_and_end_with_the_exact_state() {
    let size = if is_long() {
        Size { organizations: 5000, changes: 1_000_000, queue_bytes: 64 * MIB }
    } else {
        Size { organizations: 150, changes: 4500, queue_bytes: MIB }
    };
    let home = Home::new();
    let ids = home.create_all((0..size.organizations).map(|number| format!("Organization {number}")).collect());
    let peaks = ninety_days(&home, &ids, &size);
    println!("{peaks:#?}");
    assert!(peaks.counted_bytes <= size.queue_bytes, "{peaks:?}");
    assert!(peaks.table_bytes <= size.queue_bytes, "{peaks:?}");
    if is_long() {
        assert!(peaks.resident_bytes < peaks.resident_after_a_week_bytes + 32 * MIB, "{peaks:?}");
    }

    let upstream = Upstream::start(&home.clock);
    let more = Settings { strict_ack: true, ..settings() };
    let (mut sender, status) = rig::sender(&home.store, &home.database(), &home.clock, upstream.address(), 1, more);
    let mut beats = 0;
    while beats < 3 {
        match sender.run_once() {
            Pass::Again => {}
            Pass::Wait(until_ms) => home.clock.advance_ms((until_ms - home.clock.monotonic_ms()).max(1)),
            Pass::Idle(until_ms) => {
                home.clock.advance_ms((until_ms - home.clock.monotonic_ms()).max(1));
                beats += 1;
            }
        }
    }
    let site = home.store.reader().unwrap().read(outbox::site).unwrap();
    upstream.assert_holds(site, &home.database());
    let view = upstream.view(site);
    assert!(view.agreed_at_ms.is_some() && view.difference.is_none() && view.gaps.is_empty(), "{view:#?}");
    println!("delivered: {:?}, {:?}", view.tallies, status.link().state);
}

/// Changes one organization after the other, with a link on which nobody answers. A change that is refused ends the test.
fn ninety_days(home: &Home, ids: &[OrgId], size: &Size) -> Peaks {
    // Nobody listens on a port that was given back.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let more = Settings { queue_bytes: size.queue_bytes, ..settings() };
    let (mut sender, _) = rig::sender(&home.store, &home.database(), &home.clock, nobody, 1, more);
    let (watch, connection) = (Clock::system(), Connection::open(home.database()).unwrap());
    let mut peaks = Peaks::default();
    let portion = size.changes / DAYS / PORTIONS;
    let mut number = 0;
    for day in 0..DAYS {
        for _ in 0..PORTIONS {
            let renames = (0..portion).map(|_| {
                number += 1;
                (ids[number * 7 % ids.len()], format!("Renamed for the {number}th time on day {day}"))
            });
            let began_ms = watch.monotonic_ms();
            home.rename_all(renames.collect());
            peaks.longest_write_ms = peaks.longest_write_ms.max(watch.monotonic_ms() - began_ms);
            home.clock.advance_ms(DAY_MS / PORTIONS as i64);
            loop {
                let began_ms = watch.monotonic_ms();
                let pass = sender.run_once();
                peaks.longest_step_ms = peaks.longest_step_ms.max(watch.monotonic_ms() - began_ms);
                if pass != Pass::Again {
                    break;
                }
            }
            let progress = home.store.reader().unwrap().read(outbox::progress).unwrap();
            peaks.counted_bytes = peaks.counted_bytes.max(progress.queued_bytes);
        }
        peaks.look(&connection, home, day);
    }
    if is_long() {
        let tables =
            "SELECT name || ' ' || (sum(pgsize) / 1048576) FROM dbstat GROUP BY name ORDER BY sum(pgsize) DESC LIMIT 6";
        println!("MiB: {:?}", crate::support::test_box::first_column(&connection, tables));
        println!("free pages: {:?}", crate::support::test_box::first_column(&connection, "PRAGMA freelist_count"));
    }
    peaks
}

impl Peaks {
    /// Measures the file itself, not what the box believes: every page of the queue, those that are free, and the log.
    fn look(&mut self, connection: &Connection, home: &Home, day: usize) {
        let sql = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = 'outbox' AND aggregate = TRUE";
        let table: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        let number =
            |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)).unwrap();
        let free = number("freelist_count") * number("page_size");
        self.table_bytes = self.table_bytes.max(table + free);
        let wal = std::fs::metadata(format!("{}-wal", home.database().display())).map_or(0, |wal| wal.len());
        self.wal_bytes = self.wal_bytes.max(wal.cast_signed());
        // Pages of 4 KiB on every machine that the box is built for.
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let resident = statm.split_ascii_whitespace().nth(1).unwrap().parse::<i64>().unwrap() * 4096;
        self.resident_bytes = self.resident_bytes.max(resident);
        if day == 7 {
            self.resident_after_a_week_bytes = resident;
        }
    }
}
