//! HTTP over a local socket. It knows no verb and no route: a request goes out, an answer with its bytes comes back.

use std::{
    fmt,
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use ureq::{
    Agent, Error,
    http::{Request, Uri},
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport},
    },
};

/// The longest answer that is held in memory.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// The longest wait for the head of an answer: a change of a hundred thousand organizations on a slow disk.
const ANSWER_WAIT: Duration = Duration::from_secs(120);
/// The longest wait for the next bytes of an answer that has begun.
const BYTES_WAIT: Duration = Duration::from_secs(60);
/// Bytes of each of the two buffers of a connection.
const BUFFER_BYTES: usize = 64 << 10;

/// A local socket that speaks HTTP.
pub(super) struct Socket {
    agent: Agent,
    path: PathBuf,
}

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Socket {
    /// A socket that is connected to anew where that is needed.
    pub(super) fn new(path: &Path) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_recv_response(Some(ANSWER_WAIT))
            .timeout_per_read(Some(ANSWER_WAIT.max(BYTES_WAIT)))
            .timeout_per_write(Some(BYTES_WAIT))
            .user_agent(concat!("orgbox/", env!("CARGO_PKG_VERSION")))
            .build();
        let path = path.to_owned();
        Self { agent: Agent::with_parts(config, Opener { path: path.clone() }, NoNames), path }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// One request and its whole answer. The body, where there is one, is JSON unless the headers say otherwise.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> std::io::Result<Answer> {
        let mut answer = self.run(method, path, headers, body)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(Error::into_io)?;
        Ok(Answer { status, body })
    }

    /// Copies the body of a 200 to `to` as it comes, however long it is. Any other answer is returned.
    pub(super) fn copy(&self, path: &str, to: &mut dyn Write) -> std::io::Result<Option<Answer>> {
        let mut answer = self.run("GET", path, &[], None)?;
        let status = answer.status().as_u16();
        let mut body = answer.body_mut().as_reader();
        if status == 200 {
            std::io::copy(&mut body, to)?;
            return Ok(None);
        }
        let mut bytes = Vec::new();
        body.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(Some(Answer { status, body: bytes }))
    }

    fn run(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> std::io::Result<ureq::http::Response<ureq::Body>> {
        let mut request = Request::builder().method(method).uri(format!("http://localhost{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let malformed = |error: ureq::http::Error| std::io::Error::new(ErrorKind::InvalidInput, error);
        let answer = match body {
            None => self.agent.run(request.body(()).map_err(malformed)?),
            Some(body) => {
                if !headers.iter().any(|(name, _)| *name == "content-type") {
                    request = request.header("content-type", "application/json");
                }
                self.agent.run(request.body(body).map_err(malformed)?)
            }
        };
        answer.map_err(Error::into_io)
    }
}

/// Opens the socket, whatever the request's address says.
#[derive(Debug)]
struct Opener {
    path: PathBuf,
}

/// Asks nobody for an address: there is none.
#[derive(Debug)]
struct NoNames;

/// An open connection.
struct Open {
    stream: UnixStream,
    buffers: LazyBuffers,
}

impl Resolver for NoNames {
    fn resolve(&self, _: &Uri, _: &ureq::config::Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(([0, 0, 0, 0], 0).into());
        Ok(addresses)
    }
}

impl Connector for Opener {
    type Out = Open;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Open>, Error> {
        let stream = UnixStream::connect(&self.path)?;
        Ok(Some(Open { stream, buffers: LazyBuffers::new(BUFFER_BYTES, BUFFER_BYTES) }))
    }
}

impl Transport for Open {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.set_write_timeout(timeout.for_write().not_zero().map(|left| *left))?;
        Ok(self.stream.write_all(&self.buffers.output()[..amount])?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.set_read_timeout(timeout.for_read().not_zero().map(|left| *left))?;
        let input = self.buffers.input_append_buf();
        let amount = loop {
            match self.stream.read(input) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// A connection is used again only at once; one that was closed meanwhile is noticed when it is read.
    fn is_open(&mut self) -> bool {
        let mut byte = [0];
        let silent = |read: std::io::Result<usize>| read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        self.stream.set_nonblocking(true).is_ok()
            && silent((&self.stream).read(&mut byte))
            && self.stream.set_nonblocking(false).is_ok()
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(formatter)
    }
}
