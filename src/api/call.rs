//! One request as a handler sees it: its parts, who asks, and the bridge to the core.

use std::{cell::RefCell, future::Ready, net::IpAddr, rc::Rc};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{Method, StatusCode, header::ContentType},
};
use serde::Serialize;

use super::{
    bridge::Bridge,
    client_address,
    dialect::{Dialect, RequestId},
    failure::{Edge, Failure},
    settings::Settings,
};
use crate::model::{
    Result,
    actor::{Actor, Origin, Who, may_change},
};

pub use super::bridge::Shared;
pub use crate::store::{Footprint, Read, Rehearsal, Write};

/// One request. Handlers take it as their only parameter.
pub struct Call {
    request: HttpRequest,
    payload: RefCell<Payload>,
    bridge: Rc<Bridge>,
}

impl FromRequest for Call {
    type Error = Failure;
    type Future = Ready<std::result::Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bridge = request.app_data::<Rc<Bridge>>().cloned();
        std::future::ready(bridge.ok_or_else(|| crate::model::Error::internal().into()).map(|bridge| Self {
            request: request.clone(),
            payload: RefCell::new(payload.take()),
            bridge,
        }))
    }
}

impl Call {
    /// A path parameter; empty where the route has none of that name.
    pub fn path(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    /// The raw query string.
    pub fn query(&self) -> &str {
        self.request.query_string()
    }

    /// A header's text; `None` where it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// The request as the framework has it.
    pub fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// True where only the head of the answer is asked for: one whose body has no end needs none then.
    pub fn is_head(&self) -> bool {
        self.request.method() == Method::HEAD
    }

    /// The request's id.
    pub fn request_id(&self) -> RequestId {
        RequestId::of(&self.request)
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.bridge.shared().settings
    }

    /// Where it comes from; `None` for the local socket.
    pub(super) fn client_address(&self) -> Option<IpAddr> {
        client_address::of(&self.request)
    }

    /// What all workers share.
    pub fn shared(&self) -> &Shared {
        self.bridge.shared()
    }

    /// The way to the core.
    pub fn bridge(&self) -> &Bridge {
        &self.bridge
    }

    pub(super) fn take_payload(&self) -> Payload {
        self.payload.replace(Payload::None)
    }

    /// Reads on this worker, at once: for what takes microseconds.
    pub fn read<T>(&self, work: impl FnOnce(&Read<'_>) -> Result<T>) -> std::result::Result<T, Failure> {
        self.bridge.read(work)
    }

    /// Reads on a thread that may block: for lists without a small bound, filters and searches.
    pub async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Read<'_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        self.bridge.scan(work).await
    }

    /// Reads at once where it is brief, and on a thread that may block where it is not.
    pub async fn read_or_scan<T: Send + 'static>(
        &self,
        brief: bool,
        work: impl FnOnce(&Read<'_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        if brief { self.read(work) } else { self.scan(work).await }
    }

    /// Changes something in the name of the actor, whose key must be one that may; an `Ok` means on disk.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let who = self.who(actor)?;
        // An administrator who deletes makes room, and so may on a full disk.
        if *self.request.method() == Method::DELETE && who.actor.is_admin() {
            return self.bridge.housekeeping(move |write| work(write, &who)).await;
        }
        self.bridge.write(move |write| work(write, &who)).await
    }

    /// As [`Call::write`], for what an operator must be able to do on a full disk though it deletes nothing by its method.
    pub async fn housekeeping<T: Send + 'static>(
        &self,
        actor: Actor,
        work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let who = self.who(actor)?;
        self.bridge.housekeeping(move |write| work(write, &who)).await
    }

    /// Who changes something, and by which way; the key must be one that may.
    fn who(&self, actor: Actor) -> Result<Who> {
        let _grant = may_change(&actor)?;
        let origin = self.origin(&actor);
        Ok(Who { actor, origin })
    }

    /// Tries a change in the name of the actor, whose key must be one that may, and undoes it.
    pub async fn rehearse<T: Send + 'static>(
        &self,
        actor: Actor,
        work: impl FnOnce(&Rehearsal<'_, '_>, &Who) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let who = self.who(actor)?;
        self.bridge.rehearse(move |rehearsal| work(rehearsal, &who)).await
    }

    /// An answer in JSON.
    pub fn json(&self, status: StatusCode, body: &impl Serialize) -> std::result::Result<HttpResponse, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| {
            tracing::error!(%error, "an answer could not be written as JSON");
            crate::model::Error::internal()
        })?;
        Ok(HttpResponse::build(status).content_type(ContentType::json()).body(body))
    }

    /// Refuses a path parameter that is no id, as something that does not exist.
    pub fn no_such(what: &'static str) -> Failure {
        crate::model::Error::not_found(what).into()
    }

    /// Refuses what cannot be read.
    pub fn malformed(why: impl Into<String>) -> Failure {
        Edge::Malformed(why.into()).into()
    }

    fn origin(&self, actor: &Actor) -> Origin {
        let dialect = self.request.app_data::<&'static Dialect>().map_or("", |dialect| dialect.name);
        Origin {
            address: self.client_address(),
            dialect: if *actor == Actor::command_line() { Who::command_line().origin.dialect } else { dialect },
            request_id: self.request_id().to_string(),
        }
    }
}
