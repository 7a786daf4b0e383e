//! Finds the headers that every request is looked at for, in one pass: a lookup of each would hash its name.

use super::{middleware::TRACEPARENT, request_id, versions::ACCEPT_VERSION};
use axum::http::{HeaderMap, HeaderValue, header};

/// What one pass over the headers of a request found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeaderScan<'a> {
    /// The first `X-Request-Id`.
    pub(super) request_id: Option<&'a HeaderValue>,
    /// The first `traceparent`.
    pub(super) traceparent: Option<&'a HeaderValue>,
    /// Whether a header may name a version of the contract: `Accept-Version`, or a media type with parameters.
    pub(super) may_name_version: bool,
}

impl<'a> HeaderScan<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            if *name == header::ACCEPT || *name == header::CONTENT_TYPE {
                found.may_name_version |= memchr::memchr(b';', value.as_bytes()).is_some();
            } else if *name == ACCEPT_VERSION {
                found.may_name_version = true;
            } else if *name == request_id::HEADER {
                found.request_id = found.request_id.or(Some(value));
            } else if *name == TRACEPARENT {
                found.traceparent = found.traceparent.or(Some(value));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::HeaderScan;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn headers(lines: &'static [(&str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut headers = HeaderMap::new();
        lines.iter().map(line).for_each(|(name, value)| _ = headers.append(name, value));
        headers
    }

    #[test]
    fn the_first_of_several_lines_is_found_as_by_a_lookup() {
        let headers = headers(&[
            ("host", "x"),
            ("x-request-id", "1"),
            ("x-request-id", "2"),
            ("traceparent", "3"),
            ("x-other", "4"),
            ("traceparent", "5"),
        ]);
        let found = HeaderScan::of(&headers);
        assert_eq!(found.request_id, headers.get("x-request-id"));
        assert_eq!(found.traceparent, headers.get("traceparent"));
        assert_eq!(
            (found.request_id.unwrap(), found.traceparent.unwrap()),
            (&headers["x-request-id"], &headers["traceparent"])
        );
    }

    #[test]
    fn a_header_that_may_name_a_version_is_noticed_wherever_it_stands() {
        for (lines, expected) in [
            (&[][..], false),
            (&[("accept", "*/*"), ("content-type", "application/json")], false),
            (&[("x-other", "a;b")], false),
            (&[("accept", "*/*;version=1"), ("content-type", "application/json")], true),
            (&[("accept", "*/*"), ("accept", "a/b;q=1")], true),
            (&[("host", "x"), ("content-type", "a/b; version=1")], true),
            (&[("accept-version", "1"), ("accept", "*/*")], true),
        ] {
            assert_eq!(HeaderScan::of(&headers(lines)).may_name_version, expected, "{lines:?}");
        }
    }
}
