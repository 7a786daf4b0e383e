//! The fuzz target of this room.

use super::{Unserved, VERSIONS};
use crate::http::header_scan::HeaderScan;
use axum::{body::Body, extract::Request, http::HeaderValue};

/// Chooses the version of a request. The first line of the input is its method; each other line is one of a header, of which the
/// first letter counts: `v` for `Accept-Version`, `a` for `Accept`, `c` for `Content-Type`.
pub(in crate::http) fn version_choice(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let method = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let Ok(mut request) = Request::builder().method(&*method).body(Body::empty()) else { return };
    let mut sent: [Vec<Option<String>>; 3] = Default::default();
    for line in lines {
        let Some((kind, value)) = line.split_first() else { continue };
        let (name, texts) = match (kind, &mut sent) {
            (b'v', [texts, ..]) => ("accept-version", texts),
            (b'a', [_, texts, _]) => ("accept", texts),
            (b'c', [.., texts]) => ("content-type", texts),
            _ => continue,
        };
        let Ok(value) = HeaderValue::from_bytes(value) else { continue };
        texts.push(value.to_str().ok().map(str::to_owned));
        request.headers_mut().append(name, value);
    }
    let [accept_version, accept, mut content_type] = sent;
    if matches!(&*method, "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        content_type.clear();
    }
    // A line that is not ASCII names a version that there is not, except where it has none.
    let unreadable = || Some("?".to_owned());
    let texts = |lines: Vec<Option<String>>| lines.into_iter().filter_map(move |line| line.or_else(unreadable));
    let mut named: Vec<(&'static str, String)> = Vec::new();
    for line in texts(accept_version) {
        named.extend(line.split(',').map(|name| ("Accept-Version", name.trim().to_owned())));
    }
    for line in texts(accept) {
        named.extend(line.split(',').filter_map(parameter).map(|name| ("Accept", name)));
    }
    for line in texts(content_type) {
        named.extend(parameter(&line).map(|name| ("Content-Type", name)));
    }
    let chosen = VERSIONS.choose(&request, HeaderScan::of(request.headers()).may_name_version);
    assert_eq!(
        (chosen.version.name, chosen.unserved),
        expected(&named),
        "{method} with {:?}: {named:?}",
        request.headers()
    );
}

/// The version of these names, or the oldest one and the first reason why they name none.
fn expected(named: &[(&'static str, String)]) -> (&'static str, Option<Unserved>) {
    let oldest = VERSIONS.oldest().name;
    let mut last: Option<(&'static str, &'static str)> = None;
    for (header, name) in named {
        let Some(version) = VERSIONS.served().find(|version| version.name == name) else {
            return (oldest, Some(Unserved::Unknown { header }));
        };
        if let Some((from, _)) = last.filter(|(_, other)| *other != version.name) {
            return (oldest, Some(Unserved::Different { header, from }));
        }
        last = Some((header, version.name));
    }
    (last.map_or(oldest, |(_, name)| name), None)
}

/// The first parameter `version` of a media type.
fn parameter(media_type: &str) -> Option<String> {
    let mut parts = media_type.split(';');
    parts.next();
    for part in parts {
        if let Some(at) = part.find('=') {
            let (name, value) = (part.get(..at)?, part.get(at + 1..)?);
            if name.trim().eq_ignore_ascii_case("version") {
                return Some(value.trim().trim_matches('"').to_owned());
            }
        }
    }
    None
}
