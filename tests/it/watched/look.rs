//! One look at a time, without a thread and without waiting: what each state of the files comes to.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use orgbox::{
    clock::Clock,
    config::{self, Config, Environment},
    model::actor::{Actor, Who},
    ops,
    overrides::{
        edge::{Edge, Outcome},
        state::{Standing, State},
    },
    store::{Options, Store},
};
use tempfile::TempDir;

use crate::support::{TestBox, test_box::NOON_MS};

const DAY_MS: i64 = 86_400_000;

/// Levels that were put in force while the box ran.
static LEVELS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Files, a database and the one who looks.
struct Scene {
    folder: TempDir,
    store: Arc<Store>,
    clock: Clock,
    edge: Edge,
}

impl Scene {
    /// With this main file after its first line.
    fn with(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orgbox.db");
        TestBox::start().query(&format!("VACUUM INTO '{}'", path.display()));
        let clock = Clock::manual(NOON_MS);
        let store = Arc::new(Store::open(&path, clock.clone(), Options::default()).unwrap());
        fs::write(folder.path().join("config.toml"), format!("version = 1\n{toml}")).unwrap();
        let edge = edge(&folder, &store, &clock);
        Self { folder, store, clock, edge }
    }

    /// As a restart does: whoever looks knows nothing of what was seen before.
    fn restart(&mut self) {
        self.edge = edge(&self.folder, &self.store, &self.clock);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn main(&self, toml: &str) {
        self.write("config.toml", &format!("version = 1\n{toml}"));
    }

    fn look(&mut self) -> Outcome {
        self.edge.run_once(&mut || {})
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.edge.state().read().unwrap())
    }

    /// The values in force of the default organization: camera limit and purge days.
    fn in_force(&self) -> (i64, i64) {
        let organization = self
            .store
            .reader()
            .unwrap()
            .read(|read| ops::organization::view(read, &Actor::system(), orgbox::model::OrgId::DEFAULT));
        let organization = organization.unwrap();
        (organization.limits.camera_limit, organization.retention.purge_days)
    }
}

fn edge(folder: &TempDir, store: &Arc<Store>, clock: &Clock) -> Edge {
    let main = folder.path().join("config.toml");
    // What the process was started with, before anything was changed.
    let config = Config::default();
    let source = config::Source { file: Some(main.clone()), environment: Environment::default(), ..config.source };
    let source = match config::load(Some(&main), &Environment::default()) {
        Ok(config) => config.source,
        Err(_) => source,
    };
    let live = |config: &Config| LEVELS.lock().unwrap().push(config.log.level.clone());
    Edge::new(&main, source, Arc::clone(store), clock.clone(), live).unwrap()
}

#[track_caller]
fn lines(outcome: Outcome) -> Vec<String> {
    match outcome {
        Outcome::Rejected(lines) => lines,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn sentence(outcome: Outcome) -> String {
    match outcome {
        Outcome::Held(sentence) => sentence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_without_tables_leave_no_trace() {
    let mut scene = Scene::with("");
    assert_eq!(scene.look(), Outcome::Unchanged);
    assert_eq!((scene.state().standing, &scene.state().digest), (Standing::InForce, &None));
}

#[test]
fn what_the_files_say_is_in_force_until_they_say_otherwise() {
    let mut scene = Scene::with("[organizations.default]\ncamera_limit = 5\n");
    assert_eq!(scene.look(), Outcome::Applied(1));
    assert_eq!(scene.in_force(), (5, 31));
    assert_eq!(scene.look(), Outcome::Unchanged);
    scene.write("config.d/10.toml", "version = 1\n[organizations.default]\npurge_days = 9\ncamera_limit = 6\n");
    assert_eq!(scene.look(), Outcome::Applied(1));
    assert_eq!(scene.in_force(), (6, 9));
    let state = scene.state();
    assert_eq!((state.standing, state.in_force_ms, state.digest.is_some()), (Standing::InForce, Some(NOON_MS), true));
    scene.write("config.d/10.toml", "version = 1\n");
    scene.main("");
    assert_eq!(scene.look(), Outcome::Applied(1));
    assert_eq!(scene.in_force(), (1000, 31));
}

#[test]
fn a_broken_file_changes_nothing_and_all_that_is_wrong_is_told() {
    let good = "[organizations.default]\ncamera_limit = 5\n";
    let mut scene = Scene::with(good);
    scene.look();
    scene.clock.advance_ms(1000);
    scene.main("[organizations.default]\ncamera_limit = -1\n[log]\nlevel = \"loud\"\n");
    scene.write("config.d/10.toml", "version = 1\n[organizations.\"*\"]\npurge_days = 7\n");
    scene.write("config.d/20.toml", "");
    let told = lines(scene.look());
    let here = scene.folder.path().display();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].starts_with(&format!("{here}/config.toml:3:16: `organizations.\"default\".camera_limit` must be")));
    assert!(told[1].starts_with(&format!("{here}/config.toml:5:9: `log.level` must be one of ")));
    assert!(told[2].starts_with(&format!("{here}/config.d/20.toml:1:1: the file is empty")));
    assert_eq!(scene.in_force(), (5, 31), "half of it is not taken");
    let state = scene.state();
    assert_eq!((state.standing, state.since_ms), (Standing::Rejected, NOON_MS + 1000));
    assert_eq!((state.problem_count, &state.problems, state.in_force_ms), (3, &told, Some(NOON_MS)));
    assert!(state.digest.is_some());
    // A second look at the same tells nothing anew, and since when stays.
    scene.clock.advance_ms(1000);
    assert_eq!(scene.look(), Outcome::Unchanged);
    assert_eq!((scene.state().standing, scene.state().since_ms), (Standing::Rejected, NOON_MS + 1000));
    scene.restart();
    assert_eq!(lines(scene.look()), told);
    assert_eq!((scene.in_force(), scene.state().in_force_ms), ((5, 31), Some(NOON_MS)));
    fs::remove_dir_all(scene.path("config.d")).unwrap();
    scene.main(good);
    assert_eq!(scene.look(), Outcome::Unchanged, "the last good is in force all along");
    let state = scene.state();
    assert_eq!((state.standing, state.problem_count, state.problems.is_empty()), (Standing::InForce, 0, true));
}

#[test]
fn what_only_the_database_knows_is_wrong_has_its_line_too() {
    let mut scene = Scene::with("[organizations.default]\nbranding_id = 77\n");
    let told = lines(scene.look());
    assert!(
        told[0].ends_with("config.toml:3: branding_id must be the id of a branding; there is no branding 77"),
        "{told:?}"
    );
    assert_eq!(scene.state().standing, Standing::Rejected);
}

#[test]
fn what_vanished_stays_in_force_until_it_is_cleared() {
    let mut scene = Scene::with("[organizations.default]\ncamera_limit = 5\n");
    scene.look();
    fs::remove_file(scene.path("config.toml")).unwrap();
    for _ in 0..2 {
        assert!(sentence(scene.look()).ends_with("config.toml is not there"));
        assert_eq!((scene.state().standing, scene.in_force()), (Standing::Missing, (5, 31)));
        scene.restart();
    }
    scene.store.write(|write| ops::overrides::clear(write, &Who::system())).unwrap();
    assert_eq!(scene.look(), Outcome::Unchanged);
    assert_eq!((scene.state().standing, scene.in_force()), (Standing::NoFile, (1000, 31)));
    assert!(scene.state().problems.is_empty());
}

#[test]
fn a_drop_in_that_vanished_stays_in_force_unless_less_is_allowed() {
    let mut scene = Scene::with("[organizations.default]\ncamera_limit = 5\n");
    scene.write("config.d/10.toml", "version = 1\n[organizations.default]\npurge_days = 9\n");
    // This one manages nothing, so that nobody misses it.
    scene.write("config.d/20.toml", "version = 1\n");
    scene.look();
    fs::remove_dir_all(scene.path("config.d")).unwrap();
    let told = sentence(scene.look());
    assert!(told.starts_with("config.d/10.toml has vanished, which manages 1 entries"), "{told}");
    assert_eq!((scene.state().standing, scene.in_force()), (Standing::Missing, (5, 9)));
    // While it is missed, nothing else of the files is taken either.
    scene.main("[organizations.default]\ncamera_limit = 6\n");
    sentence(scene.look());
    assert_eq!(scene.in_force(), (5, 9));
    scene.store.write(|write| ops::overrides::clear(write, &Who::system())).unwrap();
    scene.edge.forget();
    assert_eq!(scene.look(), Outcome::Applied(1));
    assert_eq!(scene.in_force(), (6, 31));
    scene.write("config.d/10.toml", "version = 1\n[organizations.default]\npurge_days = 9\n");
    scene.look();
    fs::remove_file(scene.path("config.d/10.toml")).unwrap();
    scene.main("allow_shrink = true\n[organizations.default]\ncamera_limit = 6\n");
    assert_eq!(scene.look(), Outcome::Applied(1));
    assert_eq!(scene.in_force(), (6, 31));
}

#[test]
fn much_less_than_before_is_held_back_unless_it_is_allowed() {
    let many = "[organizations.default]\ncamera_limit = 5\nuser_limit = 5\ndvr_limit_gb = 5\npurge_days = 9\n";
    let mut scene = Scene::with(many);
    scene.look();
    scene.main("[organizations.default]\ncamera_limit = 6\n");
    let told = sentence(scene.look());
    assert!(told.contains("config.toml manages 1 entries, less than half of the 4 before"), "{told}");
    assert_eq!((scene.state().standing, scene.in_force()), (Standing::Held, (5, 9)));
    scene.main("allow_shrink = true\n[organizations.default]\ncamera_limit = 6\n");
    assert_eq!(scene.look(), Outcome::Applied(1));
    assert_eq!((scene.state().standing, scene.in_force()), (Standing::InForce, (6, 31)));
}

#[test]
fn files_that_somebody_is_writing_are_left_for_later() {
    let mut scene = Scene::with("");
    scene.look();
    let path = scene.path("config.toml");
    let mut limit = 0;
    let mut write = || {
        limit += 1;
        fs::write(&path, format!("version = 1\n[organizations.default]\ncamera_limit = {limit}\n")).unwrap();
    };
    write();
    assert_eq!(scene.edge.run_once(&mut write), Outcome::Unsettled);
    assert_eq!(scene.in_force(), (1000, 31));
    assert!(scene.edge.is_due());
    // Written once more between two readings: what stands there in the end is taken.
    let mut once = Some(|| scene_write(&path, 77));
    assert_eq!(scene.edge.run_once(&mut || once.take().into_iter().for_each(|write| write())), Outcome::Applied(1));
    assert_eq!(scene.in_force(), (77, 31));
    assert!(!scene.edge.is_due());
}

fn scene_write(path: &std::path::Path, limit: i64) {
    fs::write(path, format!("version = 1\n[organizations.default]\ncamera_limit = {limit}\n")).unwrap();
}

#[test]
fn polling_sees_from_outside_what_has_changed() {
    let mut scene = Scene::with("");
    assert!(scene.edge.is_due(), "nothing was looked at yet");
    scene.look();
    assert!(!scene.edge.is_due());
    scene.main("# as long\n");
    assert!(scene.edge.is_due());
    scene.look();
    // As long as before.
    scene.main("# is long\n");
    assert!(scene.edge.is_due());
    scene.look();
    scene.write("config.d/10.toml", "version = 1\n");
    assert!(scene.edge.is_due());
    scene.look();
    fs::remove_file(scene.path("config.d/10.toml")).unwrap();
    assert!(scene.edge.is_due());
    scene.look();
    assert!(!scene.edge.is_due());
    fs::remove_file(scene.path("config.toml")).unwrap();
    assert!(scene.edge.is_due());
}

#[test]
fn a_table_ends_by_itself_and_is_told_of_a_day_before() {
    let mut scene = Scene::with("[organizations.default]\ncamera_limit = 5\nexpires = 2026-03-17T09:26:53Z\n");
    scene.look();
    let ends_ms = NOON_MS + 3 * DAY_MS;
    assert_eq!(scene.edge.expire(), Some(ends_ms));
    assert!(scene.state().expiring.is_empty());
    scene.clock.advance_ms(2 * DAY_MS);
    assert_eq!(scene.edge.expire(), Some(ends_ms));
    let state = scene.state();
    let [ending] = &state.expiring[..] else { panic!("{state:?}") };
    assert_eq!((&*ending.selector, &*ending.place, ending.expires_at_ms), ("default", "config.toml:2", ends_ms));
    assert_eq!(scene.in_force(), (5, 31));
    // The clock jumps.
    scene.clock.advance_ms(30 * DAY_MS);
    assert_eq!(scene.edge.expire(), None);
    assert_eq!(scene.in_force(), (1000, 31));
    assert!(scene.state().expiring.is_empty());
    // It stands in the file still, and stays ended.
    scene.edge.forget();
    assert_eq!(scene.look(), Outcome::Unchanged);
    assert_eq!(scene.in_force(), (1000, 31));
    assert!(scene.state().warnings[0].contains("has ended"), "{:?}", scene.state().warnings);
}

#[test]
fn process_settings_wait_for_a_start_and_are_named() {
    let mut scene = Scene::with("[server]\nlisten = \"127.0.0.1:1\"\n");
    scene.look();
    assert!(scene.state().waiting_for_restart.is_empty());
    scene.main("[server]\nlisten = \"127.0.0.1:2\"\n[site]\ntitle = \"T\"\n[log]\nlevel = \"trace\"\n");
    scene.look();
    assert_eq!(scene.state().waiting_for_restart, ["server.listen", "site.title"]);
    assert!(LEVELS.lock().unwrap().iter().any(|level| level == "trace"), "the level has effect at once");
    // A file with a mistake takes no half of it.
    scene.main("[log]\nlevel = \"error\"\n[organizations.\"*\"]\npurge_days = 0\n");
    scene.look();
    assert!(!LEVELS.lock().unwrap().iter().any(|level| level == "error"));
    assert_eq!(scene.state().waiting_for_restart, ["server.listen", "site.title"]);
    scene.main("[server]\nlisten = \"127.0.0.1:1\"\n");
    scene.look();
    assert!(scene.state().waiting_for_restart.is_empty());
}

#[test]
fn a_name_that_nobody_has_is_a_warning() {
    let mut scene = Scene::with("[organizations.nowhere]\ncamera_limit = 5\n[organizations.default]\nuser_limit = 7\n");
    assert_eq!(scene.look(), Outcome::Applied(1));
    let state = scene.state();
    assert_eq!((state.standing, state.warning_count), (Standing::InForce, 1));
    assert!(
        state.warnings[0].contains("config.toml:2: ") && state.warnings[0].contains("nowhere"),
        "{:?}",
        state.warnings
    );
    // Known after a start, too.
    scene.restart();
    assert_eq!(scene.look(), Outcome::Unchanged);
    assert_eq!(scene.state().warning_count, 1);
}

#[test]
fn what_the_box_cannot_write_is_tried_again() {
    let mut scene = Scene::with("");
    scene.look();
    scene.main("[organizations.default]\ncamera_limit = 5\n");
    scene.store.stop();
    let outcome = scene.look();
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    assert_eq!(scene.state().standing, Standing::Waiting);
    assert!(scene.edge.is_due());
}
