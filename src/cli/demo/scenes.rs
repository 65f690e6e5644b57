//! What the demo does through each API, as requests that a client would send; the lines that it prints are made of the same.

use serde_json::Value;

use super::super::{failed::Failed, socket::Socket};
use crate::ops::setup::FIRST_LOGIN;

/// One change through one API.
pub(super) struct Scene {
    pub(super) api: &'static str,
    pub(super) says: &'static str,
    request: Request,
}

struct Request {
    method: &'static str,
    path: String,
    credential: Credential,
    body: Body,
}

/// How a client of an API says who it is.
#[derive(Clone, Copy)]
enum Credential {
    Watcher,
    Basic,
    Surfsight,
}

enum Body {
    None,
    Json(&'static str),
    Form(&'static str),
}

/// An administrator who has signed in everywhere.
pub(super) struct Session {
    password: String,
    watcher: String,
    surfsight: String,
}

impl Session {
    /// Signs in where an API has sessions or tokens.
    pub(super) fn open(socket: &Socket, password: &str) -> Result<Self, Failed> {
        let sign_in = |path: &str, login: &str, field: &str| {
            let body = serde_json::json!({ login: FIRST_LOGIN, "password": password }).to_string();
            let answer = socket.send("POST", path, &[], Some(body.as_bytes())).map_err(super::system)?;
            let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let secret = document.pointer(field).and_then(Value::as_str).map(str::to_owned);
            secret.ok_or_else(|| Failed::unavailable(format!("{path} answered {}", answer.status)))
        };
        Ok(Self {
            password: password.to_owned(),
            watcher: sign_in("/vsaas/api/v2/auth/login", "login", "/session")?,
            surfsight: sign_in("/authenticate", "email", "/data/token")?,
        })
    }

    /// A provider's small estate: a subscriber, a client company with branches, longer retention, people and cameras.
    pub(super) fn scenes(&self) -> Vec<Scene> {
        let scene = |api, says, method, path: &str, credential, body| {
            let request = Request { method, path: path.to_owned(), credential, body };
            Scene { api, says, request }
        };
        vec![
            scene(
                "Flussonic Watcher",
                "a subscriber with 40 cameras and 500 GB",
                "POST",
                "/vsaas/api/v2/organizations",
                Credential::Watcher,
                Body::Json(r#"{"title": "Harbour Logistics", "owner_id": 1, "camera_limit": 40, "dvr_limit": 500}"#),
            ),
            scene(
                "Flussonic Watcher",
                "its dispatcher",
                "POST",
                "/vsaas/api/v2/users",
                Credential::Watcher,
                Body::Json(
                    r#"{"login": "dispatch@harbour.example", "name": "Harbour Dispatch", "organization_id": 2}"#,
                ),
            ),
            scene(
                "WoTKit",
                "a client company",
                "POST",
                "/api/v1/orgs",
                Credential::Basic,
                Body::Json(
                    r#"{"name": "electric-inc", "longName": "Electric, Inc.", "description": "Substations in the north"}"#,
                ),
            ),
            scene(
                "Infinity Config API v2",
                "a branch below it",
                "POST",
                "/config/v2/organisations",
                Credential::Basic,
                Body::Form("parentOrgSpec=3&orgName=Electric+North&brandingId=1"),
            ),
            scene(
                "Surfsight",
                "footage of the branch is kept 90 days, of its front cameras 30",
                "PATCH",
                "/organizations/4",
                Credential::Surfsight,
                Body::Json(r#"{"purgeDays": 90, "purgeDaysFrontCamera": 30}"#),
            ),
            scene(
                "orgbox",
                "a camera of the branch",
                "POST",
                "/orgbox/v1/cameras",
                Credential::Basic,
                Body::Json(r#"{"organization_id": 4, "name": "Substation gate", "type": 1}"#),
            ),
        ]
    }

    /// Sends a scene's request.
    pub(super) fn play(&mut self, socket: &Socket, scene: &Scene) -> Result<(), Failed> {
        let Request { method, path, credential, body } = &scene.request;
        let (name, value) = self.header(*credential);
        let (content_type, bytes) = match body {
            Body::None => (None, None),
            Body::Json(text) => (Some("application/json"), Some(text.as_bytes())),
            Body::Form(text) => (Some("application/x-www-form-urlencoded"), Some(text.as_bytes())),
        };
        let mut headers = vec![(name, value.as_str())];
        headers.extend(content_type.map(|content_type| ("content-type", content_type)));
        let answer = socket.send(method, path, &headers, bytes).map_err(super::system)?;
        if answer.status < 300 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&answer.body);
        Err(Failed::unavailable(format!("{method} {path} answered {}: {text}", answer.status)))
    }

    /// A line for a shell for each API: what is there, and a change.
    pub(super) fn lines(&self, url: &str) -> String {
        let look =
            |path: &str, credential| Request { method: "GET", path: path.to_owned(), credential, body: Body::None };
        let change = Request {
            method: "PATCH",
            path: "/organizations/2".to_owned(),
            credential: Credential::Surfsight,
            body: Body::Json(r#"{"purgeDays": 60}"#),
        };
        let lines = [
            ("Flussonic Watcher", look("/vsaas/api/v2/organizations/", Credential::Watcher)),
            ("WoTKit", look("/api/v1/orgs/electric-inc", Credential::Basic)),
            ("Infinity Config API v2", look("/config/v2/organisations?rootOrgId=3", Credential::Basic)),
            ("Surfsight, a change", change),
            ("orgbox", look("/orgbox/v1/retention", Credential::Basic)),
        ];
        let lines = lines.iter().map(|(api, request)| format!("\n# {api}\n{}", self.line(url, request)));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn line(&self, url: &str, Request { method, path, credential, body }: &Request) -> String {
        let mut line = "curl -s".to_owned();
        if *method != "GET" {
            line.push_str(&format!(" -X {method}"));
        }
        line.push_str(&match credential {
            Credential::Basic => format!(" -u '{FIRST_LOGIN}:{}'", self.password),
            Credential::Watcher | Credential::Surfsight => {
                let (name, value) = self.header(*credential);
                format!(" -H '{name}: {value}'")
            }
        });
        match body {
            Body::None => {}
            Body::Json(text) => line.push_str(&format!(" -H 'content-type: application/json' -d '{text}'")),
            Body::Form(text) => line.push_str(&format!(" -d '{text}'")),
        }
        format!("{line} '{url}{path}'")
    }

    fn header(&self, credential: Credential) -> (&'static str, String) {
        match credential {
            Credential::Watcher => ("x-vsaas-session", self.watcher.clone()),
            Credential::Surfsight => ("authorization", format!("Bearer {}", self.surfsight)),
            Credential::Basic => {
                use base64::{Engine, engine::general_purpose::STANDARD};
                let pair = STANDARD.encode(format!("{FIRST_LOGIN}:{}", self.password));
                ("authorization", format!("Basic {pair}"))
            }
        }
    }
}
