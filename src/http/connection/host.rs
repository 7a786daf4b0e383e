//! Holds every request to naming one host: with none, or with two, a proxy and the service may each take it for another one's
//! (RFC 9112, section 3.2; RFC 9113, section 8.3.1).

use crate::http::{
    middleware::MakeError,
    problem::{self, Error},
};
use axum::http::{Request, Version, header, uri::Authority};

/// The most bytes of a name (RFC 1035, section 2.3.4) and a port.
const MAX_HOST: usize = 255 + 6;

/// Returns the fault of a request that does not name one host.
pub(super) fn fault<B>(request: &Request<B>) -> Option<MakeError> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => Some(|| fault_of_host("is given twice; give it once")),
        (Some(host), None) if !is_host(host.as_bytes()) => {
            Some(|| fault_of_host("must be a host, perhaps with a port, such as payments.example:8080"))
        }
        (Some(host), None)
            if request.version() >= Version::HTTP_2 && differs(request.uri().authority(), host.as_bytes()) =>
        {
            Some(|| fault_of_host("differs from :authority; leave it out"))
        }
        (None, None) if request.version() == Version::HTTP_11 => {
            Some(|| fault_of_host("is missing; HTTP/1.1 asks for it"))
        }
        (Some(_) | None, None) => None,
    }
}

fn fault_of_host(detail: &'static str) -> Error {
    problem::fault("/header/Host", detail).into()
}

fn differs(authority: Option<&Authority>, host: &[u8]) -> bool {
    authority.is_some_and(|authority| !authority.as_str().as_bytes().eq_ignore_ascii_case(host))
}

/// Returns whether `Host` is `uri-host [ ":" port ]` (RFC 9110, section 7.2). It is empty where the target has no authority.
fn is_host(host: &[u8]) -> bool {
    let (name, port) = match memchr::memrchr(b':', host) {
        Some(colon) if host.last() != Some(&b']') => host.split_at(colon),
        _ => (host, &b":"[..]),
    };
    let is_port = port.len() <= 6 && port.iter().skip(1).all(u8::is_ascii_digit);
    let is_name = match name {
        [b'[', address @ .., b']'] => !address.is_empty() && address.iter().all(|byte| is_in_address(*byte)),
        name => name.iter().all(|byte| is_in_name(*byte)) && has_whole_escapes(name),
    };
    host.len() <= MAX_HOST && is_port && is_name
}

/// What an IPv6 address consists of, or one of a version to come.
fn is_in_address(byte: u8) -> bool {
    byte == b':' || byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

/// The bytes of a `reg-name` or an IPv4 address (RFC 3986, section 3.2.2): a table, because every request is checked.
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "below 256, and at compile time")]
        {
            table[byte] = (byte as u8).is_ascii_alphanumeric();
        }
        byte += 1;
    }
    let mut others: &[u8] = b"-._~!$&'()*+,;=%";
    while let [other, rest @ ..] = others {
        #[expect(clippy::indexing_slicing, reason = "a byte is below 256, and this is compiled away")]
        {
            table[*other as usize] = true;
        }
        others = rest;
    }
    table
};

fn is_in_name(byte: u8) -> bool {
    IN_NAME.get(usize::from(byte)).copied().unwrap_or(false)
}

fn has_whole_escapes(name: &[u8]) -> bool {
    if memchr::memchr(b'%', name).is_none() {
        return true;
    }
    let mut escapes = name.split(|byte| *byte == b'%').skip(1);
    escapes.all(|rest| rest.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

#[cfg(test)]
mod tests {
    use super::{MAX_HOST, fault, is_host};
    use axum::http::{Request, Version};

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        let longest = "x".repeat(MAX_HOST);
        for host in [
            "x",
            "payments.example:8080",
            "127.0.0.1",
            "[::1]",
            "[::1]:80",
            "[v1.a:b]",
            "a_b",
            "",
            "x:",
            "%41",
            &longest,
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        let longer = "x".repeat(MAX_HOST + 1);
        for host in [
            "a b",
            "a/b",
            "u@x",
            "x:y",
            "x:123456",
            "a:b:80",
            "::1",
            "[::1",
            "[]",
            "[::1]x",
            "a\\b",
            "a?b",
            "%4",
            "caf\u{e9}",
            &longer,
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn a_request_names_one_host() {
        let is_refused = |version, uri: &str, hosts: &[&str]| {
            let mut request = Request::builder().version(version).uri(uri);
            for host in hosts {
                request = request.header("host", *host);
            }
            fault(&request.body(()).unwrap()).is_some()
        };
        for (version, uri, hosts, expected) in [
            (Version::HTTP_10, "/", &[][..], false),
            (Version::HTTP_11, "/", &["x"], false),
            (Version::HTTP_11, "/", &[], true),
            (Version::HTTP_11, "http://x/", &[], true),
            (Version::HTTP_11, "/", &["x", "x"], true),
            (Version::HTTP_10, "/", &["x", "y"], true),
            (Version::HTTP_11, "/", &["a b"], true),
            (Version::HTTP_2, "http://x/", &[], false),
            (Version::HTTP_2, "http://X/", &["x"], false),
            (Version::HTTP_2, "http://x/", &["y"], true),
            (Version::HTTP_2, "http://x/", &["x", "x"], true),
            (Version::HTTP_2, "/", &["x"], false),
        ] {
            assert_eq!(is_refused(version, uri, hosts), expected, "{version:?} {uri} {hosts:?}");
        }
    }
}
