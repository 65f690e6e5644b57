//! How the watched files stand: what was found at the last look, and what is in force. Cheap to read, for whoever shows
//! it. It must not know how it came about.

/// How it stands, all at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// What the last look found.
    pub standing: Standing,
    /// Since when it stands so, in milliseconds since 1970.
    pub since_ms: i64,
    /// When the files were read last, in milliseconds since 1970; `None`: never.
    pub read_ms: Option<i64>,
    /// What is wrong with the files, a line each, at most 400: `config.d/10-site.toml:12:1: …`. Empty unless rejected,
    /// missing or held.
    pub problems: Vec<String>,
    /// How many problems there are, listed or not.
    pub problem_count: usize,
    /// SHA-256 of the files in force, 64 hexadecimal digits; `None`: nothing is overridden.
    pub digest: Option<String>,
    /// Since when they are in force, in milliseconds since 1970: since when they are the last good ones.
    pub in_force_ms: Option<i64>,
    /// What is doubtful about the files in force, a sentence each: a name that no organization has. At most 200.
    pub warnings: Vec<String>,
    /// How many warnings there are, listed or not.
    pub warning_count: usize,
    /// Tables that end within a day, soonest first.
    pub expiring: Vec<Expiring>,
    /// Keys of process settings that were changed and take effect at the next start: `server.listen`.
    pub waiting_for_restart: Vec<String>,
    /// Why changes are found by polling only; `None`: the system tells of them.
    pub polling: Option<String>,
}

/// What the last look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// There is no configuration file, and nothing is in force that one has said.
    #[default]
    NoFile,
    /// What the files say is in force.
    InForce,
    /// The files have mistakes; the last good ones stay in force.
    Rejected,
    /// A file that managed something has vanished; the last good ones stay in force.
    Missing,
    /// The files manage less than half of what they did; the last good ones stay in force.
    Held,
    /// The files are in order and could not be applied yet: the box cannot write. It tries again.
    Waiting,
}

/// A table that ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// As it stands in the file: `north/**`.
    pub selector: String,
    /// `config.d/10-site.toml:12`.
    pub place: String,
    /// When, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

impl Standing {
    /// The stable name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Standing::NoFile => "no_file",
            Standing::InForce => "in_force",
            Standing::Rejected => "rejected",
            Standing::Missing => "missing",
            Standing::Held => "held",
            Standing::Waiting => "waiting",
        }
    }

    /// What an operator does about it, one sentence; empty where there is nothing to do.
    pub fn remedy(self) -> &'static str {
        match self {
            Standing::NoFile | Standing::InForce => "",
            Standing::Rejected => {
                "Mend the files; `orgbox overrides check` says what is wrong. Until then the last good ones stay in force."
            }
            Standing::Missing => {
                "Put the file back, or run `orgbox overrides clear` to do without it. Until then the last good ones stay in force."
            }
            Standing::Held => {
                "See `orgbox overrides plan`; set `allow_shrink = true` if less is meant. Until then the last good ones stay in force."
            }
            Standing::Waiting => "The box cannot write at present; it tries again by itself.",
        }
    }
}
