//! A box with so many organizations, and the requests that are measured on it.

use std::{net::SocketAddr, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use orgbox::{
    app::{self, Running},
    clock::Clock,
    config::{self, Config, Environment},
    model::{
        OrgId,
        actor::Who,
        organization::{NewOrganization, NewOwner},
    },
    ops,
    store::Statistics,
};
use serde_json::Value;

const PASSWORD: &str = "correct horse";

pub struct Rig {
    directory: tempfile::TempDir,
    config: Config,
    running: Option<Running>,
    organizations: usize,
    session: String,
    token: String,
}

/// Name, path by index, header lines.
pub type Read<'a> = (&'static str, Box<dyn Fn(usize) -> String + 'a>, String);

impl Rig {
    /// The default organization, a region for every thousand, and the rest below those.
    pub fn start(organizations: usize) -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let environment = Environment { admin_password: Some(PASSWORD.to_owned()), ..Environment::default() };
        let mut config = config::load(None, &environment).unwrap();
        config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.database.path = directory.path().join("orgbox.db");
        let running = app::start(&config, Clock::system()).unwrap();
        fill(&running, organizations);
        let mut rig = Self {
            directory,
            config,
            running: Some(running),
            organizations,
            session: String::new(),
            token: String::new(),
        };
        let login = serde_json::json!({ "login": "admin", "password": PASSWORD });
        rig.session = rig.post("/vsaas/api/v2/auth/login", &login)["session"].as_str().unwrap().to_owned();
        let login = serde_json::json!({ "email": "admin", "password": PASSWORD });
        rig.token = rig.post("/authenticate", &login)["data"]["token"].as_str().unwrap().to_owned();
        rig
    }

    pub fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().addresses[0]
    }

    pub fn store(&self) -> &orgbox::store::Store {
        self.running.as_ref().unwrap().store()
    }

    /// The writer's counters.
    pub fn statistics(&self) -> Statistics {
        self.running.as_ref().unwrap().store().statistics()
    }

    pub fn database(&self) -> std::path::PathBuf {
        self.directory.path().join("orgbox.db")
    }

    pub fn watcher(&self) -> String {
        format!("x-vsaas-session: {}", self.session)
    }

    pub fn basic(&self) -> String {
        format!("authorization: Basic {}", STANDARD.encode(format!("admin:{PASSWORD}")))
    }

    pub fn surfsight(&self) -> String {
        format!("authorization: Bearer {}", self.token)
    }

    /// An existing id, spread over all of them.
    pub fn id(&self, index: usize) -> usize {
        2 + index * 7919 % (self.organizations - 2)
    }

    pub fn reads(&self) -> Vec<Read<'_>> {
        let far = self.organizations / 2;
        vec![
            ("watcher   read one", Box::new(|i| format!("/vsaas/api/v2/organizations/{}", self.id(i))), self.watcher()),
            ("wotkit    read one", Box::new(|i| format!("/api/v1/orgs/site-{}", self.id(i))), self.basic()),
            ("infinity  read one", Box::new(|i| format!("/config/v2/organisations/{}", self.id(i))), self.basic()),
            ("surfsight read one", Box::new(|i| format!("/organizations/{}", self.id(i))), self.surfsight()),
            ("watcher   list 100", Box::new(|_| "/vsaas/api/v2/organizations?limit=100".to_owned()), self.watcher()),
            (
                "watcher   list 100, page in the middle",
                Box::new(move |_| format!("/vsaas/api/v2/organizations?limit=100&offset={far}")),
                self.watcher(),
            ),
            ("wotkit    list 100", Box::new(|_| "/api/v1/orgs?limit=100".to_owned()), self.basic()),
            ("infinity  list 100", Box::new(|_| "/config/v2/organisations?limit=100".to_owned()), self.basic()),
            (
                "watcher   list search",
                Box::new(|_| "/vsaas/api/v2/organizations?limit=100&search=site%2099".to_owned()),
                self.watcher(),
            ),
            ("wotkit    list text", Box::new(|_| "/api/v1/orgs?limit=100&text=site-99".to_owned()), self.basic()),
            (
                "infinity  list filtered",
                Box::new(|_| "/config/v2/organisations?limit=100&filter[]=orgName-begins-value-Site%2099".to_owned()),
                self.basic(),
            ),
            (
                "infinity  rootOrgId",
                Box::new(|_| "/config/v2/organisations?limit=100&rootOrgId=2".to_owned()),
                self.basic(),
            ),
        ]
    }

    /// The body of an answer.
    pub fn answer(&self, path: &str, credential: &str) -> Vec<u8> {
        let (name, value) = credential.split_once(": ").unwrap();
        let url = format!("http://{}{path}", self.address());
        ureq::get(url).header(name, value).call().unwrap().body_mut().read_to_vec().unwrap()
    }

    /// Stops the box and starts it again: milliseconds from nothing to an answer.
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the real time")]
    pub fn restart_ms(&self) -> f64 {
        // A copy of the database is started beside the box, which goes on.
        let copy = self.directory.path().join("copy.db");
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        let mut config = self.config.clone();
        config.database.path = copy.clone();
        let started = Instant::now();
        let running = app::start(&config, Clock::system()).unwrap();
        ureq::get(format!("http://{}/readyz", running.addresses[0])).call().unwrap();
        let elapsed = started.elapsed().as_secs_f64() * 1000.0;
        running.stop();
        std::fs::remove_file(copy).unwrap();
        elapsed
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        ureq::post(format!("http://{}{path}", self.address())).send_json(body).unwrap().body_mut().read_json().unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.running.take().unwrap().stop();
    }
}

fn fill(running: &Running, organizations: usize) {
    let batch = 500;
    for first in (2..=organizations).step_by(batch) {
        let last = (first + batch).min(organizations + 1);
        let made = running.store().write(move |write| {
            for number in first..last {
                let region = OrgId(if number % 1000 == 2 { 1 } else { (number as i64 - 2) / 1000 * 1000 + 2 });
                let new = NewOrganization {
                    name: Some(format!("site-{number}")),
                    title: format!("Site {number}"),
                    description: Some("A building site with a trailer, four cameras and a weak link.".to_owned()),
                    owner: NewOwner::Given(None),
                    parents: vec![region],
                    ..NewOrganization::default()
                };
                let made = ops::organization::create(write, &Who::system(), new)?;
                assert_eq!(made.id.0, number as i64);
            }
            Ok(())
        });
        made.unwrap();
    }
}
