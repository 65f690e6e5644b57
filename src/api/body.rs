//! Reading bodies: bounded in size and time, then as JSON or as pairs.

use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::{
    call::Call,
    failure::{Edge, Failure},
    pairs::Pairs,
};

/// Deepest nesting of a JSON body is serde_json's own bound of 128; the size is `[limits] max_body_bytes`.
pub async fn bytes(call: &Call) -> Result<Bytes, Failure> {
    bytes_up_to(call, call.settings().limits.max_body_bytes).await
}

/// The bytes of a body that has a bound of its own.
pub async fn bytes_up_to(call: &Call, bytes_max: usize) -> Result<Bytes, Failure> {
    let limits = &call.settings().limits;
    let announced = call.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bytes_max as u64) {
        return Err(Edge::TooLarge(bytes_max).into());
    }
    let mut payload = call.take_payload();
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Edge::Malformed("the body broke off".to_owned()))?;
            if body.len() + chunk.len() > bytes_max {
                return Err(Edge::TooLarge(bytes_max));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let arrived = tokio::time::timeout(limits.body_timeout, collect).await;
    Ok(arrived.unwrap_or(Err(Edge::BodyTimeout))?)
}

/// A JSON body of any shape. An empty body is `null`.
pub async fn json(call: &Call) -> Result<Value, Failure> {
    let body = bytes(call).await?;
    if body.iter().all(u8::is_ascii_whitespace) { Ok(Value::Null) } else { parse_json(&body) }
}

/// A JSON body that must be an object. An empty body is an empty object.
pub async fn json_object(call: &Call) -> Result<Map<String, Value>, Failure> {
    object(&bytes(call).await?)
}

/// A form-encoded or multipart body, or a JSON object, as pairs; see [`Pairs`].
pub async fn pairs(call: &Call) -> Result<Pairs, Failure> {
    let kind = call.header("content-type").unwrap_or_default().to_owned();
    let body = bytes(call).await?;
    if !is_json(&kind, &body) {
        return form(&kind, body).await;
    }
    let mut pairs = Pairs::default();
    if !body.iter().all(u8::is_ascii_whitespace) {
        pairs.add_json(parse_json(&body)?).map_err(Call::malformed)?;
    }
    Ok(pairs)
}

/// A JSON object, or a form-encoded or multipart body as an object of texts: for bodies where null and empty differ.
pub async fn fields(call: &Call) -> Result<Map<String, Value>, Failure> {
    let kind = call.header("content-type").unwrap_or_default().to_owned();
    let body = bytes(call).await?;
    if !is_json(&kind, &body) {
        return Ok(form(&kind, body).await?.into_texts());
    }
    object(&body)
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match parse_json(body)? {
        Value::Object(object) => Ok(object),
        _ => Err(Call::malformed("the body must be a JSON object")),
    }
}

/// A whole number, whichever way JSON writes it: 90 and 90.0. What no `i64` holds becomes the nearest one, which is out
/// of every bound.
pub fn whole(number: &Number) -> Option<i64> {
    let fraction = || number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64);
    number.as_i64().or_else(fraction)
}

/// Clients that leave the content type to their library send JSON as a form, so what begins like JSON is JSON.
fn is_json(kind: &str, body: &[u8]) -> bool {
    let kind = kind.to_ascii_lowercase();
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace());
    kind.contains("json") || (!kind.starts_with("multipart/") && matches!(begins, Some(b'{' | b'[')))
}

async fn form(kind: &str, body: Bytes) -> Result<Pairs, Failure> {
    let mut pairs = Pairs::default();
    match multer::parse_boundary(kind) {
        Ok(boundary) => multipart(body, boundary, &mut pairs).await?,
        Err(_) => pairs.add_form(&body).map_err(Call::malformed)?,
    }
    Ok(pairs)
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Call::malformed(format!("the body is not JSON: line {} column {}", error.line(), error.column()))
    })
}

async fn multipart(body: Bytes, boundary: String, pairs: &mut Pairs) -> Result<(), Failure> {
    let unreadable = |_| Call::malformed("the multipart body cannot be read");
    let stream = futures_util::stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        let value = String::from_utf8(part.bytes().await.map_err(unreadable)?.into());
        let value = value.map_err(|_| Call::malformed("the parameters must be UTF-8"))?;
        pairs.add(&name, value).map_err(Call::malformed)?;
    }
    Ok(())
}
