//! Brandings and installation groups: their keys, and lists that add up over files.

use super::{Folder, assert_holds, assert_starts};

const BRANDING: &str =
    "name = \"N\"\nlogo_filename = \"n.png\"\nlanding_domain = \"n.example\"\nprimary_color = \"#1a2B3c\"\n";

fn branding(id: u32) -> String {
    format!("[[brandings]]\nid = {id}\n{BRANDING}")
}

#[test]
fn lists_add_up_over_the_files() {
    let folder = Folder::with(&branding(7));
    folder.write(
        "config.d/10.toml",
        format!(
            "version = 1\n{}organizations = [\"north\", \"south\"]\n{}organizations = []\n",
            branding(3),
            branding(2_147_483_647)
        ),
    );
    folder.write(
        "config.d/20.toml",
        "version = 1\nigrps = [{ id = 19, name = \"Places\", types = [\n{ code = \"a\", name = \"A\" }, { code = \"b\", name = \"B\", order = -2 }] }]\n",
    );
    let config = folder.load();
    let ids: Vec<_> = config.brandings.iter().map(|branding| branding.id).collect();
    assert_eq!(ids, [7, 3, 2_147_483_647]);
    let [first, second, third] = &config.brandings[..] else { panic!("{ids:?}") };
    assert_eq!(first.organizations, None);
    assert_eq!(second.organizations, Some(vec!["north".into(), "south".into()]));
    assert_eq!(third.organizations, Some(vec![]));
    assert_eq!((&*first.name, &*first.logo_filename), ("N", "n.png"));
    assert_eq!((&*first.landing_domain, &*first.primary_color), ("n.example", "#1a2B3c"));
    assert_eq!((&second.place.file, second.place.line), (&folder.path("config.d/10.toml"), 2));
    let igrp = &config.igrps[0];
    assert_eq!((igrp.id, &*igrp.name, igrp.types.len()), (19, "Places", 2));
    assert_eq!((&*igrp.types[1].code, &*igrp.types[1].name, igrp.types[1].order), ("b", "B", -2));
    assert_eq!(igrp.types[0].order, 0);
}

#[test]
fn an_id_given_twice_is_reported_with_both_places() {
    let folder = Folder::with(&branding(7));
    folder.write("config.d/10.toml", format!("version = 1\n{}{}", branding(8), branding(7)));
    let problem = folder.problem();
    assert_starts(&problem, "config.d/10.toml:8:1: `brandings` has the id `7` twice, here and at ");
    assert_holds(&problem, "config.toml:2:1; change or remove one");
}

#[test]
fn a_type_code_is_unique_within_its_group_only() {
    let one = "[[igrps]]\nid = 1\nname = \"a\"\ntypes = [{ code = \"x\", name = \"X\" }]\n";
    Folder::with(&format!("{one}{}", one.replace("id = 1", "id = 2"))).load();
    let twice = one.replace("}]", "}, { code = \"x\", name = \"Y\" }]");
    let problem = Folder::with(&twice).problem();
    assert_starts(&problem, "config.toml:5:38: `igrps.types` has the code `x` twice");
    let problem = Folder::with(&format!("{one}{one}")).problem();
    assert_starts(&problem, "config.toml:6:1: `igrps` has the id `1` twice");
}

#[test]
fn an_item_names_what_it_lacks_and_what_is_unknown() {
    let folder = Folder::with("[[brandings]]\nid = 1\nlogo = \"a.png\"\nprimary_colour = \"#000000\"\n[[igrps]]\n");
    let problems = folder.problems();
    let starts = [
        "config.toml:2:1: `brandings.name` is missing here; it must be a text",
        "config.toml:2:1: `brandings.logo_filename` is missing here",
        "config.toml:2:1: `brandings.landing_domain` is missing here",
        "config.toml:2:1: `brandings.primary_color` is missing here; it must be a colour",
        "config.toml:4:1: unknown key `brandings.logo`; known here: `id`, ",
        "config.toml:5:1: unknown key `brandings.primary_colour`; did you mean `primary_color`?",
        "config.toml:6:1: `igrps.id` is missing here; it must be a whole number from 1",
        "config.toml:6:1: `igrps.name` is missing here",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert_starts(problem, start);
    }
}

#[test]
fn a_list_is_a_list() {
    for text in ["[brandings]\n", "brandings = 1\n"] {
        let problem = Folder::with(text).problem();
        assert_holds(&problem, "`brandings` must be a list of at most 10000 tables, each with `id`");
    }
    let problem = Folder::with("igrps = [1]\n").problem();
    assert_starts(&problem, "config.toml:2:10: `igrps` must hold tables, each with `id`, `name`, `types`");
    let many = "{},".repeat(10_001);
    let problem = Folder::with(&format!("igrps = [{many}]\n")).problem();
    assert_holds(&problem, "a list of at most 10000 tables");
}

#[test]
fn the_texts_of_a_branding_have_their_form() {
    for (key, good, bad) in [
        ("id", &["1"][..], &["0", "-1", "2147483648"][..]),
        ("name", &["\" N \""], &["\"\"", "\"a\\tb\""]),
        ("logo_filename", &["\"a b.png\"", "\".hidden\""], &["\"\"", "\"a/b.png\"", "\"..\"", "\"a\\\\b\""]),
        (
            "landing_domain",
            &["\"localhost\"", "\"a-1.example\""],
            &[
                "\"\"",
                "\"https://a.example\"",
                "\"a.example:80\"",
                "\"-a.example\"",
                "\"a..b\"",
                "\"ä.example\"",
                "\"a.example.\"",
            ],
        ),
        ("primary_color", &["\"#ABCDEF\""], &["\"ABCDEF\"", "\"#ABC\"", "\"#ABCDEG\"", "\"#ABCDÉ\""]),
        ("organizations", &["[]", "[\"a\"]"], &["\"a\"", "[\"\"]", "[1]"]),
    ] {
        let set = |value: &str| {
            let file = format!("{}organizations = [\"o\"]\n", branding(1));
            let mut lines: Vec<_> = file.lines().filter(|line| !line.starts_with(key)).collect();
            let line = format!("{key} = {value}\n");
            lines.push(&line);
            lines.join("\n")
        };
        for value in good {
            Folder::with(&set(value)).load();
        }
        for value in bad {
            let problem = Folder::with(&set(value)).problem();
            assert_holds(&problem, &format!("`brandings.{key}` must be "));
        }
    }
}
