//! The table of verdicts: every status, every failure, every form of an answer.

use orgbox::upstream::{
    client::{Client, Post, Request, Route},
    reply::{Failure, Outcome, Reply},
    verdict::{CLOCK_TOLERANCE_MS, Duplicates, Hold, Sent, Verdict, judge},
};

const NOW_MS: i64 = 1_800_000_000_000;
const SENT: Sent<'static> = Sent {
    last_seq: 200,
    epoch: "e1",
    events: 3,
    strict_ack: false,
    signed_at_ms: NOW_MS,
    duplicates: Duplicates::Said,
};

/// A verdict in a word.
fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Acknowledged(ack) if ack.resync => "acknowledged, resync".to_owned(),
        Verdict::Acknowledged(ack) if ack.rejected.is_empty() => "acknowledged".to_owned(),
        Verdict::Acknowledged(ack) => format!("acknowledged but {}", ack.rejected.len()),
        Verdict::Again { asked_ms: None, .. } => "again".to_owned(),
        Verdict::Again { asked_ms: Some(ms), .. } => format!("again in {ms}"),
        Verdict::Refused { at_fault, .. } => format!("refused {at_fault:?}"),
        Verdict::TooLarge => "too large".to_owned(),
        Verdict::Hold(hold, _) => hold.name().to_owned(),
        Verdict::Behind => "behind".to_owned(),
        Verdict::DuplicateSite => "duplicate site".to_owned(),
    }
}

fn answer(status: u16, body: &str) -> Outcome {
    Outcome::Replied(Reply { status, body: body.into(), ..Reply::default() })
}

#[test]
fn every_status_has_its_verdict() {
    for status in 200..=599 {
        let expected = match status {
            200..=299 => "acknowledged",
            300..=399 | 511 => "wrong_place",
            400 | 422 => "refused []",
            401 | 402 | 403 | 407 => "credential_refused",
            408 | 425 | 429 => "again",
            413 => "too large",
            501 | 505 => "configuration_refused",
            500..=599 => "again",
            _ => "configuration_refused",
        };
        assert_eq!(word(&judge(&answer(status, ""), &SENT, NOW_MS)), expected, "{status}");
    }
}

#[test]
fn every_failure_has_its_verdict() {
    for (failure, expected) in [
        (Failure::Dns, "again"),
        (Failure::Connect, "again"),
        (Failure::Reset, "again"),
        (Failure::Timeout, "again"),
        (Failure::CertificateTime, "clock"),
        (Failure::Certificate, "configuration_refused"),
        (Failure::Proxy, "credential_refused"),
    ] {
        assert_eq!(word(&judge(&Outcome::Failed(failure), &SENT, NOW_MS)), expected, "{failure:?}");
    }
}

#[test]
fn every_body_has_its_verdict() {
    let alone = Sent { events: 1, ..SENT };
    let strict = Sent { strict_ack: true, ..SENT };
    let lago = Sent { duplicates: Duplicates::ByIndex, ..SENT };
    let lago_alone = Sent { events: 1, ..lago };
    for (status, body, sent, expected) in [
        (200, "", SENT, "acknowledged"),
        (200, "ok", SENT, "acknowledged"),
        (200, "<html>sign in</html>", SENT, "wrong_place"),
        (200, r#"{"acked_seq":"200","epoch":"e1"}"#, SENT, "acknowledged"),
        (200, r#"{"acked_seq":200,"epoch":"e1"}"#, strict, "acknowledged"),
        (200, r#"{"acked_seq":"150","epoch":"e1"}"#, SENT, "again"),
        (200, r#"{"acked_seq":"200","epoch":"e0"}"#, SENT, "again"),
        (200, "", strict, "again"),
        (200, r#"{"acked_seq":"200"}"#, strict, "again"),
        (200, r#"{"resync":true}"#, SENT, "acknowledged, resync"),
        (
            200,
            r#"{"rejected":[{"id":"018f4a00-0000-7000-8000-000000000001","code":"x","retryable":false}]}"#,
            SENT,
            "acknowledged but 1",
        ),
        (400, "event exists", alone, "acknowledged"),
        (400, "event exists", SENT, "refused []"),
        (422, r#"{"code":"duplicate"}"#, alone, "acknowledged"),
        (409, r#"{"code":"exists"}"#, alone, "acknowledged"),
        (409, r#"{"code":"exists"}"#, SENT, "refused []"),
        (409, r#"{"code":"behind"}"#, SENT, "behind"),
        (409, r#"{"code":"duplicate_site"}"#, SENT, "duplicate site"),
        (409, "what?", SENT, "configuration_refused"),
        (
            422,
            r#"{"error_details":{"0":{"transaction_id":["value_already_exist"]},"1":{"transaction_id":["value_already_exist"]},"2":{"transaction_id":["value_already_exist"]}}}"#,
            lago,
            "acknowledged",
        ),
        (422, r#"{"error_details":{"1":{"transaction_id":["value_already_exist"]}}}"#, lago, "refused [1]"),
        (422, r#"{"error_details":{"7":{"code":["value_is_invalid"]}}}"#, lago, "refused []"),
        (422, r#"{"error_details":{"transaction_id":["value_already_exist"]}}"#, lago_alone, "acknowledged"),
        (422, r#"{"error_details":{"code":["value_is_invalid"]}}"#, lago_alone, "refused []"),
        (422, "", lago, "refused []"),
    ] {
        assert_eq!(word(&judge(&answer(status, body), &sent, NOW_MS)), expected, "{status} {body}");
    }
}

#[test]
fn a_server_that_is_busy_says_when() {
    for (retry_after, expected) in
        [("7", "again in 7000"), ("Fri, 15 Jan 2027 08:00:30 GMT", "again in 30000"), ("?", "again")]
    {
        for status in [408, 429, 503] {
            let reply = Reply { status, retry_after: Some(retry_after.to_owned()), ..Reply::default() };
            assert_eq!(word(&judge(&Outcome::Replied(reply), &SENT, NOW_MS)), expected, "{status} {retry_after}");
        }
    }
}

#[test]
fn a_refusal_between_clocks_far_apart_is_a_matter_of_the_clock() {
    let refused = |status, off_by_ms| {
        let reply = Reply { status, date_ms: Some(NOW_MS + off_by_ms), ..Reply::default() };
        word(&judge(&Outcome::Replied(reply), &SENT, NOW_MS))
    };
    for status in [400, 401, 403, 404, 422] {
        assert_eq!(refused(status, CLOCK_TOLERANCE_MS + 1000), Hold::Clock.name(), "{status}");
        assert_eq!(refused(status, -CLOCK_TOLERANCE_MS - 1000), Hold::Clock.name(), "{status}");
        assert_ne!(refused(status, CLOCK_TOLERANCE_MS), Hold::Clock.name(), "{status}");
    }
    assert_eq!(refused(204, i64::from(i32::MAX)), "acknowledged", "what is delivered is delivered");
    assert_eq!(refused(503, i64::from(i32::MAX)), "again");
}

#[test]
fn what_a_server_says_is_shown_on_one_bounded_line() {
    let said = format!("no\r\n\u{1b}[31msuch {}", "long ".repeat(500));
    let Verdict::Hold(_, why) = judge(&answer(404, &said), &SENT, NOW_MS) else { panic!("not held") };
    assert!(why.starts_with("the server answers 404: no [31msuch long"), "{why}");
    assert!(why.chars().count() < 240 && !why.contains(char::is_control));
    let body = serde_json::json!({ "rejected": [{ "id": uuid::Uuid::nil(), "code": said }] }).to_string();
    let Verdict::Acknowledged(ack) = judge(&answer(200, &body), &SENT, NOW_MS) else { panic!("not acknowledged") };
    let code = &ack.rejected[0].code;
    assert!(code.chars().count() <= 200 && !code.contains(char::is_control), "{code}");
}

#[test]
fn a_name_that_leads_nowhere_is_told_as_such() {
    // No label may be so long, so that nobody on the network is asked.
    let url = format!("http://{}/", "x".repeat(70));
    let outcome = Client::new(&Route::default()).unwrap().post(&Request { url: &url, headers: &[], body: b"[]" });
    assert_eq!(outcome, Outcome::Failed(Failure::Dns));
}
