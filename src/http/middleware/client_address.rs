//! The client of a request, when trusted proxies stand between it and this service.
//!
//! Each proxy adds the address that it received the request from to `X-Forwarded-For`, or to `Forwarded` (RFC 7239).
//! Both are read from their end, hop by hop, while the hop that was read last is a trusted proxy: a client may have made
//! up everything before that.
//!
//! An address that cannot be read is not taken for that of the proxy, which stands for all clients behind it. Neither are
//! two headers that differ: a proxy that writes one of them may pass on the other as the client wrote it.

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;
use std::{
    iter,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of a client, as rate limits count it and the log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAddress {
    /// The peer, or what trusted proxies say; an IPv4 address that is mapped into IPv6 is an IPv4 address.
    Known(IpAddr),
    /// What a trusted proxy says cannot be read, or the headers differ.
    Unknown,
}

/// What a proxy says about where it received the request from.
#[derive(Debug, PartialEq, Eq)]
enum Hop {
    Address(IpAddr),
    /// An element of `Forwarded` without `for`.
    Unnamed,
    Unreadable,
}

/// Resolves the address of the client that sent a request with these headers through `peer`.
pub(super) fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> ClientAddress {
    let mut client = peer.to_canonical();
    if trusted.is_empty() {
        return ClientAddress::Known(client);
    }
    let mut forwarded_for = elements(headers, FORWARDED_FOR).map(Hop::read);
    let mut forwarded = elements(headers, FORWARDED).map(Hop::read_pairs);
    while trusted.iter().any(|network| network.contains(&client)) {
        let hop = match (forwarded_for.next(), forwarded.next()) {
            (None, None) => break,
            (Some(hop), None | Some(Hop::Unnamed)) | (None, Some(hop)) => hop,
            (Some(hop), Some(other)) if hop == other => hop,
            (Some(_), Some(_)) => Hop::Unreadable,
        };
        match hop {
            Hop::Address(address) => client = address,
            Hop::Unnamed | Hop::Unreadable => return ClientAddress::Unknown,
        }
    }
    ClientAddress::Known(client)
}

impl Hop {
    /// Reads an element of `X-Forwarded-For`.
    fn read(element: &[u8]) -> Self {
        std::str::from_utf8(element).ok().and_then(unquote).and_then(parse_node).map_or(Self::Unreadable, Self::Address)
    }

    /// Reads an element of `Forwarded`: pairs such as `for="[2001:db8::1]:443";proto=https`.
    fn read_pairs(element: &[u8]) -> Self {
        let mut nodes = parts(element, b';').filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at(at);
            name.trim_ascii().eq_ignore_ascii_case(b"for").then(|| value.get(1..).unwrap_or_default().trim_ascii())
        });
        match (nodes.next(), nodes.next()) {
            (None, _) => Self::Unnamed,
            (Some(node), None) => Self::read(node),
            // RFC 7239, section 4: a parameter must not occur twice.
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }
}

/// The elements of a list in a header, from its end.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).iter().rev().flat_map(|line| parts(line.as_bytes(), b','))
}

/// The parts of a text between separators, from its end; empty ones are left out (RFC 9110, section 5.6.1.2).
fn parts(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    let parts = iter::from_fn(move || {
        let (before, part) = split_last(rest?, separator);
        rest = before;
        Some(part.trim_ascii())
    });
    parts.filter(|part| !part.is_empty())
}

/// Splits a text at the last separator outside quoted strings: what stands before it, if there is one, and what behind.
///
/// Backwards, so that a quotation mark that a client left open does not swallow what a proxy appended.
fn split_last(text: &[u8], separator: u8) -> (Option<&[u8]>, &[u8]) {
    let mut is_quoted = false;
    for (at, byte) in text.iter().enumerate().rev() {
        let (before, behind) = text.split_at(at);
        if *byte == b'"' && !is_escaped(before) {
            is_quoted = !is_quoted;
        } else if *byte == separator && !is_quoted {
            return (Some(before), behind.get(1..).unwrap_or_default());
        }
    }
    (None, text)
}

/// Returns whether the character behind this text is escaped: an odd number of backslashes precedes it.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Removes quotation marks around a value. An address needs no escapes, so a value that has some is none.
fn unquote(value: &str) -> Option<&str> {
    let value = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    (!value.contains(['"', '\\'])).then_some(value)
}

/// Parses an address with or without a port. RFC 7239, section 6, has IPv6 addresses in brackets; `X-Forwarded-For` has
/// them without, too.
fn parse_node(node: &str) -> Option<IpAddr> {
    if let Some(rest) = node.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address = address.parse::<Ipv6Addr>().ok()?;
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then(|| address.to_canonical());
    }
    match node.split_once(':') {
        Some((address, port)) if is_port(port) => address.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        _ => node.parse::<IpAddr>().ok().map(|address| address.to_canonical()),
    }
}

/// Returns whether a text is a port: a number, or an obfuscated one such as `_p4`.
fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok() || text.starts_with('_')
}

#[cfg(test)]
mod tests {
    use super::{
        ClientAddress::{self, Known, Unknown},
        FORWARDED, FORWARDED_FOR, resolve,
    };
    use axum::http::{HeaderMap, HeaderValue};
    use ipnet::IpNet;
    use proptest::prelude::*;
    use std::net::IpAddr;

    fn trusted() -> [IpNet; 2] {
        ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap())
    }

    fn headers(forwarded_for: &[impl AsRef<[u8]>], forwarded: &[impl AsRef<[u8]>]) -> HeaderMap {
        let value = |line: &[u8]| HeaderValue::from_bytes(line).unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded_for {
            headers.append(FORWARDED_FOR, value(line.as_ref()));
        }
        for line in forwarded {
            headers.append(FORWARDED, value(line.as_ref()));
        }
        headers
    }

    /// `?` stands for a client that is unknown.
    fn client(text: &str) -> ClientAddress {
        if text == "?" { Unknown } else { Known(text.parse().unwrap()) }
    }

    /// Resolves the client behind the trusted proxy 10.0.0.1.
    fn behind_proxy(forwarded_for: &[&str], forwarded: &[&str]) -> ClientAddress {
        resolve("10.0.0.1".parse().unwrap(), &headers(forwarded_for, forwarded), &trusted())
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, lines, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["", " , "], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["nonsense, 203.0.113.9,, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, nonsense"], "?"),
            ("10.0.0.1", &["203.0.113.9", "nonsense, 10.0.0.2"], "?"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
        ] {
            let peer: IpAddr = peer.parse().unwrap();
            let forwarded: Vec<_> = lines.iter().map(|line| as_forwarded(line)).collect();
            for headers in [headers(lines, &[""; 0]), headers(&[""; 0], &forwarded), headers(lines, &forwarded)] {
                assert_eq!(resolve(peer, &headers, &trusted()), client(expected), "{peer} {headers:?}");
            }
            assert_eq!(
                resolve(peer, &headers(lines, &forwarded), &[]),
                Known(peer.to_canonical()),
                "nobody is trusted"
            );
        }
    }

    /// The same list as `Forwarded` has it.
    fn as_forwarded(list: &str) -> String {
        let element = |node: &str| match node.trim() {
            "" => String::new(),
            node if node.contains(':') => format!("for=\"[{node}]\""),
            node => format!("for={node}"),
        };
        list.split(',').map(element).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn addresses_are_read_in_every_form_that_proxies_send() {
        for (node, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:51008", "192.0.2.1"),
            ("192.0.2.1:_p4", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::1", "::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
            ("unknown", "?"),
            ("_hidden", "?"),
            ("192.0.2.1:", "?"),
            ("192.0.2.1:99999", "?"),
            ("192.0.2.256", "?"),
            ("192.0.2.1 192.0.2.2", "?"),
            ("[192.0.2.1]", "?"),
            ("[2001:db8::1", "?"),
            ("[2001:db8::1]443", "?"),
            ("[2001:db8::1]:", "?"),
            ("fe80::1%eth0", "?"),
            ("", "?"),
        ] {
            let quoted = format!("\"{node}\"");
            assert_eq!(behind_proxy(&[&quoted], &[]), client(expected), "{quoted}");
            assert_eq!(behind_proxy(&[], &[&format!("for={quoted}")]), client(expected), "for={quoted}");
            if !node.is_empty() {
                assert_eq!(behind_proxy(&[node], &[]), client(expected), "{node}");
            }
        }
    }

    #[test]
    fn an_element_of_forwarded_is_read_whatever_else_it_says() {
        for (element, expected) in [
            ("For=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1"),
            ("proto=https ; FOR = 192.0.2.1", "192.0.2.1"),
            (r#"for="[2001:db8::1]:443";host="a,b;for=1.1.1.1""#, "2001:db8::1"),
            (r#"host="a\",for=1.1.1.1;b";for=192.0.2.1"#, "192.0.2.1"),
            (r#"host="\\";for=192.0.2.1"#, "192.0.2.1"),
            (r#"for="192.0.2.1"#, "?"),
            (r#"for=192.0.2.1""#, "?"),
            (r#"for="192.0.2.\1""#, "?"),
            ("for=192.0.2.1;for=192.0.2.2", "?"),
            ("proto=https", "?"),
            ("for", "?"),
            ("for=", "?"),
            ("=192.0.2.1", "?"),
            ("192.0.2.1", "?"),
        ] {
            assert_eq!(behind_proxy(&[], &[element]), client(expected), "{element}");
        }
    }

    #[test]
    fn two_headers_that_differ_name_nobody() {
        for (forwarded_for, forwarded, expected) in [
            ("192.0.2.1", "for=192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:80", "for=\"192.0.2.1:81\"", "192.0.2.1"),
            ("192.0.2.1", "for=1.1.1.1", "?"),
            ("1.1.1.1", "for=192.0.2.1", "?"),
            ("192.0.2.1", "for=_hidden", "?"),
            ("unknown", "for=192.0.2.1", "?"),
            // An element without an address does not differ.
            ("192.0.2.1", "proto=https", "192.0.2.1"),
            // One header may reach further than the other.
            ("192.0.2.1, 10.0.0.2", "for=10.0.0.2", "192.0.2.1"),
            ("10.0.0.2", "for=192.0.2.1, for=10.0.0.2", "192.0.2.1"),
            ("192.0.2.1, 10.0.0.2", "for=1.1.1.1, for=10.0.0.2", "?"),
            // What stands before the client does not matter.
            ("1.1.1.1, 192.0.2.1", "for=1.1.1.2, for=192.0.2.1", "192.0.2.1"),
        ] {
            let found = behind_proxy(&[forwarded_for], &[forwarded]);
            assert_eq!(found, client(expected), "{forwarded_for} and {forwarded}");
        }
    }

    /// Bytes that a header may have, with many of those that mean something here.
    fn line() -> impl Strategy<Value = Vec<u8>> {
        let syntax = prop::sample::select(br#"for=FOR"\,;:[]._ 10.2a"#.to_vec());
        let byte = prop_oneof![8 => syntax, 1 => 0x20..0x7f_u8, 1 => 0x80..=0xff_u8];
        prop::collection::vec(byte, 0..80)
    }

    proptest! {
        #[test]
        fn whatever_is_sent_there_is_an_outcome(
            forwarded_for in prop::collection::vec(line(), 0..3),
            forwarded in prop::collection::vec(line(), 0..3),
        ) {
            let headers = headers(&forwarded_for, &forwarded);
            resolve("10.0.0.1".parse().unwrap(), &headers, &trusted());
            let stranger: IpAddr = "192.0.2.1".parse().unwrap();
            prop_assert_eq!(resolve(stranger, &headers, &trusted()), Known(stranger));
        }

        #[test]
        fn what_a_client_sends_does_not_change_what_its_proxy_appends(
            sent in prop::collection::vec(line(), 0..3),
            is_appended_to_line in any::<bool>(),
        ) {
            let client = "203.0.113.9";
            for (is_forwarded, element) in [(false, client.to_owned()), (true, format!("for={client}"))] {
                let mut lines = sent.clone();
                match lines.last_mut().filter(|_| is_appended_to_line) {
                    Some(line) => line.extend([b", ", element.as_bytes()].concat()),
                    None => lines.push(element.into_bytes()),
                }
                let none: &[Vec<u8>] = &[];
                let headers = if is_forwarded { headers(none, &lines) } else { headers(&lines, none) };
                let found = resolve("10.0.0.1".parse().unwrap(), &headers, &trusted());
                prop_assert_eq!(found, Known(client.parse().unwrap()));
            }
        }
    }
}
