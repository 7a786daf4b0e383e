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

/// Encoded in a path whose segments may be encoded already.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_SEGMENT.remove(b'/').remove(b'%');

/// Encoded in a URL: bytes that no URL has (RFC 3986, section 2), and bytes that would end a string in JSON or YAML.
const NOT_IN_URL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

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

/// Turns a path that may have any characters into a valid URI reference.
pub(super) fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATH).to_string()
}

/// Makes a configured URL safe to be written into a JSON or YAML string.
pub(super) fn encode_url(url: &str) -> String {
    utf8_percent_encode(url, NOT_IN_URL).to_string()
}
