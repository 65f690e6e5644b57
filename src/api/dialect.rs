//! What every dialect shares: mounting its routes in both slash forms, and one place where its failures get their shape.

use std::{rc::Rc, sync::Arc};

use actix_web::{
    FromRequest, Handler, HttpMessage, HttpRequest, HttpResponse, Resource, Responder, Route, Scope,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse},
    guard,
    http::{
        Method, StatusCode,
        header::{
            ALLOW, CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    web,
};
use uuid::Uuid;

use super::{
    bridge::{Bridge, Shared},
    call::Call,
    client_address,
    failure::{Edge, Failure, Outcome},
    openapi::operation::Operation,
    tally::Tally,
};
use crate::model::Kind;

/// A dialect as the server sees it.
pub struct Dialect {
    /// Its name in the audit trail and the log.
    pub name: &'static str,
    /// Its error shape: one exhaustive match over the failure.
    pub render: fn(&Failure, &RequestId) -> HttpResponse,
}

/// What is outside every dialect.
pub(super) static PLAIN: Dialect = Dialect { name: "box", render: render_plainly };

/// Names one request in the answer, the log and the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// The id of a request; nil before the server has given it one.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get().copied().unwrap_or(Self(Uuid::nil()))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

/// One route of a dialect: what its table of routes is made of.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path below the dialect's prefix, without a trailing slash; parameters in braces.
    pub path: &'static str,
    route: Route,
    operation: Option<fn() -> Operation>,
}

impl Endpoint {
    /// The endpoint with what the document says of it.
    pub fn doc(self, operation: fn() -> Operation) -> Self {
        Self { operation: Some(operation), ..self }
    }

    /// What the document says of it; a test refuses routes of which it says nothing.
    pub fn operation(&self) -> Option<Operation> {
        self.operation.map(|operation| operation())
    }
}

/// A route that answers GET, and HEAD by the same without the body.
pub fn get<F: Handler<(Call,), Output: Responder + 'static>>(path: &'static str, handler: F) -> Endpoint {
    endpoint(Method::GET, path, handler)
}

/// A route that answers POST.
pub fn post<F: Handler<(Call,), Output: Responder + 'static>>(path: &'static str, handler: F) -> Endpoint {
    endpoint(Method::POST, path, handler)
}

/// A route that answers PUT.
pub fn put<F: Handler<(Call,), Output: Responder + 'static>>(path: &'static str, handler: F) -> Endpoint {
    endpoint(Method::PUT, path, handler)
}

/// A route that answers PATCH.
pub fn patch<F: Handler<(Call,), Output: Responder + 'static>>(path: &'static str, handler: F) -> Endpoint {
    endpoint(Method::PATCH, path, handler)
}

/// A route that answers DELETE.
pub fn delete<F: Handler<(Call,), Output: Responder + 'static>>(path: &'static str, handler: F) -> Endpoint {
    endpoint(Method::DELETE, path, handler)
}

/// The dialect's routes below a prefix. Unknown paths and methods are refused in the dialect's shape.
pub fn scope(prefix: &str, dialect: &'static Dialect, endpoints: Vec<Endpoint>) -> Scope {
    let unmatched = Tally::unmatched(dialect.name);
    let mut scope = web::scope(prefix).app_data(dialect).app_data(unmatched).default_service(web::to(no_route));
    let mut paths: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
    for endpoint in endpoints {
        match paths.iter_mut().find(|(known, _)| *known == endpoint.path) {
            Some((_, there)) => there.push(endpoint),
            None => paths.push((endpoint.path, vec![endpoint])),
        }
    }
    for (path, there) in paths {
        let tally = Tally::new(dialect.name, format!("{prefix}{path}"));
        scope = scope.service(resource_counted(path, there, tally));
    }
    scope
}

/// A path outside every dialect with all that it answers.
pub(super) fn resource(path: &str, endpoints: Vec<Endpoint>) -> Resource {
    resource_counted(path, endpoints, Tally::new(PLAIN.name, path))
}

/// A path with all that it answers. Other methods are refused, with the names of those.
fn resource_counted(path: &str, endpoints: Vec<Endpoint>, tally: Arc<Tally>) -> Resource {
    let methods = endpoints.iter().flat_map(|endpoint| answered(&endpoint.method)).map(Method::as_str);
    let allow = Allow(header_value(&methods.collect::<Vec<_>>().join(", ")));
    let refusing = web::resource(path).app_data(allow).app_data(tally).default_service(web::to(method_not_allowed));
    endpoints.into_iter().fold(refusing, |resource, endpoint| resource.route(endpoint.route))
}

/// The methods that a path answers, as a 405 names them.
struct Allow(HeaderValue);

/// The methods that a route for this one answers.
fn answered(method: &Method) -> &[Method] {
    if *method == Method::GET { &[Method::GET, Method::HEAD] } else { std::slice::from_ref(method) }
}

/// A route for a method. Only resources that need no [`Call`] use it directly.
pub(super) fn endpoint<F, Parameters>(method: Method, path: &'static str, handler: F) -> Endpoint
where
    F: Handler<Parameters, Output: Responder + 'static>,
    Parameters: FromRequest + 'static,
{
    let fits = method.clone();
    let fits = guard::fn_guard(move |context| answered(&fits).contains(&context.head().method));
    Endpoint { path, route: web::route().guard(fits).to(handler), method, operation: None }
}

/// Wraps every request: gives it its id, renders its failure in the dialect's shape, adds the common headers, logs it.
pub fn around<S, B>(
    mut request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<impl MessageBody + use<S, B>>, actix_web::Error>> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    let id = RequestId(Uuid::new_v4());
    request.extensions_mut().insert(id);
    trim_slashes(&mut request);
    let bridge = request.app_data::<Rc<Bridge>>().cloned();
    let began_us = bridge.as_ref().map_or(0, |bridge| bridge.shared().clock.monotonic_us());
    let answer = service.call(request);
    async move {
        let answer = answer.await?;
        let failure = answer.response().error().map(failure_of);
        let mut answer = match &failure {
            None => answer.map_into_left_body(),
            Some(failure) => {
                let request = answer.request().clone();
                ServiceResponse::new(request.clone(), render(failure, &request, &id)).map_into_right_body()
            }
        };
        let headers = answer.headers_mut();
        headers.insert(X_REQUEST_ID, header_value(&id.to_string()));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        log(&answer, &id, failure.as_ref());
        if let Some(bridge) = bridge {
            count(&answer, bridge.shared(), began_us);
        }
        Ok(answer)
    }
}

/// Counts a request where its route is counted.
fn count<B>(answer: &ServiceResponse<B>, shared: &Shared, began_us: i64) {
    let request = answer.request();
    if let Some(tally) = request.app_data::<Arc<Tally>>() {
        let took_us = u64::try_from(shared.clock.monotonic_us() - began_us).unwrap_or_default();
        shared.requests.note(tally, request.method(), answer.status().as_u16(), took_us);
    }
}

/// Every path answers with and without a trailing slash, without a redirect: routes are matched without it.
fn trim_slashes(request: &mut ServiceRequest) {
    let path = request.path();
    if !path.ends_with('/') || path.len() == 1 {
        return;
    }
    let trimmed = match (path.trim_end_matches('/'), request.query_string()) {
        (path, "") => path.to_owned(),
        (path, query) => format!("{path}?{query}"),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = trimmed.parse().ok().or(parts.path_and_query);
    if let Ok(uri) = actix_web::http::Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A failure that is none of ours comes from the framework, before a handler ran: the request could not be read.
fn failure_of(error: &actix_web::Error) -> Failure {
    let ours = error.as_error::<Failure>().cloned();
    ours.unwrap_or_else(|| Edge::Malformed("the request could not be read".to_owned()).into())
}

fn render(failure: &Failure, request: &HttpRequest, id: &RequestId) -> HttpResponse {
    let render = request.app_data::<&'static Dialect>().map_or(PLAIN.render, |dialect| dialect.render);
    let mut answer: HttpResponse = render(failure, id);
    if let Some(seconds) = failure.retry_after_seconds() {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(Allow(methods)) = request.app_data()
    {
        answer.headers_mut().insert(ALLOW, methods.clone());
    }
    answer
}

/// Outside every dialect.
fn render_plainly(failure: &Failure, id: &RequestId) -> HttpResponse {
    let status = match failure {
        Failure::Rule(error) => match error.kind {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Taken | Kind::LimitReached | Kind::Refused | Kind::Outdated | Kind::Managed | Kind::Held => {
                StatusCode::CONFLICT
            }
            Kind::Busy | Kind::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        },
        Failure::Edge(edge) => match edge {
            Edge::NoRoute => StatusCode::NOT_FOUND,
            Edge::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Edge::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Edge::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Edge::Malformed(_) => StatusCode::BAD_REQUEST,
            Edge::NoCredentials | Edge::BadPassword | Edge::BadKey | Edge::ExpiredKey | Edge::BadSession => {
                StatusCode::UNAUTHORIZED
            }
            Edge::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        },
    };
    let body = serde_json::json!({ "error": failure.to_string(), "request_id": id.to_string() });
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer, Basic realm=\"orgbox\""));
    }
    answer.json(body)
}

/// What goes well is told at debug level: the audit trail has every change. A refusal may be what an operator looks for.
/// What a client sent is logged as quoted text, in which a line break cannot pass for the next line.
fn log<B>(answer: &ServiceResponse<B>, id: &RequestId, failure: Option<&Failure>) {
    let status = answer.status();
    if failure.is_none() && !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let reason = failure.map(Failure::to_string);
    let request = answer.request();
    let dialect = request.app_data::<&'static Dialect>().map_or("", |dialect| dialect.name);
    let (method, path) = (request.method(), request.path());
    let peer = client_address::of(request).map(|address| address.to_string()).unwrap_or_default();
    let is_fault = status.is_server_error();
    let status = status.as_u16();
    match reason {
        Some(reason) if is_fault => {
            tracing::error!(request_id = %id, dialect, %method, path, status, peer, reason, "request failed");
        }
        Some(reason) => {
            tracing::info!(request_id = %id, dialect, %method, path, status, peer, reason, "request refused");
        }
        None => tracing::debug!(request_id = %id, dialect, %method, path, status, peer, "request"),
    }
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

pub(super) async fn no_route() -> Outcome {
    Err(Edge::NoRoute.into())
}

async fn method_not_allowed() -> Outcome {
    Err(Edge::MethodNotAllowed.into())
}
