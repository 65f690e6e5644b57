//! `orgbox demo`: a billing system and a box that pushes to it, in a folder that is removed at the end. It makes a few
//! organizations through every API and shows each event as it arrives.

mod scenes;

use std::{
    fs::{self, DirBuilder},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    sync::mpsc::{Receiver, sync_channel},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use serde_json::Value;
use uuid::Uuid;

use super::{failed::Failed, output::say, socket::Socket};
use crate::{
    app::{self, Signals, Told},
    clock::Clock,
    collector::{self, EventFilter, EventView, Options},
    config::{self, Config, Environment},
    ops::{password, random, setup::FIRST_LOGIN},
    upstream::sign::SigningKey,
};

/// The longest wait for the events of a change. Without them the demo goes on and shows them later.
const ARRIVAL: Duration = Duration::from_secs(5);
/// Batches that wait to be shown; one that finds no place is shown with the next.
const BATCHES_MAX: usize = 1024;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where the box listens on this machine; any free port where it is taken.
    #[arg(long, value_name = "PORT", default_value_t = 8480)]
    port: u16,
    /// Where the billing system listens; any free port where it is taken.
    #[arg(long, value_name = "PORT", default_value_t = 9090)]
    billing_port: u16,
}

/// What wakes the demo.
enum Heard {
    Batch,
    Stop,
}

/// The folder of the demo, gone when dropped.
struct Folder(PathBuf);

/// What the scenes are played on.
struct Stage {
    socket: Socket,
    /// Where the box listens.
    address: SocketAddr,
    password: String,
    billing: collector::Running,
    heard: Receiver<Heard>,
    /// The last event shown, by its place in the order of arrival.
    shown: i64,
    /// Whether the billing system has been told the full state.
    complete: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failed> {
    let mut signals = Signals::catch().map_err(system)?;
    let folder = Folder::make()?;
    let (sender, heard) = sync_channel(BATCHES_MAX);
    let stop = sender.clone();
    let secret = format!("whsec_{}", STANDARD.encode(random::bytes::<32>().map_err(refused)?));
    let billing = collector::start(Options {
        listen: free(arguments.billing_port),
        database: folder.0.join("collector.db"),
        clock: Clock::system(),
        token: None,
        signing_key: SigningKey::parse(&secret).ok(),
        observer: Some(Box::new(move |_| sender.try_send(Heard::Batch).unwrap_or_default())),
    })?;
    let password = password::generate().map_err(refused)?;
    let config = folder.configuration(free(arguments.port), &secret, billing.address, &password)?;
    let running = app::start(&config, Clock::system())?;
    let socket = running.socket().map(Socket::new).ok_or_else(|| Failed::unavailable("there is no local socket"))?;
    let address = *running.addresses.first().ok_or_else(|| Failed::unavailable("the box listens nowhere"))?;
    let waits = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while signals.wait() == Told::Reload {}
        // Nobody listens where the demo has failed already.
        stop.send(Heard::Stop).unwrap_or_default();
    });
    let mut stage = Stage { socket, address, password, billing, heard, shown: 0, complete: false };
    let played = waits.map_err(system).and_then(|_| stage.play(&folder)).and_then(|()| stage.follow());
    running.stop();
    stage.billing.stop();
    played
}

impl Folder {
    /// One that nobody else can look into.
    fn make() -> Result<Self, Failed> {
        let path = std::env::temp_dir().join(format!("orgbox-demo-{}", Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&path).map_err(system)?;
        Ok(Self(path))
    }

    /// The configuration of the box, written down as an operator would.
    fn configuration(
        &self,
        listen: SocketAddr,
        secret: &str,
        billing: SocketAddr,
        password: &str,
    ) -> Result<Config, Failed> {
        let file = self.0.join("config.toml");
        let text = format!(
            "version = 1\n\n[server]\nlisten = \"{listen}\"\n\n[database]\npath = \"orgbox.db\"\n\n[log]\nlevel = \"warn\"\n\n\
             [upstream]\nurl = \"http://{billing}/events\"\nsigning_secret_file = \"signing-secret\"\n\
             start_jitter_seconds = 0\nheartbeat_seconds = 30\n"
        );
        fs::write(self.0.join("signing-secret"), secret).map_err(system)?;
        fs::write(&file, text).map_err(system)?;
        let environment = Environment { admin_password: Some(password.to_owned()), ..Environment::default() };
        config::load(Some(&file), &environment).map_err(|problems| Failed { code: 78, message: problems.to_string() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the folder of the demo could not be removed");
        }
    }
}

impl Stage {
    fn play(&mut self, folder: &Folder) -> Result<(), Failed> {
        let (box_url, billing_url) = (format!("http://{}", self.address), format!("http://{}", self.billing.address));
        say(&format!(
            "A box and a billing system, in {} until Ctrl-C.\n\n  box      {box_url}  {FIRST_LOGIN} / {}\n  \
             billing  {billing_url}\n",
            folder.0.display(),
            self.password
        ))?;
        let mut session = scenes::Session::open(&self.socket, &self.password)?;
        // First the whole state, as every billing system that hears of a box is told it.
        while !self.complete && self.arrived()? {}
        for scene in session.scenes() {
            say(&format!("{}: {}", scene.api, scene.says))?;
            session.play(&self.socket, &scene)?;
            self.arrived()?;
        }
        let folder = &folder.0;
        say(&format!("\nTry each API; what you change shows below as it arrives.\n{}", session.lines(&box_url)))?;
        say(&format!(
            "\n# The billing system's own view, and the box's configuration to edit while it runs\n\
             curl -s {billing_url}/sites\ncurl -s '{billing_url}/events?limit=3'\n{}/config.toml\n",
            folder.display()
        ))?;
        say("Waiting for changes; Ctrl-C ends the demo and removes its folder.")
    }

    /// Waits for something new and shows it. False where nothing came in time.
    fn arrived(&mut self) -> Result<bool, Failed> {
        let before = self.shown;
        while self.shown == before {
            match self.heard.recv_timeout(ARRIVAL) {
                Ok(Heard::Batch) => self.show()?,
                Ok(Heard::Stop) => return Err(Failed { code: 0, message: String::new() }),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Shows what arrives until a signal comes.
    fn follow(&mut self) -> Result<(), Failed> {
        while let Ok(Heard::Batch) = self.heard.recv() {
            self.show()?;
        }
        Ok(())
    }

    fn show(&mut self) -> Result<(), Failed> {
        let events = self.billing.events(&EventFilter::default());
        let events = events.map_err(|refusal| Failed::unavailable(refusal.to_string()))?;
        let fresh = events.into_iter().filter(|event| event.number > self.shown);
        let mut fresh: Vec<_> = fresh.collect();
        fresh.sort_by_key(|event| event.number);
        for event in fresh {
            self.shown = event.number;
            self.complete |= event.subject.starts_with("site/") && event.text.as_deref().is_some_and(is_snapshot);
            say(&line(&event))?;
        }
        Ok(())
    }
}

/// `  -> billing  organization/2  created  Harbour Logistics`
fn line(event: &EventView) -> String {
    let told: Value = event.text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let kind = told["type"].as_str().unwrap_or_default();
    let what = kind.split('.').rev().nth(1).unwrap_or("event");
    let state = &told["data"]["state"];
    let name =
        ["title", "name", "login"].iter().find_map(|field| state[field].as_str().filter(|name| !name.is_empty()));
    let changed: Vec<_> = told["data"]["changed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let detail = if what == "updated" { changed.join(", ") } else { name.unwrap_or_default().to_owned() };
    format!("  -> billing  {:<18} {what:<10} {detail}", event.subject).trim_end().to_owned()
}

/// Whether this event of a site says that its full state has been told.
fn is_snapshot(text: &str) -> bool {
    text.contains(r#""type":"io.orgbox.site.snapshot.v1""#)
}

/// This port of this machine, or any where it is taken.
fn free(port: u16) -> SocketAddr {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpListener::bind(wanted).is_ok() { wanted } else { (Ipv4Addr::LOCALHOST, 0).into() }
}

fn system(error: std::io::Error) -> Failed {
    Failed::unavailable(format!("the demo cannot go on: {error}"))
}

fn refused(error: crate::model::Error) -> Failed {
    Failed::unavailable(format!("the demo cannot go on: {error}"))
}
