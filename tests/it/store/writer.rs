//! The one writer: shared commits, contained failures, bounded waiting, and an answer for everybody.

use std::{
    sync::{
        Arc, Barrier,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use orgbox::{
    model::{
        Error, Fault, Field, Kind, OrgId, Organization, Result,
        actor::Who,
        organization::{NewOrganization, OrganizationPatch},
    },
    ops::{hierarchy, organization},
    store::{Options, Write},
};

use crate::support::Bare;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_failing_and_a_panicking_job_leave_nothing_behind_and_harm_nobody() {
    let bare = Bare::new();
    let held = hold(&bare);
    let (sender, receiver) = channel();
    for number in 0..40 {
        let sender = sender.clone();
        let work = move |write: &Write<'_>| {
            let made = create(write, &format!("Org {number}"))?;
            hierarchy::set_parents(write, &Who::command_line(), made.id, &[OrgId::DEFAULT])?;
            match number {
                13 => Err(Error::refused(Field::Title, "unlucky", "no")),
                26 => panic!("on purpose"),
                _ => Ok(made.id),
            }
        };
        bare.store.submit(work, move |outcome| sender.send((number, outcome)).unwrap());
    }
    held.send(()).unwrap();
    let mut outcomes: Vec<_> = (0..40).map(|_| receiver.recv_timeout(PATIENCE).unwrap()).collect();
    outcomes.sort_by_key(|(number, _)| *number);
    for (number, outcome) in &outcomes {
        match (number, outcome) {
            (13, Err(error)) => assert_eq!(error.code, "unlucky"),
            (26, Err(error)) => assert_eq!(error.kind, Kind::Internal),
            (_, outcome) => assert!(outcome.is_ok(), "{number}: {outcome:?}"),
        }
    }
    let mut titles = bare.column("SELECT title FROM organizations WHERE id > 1 ORDER BY id");
    assert_eq!(titles.len(), 38);
    titles.retain(|title| title == "Org 13" || title == "Org 26");
    assert!(titles.is_empty(), "{titles:?}");
    for table in ["outbox", "audit"] {
        let text = if table == "outbox" { "data" } else { "after" };
        let sql = format!("SELECT count(*) FROM {table} WHERE {text} LIKE '%Org 13%' OR {text} LIKE '%Org 26%'");
        assert_eq!(bare.column(&sql), ["0"], "{table}");
    }
    assert_gapless(&bare);
    let known = bare.store.reader().unwrap().read(|read| Ok(read.hierarchy(|graph| graph.len()))).unwrap();
    assert_eq!(known, 39, "38 and the default organization");
}

#[test]
fn jobs_that_wait_together_share_a_commit() {
    let bare = Bare::new();
    let before = bare.store.statistics();
    let held = hold(&bare);
    let (sender, receiver) = channel();
    for number in 0..100 {
        let sender = sender.clone();
        bare.store.submit(
            move |write| create(write, &format!("Org {number}")),
            move |outcome| {
                sender.send(outcome.map(drop)).unwrap();
            },
        );
    }
    held.send(()).unwrap();
    for _ in 0..100 {
        receiver.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    let after = bare.store.statistics();
    assert_eq!(after.jobs - before.jobs, 101);
    assert_eq!(after.batches - before.batches, 2, "the job that held the writer up, and all that waited behind it");
}

#[test]
fn no_more_jobs_share_a_commit_than_allowed() {
    let bare = Bare::with(Options { batch_jobs: 7, ..Options::default() });
    let before = bare.store.statistics();
    let held = hold(&bare);
    let (sender, receiver) = channel();
    for number in 0..21 {
        let sender = sender.clone();
        bare.store.submit(
            move |write| create(write, &format!("Org {number}")),
            move |outcome| {
                sender.send(outcome.map(drop)).unwrap();
            },
        );
    }
    held.send(()).unwrap();
    for _ in 0..21 {
        receiver.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    assert_eq!(bare.store.statistics().batches - before.batches, 1 + 3);
}

#[test]
fn many_threads_are_all_answered() {
    let bare = Arc::new(Bare::new());
    let start = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let (bare, start) = (Arc::clone(&bare), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                let made = |number| bare.store.write(move |write| create(write, &format!("Org {thread}-{number}")));
                (0..25).map(|number| made(number).unwrap().id).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    assert_eq!(bare.column("SELECT count(*) FROM organizations"), ["201"]);
    assert_gapless(&bare);
}

#[test]
fn one_more_than_may_wait_is_told_that_the_box_is_busy() {
    let bare = Bare::with(Options { queue_jobs: 3, ..Options::default() });
    let held = hold(&bare);
    let (sender, receiver) = channel();
    for number in 0..4 {
        let sender = sender.clone();
        bare.store.submit(
            move |write| create(write, &format!("Org {number}")),
            move |outcome| {
                sender.send((number, outcome.map(drop))).unwrap();
            },
        );
    }
    let (number, outcome) = receiver.recv_timeout(PATIENCE).unwrap();
    assert_eq!((number, outcome.unwrap_err().kind), (3, Kind::Busy));
    held.send(()).unwrap();
    for _ in 0..3 {
        receiver.recv_timeout(PATIENCE).unwrap().1.unwrap();
    }
}

#[test]
fn a_stop_commits_what_is_queued_and_answers_what_comes_later() {
    let bare = Arc::new(Bare::new());
    let held = hold(&bare);
    let (sender, receiver) = channel();
    let submit = |number: i32| {
        let sender = sender.clone();
        bare.store.submit(
            move |write| create(write, &format!("Org {number}")),
            move |outcome| {
                sender.send((number, outcome.map(drop))).unwrap();
            },
        );
    };
    (0..10).for_each(submit);
    let stopping = {
        let bare = Arc::clone(&bare);
        std::thread::spawn(move || bare.store.stop())
    };
    held.send(()).unwrap();
    stopping.join().unwrap();
    submit(10);
    let mut outcomes: Vec<_> = (0..11).map(|_| receiver.recv_timeout(PATIENCE).unwrap()).collect();
    outcomes.sort_by_key(|(number, _)| *number);
    let (_, last) = outcomes.pop().unwrap();
    assert_eq!(last.unwrap_err().kind, Kind::Unavailable(Fault::Stopping));
    assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()), "{outcomes:?}");
    assert_eq!(bare.column("SELECT count(*) FROM organizations WHERE title LIKE 'Org %'"), ["10"]);
}

#[test]
fn jobs_queued_behind_a_stop_are_answered_too() {
    // Whether the stop gets into the queue before the last job is up to the scheduler; soon enough it does.
    assert!((0..50).any(|_| stop_amid_jobs() > 0), "no job was ever queued behind the stop");
}

/// Stops a store while jobs are queued. Returns how many of them were told that it is stopping.
fn stop_amid_jobs() -> usize {
    let bare = Arc::new(Bare::new());
    let held = hold(&bare);
    let (sender, receiver) = channel();
    let start = Arc::new(Barrier::new(2));
    let stopping = {
        let (bare, start) = (Arc::clone(&bare), Arc::clone(&start));
        std::thread::spawn(move || {
            start.wait();
            bare.store.stop();
        })
    };
    start.wait();
    for number in 0..200 {
        let sender = sender.clone();
        let work = move |write: &Write<'_>| create(write, &format!("Org {number}"));
        bare.store.submit(work, move |outcome| sender.send(outcome.map(drop)).unwrap());
        std::thread::yield_now();
    }
    held.send(()).unwrap();
    stopping.join().unwrap();
    let outcomes: Vec<_> = (0..200).map(|_| receiver.recv_timeout(PATIENCE).unwrap()).collect();
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!(error.kind, Kind::Unavailable(Fault::Stopping));
    }
    assert_eq!(bare.column("SELECT count(*) FROM organizations WHERE title LIKE 'Org %'"), [done.to_string()]);
    200 - done
}

#[test]
fn a_refusal_that_rested_on_a_lost_change_is_not_told() {
    let bare = Bare::new();
    let held = hold(&bare);
    let (sender, receiver) = channel();
    let named = |write: &Write<'_>| {
        let new = NewOrganization { name: Some("only".to_owned()), title: "Only".to_owned(), ..Default::default() };
        organization::create(write, &Who::command_line(), new)
    };
    let tell =
        |sender: Sender<Result<()>>| move |outcome: Result<Organization>| sender.send(outcome.map(drop)).unwrap();
    bare.store.submit(named, tell(sender.clone()));
    bare.store.submit(named, tell(sender.clone()));
    bare.store.submit(|_| Err(Error::unavailable(Fault::IoError)), tell(sender.clone()));
    held.send(()).unwrap();
    for _ in 0..3 {
        let error = receiver.recv_timeout(PATIENCE).unwrap().unwrap_err();
        assert_eq!(error.kind, Kind::Unavailable(Fault::IoError), "{error:?}");
    }
    assert_eq!(bare.column("SELECT count(*) FROM organizations WHERE name = 'only'"), ["0"]);
    assert_eq!(bare.store.health().unwrap().fault, Fault::IoError);
    assert_eq!(bare.store.write(named).unwrap().name, "only", "the next write tries again");
    assert_eq!(bare.store.health(), None);
}

#[test]
fn damage_stays_told_though_another_write_went_through() {
    let bare = Bare::new();
    let reader = bare.store.reader().unwrap();
    reader.read(|_| Err::<(), _>(Error::unavailable(Fault::Corrupt))).unwrap_err();
    bare.organization("One");
    assert_eq!(bare.store.health().unwrap().fault, Fault::Corrupt);
    reader.read(|_| Err::<(), _>(Error::unavailable(Fault::IoError))).unwrap_err();
    assert_eq!(bare.store.health().unwrap().fault, Fault::Corrupt);
}

#[test]
fn a_job_has_one_moment_and_sees_its_own_changes() {
    let bare = Bare::new();
    let seen = bare.write(|write, who| {
        let made = create(write, "One")?;
        let patch = OrganizationPatch { title: Some("Two".to_owned()), ..OrganizationPatch::default() };
        organization::update(write, who, made.id, patch)?;
        assert!(write.hierarchy(|graph| graph.parents(made.id) == [OrgId::DEFAULT]));
        organization::view(write, &who.actor, made.id)
    });
    assert_eq!(seen.unwrap().title, "Two");
    assert_eq!(bare.column("SELECT count(DISTINCT at_ms) FROM audit"), ["1"]);
}

/// Submits a job that waits, so that what is submitted after it queues up. A message lets it go.
fn hold(bare: &Bare) -> Sender<()> {
    let (release, released): (Sender<()>, Receiver<()>) = channel();
    let (begun, beginning) = channel();
    let work = move |_: &Write<'_>| {
        begun.send(()).unwrap();
        released.recv_timeout(PATIENCE).unwrap();
        Ok(())
    };
    bare.store.submit(work, |outcome| outcome.unwrap());
    beginning.recv_timeout(PATIENCE).unwrap();
    release
}

fn create(write: &Write<'_>, title: &str) -> Result<Organization> {
    let new = NewOrganization { title: title.to_owned(), ..NewOrganization::default() };
    organization::create(write, &Who::command_line(), new)
}

fn assert_gapless(bare: &Bare) {
    let sql = "SELECT count(*) = max(seq) AND min(seq) = 1 AND max(seq) = (SELECT last_seq FROM site) FROM outbox";
    assert_eq!(bare.column(sql), ["1"]);
}
