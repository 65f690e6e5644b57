//! The real binary as a child process that serves on a port of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::FileExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use super::{Client, test_box::ADMIN_PASSWORD};

/// How long a test waits for what must come; one that runs into it has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs until it is stopped, or is killed when dropped.
pub struct Server {
    child: Child,
    /// Reads what it prints until it ends, so that its pipe never fills.
    lines: Receiver<String>,
    /// What it logs. A file takes everything, whoever reads it when.
    log: File,
    /// What it printed until it served.
    pub told: Vec<String>,
    pub address: SocketAddr,
    /// Where it speaks TLS, if it does.
    pub tls_address: Option<SocketAddr>,
}

impl Server {
    /// Starts the command and waits until it serves.
    pub fn start(command: &mut Command) -> Self {
        let log = tempfile::tempfile().unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log.try_clone().unwrap());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut server =
            Self { child, lines, log, told: Vec::new(), address: ([127, 0, 0, 1], 0).into(), tls_address: None };
        while server.address.port() == 0 {
            let line = server.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("it does not serve: {:?} {}", server.told, server.log()));
            if let Some(address) = line.strip_prefix("Serving on https://") {
                server.tls_address = Some(address.parse().unwrap());
                continue;
            }
            let address = line.strip_prefix("Serving on http://");
            let address =
                address.or(line.strip_prefix("{\"serving\":\"http://").and_then(|rest| rest.strip_suffix("\"}")));
            match address {
                Some(address) => server.address = address.parse().unwrap(),
                None => server.told.push(line),
            }
        }
        server
    }

    /// A client without credentials.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client that is the first administrator by HTTP Basic.
    pub fn admin(&self) -> Client {
        self.client().basic("admin", ADMIN_PASSWORD)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        let mut text = vec![0; usize::try_from(self.log.metadata().unwrap().len()).unwrap()];
        self.log.read_exact_at(&mut text, 0).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it logs a line with this text, past so many bytes of its log.
    pub fn until_logged(&self, past: usize, wanted: &str) {
        let step = Duration::from_millis(20);
        for _ in 0..PATIENCE.as_millis() / step.as_millis() {
            if self.log()[past..].contains(wanted) {
                return;
            }
            // Nothing is printed any more: this only lets time pass.
            drop(self.lines.recv_timeout(step));
        }
        panic!("it does not log {wanted:?}: {}", self.log());
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends a signal and waits for the end, at most so long.
    pub fn stop_within(mut self, signal: &str, at_most: Duration) -> ExitStatus {
        self.signal(signal);
        // Its standard output is closed when it has ended.
        let closed = self.lines.recv_timeout(at_most);
        assert_eq!(closed, Err(RecvTimeoutError::Disconnected), "it has not ended: {}", self.log());
        self.child.wait().unwrap()
    }

    /// Sends a signal and waits for the end.
    pub fn stop(mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        while self.lines.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait().unwrap()
    }

    /// Sends a signal, waits for a good end, and returns what it printed while it served.
    pub fn stop_and_read(mut self, signal: &str) -> Vec<String> {
        self.signal(signal);
        let mut lines = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            lines.push(line);
        }
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
        lines
    }

    /// SIGKILL: no goodbye.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
