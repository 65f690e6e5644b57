//! What the doctor finds, and how it is told.

use serde_json::{Value, json};

use crate::cli::screen::{Screen, Tone, printable, wrap};

/// Columns of the parts' names.
const PART_COLUMNS: usize = 14;

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// As it should be.
    Well,
    /// Not looked at; the sentence says why.
    Skipped,
    /// Works, and will not for ever.
    Warning,
    /// Does not work, or nobody should rely on it.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) part: &'static str,
    pub(super) severity: Severity,
    /// What was found.
    pub(super) says: String,
    /// What an operator does about it; empty where there is nothing to do.
    pub(super) fix: String,
}

impl Finding {
    pub(super) fn well(part: &'static str, says: impl Into<String>) -> Self {
        Self { part, severity: Severity::Well, says: says.into(), fix: String::new() }
    }

    pub(super) fn skipped(part: &'static str, says: impl Into<String>) -> Self {
        Self { part, severity: Severity::Skipped, says: says.into(), fix: String::new() }
    }

    pub(super) fn warning(part: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { part, severity: Severity::Warning, says: says.into(), fix: fix.into() }
    }

    pub(super) fn bad(part: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { part, severity: Severity::Bad, says: says.into(), fix: fix.into() }
    }

    /// True where somebody has to do something.
    pub(super) fn needs_somebody(&self) -> bool {
        matches!(self.severity, Severity::Warning | Severity::Bad)
    }

    pub(super) fn json(&self) -> Value {
        let Self { part, severity, says, fix } = self;
        json!({ "part": part, "severity": severity.name(), "says": says, "fix": fix })
    }
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Severity::Well => "well",
            Severity::Skipped => "skipped",
            Severity::Warning => "warning",
            Severity::Bad => "bad",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Severity::Well => Tone::Good,
            Severity::Skipped => Tone::Faint,
            Severity::Warning => Tone::Warning,
            Severity::Bad => Tone::Bad,
        }
    }
}

/// All findings as lines: how it stands, which part, what was found, and below it the fix.
pub(super) fn lines(screen: &Screen, findings: &[Finding]) -> String {
    let mut lines = Vec::new();
    for Finding { part, severity, says, fix } in findings {
        let indent = " ".repeat(8 + PART_COLUMNS);
        let columns = screen.width.map_or(usize::MAX, |width| width.saturating_sub(indent.len()));
        let head = screen.paint(&format!("{:8}", severity.name()), severity.tone());
        for (number, line) in wrap(&printable(says), columns).into_iter().enumerate() {
            let before = if number == 0 { format!("{head}{part:PART_COLUMNS$}") } else { indent.clone() };
            lines.push(format!("{before}{line}"));
        }
        lines.extend(wrap(&printable(fix), columns).into_iter().map(|line| format!("{indent}{line}")));
    }
    let count = findings.iter().filter(|finding| finding.needs_somebody()).count();
    lines.push(String::new());
    lines.push(match count {
        0 => screen.paint("Nothing to do.", Tone::Good),
        1 => screen.paint("One finding needs somebody.", Tone::Warning),
        _ => screen.paint(&format!("{count} findings need somebody."), Tone::Warning),
    });
    lines.join("\n")
}
