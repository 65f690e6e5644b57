//! The tables `[organizations."…"]`: what they say, and every mistake with its place and remedy.

use orgbox::config::{self, Environment, Files, Problems};
use orgbox::model::Field;
use orgbox::model::overrides::{Place, Selector, Setting, Table, Value};

use super::{Folder, assert_holds, assert_starts};

fn place(file: &str, line: u32) -> Place {
    Place { file: file.to_owned(), line }
}

impl Folder {
    fn parsed(&self) -> (Vec<Table>, Problems) {
        let (config, problems) = config::parse(&Files::read(&self.path("config.toml")), &Environment::default());
        (config.overrides.tables, problems)
    }

    #[track_caller]
    fn tables(&self) -> Vec<Table> {
        let (tables, problems) = self.parsed();
        assert!(problems.is_empty(), "{problems}");
        tables
    }

    /// What is wrong with the tables, file names seen from this folder.
    fn mistakes(&self) -> Vec<String> {
        let (_, problems) = self.parsed();
        assert!(problems.list().iter().all(|problem| problem.in_overrides), "{problems}");
        let here = format!("{}/", self.0.path().display());
        problems.to_string().lines().map(|line| line.replace(&here, "")).collect()
    }

    #[track_caller]
    fn mistake(&self) -> String {
        let mut mistakes = self.mistakes();
        assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
        mistakes.remove(0)
    }
}

#[test]
fn tables_come_in_the_order_of_files_and_lines_with_their_places() {
    let folder = Folder::with(
        "[organizations.\"north/**\"]\nuser_limit = 50\n\n[organizations.\"*\"]\npurge_days = 14\ntitle = \"T\"\n",
    );
    folder.write(
        "config.d/10-site.toml",
        "version = 1\norganizations.\"*\".organization_profile_enabled = false\norganizations.\"*\".camera_limit = 0x10\n",
    );
    let [north, every, later] = &folder.tables()[..] else { panic!() };
    assert_eq!((&north.selector, &north.place), (&Selector::Subtree("north".into()), &place("config.toml", 2)));
    assert_eq!((&every.selector, &every.place), (&Selector::All, &place("config.toml", 5)));
    let number = |field, number, place| Setting { field, value: Value::Number(number), place };
    assert_eq!(north.settings, [number(Field::UserLimit, 50, place("config.toml", 3))]);
    let title = Setting { field: Field::Title, value: Value::Text("T".into()), place: place("config.toml", 7) };
    assert_eq!(every.settings, [number(Field::PurgeDays, 14, place("config.toml", 6)), title]);
    assert_eq!(later.selector, Selector::All);
    let file = "config.d/10-site.toml";
    let profile = Setting { field: Field::ProfileEnabled, value: Value::Flag(false), place: place(file, 2) };
    assert_eq!(later.settings, [profile, number(Field::CameraLimit, 16, place(file, 3))]);
    assert!(!later.create && later.parents.is_empty() && later.expires_at_ms.is_none());
}

#[test]
fn a_table_says_that_it_makes_where_and_until_when() {
    for expires in ["2027-01-31T01:00:00+01:00", "\"2027-01-31T00:00:00Z\"", "2027-01-31 00:00:00Z"] {
        let folder = Folder::with(&format!(
            "[organizations.electric-inc]\ncreate = true\nparents = [\"north\", \"south\"]\nexpires = {expires}\n"
        ));
        let [table] = &folder.tables()[..] else { panic!() };
        assert_eq!(table.selector, Selector::Name("electric-inc".into()));
        assert!(table.create);
        assert_eq!(table.parents, ["north", "south"]);
        assert_eq!(table.expires_at_ms, Some(1_801_353_600_000), "{expires}");
    }
}

#[test]
fn every_mistake_is_told_at_once_and_none_keeps_the_box_from_starting() {
    let folder = Folder::with(
        "[organizations.\"*\"]\npurge_dys = 14\npurge_days = 0\ncreate = true\n\
         [organizations.\"a/b\"]\nstatus = \"on\"\n[site]\ntitle = \"S\"\n",
    );
    folder.write("config.d/10.toml", "version = 1\norganizations.x = 1\norganizations.\"y*\".title = 5\n");
    let mistakes = folder.mistakes();
    let starts = [
        "config.toml:3:1: unknown key `organizations.\"*\".purge_dys`; did you mean `purge_days`?",
        "config.toml:4:14: `organizations.\"*\".purge_days` must be a whole number from 1 to 366, not 0",
        "config.toml:5:1: `organizations.\"*\".create` makes one organization: it stands only below the name of one",
        "config.toml:6:16: the selector \"a/b\" must be `*`, the name of an organization (1 to 50 characters",
        "config.toml:7:10: `organizations.\"a/b\".status` must be a whole number from 0 to 999, not \"on\"",
        "config.d/10.toml:2:19: `organizations.\"x\"` must be a table: write `[organizations.\"x\"]`",
        "config.d/10.toml:3:15: the selector \"y*\" is a pattern, which a selector cannot be; it is `*`, a name like `y`",
        "config.d/10.toml:3:28: `organizations.\"y*\".title` must be 1 to 255 characters on one line, not 5",
    ];
    assert_eq!(mistakes.len(), starts.len(), "{mistakes:#?}");
    for (mistake, start) in mistakes.iter().zip(starts) {
        assert_starts(mistake, start);
    }
    assert_eq!(folder.load().site.title, "S");
}

#[test]
fn what_a_table_says_of_itself_has_its_form() {
    for (text, rule) in [
        ("[organizations.a]\ncreate = 1\n", "`organizations.\"a\".create` must be true or false, not 1"),
        (
            "[organizations.a]\nparents = [\"b\"]\n",
            "`organizations.\"a\".parents` has effect only beside `create = true`",
        ),
        ("[organizations.\"a/**\"]\ncreate = true\n", "makes one organization"),
        (
            "[organizations.a]\ncreate = true\nparents = [\"a\"]\n",
            "1 to 64 names of other organizations, each once, not",
        ),
        ("[organizations.a]\ncreate = true\nparents = [\"b\", \"b\"]\n", "each once, not an array of 2"),
        ("[organizations.a]\ncreate = true\nparents = []\n", "must be an array of 1 to 64 names"),
        ("[organizations.a]\nexpires = 2027-01-31T00:00:00\n", "with its offset from UTC, like 2027-01-31T00:00:00Z"),
        ("[organizations.a]\nexpires = 2027-01-31\n", "with its offset from UTC"),
        ("[organizations.a]\nexpires = \"tomorrow\"\n", "with its offset from UTC, like 2027-01-31T00:00:00Z"),
        ("[organizations.a]\nexclusive_partner_only = \"yes\"\n", "must be true or false, not \"yes\""),
        ("[organizations.a]\npurge_days = 1.5\n", "must be a whole number from 1 to 366, not 1.5"),
        ("[organizations.a]\ncamera_limit = 99999999999999999999\n", "from 0 to 2147483647, not 99999"),
        ("[organizations.a]\ncolour = 1\n", "known here: `title`, `description`, "),
        ("[organizations.a]\nbranding = 1\n", "did you mean `branding_id`?"),
        ("[organizations.\"**\"]\n", "is a pattern"),
        ("[organizations.\"\"]\n", "the selector \"\" must be `*`, the name"),
        ("organizations = 5\n", "`organizations` must hold tables"),
        ("[[organizations]]\n", "`organizations` must hold tables"),
    ] {
        assert_holds(&Folder::with(text).mistake(), rule);
    }
    // One that has ended is in order: it is simply not in force.
    assert_eq!(Folder::with("[organizations.a]\nexpires = 1999-01-31T00:00:00Z\n").tables().len(), 1);
}

#[test]
fn broken_toml_below_the_settings_keeps_no_box_from_starting() {
    for broken in [
        "[organizations.\"*\"]\npurge_days = \n",
        "[organizations.\"*\"]\npurge_days = 1\npurge_d",
        "[organizations.\"*\"]\n[organizations.\"*\"]\n",
        "[organizations.\"*\"\n",
        "[ \"organizations\" . a]\ntitle = \"\"\"\n",
    ] {
        let folder = Folder::with(&format!("[site]\ntitle = \"S\"\n{broken}"));
        assert_holds(&folder.mistake(), "this is not valid TOML");
        let config = folder.load();
        assert_eq!((config.site.title.as_str(), config.overrides.tables.len()), ("S", 0), "{broken}");
    }
    // What is broken may be a setting that the box needs to start.
    for broken in [
        "[organizations.\"*\"]\npurge_days = \n[site]\ntitle = \"S\"\n",
        "[site]\ntitle = \n[organizations.\"*\"]\n",
        "[site]\ntitle = \"\"\"\n[organizations.\"*\"]\n",
        "[organizationsx]\npurge_days = \n",
        "nonsense",
    ] {
        assert_holds(&Folder::with(broken).problem(), "this is not valid TOML");
    }
}

#[test]
fn a_flood_of_one_kind_hides_none_of_the_other() {
    let flood: String = (0..300).map(|key| format!("unheard_of_{key} = 1\n")).collect();
    let folder = Folder::with(&format!("[sit]\n[organizations.\"*\"]\n{flood}"));
    assert_holds(&folder.problem(), "did you mean `site`?");
    let (_, problems) = folder.parsed();
    assert_eq!((problems.count(), problems.list().len()), (301, 201));
}

#[test]
fn a_flag_allows_that_less_is_managed() {
    let folder = Folder::with("allow_shrink = true\n");
    assert!(folder.load().overrides.allow_shrink);
    folder.write("config.d/10.toml", "version = 1\nallow_shrink = false\n");
    assert!(!folder.load().overrides.allow_shrink);
}

#[test]
fn ten_thousand_tables_are_read() {
    let table = |number| format!("[organizations.\"org-{number}\"]\npurge_days = 14\ncamera_limit = {number}\n");
    let text: String = (0..10_000).map(table).collect();
    let tables = Folder::with(&text).tables();
    assert_eq!(tables.len(), 10_000);
    assert_eq!(tables[9_999].settings[1].place, place("config.toml", 30_001));
}

#[test]
fn settings_that_wait_for_a_start_are_named() {
    let folder = Folder::with("[server]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\n");
    let before = folder.load().source.settings;
    folder.write(
        "config.toml",
        "version = 1\nallow_shrink = true\n[log]\nlevel = \"debug\"\n[limits]\nmax_connections = 99\n\
         [organizations.\"*\"]\npurge_days = 1\n",
    );
    let after = folder.load().source.settings;
    assert_eq!(before.waiting_in(&after), ["limits.max_connections", "server.listen"]);
    assert!(after.waiting_in(&after).is_empty());
    assert_eq!(config::LIVE_KEYS, ["allow_shrink", "log.level", "upstream."]);
    assert_holds(&Folder::with("[log]\nlevel = \"loud\"\n").problem(), "must be one of \"error\", \"warn\", \"info\"");
}
