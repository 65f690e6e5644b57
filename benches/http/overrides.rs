//! What applying files costs on a box with many organizations: CPU of the process, and how long the writer is taken; and
//! what reads cost with and without them.

use std::time::Instant;

use orgbox::{
    model::{
        actor::Who,
        overrides::{self, Document, Place, Selector, Setting, Table, Value},
    },
    ops::overrides::{Outcome, clear, plan, replace},
};

use super::{
    Plan, ROUNDS, cpu,
    load::{self, Load},
    rig::Rig,
};

/// Tables of the large file.
const TABLES: i64 = 10_000;

/// Measures every application in turn, each on what the one before it left.
pub fn run(rig: &Rig, plan: &Plan) {
    if !plan.wants("overrides") {
        return;
    }
    println!("{:<52} {:>9} {:>9} {:>9}", "overrides", "changed", "CPU ms", "wall ms");
    planned(rig, "plan 10000 names with two fields", &names(20, 1));
    apply(rig, "10000 names with two fields", names(20, 1));
    apply(rig, "the same again", names(20, 1));
    apply(rig, "the same, every line moved", names(20, 2));
    apply(rig, "another value on each", names(21, 2));
    apply(rig, "10000 subtrees, one field, nothing else", subtrees());
    let everybody = Document { tables: vec![table(Selector::All, 20, 1)], allow_shrink: true, digest: [5; 32] };
    apply(rig, "all organizations by *", everybody);
    measure("clear", || cleared(rig));
    println!("{:<52} {:>9} {:>9} {:>9}", "reads of 10000 with two fields of files", "µs", "µs without", "ratio");
    let number = |index: usize| 2 + index % 10_000 * 9;
    let one = move |index| format!("/vsaas/api/v2/organizations/{}", number(index));
    read(rig, plan, "watcher   read one", &one, &rig.watcher(), 40_000);
    let list = |_| "/api/v1/orgs?limit=100".to_owned();
    read(rig, plan, "wotkit    list 100", &list, &rig.basic(), 4_000);
}

/// Reads with files in force held against the same reads without any, by turns; CPU of the server alone.
fn read(rig: &Rig, plan: &Plan, name: &str, path: &dyn Fn(usize) -> String, credential: &str, requests: usize) {
    let request = |index: usize| format!("GET {} HTTP/1.1\r\nhost: box\r\n{credential}\r\n\r\n", path(index));
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let said = names(20, 1);
        rig.store().write(move |write| replace(write, &said)).unwrap();
        let loaded = load::run(rig.address(), 64, plan.requests(requests), &request);
        cleared(rig);
        let bare = load::run(rig.address(), 64, plan.requests(requests), &request);
        // The first round warms caches up.
        if round > 0 {
            with.push(loaded);
            without.push(bare);
        }
    }
    let [with, without] = [with, without].map(|loads| Load::median(loads).cpu_us);
    println!("{name:<52} {with:>9.1} {without:>9.1} {:>9.2}", without / with);
}

fn cleared(rig: &Rig) -> usize {
    rig.store().write(|write| clear(write, &Who::system())).unwrap().changed.len()
}

fn names(days: i64, first_line: u32) -> Document {
    let named = |number: i64| Selector::Name(format!("site-{}", 2 + number * 9));
    let mut tables: Vec<_> = (0..TABLES).map(|number| table(named(number), days, line(number, first_line))).collect();
    for table in &mut tables {
        let place = Place { line: table.place.line + 2, ..table.place.clone() };
        let (field, _) = overrides::field("camera_limit").unwrap();
        table.settings.push(Setting { field, value: Value::Number(64), place });
    }
    let digest = [u8::try_from(days).unwrap() + u8::try_from(first_line).unwrap(); 32];
    Document { tables, allow_shrink: true, digest }
}

fn subtrees() -> Document {
    let below = |number: i64| Selector::Subtree(format!("site-{}", 2 + number * 9));
    let tables = (0..TABLES).map(|number| table(below(number), 22, line(number, 1))).collect();
    Document { tables, allow_shrink: true, digest: [4; 32] }
}

fn line(number: i64, first: u32) -> u32 {
    u32::try_from(number).unwrap() * 4 + first
}

fn table(selector: Selector, days: i64, line: u32) -> Table {
    let place = |line| Place { file: "config.d/10-site.toml".to_owned(), line };
    let (field, _) = overrides::field("purge_days").unwrap();
    let settings = vec![Setting { field, value: Value::Number(days), place: place(line + 1) }];
    Table { selector, place: place(line), settings, create: false, parents: Vec::new(), expires_at_ms: None }
}

fn apply(rig: &Rig, name: &str, document: Document) {
    let store = rig.store();
    measure(name, || match store.write(move |write| replace(write, &document)).unwrap() {
        Outcome::Applied(report) => report.changed.len(),
        other => panic!("{other:?}"),
    });
}

fn planned(rig: &Rig, name: &str, document: &Document) {
    let reader = rig.store().reader().unwrap();
    measure(name, || reader.read(|read| plan(read, document, 0)).unwrap().organizations.len());
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real time")]
fn measure(name: &str, work: impl FnOnce() -> usize) {
    let (cpu_ns, started) = (cpu::servers_ns(), Instant::now());
    let changed = work();
    let cpu_ms = (cpu::servers_ns() - cpu_ns) as f64 / 1e6;
    println!("{name:<52} {changed:>9} {cpu_ms:>9.0} {:>9.0}", started.elapsed().as_secs_f64() * 1e3);
}
