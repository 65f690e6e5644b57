//! The box as every verb reaches it: the native dialect over a local socket, that of the running server or, where none
//! runs, that of a box which this process starts for the time of the verb.

use std::{
    io::{ErrorKind, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use serde_json::Value;

use super::{
    failed::{Failed, Problem},
    socket::{Answer, Socket},
};
use crate::{
    app::{self, Running, StartError},
    clock::Clock,
    config::Config,
    suggest::nearest,
};

/// Where the native dialect is served.
const PREFIX: &str = "/orgbox/v1";
/// Rows asked for at once: the most that a page holds.
const PAGE_ROWS: usize = 1000;
/// How often a database that is in use is tried again, and what lies between: two seconds in all.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);
/// First letters by which names are looked up that a misspelt one may stand for.
const PREFIX_CHARS: usize = 2;

/// How a verb's arguments are called, by the names of the fields that they fill.
pub(super) type Flags = &'static [(&'static str, &'static str)];

/// The box, for one verb.
pub(super) struct Client {
    socket: Socket,
    flags: Flags,
    /// The box that this process has started; it stops with the verb.
    alone: Option<Running>,
}

impl Client {
    /// The running server, or else a box of this process on the database itself.
    pub(super) fn open(config: &Config, flags: Flags) -> Result<Self, Failed> {
        let path = config.socket();
        let mut tries = TRIES;
        loop {
            if let Some(path) = path.as_deref()
                && answers(path)?
            {
                return Ok(Self { socket: Socket::new(path), flags, alone: None });
            }
            tries -= 1;
            match app::start_alone(config, Clock::system()) {
                Ok(alone) => {
                    let socket = alone.socket().map(Socket::new);
                    let socket = socket.ok_or_else(|| Failed::unavailable("the box of this command has no socket"))?;
                    return Ok(Self { socket, flags, alone: Some(alone) });
                }
                // A server that is about to listen, or a command like this one that is about to end.
                Err(StartError::InUse { .. }) if tries > 0 => std::thread::park_timeout(PAUSE),
                Err(StartError::InUse { path: database }) => return Err(unreachable(&database, path.as_deref())),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The running server; `None` where there is none to be reached.
    pub(super) fn running(config: &Config) -> Option<Self> {
        let path = config.socket()?;
        answers(&path).is_ok_and(|answers| answers).then(|| Self {
            socket: Socket::new(&path),
            flags: &[],
            alone: None,
        })
    }

    /// True where a server runs that this speaks to.
    pub(super) fn is_served(&self) -> bool {
        self.alone.is_none()
    }

    /// What is at a path below the dialect's prefix.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failed> {
        self.send("GET", path, None)
    }

    /// One request below the dialect's prefix and what it answered; `null` where that is nothing.
    pub(super) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failed> {
        self.try_send(method, path, body)?.map_err(|problem| problem.told(self.flags))
    }

    /// As [`Self::send`], for a verb that has better words for some refusals.
    pub(super) fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, Problem>, Failed> {
        self.try_send_with(method, path, &[], body)
    }

    /// As [`Self::try_send`], on condition that what was shown is still as it was shown.
    pub(super) fn try_send_for(
        &self,
        shown: &Value,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, Problem>, Failed> {
        self.try_send_with(method, path, &[("if-match", &format!("\"v{}\"", shown["version"]))], body)
    }

    fn try_send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Result<Value, Problem>, Failed> {
        let body = body.map(Value::to_string);
        let answer = self.socket.send(method, &format!("{PREFIX}{path}"), headers, body.as_deref().map(str::as_bytes));
        self.understand(answer.map_err(|error| self.broken(&error))?)
    }

    /// Every row of a list, page after page.
    pub(super) fn all(&self, path: &str) -> Result<Vec<Value>, Failed> {
        let mut rows = Vec::new();
        let mut more = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let mut page = self.get(&format!("{path}{joint}limit={PAGE_ROWS}{more}"))?;
            if let Value::Array(items) = page["items"].take() {
                rows.extend(items);
            }
            match page["next"].as_str() {
                Some(next) => more = format!("&cursor={}", escape(next)),
                None => return Ok(rows),
            }
        }
    }

    /// Sends a file as it is.
    pub(super) fn give(&self, path: &str, kind: &str, file: &[u8]) -> Result<Result<Value, Problem>, Failed> {
        let answer = self.socket.send("POST", &format!("{PREFIX}{path}"), &[("content-type", kind)], Some(file));
        self.understand(answer.map_err(|error| self.broken(&error))?)
    }

    /// Copies what is at a path, from the root, however long it is.
    pub(super) fn copy(&self, path: &str, to: &mut dyn Write) -> Result<(), Failed> {
        match self.socket.copy(path, to).map_err(|error| self.broken(&error))? {
            None => Ok(()),
            Some(refusal) => self.understand(refusal)?.map(drop).map_err(|problem| problem.told(self.flags)),
        }
    }

    /// The organization of this name or id.
    pub(super) fn organization(&self, wanted: &str) -> Result<Value, Failed> {
        let found = self.try_send("GET", &format!("/organizations/{}", escape(wanted)), None)?;
        found.map_err(|problem| match problem.status {
            404 => {
                let known = self.candidates("/organizations", wanted, &["name", "title"]);
                missing("organization has the name or the id", wanted, &known, "orgbox org list")
            }
            _ => problem.told(self.flags),
        })
    }

    /// The user of this login.
    pub(super) fn user(&self, login: &str) -> Result<Value, Failed> {
        let found = self.try_send("GET", &format!("/users/{}", escape(login)), None)?;
        found.map_err(|problem| match problem.status {
            404 => {
                let known = self.candidates("/users", login, &["login", "name"]);
                missing("user has the login", login, &known, "orgbox user list")
            }
            _ => problem.told(self.flags),
        })
    }

    /// Rows that a misspelt word may stand for: their first field names them, the others are what people call them.
    fn candidates(&self, path: &str, word: &str, fields: &'static [&'static str]) -> Vec<(String, String)> {
        let first: String = word.chars().take(PREFIX_CHARS).collect();
        // The first page is the whole list on most boxes; on others what begins alike is looked up, too.
        let pages =
            [format!("{path}?limit={PAGE_ROWS}"), format!("{path}?limit={PAGE_ROWS}&search={}", escape(&first))];
        let rows = pages.iter().filter_map(|page| self.try_send("GET", page, None).ok()?.ok());
        let rows = rows.flat_map(|page| page["items"].as_array().cloned().unwrap_or_default());
        let named = rows.flat_map(|row| {
            let name = row[fields[0]].as_str().unwrap_or_default().to_owned();
            let called = fields.iter().filter_map(|field| Some(row[*field].as_str()?.to_owned())).collect::<Vec<_>>();
            called.into_iter().map(move |called| (called, name.clone()))
        });
        named.collect()
    }

    fn understand(&self, answer: Answer) -> Result<Result<Value, Problem>, Failed> {
        let Answer { status, body } = answer;
        let read = |body: &[u8]| {
            serde_json::from_slice(body)
                .map_err(|error| Failed::unavailable(format!("the answer cannot be read: {error}")))
        };
        match status {
            200..=299 if body.is_empty() => Ok(Ok(Value::Null)),
            200..=299 => Ok(Ok(read(&body)?)),
            401 => Err(Failed {
                code: 77,
                message: format!(
                    "the box does not take you for its operator: run this as root or as the owner of {}",
                    self.socket.path().display()
                ),
            }),
            _ => Ok(Err(Problem::new(status, &read(&body)?))),
        }
    }

    fn broken(&self, error: &std::io::Error) -> Failed {
        let path = self.socket.path().display();
        Failed::unavailable(format!("the box at {path} broke off: {error}; see whether it did what was asked"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(alone) = self.alone.take() {
            alone.stop();
        }
    }
}

/// The path of an organization. By its name: a number may be another one's name.
pub(super) fn at(organization: &Value) -> String {
    format!("/organizations/{}", organization["id"])
}

/// A text as it stands in one part of a path or a query.
pub(super) fn escape(text: &str) -> String {
    let part = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(part).collect()
}

/// True where a server is at the other end of the socket; false where none can be.
fn answers(socket: &Path) -> Result<bool, Failed> {
    match UnixStream::connect(socket) {
        Ok(_) => Ok(true),
        // In a folder that one may not look into nobody knows whether there is a socket; the database says what is wrong.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && socket.symlink_metadata().is_ok() => Err(Failed {
            code: 77,
            message: format!("{} may be opened only by its owner and root: run this as one of them", socket.display()),
        }),
        Err(_) => Ok(false),
    }
}

fn unreachable(database: &Path, socket: Option<&Path>) -> Failed {
    let database = database.display();
    Failed::unavailable(match socket {
        Some(socket) => format!(
            "{database} is in use by another orgbox, but none answers at {}: wait for a command that is under way, give \
             the --config of the server, or stop the server",
            socket.display()
        ),
        None => format!(
            "{database} is in use by another orgbox, which has no local socket: give it one under [server] socket, or \
             stop it first"
        ),
    })
}

fn missing(what: &str, wanted: &str, known: &[(String, String)], list: &str) -> Failed {
    let near = nearest(wanted, known.iter().map(|(word, _)| word.as_str()));
    let near = near.and_then(|near| known.iter().find(|(word, _)| word == near));
    Failed::refused(match near {
        Some((word, name)) if word == name => format!("no {what} `{wanted}`; did you mean `{name}`?"),
        Some((word, name)) => format!("no {what} `{wanted}`; did you mean `{name}` ({word})?"),
        None => format!("no {what} `{wanted}`; see `{list}`"),
    })
}
