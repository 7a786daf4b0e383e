//! Percent-encoding (RFC 3986, section 2.1): of a path, of a segment of one, and of a whole URL.
//!
//! Each has its own set of bytes to encode, because what separates segments must be encoded inside a segment and must
//! stay in a path.

use crate::vectorised;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// Encoded in a segment of a path: everything but `pchar` (RFC 3986, section 3.3).
const NOT_IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Encoded in a path whose segments may be encoded already. A `%` that begins no escape is seen to elsewhere.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_SEGMENT.remove(b'/');

/// Encoded in a URL: bytes that no URL has (RFC 3986, section 2), and bytes that would end a string in JSON or YAML.
const NOT_IN_URL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

/// Encoded in a value of a query: everything but unreserved characters (RFC 3986, section 2.3).
const NOT_IN_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Appends a parameter to the query of `url`, encoded.
pub(super) fn push_parameter(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.extend(utf8_percent_encode(name, NOT_IN_VALUE));
    url.push('=');
    url.extend(utf8_percent_encode(value, NOT_IN_VALUE));
}

/// Appends `segment` to `url`, encoded.
pub(super) fn push_segment(url: &mut String, segment: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
    // Most segments are UUIDs, which need no encoding.
    if vectorised::all(segment.as_bytes(), is_plain) {
        url.push_str(segment);
    } else {
        url.extend(utf8_percent_encode(segment, NOT_IN_SEGMENT));
    }
}

/// Turns a path that may have any characters into a valid URI reference (RFC 3986, section 4.1) to it.
pub(super) fn path_reference(path: &str) -> String {
    let mut reference = String::with_capacity(path.len());
    // What begins with two slashes names a host (section 4.2). The dot goes when the reference is resolved.
    if path.starts_with("//") {
        reference.push_str("/.");
    }
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    for (index, part) in path.split('%').enumerate() {
        if index > 0 {
            reference.push_str(if is_escape(part) { "%" } else { "%25" });
        }
        reference.extend(utf8_percent_encode(part, NOT_IN_PATH));
    }
    reference
}

/// Makes a configured URL safe to be written into a JSON or YAML string.
pub(super) fn encode_url(url: &str) -> String {
    utf8_percent_encode(url, NOT_IN_URL).to_string()
}

#[cfg(test)]
mod tests {
    use super::{path_reference, push_parameter};

    #[test]
    fn parameters_are_encoded_and_joined() {
        let mut url = "http://host/v1/events".to_owned();
        push_parameter(&mut url, "filter[type]", "payment.created");
        push_parameter(&mut url, "filter[organisation_id]", "A&B=1 \u{e9}");
        let query = "filter%5Btype%5D=payment.created&filter%5Borganisation_id%5D=A%26B%3D1%20%C3%A9";
        assert_eq!(url, format!("http://host/v1/events?{query}"));
    }

    #[test]
    fn a_reference_to_a_path_leads_to_it_and_is_valid() {
        for (path, reference) in [
            ("/v1/payments", "/v1/payments"),
            ("/v1/payments/a%20b%2Fc%ff", "/v1/payments/a%20b%2Fc%ff"),
            ("/%zz", "/%25zz"),
            ("/%", "/%25"),
            ("/%2", "/%252"),
            ("/%%41%4", "/%25%41%254"),
            ("/a\"<{|}>^`\\", "/a%22%3C%7B%7C%7D%3E%5E%60%5C"),
            ("/é", "/%C3%A9"),
            ("//v1/payments", "/.//v1/payments"),
            ("///", "/.///"),
            ("/a//b", "/a//b"),
        ] {
            assert_eq!(path_reference(path), reference);
            let base: axum::http::Uri = "http://host".parse().unwrap();
            let whole: axum::http::Uri = format!("http://host{reference}").parse().unwrap();
            assert_eq!(whole.host(), base.host());
        }
    }
}
