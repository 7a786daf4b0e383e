//! The fuzz targets of this room.

use super::{
    cursors::{Cursors, Direction},
    paging::PageQuery,
    service::{Service, Settings, Sources},
    wire::CheckedInput,
};
use crate::{
    payments::{PageStart, Position},
    repo::{Sqlite, SqliteOptions},
};
use axum::{
    body::{self, Body},
    extract::Request,
    http::Uri,
};
use json_text::{Outline, Pointer};
use payments_server::{Encode, Faults, MAX_FAULTS, decode, models, payments};
use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};
use tokio::runtime::Runtime;

/// The most payments on a page of [`Settings::for_tests`].
const MOST: i64 = 20;

/// Reads a cursor, and writes it back.
pub(in crate::http) fn cursor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let expected = plain_cursor(text);
    assert_eq!(Cursors::CLEAR.read(text).ok(), expected.map(Position), "the position of {text:?}");
    if let Some(number) = expected {
        assert_eq!(Cursors::CLEAR.write(Position(number), Direction::Next), text, "the cursor of {number}");
    }
}

/// Reads a cursor bit by bit: base64url of the byte 1 and a number of eight bytes, which is not negative.
fn plain_cursor(text: &str) -> Option<i64> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits: Option<Vec<_>> = text.chars().map(|character| ALPHABET.find(character)).collect();
    let number =
        digits.filter(|digits| digits.len() == 12)?.into_iter().fold(0_u128, |sum, digit| sum * 64 + digit as u128);
    i64::try_from(number.checked_sub(1 << 64).filter(|rest| *rest < 1 << 64)?).ok()
}

/// Lists an empty store by the query that the input is, and once more by the links of the answer.
pub(in crate::http) fn list_query(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let Some(asked) = uri(query) else { return };
    let expected = plain_query(asked.query().unwrap_or_default());
    let (status, text) = list(asked);
    assert_eq!(status, if expected.is_some() { 200 } else { 400 }, "the status of ?{query}: {text}");
    let Some(PlainQuery { start, size, sent }) = expected else { return };
    let request = payments::ListPaymentsRequest {
        after: sent.after.clone(),
        before: sent.before.clone(),
        size: sent.size,
        from: sent.from,
        if_match: None,
    };
    let read = PageQuery::read(request, u32::try_from(MOST).unwrap_or_default(), &Cursors::CLEAR);
    assert_eq!(read.as_ref().map(|read| (read.start, i64::from(read.size))), Ok((start, size)), "what ?{query} means");

    let links: Vec<_> = text.split('"').filter_map(|part| part.strip_prefix("http://localhost/v1/payments")).collect();
    for link in &links {
        let link = link.strip_prefix('?').unwrap_or(link);
        let (status, again) = uri(link).map_or((0, String::new()), list);
        assert_eq!(status, 200, "?{query} has the link ?{link}, which answers {again}");
    }
    let own =
        links.first().map(|link| plain_query(link.strip_prefix('?').unwrap_or(link)).map(|own| (own.start, own.size)));
    assert_eq!(own, Some(Some((start, size))), "what the link self of ?{query} means, in {text}");
}

/// The query as a URI, unless it cannot stand in one.
fn uri(query: &str) -> Option<Uri> {
    format!("/v1/payments?{query}").parse().ok().filter(|_| !query.contains('#'))
}

/// Asks the service for a list; returns the status and the body.
fn list(uri: Uri) -> (u16, String) {
    static SERVICE: OnceLock<Option<(Runtime, Arc<Service<Sqlite>>)>> = OnceLock::new();
    let started = SERVICE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().ok()?;
        let store = runtime.block_on(Sqlite::open(SqliteOptions::default())).ok()?;
        Some((runtime, Service::new(store, Settings::for_tests(), Sources::default())))
    });
    let Some((runtime, service)) = started else { return (0, "the service does not start".to_owned()) };
    let route = payments::routes().into_iter().find(|route| route.operation.id == "listPayments");
    let Some(route) = route else { return (0, "there is no such operation".to_owned()) };
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    runtime.block_on(async {
        match (route.serve)(Arc::clone(service), request).await {
            Ok(response) => {
                let status = response.status().as_u16();
                let bytes = body::to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
                (status, String::from_utf8_lossy(&bytes).into_owned())
            }
            Err(error) => (crate::http::problem::status(&error).as_u16(), format!("{error:?}")),
        }
    })
}

/// What a query means.
#[derive(Debug)]
struct PlainQuery {
    start: PageStart,
    size: i64,
    sent: Sent,
}

/// The parameters of a query.
#[derive(Debug, Default)]
struct Sent {
    after: Option<String>,
    before: Option<String>,
    size: Option<i64>,
    from: Option<i64>,
}

/// Reads a query, parameter by parameter; `None` if the contract does not allow it.
fn plain_query(query: &str) -> Option<PlainQuery> {
    let mut sent = Sent::default();
    let mut seen = HashSet::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        match name.as_str() {
            "after" => sent.after = Some(value),
            "before" => sent.before = Some(value),
            "size" => sent.size = Some(plain_integer(&value, 1)?),
            "from" => sent.from = Some(plain_integer(&value, 0)?),
            _ => return None,
        }
        if !seen.insert(name) {
            return None;
        }
    }
    let number = |cursor: &Option<String>| cursor.as_deref().map(|text| plain_cursor(text).ok_or(())).transpose();
    let start = match (number(&sent.after).ok()?, number(&sent.before).ok()?, sent.from.unwrap_or(0)) {
        (None, None, from) => PageStart::Offset(u64::try_from(from).ok()?),
        (Some(after), None, 0) => PageStart::After(Position(after)),
        (None, Some(before), 0) => PageStart::Before(Position(before)),
        (_, _, _) => return None,
    };
    let size = sent.size.map_or(MOST, |size| size.min(MOST));
    Some(PlainQuery { start, size, sent })
}

/// An integer of at least `least`, without a plus sign.
fn plain_integer(text: &str, least: i128) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_integer = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit());
    let number = text.parse::<i128>().ok().filter(|number| is_integer && *number >= least)?;
    i64::try_from(number).ok()
}

/// Decodes a part of a query, as forms encode it.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut at, mut plain) = (0, Vec::new());
    while let Some(byte) = bytes.get(at) {
        let escape = text
            .get(at + 1..at + 3)
            .filter(|digits| *byte == b'%' && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                plain.push(decoded);
                at += 3;
            }
            None => {
                plain.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Decodes the body of a `POST` or `PUT`. What is accepted keeps every rule, and means the same once it is written and read
/// again; what is refused has faults that lead to a place of the body.
pub(in crate::http) fn payment_body(bytes: &[u8]) {
    let mut faults = Faults::default();
    let read = decode::<models::PaymentRequest, Service<Sqlite>>(bytes, &mut faults);
    let faults = faults.into_vec();
    assert!(faults.len() <= MAX_FAULTS, "expected at most {MAX_FAULTS} faults, got {}", faults.len());
    let outline = Outline::read(bytes);
    let Some(request) = read.filter(|_| faults.is_empty()) else {
        assert!(!faults.is_empty(), "a body was refused, and nobody is told why");
        // Where a key stands twice, a fault is of the first value, and a pointer leads to the last.
        let is_ambiguous = faults.iter().any(|fault| fault.detail.starts_with("stands twice"));
        for fault in faults.iter().filter(|_| !is_ambiguous) {
            let place = fault.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            let parent = Pointer::parse(place)
                .ok()
                .zip(outline.as_ref().ok())
                .and_then(|(parent, outline)| parent.find(outline.json()));
            assert!(outline.is_err() || parent.is_some(), "{fault:?} leads nowhere");
        }
        return;
    };
    let outline = match outline {
        Ok(outline) => outline,
        Err(error) => unreachable!("what is accepted is JSON: {error}"),
    };
    let member = |pointer: &str| Pointer::parse(pointer).ok().and_then(|pointer| pointer.find(outline.json()));
    let attributes = member("/data/attributes").map(json_text::Json::get);
    assert_eq!(attributes, Some(request.data.attributes.0.as_str()), "the attributes, byte for byte");
    let amount = member("/data/attributes/amount").and_then(json_text::Json::string).unwrap_or_default();
    assert!(is_amount(&amount), "{amount:?} was accepted as an amount");
    let organisation = &request.data.organisation_id;
    assert!((1..=64).contains(&organisation.chars().count()) && !organisation.trim().is_empty(), "{organisation:?}");
    assert!(!organisation.chars().any(char::is_control), "{organisation:?}");
    if let Some(id) = &request.data.id {
        assert!((1..=64).contains(&id.len()) && id.bytes().all(|byte| (0x21..0x7f).contains(&byte)), "{id:?}");
        assert!(!id.contains(['/', '?', '#', '%']) && id.chars().any(|character| character != '.'), "{id:?}");
    }
    assert!(request.data.version.is_none_or(|version| version >= 0), "{:?}", request.data.version);

    let mut written = Vec::new();
    request.encode(&mut written);
    let mut faults = Faults::default();
    let again = decode::<models::PaymentRequest, Service<Sqlite>>(&written, &mut faults);
    assert_eq!(faults.into_vec(), [], "what was accepted is refused once it is written again");
    let mut twice = Vec::new();
    again.into_iter().for_each(|again| again.encode(&mut twice));
    assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&written), "written twice");
    let checked = CheckedInput::read(request).err();
    assert_eq!(checked, None, "the domain refuses what the contract's rules accept");
}

/// One to eighteen digits, and perhaps a point and one to ten more; not zero.
fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole, 18) && is_number(fraction, 10) && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}
