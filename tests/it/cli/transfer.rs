//! `orgbox export`, `orgbox import` and `orgbox licenses`, beside a server and without one.

use std::process::Command;

use super::Folder;

#[test]
fn an_export_is_written_shown_as_a_plan_and_taken_by_another_box() {
    let from = Folder::set_up();
    from.run(&["org", "create", "kept", "title=Kept", "owner=admin", "camera_limit=7"]).ok();
    from.run(&["camera", "add", "kept", "Gate", "--type", "1"]).ok();
    let file = from.path("export.ndjson");
    let file = file.to_str().unwrap();
    assert!(from.run(&["export", "--to", file]).ok().contains("holds no secrets"));
    assert!(from.run(&["export", "--to", file]).refused(1).contains("is there already"));
    let to = Folder::new();
    let server = to.serve();
    let plan = to.run(&["import", file, "--dry-run"]).ok();
    assert!(plan.contains("organization: 1 new, 0 changed, 1 as they are"), "{plan}");
    assert!(plan.contains("Nothing is deleted") && plan.ends_with("Nothing was changed.\n"), "{plan}");
    // Nobody is there to ask.
    let asked = to.run(&["import", file]).refused(2);
    assert!(asked.contains("camera: 1 new") && asked.contains("--yes"), "{asked}");
    assert_eq!(to.query("SELECT count(*) FROM organizations"), ["1"]);
    assert!(to.run(&["import", file, "--yes"]).ok().starts_with("Took "));
    assert_eq!(to.query("SELECT camera_limit FROM organizations WHERE name = 'kept'"), ["7"]);
    assert_eq!(to.run(&["import", file]).ok(), "Everything is as the file says. Nothing was changed.\n");
    // What is only made changes nothing that is there, and is done all the same.
    let file = to.write("users.ndjson", "{\"orgbox_export\": 1}\n{\"kind\": \"user\", \"login\": \"dora\"}\n");
    assert!(to.run(&["import", file.to_str().unwrap(), "--yes"]).ok().contains("user: 1 new"));
    server.stop("TERM");
    let table = to.run(&["export", "--format", "csv", "--kind", "organizations"]).ok();
    assert!(table.contains(",kept,Kept,"), "{table}");
    to.run(&["export", "--format", "csv"]).refused(2);
}

#[test]
fn mistakes_are_told_like_those_of_compilers() {
    let folder = Folder::set_up();
    let file = folder.write("bad.csv", "name,title,purge_days\nnorth,North,400\n,South,3\n");
    let file = file.to_str().unwrap();
    let refused = folder.run(&["import", file, "--yes"]).refused(1);
    assert!(refused.contains(&format!("{file}:2: purge_days must be a whole number from 1 to 366\n")), "{refused}");
    assert!(refused.contains(&format!("{file}:3: name is required")), "{refused}");
    assert_eq!(folder.query("SELECT count(*) FROM organizations"), ["1"]);
}

#[test]
fn the_notices_name_exactly_what_is_built_in() {
    let folder = Folder::new();
    let told = folder.run(&["licenses"]).ok();
    let named = told.lines().take_while(|line| !line.starts_with("SQLite")).filter(|line| line.contains("  "));
    let mut named: Vec<String> = named.map(|line| line.split("  ").next().unwrap().to_owned()).collect();
    let mut built_in = Vec::new();
    for target in ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "tree",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "--offline",
            "--format",
            "{p}",
            "--target",
            target,
        ]);
        let tree = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        let tree = String::from_utf8(tree.stdout).unwrap();
        let named = tree.lines().filter(|line| !line.is_empty() && !line.starts_with("orgbox "));
        built_in.extend(named.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ").replace(" v", " ")));
    }
    for list in [&mut named, &mut built_in] {
        list.sort_unstable();
        list.dedup();
    }
    assert!(!built_in.is_empty());
    assert_eq!(named, built_in, "run packaging/licenses.py");
    assert!(told.contains("public domain") && told.contains("Permission is hereby granted"));
}
