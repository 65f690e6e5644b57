//! The commands of the README are run, or say why not.
//!
//! Every block of commands (```sh) is run by `sh -eu`, one after the other, in one folder with a server that has just been
//! set up, with `PASSWORD` as the README has it. Three things are another than in the README, and nothing else:
//! `127.0.0.1:8480` is the server's own address, absolute folders (`/tmp`, `/mnt/usb`, `/usr/…/share`) lie in the folder, and
//! `orgbox` is the binary under test. A block that cannot be run has a comment in the line above it:
//! `<!-- not run: needs root -->`.

use std::{fs, os::unix::fs::symlink, process::Command};

use crate::support::{Server, test_box::ADMIN_PASSWORD};

const FOLDERS: [&str; 4] = ["/tmp", "/mnt/usb", "/usr/share/bash-completion/completions", "/usr/local/share/man/man1"];

/// The blocks of commands, each with its line and why it is not run.
fn blocks(readme: &str) -> Vec<(usize, Option<&str>, String)> {
    let mut blocks = Vec::new();
    let mut above = "";
    let mut open: Option<(usize, Option<&str>, String)> = None;
    let mut is_other = false;
    for (line, number) in readme.lines().zip(1..) {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, _, block)), None) => *block += &format!("{line}\n"),
            (None, Some("")) => is_other = false,
            (None, Some(_)) if is_other => panic!("line {number}: a block in a block"),
            (None, Some("sh")) => {
                let why = above.strip_prefix("<!-- not run: ").and_then(|rest| rest.strip_suffix(" -->"));
                open = Some((number, why, String::new()));
            }
            (None, Some(kind)) => {
                assert!(
                    ["toml", "json", "python"].contains(&kind),
                    "line {number}: commands are in blocks of sh, not of {kind:?}"
                );
                is_other = true;
            }
            (None, None) => {}
        }
        above = line;
    }
    assert!(open.is_none(), "a block does not end");
    blocks
}

#[test]
fn the_commands_of_the_readme_do_what_they_say() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let data = root.join("data");
    fs::create_dir_all(root.join("bin")).unwrap();
    fs::create_dir_all(&data).unwrap();
    symlink(env!("CARGO_BIN_EXE_orgbox"), root.join("bin/orgbox")).unwrap();
    for below in FOLDERS {
        fs::create_dir_all(root.join(&below[1..])).unwrap();
    }
    let config = "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n";
    fs::write(data.join("config.toml"), config).unwrap();
    // What the README checks and plans is in force already.
    fs::write(root.join("tmp/config.toml"), config).unwrap();
    let path = format!("{}:{}", root.join("bin").display(), std::env::var("PATH").unwrap());
    let mut server = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    let server = server.args(["serve", "--config", "config.toml"]).current_dir(&data);
    let server = Server::start(server.env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD));
    let mut run = 0;
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for (line, why, block) in blocks(&readme) {
        if let Some(why) = why {
            assert!(!why.is_empty(), "README.md line {line}: why is it not run?");
            continue;
        }
        let mut script = block.replace("127.0.0.1:8480", &server.address.to_string());
        for below in FOLDERS {
            script = script.replace(&format!(" {below}"), &format!(" {}{below}", root.display()));
        }
        let mut shell = Command::new("sh");
        shell.args(["-euc", &script]).current_dir(&data).env("PATH", &path);
        shell.env("PASSWORD", ADMIN_PASSWORD).env("BETHS_PASSWORD", "long enough");
        let ran = shell.stdin(std::process::Stdio::null()).output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "README.md line {line}: {}\n{script}\n{told}", ran.status);
        // curl takes a refusal for an answer.
        for refusal in ["\"status\":4", "\"status\":5", "\"errorcode\"", "\"code\":4"] {
            assert!(!told.contains(refusal), "README.md line {line}: {refusal}\n{script}\n{told}");
        }
        run += 1;
    }
    assert!(run >= 6, "only {run} blocks were run");
    server.stop("TERM");
}
