//! Fuzz targets: functions that take any bytes, and panic when the service is wrong about them. `make fuzz` calls them with
//! inputs that libFuzzer makes up; the tests call them with those that were kept in `fuzz/corpora`.
//!
//! A target stands in the room whose functions it calls, so that nothing is made public for it. Targets are compiled for tests
//! and by the fuzzer alone, which sets `cfg(fuzzing)`.

#[cfg(test)]
mod tests;

use super::{api, connection, entity_tags::EntityTags, middleware, versions};
use axum::http::{HeaderMap, HeaderValue, header};
use payments_server::preferred_media_type;

/// Reads a query of `GET /v1/payments`, and writes it back as `links.self`.
pub fn list_query(bytes: &[u8]) {
    api::fuzzing::list_query(bytes);
}

/// Reads a cursor.
pub fn cursor(bytes: &[u8]) {
    api::fuzzing::cursor(bytes);
}

/// Decodes the body of a `POST` or `PUT`.
pub fn payment_body(bytes: &[u8]) {
    api::fuzzing::payment_body(bytes);
}

/// Reads `X-Forwarded-For` and `Forwarded`.
pub fn forwarded(bytes: &[u8]) {
    middleware::fuzzing::forwarded(bytes);
}

/// Tracks the request heads of a connection.
pub fn request_heads(bytes: &[u8]) {
    connection::fuzzing::request_heads(bytes);
}

/// Chooses the version of a request.
pub fn version_choice(bytes: &[u8]) {
    versions::fuzzing::version_choice(bytes);
}

/// Reads `If-Match` or `If-None-Match`, and compares it with entity tags.
pub fn entity_tags(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (read, expected) = (EntityTags::parse(text), plain_tags(text));
    assert_eq!(read.is_some(), expected.is_some(), "whether {text:?} is *, or a list of tags");
    let (Some(read), Some(expected)) = (read, expected) else { return };
    let named = expected.iter().flatten().map(|(_, opaque)| Some(opaque.as_str()));
    for opaque in named.chain([None, Some("0"), Some("")]) {
        let strongly =
            expected.as_ref().is_none_or(|tags| tags.iter().any(|(weak, tag)| !weak && Some(&**tag) == opaque));
        let weakly = expected.as_ref().is_none_or(|tags| tags.iter().any(|(_, tag)| Some(&**tag) == opaque));
        let found = (read.match_strongly(opaque), read.match_weakly(opaque));
        assert_eq!(found, (strongly, weakly), "{text:?} with {opaque:?}");
    }
}

/// RFC 9110, section 8.8.3, character by character: `None` for what is no list, and for `*` a list that does not exist. A tag is
/// whether it is weak, and its text.
fn plain_tags(text: &str) -> Option<Option<Vec<(bool, String)>>> {
    if text.trim() == "*" {
        return Some(None);
    }
    let mut rest = text.trim().chars().peekable();
    let (mut tags, mut is_separated) = (Vec::new(), true);
    while let Some(next) = rest.next() {
        match next {
            ',' => is_separated = true,
            ' ' | '\t' => {}
            'W' | '"' if is_separated => {
                let weak = next == 'W';
                if weak && (rest.next() != Some('/') || rest.next() != Some('"')) {
                    return None;
                }
                let mut opaque = String::new();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some(character) if !character.is_ascii_whitespace() => opaque.push(character),
                        Some(_) | None => return None,
                    }
                }
                tags.push((weak, opaque));
                is_separated = false;
            }
            _ => return None,
        }
    }
    (!tags.is_empty()).then_some(Some(tags))
}

const PRODUCES: [&str; 3] = ["application/json", "application/problem+json", "text/html"];

/// Chooses a media type by `Accept`, which has a line of the input each.
pub fn accept(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(header::ACCEPT, value);
    }
    let ranges: Vec<_> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(media_range)
        .collect();
    // (weight, specificity, how early) of each type; the largest wins.
    let rank = |(place, media_type): (usize, &&str)| {
        let matching = ranges.iter().filter_map(|(range, weight)| Some((specificity(range, media_type)?, *weight)));
        let (specificity, weight) = matching.max().unwrap_or((0, if ranges.is_empty() { 1000 } else { 0 }));
        (weight > 0).then_some((weight, specificity, PRODUCES.len() - place))
    };
    let best = PRODUCES.iter().enumerate().filter_map(rank).max();
    let expected = best.and_then(|(_, _, from_end)| PRODUCES.get(PRODUCES.len() - from_end)).copied();
    static TYPES: [&str; 3] = PRODUCES;
    assert_eq!(preferred_media_type(&headers, &TYPES).ok(), expected, "{headers:?}");
}

/// A range and its weight in thousandths.
fn media_range(text: &str) -> Option<(String, u32)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?.to_ascii_lowercase();
    let weight = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().to_owned())
    });
    let Some(places) =
        weight.as_deref().map_or(Some(""), |weight| weight.strip_prefix('0')).filter(|_| weight.is_some())
    else {
        return Some((range, 1000));
    };
    let digits: String = places.chars().filter(char::is_ascii_digit).chain("000".chars()).take(3).collect();
    Some((range, digits.parse().unwrap_or(0)))
}

fn specificity(range: &str, media_type: &str) -> Option<u32> {
    let (kind, _) = media_type.split_once('/')?;
    match range {
        "*/*" => Some(0),
        range if range == format!("{kind}/*") => Some(1),
        range if range == media_type => Some(2),
        _ => None,
    }
}
