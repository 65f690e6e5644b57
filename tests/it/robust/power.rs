//! The power goes, again and again: what was acknowledged is there. The benches are the scripts in `tests/power`, which say
//! how to run them by hand; here a few cuts of each, or as many as `ORGBOX_POWER_CUTS` says.

use std::process::Command;

/// Runs a bench; `None` where it says that it cannot work on this machine.
fn bench(script: &str, arguments: &[&str]) -> Option<(i32, String)> {
    let script = format!("{}/tests/power/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("python3");
    command.args(["-B", &script, env!("CARGO_BIN_EXE_orgbox")]).args(arguments);
    let Ok(output) = command.output() else {
        println!("skipped: needs python3");
        return None;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    println!("{said}");
    (output.status.code() != Some(77)).then(|| (output.status.code().unwrap_or(-1), said))
}

fn cuts(few: u32) -> String {
    std::env::var("ORGBOX_POWER_CUTS").unwrap_or_else(|_| few.to_string())
}

#[test]
fn what_is_acknowledged_outlives_the_file_system() {
    let Some((code, said)) = bench("shutdown.py", &["--cuts", &cuts(8)]) else { return };
    assert!(code == 0 && said.contains("kept: "), "{said}");
}

#[test]
fn without_syncs_the_cut_file_system_would_have_lost_something() {
    let Some((code, said)) = bench("shutdown.py", &["--cuts", "5", "--forget-syncs"]) else { return };
    assert!(code == 1 && said.contains("LOST: "), "{said}");
}

#[test]
fn what_is_acknowledged_outlives_the_cache_of_the_disk() {
    let Some((code, said)) = bench("write_log.py", &["--cuts", &cuts(12)]) else { return };
    assert!(code == 0 && said.contains("kept: "), "{said}");
}

#[test]
fn without_syncs_the_cache_of_the_disk_would_have_lost_something() {
    for control in [&["--forget-syncs"][..], &["--mount", "nobarrier"]] {
        let arguments = [&["--cuts", "5", "--changes", "40"], control].concat();
        let Some((code, said)) = bench("write_log.py", &arguments) else { return };
        assert!(code == 1 && said.contains("LOST: "), "{control:?}: {said}");
    }
}

#[test]
fn no_answer_leaves_before_its_sync() {
    let Some((code, said)) = bench("order.py", &[]) else { return };
    assert!(code == 0 && said.contains("waited: "), "{said}");
}

#[test]
fn an_answer_before_its_sync_would_be_seen() {
    let Some((code, said)) = bench("order.py", &["--forget-syncs"]) else { return };
    assert!(code == 1 && said.contains("EARLY: "), "{said}");
    assert!(!said.contains(" 0 answers before"), "{said}");
}
