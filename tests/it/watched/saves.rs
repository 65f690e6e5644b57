//! Every way in which a file comes to say something else, again and again: each must take effect.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use super::{Folder, drop_in, main, titled, until_standing, until_titled};
use crate::support::Server;

/// How often each way is taken: what is watched must be watched again afterwards.
const ROUNDS: usize = 3;

/// A way to make the file at this path say this.
type Save = fn(&Path, &str);

/// The ways of editors and tools.
pub(super) const SAVES: [(&str, Save); 9] = [
    ("truncate and write", |path, text| fs::write(path, text).unwrap()),
    ("vim", vim),
    ("sed -i", sed),
    ("cp", |path, text| {
        fs::write(path.with_extension("new"), text).unwrap();
        run(Command::new("cp").arg(path.with_extension("new")).arg(path));
    }),
    ("mv", |path, text| {
        fs::write(path.with_extension("new"), text).unwrap();
        run(Command::new("mv").arg("-f").arg(path.with_extension("new")).arg(path));
    }),
    ("delete and create", |path, text| {
        fs::remove_file(path).unwrap();
        fs::write(path, text).unwrap();
    }),
    ("folder swap", |path, text| {
        let folder = path.parent().unwrap();
        let (next, last) = (folder.with_extension("next"), folder.with_extension("last"));
        run(Command::new("cp").arg("-a").arg(folder).arg(&next));
        fs::write(next.join(path.file_name().unwrap()), text).unwrap();
        fs::rename(folder, &last).unwrap();
        fs::rename(&next, folder).unwrap();
        fs::remove_dir_all(last).unwrap();
    }),
    ("folder deleted and made again", |path, text| {
        let folder = path.parent().unwrap();
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let kept: Vec<_> =
            files.iter().filter(|file| file.is_file()).map(|file| (file, fs::read(file).unwrap())).collect();
        fs::remove_dir_all(folder).unwrap();
        fs::create_dir(folder).unwrap();
        for (file, content) in kept {
            fs::write(file, content).unwrap();
        }
        fs::write(path, text).unwrap();
    }),
    ("link to another file", |path, text| {
        let (target, link) = (path.with_extension("target"), path.with_extension("link"));
        // Another file each time, so that the link leads elsewhere.
        let target =
            target.with_file_name(format!("{}-{}", target.file_name().unwrap().display(), uuid::Uuid::new_v4()));
        fs::write(&target, text).unwrap();
        symlink(&target, &link).unwrap();
        fs::rename(link, path).unwrap();
    }),
];

#[test]
fn every_way_to_save_the_main_file_takes_effect() {
    let folder = Folder::new();
    let server = folder.serve();
    for round in 0..ROUNDS {
        for (way, save) in SAVES {
            let wanted = format!("{way} {round}");
            save(&folder.path("config.toml"), &main(&titled(&wanted)));
            until_titled(&server, &wanted);
        }
    }
    stop(server);
}

#[test]
fn every_way_to_save_a_drop_in_takes_effect() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.write("config.d/10-site.toml", drop_in("first"));
    until_titled(&server, "first");
    for round in 0..ROUNDS {
        for (way, save) in SAVES {
            let wanted = format!("{way} {round}");
            save(&folder.path("config.d/10-site.toml"), &drop_in(&wanted));
            until_titled(&server, &wanted);
        }
    }
    stop(server);
}

#[test]
fn the_swap_of_a_mounted_config_map_takes_effect() {
    let folder = Folder::new();
    let mount = folder.path("");
    let publish = |number: usize| {
        let data = format!("..2026_{number}");
        fs::create_dir(mount.join(&data)).unwrap();
        fs::write(mount.join(&data).join("config.toml"), main(&titled(&format!("map {number}")))).unwrap();
        symlink(&data, mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    };
    publish(0);
    fs::remove_file(mount.join("config.toml")).unwrap();
    symlink("..data/config.toml", mount.join("config.toml")).unwrap();
    let server = folder.serve();
    until_titled(&server, "map 0");
    for number in 1..5 {
        publish(number);
        fs::remove_dir_all(mount.join(format!("..2026_{}", number - 1))).unwrap();
        until_titled(&server, &format!("map {number}"));
    }
    stop(server);
}

#[test]
fn a_config_map_mounted_elsewhere_is_followed() {
    let folder = Folder::new();
    let mount = folder.0.path().join("mount");
    fs::create_dir_all(mount.join("..one")).unwrap();
    fs::write(mount.join("..one/10.toml"), drop_in("one")).unwrap();
    symlink("..one", mount.join("..data")).unwrap();
    symlink("..data/10.toml", mount.join("10.toml")).unwrap();
    fs::create_dir(folder.path("config.d")).unwrap();
    symlink(mount.join("10.toml"), folder.path("config.d/10.toml")).unwrap();
    let server = folder.serve();
    until_titled(&server, "one");
    fs::create_dir(mount.join("..two")).unwrap();
    fs::write(mount.join("..two/10.toml"), drop_in("two")).unwrap();
    symlink("..two", mount.join("..data_tmp")).unwrap();
    fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    until_titled(&server, "two");
    fs::write(mount.join("..two/10.toml"), drop_in("three")).unwrap();
    until_titled(&server, "three");
    stop(server);
}

#[test]
fn what_the_system_does_not_tell_of_is_found_by_polling() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("first"));
    // Written under this name, the file changes and no folder that is watched hears of it.
    let other_name = folder.0.path().join("10.toml");
    fs::hard_link(folder.path("config.d/10.toml"), &other_name).unwrap();
    let server = folder.serve();
    until_titled(&server, "first");
    fs::write(&other_name, drop_in("other")).unwrap();
    until_titled(&server, "other");
    stop(server);
}

#[test]
fn a_line_taken_out_gives_back_what_was_stored() {
    let folder = Folder::new();
    let server = folder.serve();
    let stored = super::title(&server);
    folder.write("config.toml", main(&titled("of the file")));
    until_titled(&server, "of the file");
    folder.write(
        "config.toml",
        main("allow_shrink = false\n")
            .replace("version = 1\n", "version = 1\nallow_shrink = true\n")
            .replace("allow_shrink = false\n", ""),
    );
    until_titled(&server, &stored);
    until_standing(&server, "in_force");
}

#[test]
fn a_hang_up_has_the_files_read_again() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.write("config.toml", main(&titled("before")));
    until_titled(&server, "before");
    for round in 0..ROUNDS {
        let wanted = format!("after {round}");
        folder.write("config.toml", main(&titled(&wanted)));
        server.signal("HUP");
        until_titled(&server, &wanted);
    }
    stop(server);
}

fn stop(server: Server) {
    assert!(server.stop("TERM").success());
}

/// As vim with its defaults: the old file becomes the backup, the text is written anew, the backup goes.
fn vim(path: &Path, text: &str) {
    let backup = path.with_extension("toml~");
    fs::rename(path, &backup).unwrap();
    fs::write(path.with_extension("swp"), "swap").unwrap();
    fs::write(path, text).unwrap();
    fs::remove_file(path.with_extension("swp")).unwrap();
    fs::remove_file(backup).unwrap();
}

/// As `sed -i`: every line but the first goes, the new ones come.
fn sed(path: &Path, text: &str) {
    let lines = text.strip_prefix("version = 1\n").unwrap().trim_end().replace('\n', "\\n");
    let script = format!("1{{s|.*|version = 1\\n{lines}|;q}}");
    run(Command::new("sed").arg("-i").arg(script).arg(path));
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
