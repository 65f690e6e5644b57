//! The service as systemd has it.

use std::{collections::BTreeMap, path::Path, process::Command};

use super::finding::Finding;

const PART: &str = "unit";
const PROPERTIES: &str =
    "LoadState,ActiveState,SubState,UnitFileState,Restart,NRestarts,WatchdogUSec,Result,ExecMainStatus";

/// Asks systemd for the service.
pub(super) fn check() -> Vec<Finding> {
    if !Path::new("/run/systemd/system").exists() {
        return vec![Finding::skipped(PART, "there is no systemd on this machine")];
    }
    let asked = Command::new("systemctl").args(["show", "orgbox.service", "--property", PROPERTIES]).output();
    match asked {
        Ok(output) if output.status.success() => judge(&String::from_utf8_lossy(&output.stdout)),
        _ => vec![Finding::skipped(PART, "systemd does not answer")],
    }
}

fn judge(told: &str) -> Vec<Finding> {
    let told: BTreeMap<_, _> = told.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |name: &str| told.get(name).copied().unwrap_or_default();
    if value("LoadState") != "loaded" {
        return vec![Finding::skipped(PART, "orgbox.service is not installed")];
    }
    let mut findings = Vec::new();
    match (value("ActiveState"), value("ExecMainStatus")) {
        ("active", _) => findings.push(Finding::well(PART, format!("active, {} restarts", value("NRestarts")))),
        (state, "78") => findings.push(Finding::bad(
            PART,
            format!("{state}: the configuration cannot be used"),
            "`orgbox config check` says why; mend it, then `systemctl start orgbox`.",
        )),
        (state, _) => findings.push(Finding::bad(
            PART,
            format!("{state} ({})", value("Result")),
            "`journalctl -u orgbox -n 50` says why; then `systemctl start orgbox`.",
        )),
    }
    if value("UnitFileState") == "disabled" {
        findings.push(Finding::warning(PART, "it does not start with the machine", "systemctl enable orgbox"));
    }
    if value("Restart") == "no" {
        findings.push(Finding::warning(
            PART,
            "it is not started again when it fails",
            "Set Restart=always (`systemctl edit orgbox`).",
        ));
    }
    if matches!(value("WatchdogUSec"), "0" | "infinity") {
        findings.push(Finding::warning(
            PART,
            "nobody notices when it hangs",
            "Set WatchdogSec=30 (`systemctl edit orgbox`).",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn a_service_that_is_as_it_should_be_is_one_line() {
        let told = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nRestart=always\nNRestarts=2\nWatchdogUSec=30s\n";
        let findings = judge(told);
        assert_eq!((findings.len(), findings[0].says.as_str()), (1, "active, 2 restarts"));
    }

    #[test]
    fn a_service_that_fails_is_not_enabled_and_never_restarted_is_four_findings() {
        let told = "LoadState=loaded\nActiveState=failed\nResult=exit-code\nExecMainStatus=78\nUnitFileState=disabled\nRestart=no\nWatchdogUSec=0\n";
        let findings = judge(told);
        assert_eq!(findings.iter().filter(|finding| finding.needs_somebody()).count(), 4);
        assert!(findings[0].fix.contains("orgbox config check"));
        assert!(!judge("LoadState=not-found\n")[0].needs_somebody());
    }
}
