//! The fuzz target of this room.

use super::client_address::{
    ClientAddress::{Known, Unknown},
    resolve,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

/// Reads lines of `X-Forwarded-For`, which begin with `x`, and of `Forwarded`.
pub(in crate::http) fn forwarded(bytes: &[u8]) {
    let lines: Option<Vec<_>> = bytes.split(|byte| *byte == b'\n').map(line).collect();
    let Some(lines) = lines else { return };
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let trusted = [IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8)];

    let sent = headers(&lines);
    for stranger in [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(11, 0, 0, 1)].map(IpAddr::V4) {
        assert_eq!(resolve(stranger, &sent, &trusted), Known(stranger), "a peer that is no proxy is the client");
    }
    assert_eq!(resolve(proxy, &sent, &[]), Known(proxy), "nobody is trusted");
    if let Known(client) = resolve(proxy, &sent, &trusted) {
        assert_eq!(client, client.to_canonical(), "an IPv4 address is written as one");
        let is_named = client == proxy || sent.values().any(|value| names(value.as_bytes(), client));
        assert!(is_named, "{client} stands nowhere in {sent:?}");
    }

    // What a proxy appends counts, whatever its client has sent in that header, if there is none of the other.
    let client = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    let quoted = format!("for={client};host=\"a,for=1.1.1.1;b\"");
    for (name, element) in
        [("x-forwarded-for", client.to_string()), ("forwarded", format!("for={client}")), ("forwarded", quoted)]
    {
        let mut same: Vec<_> = lines.iter().filter(|(own, _)| own == name).cloned().collect();
        for is_new_line in [true, false] {
            match same.last_mut().filter(|_| !is_new_line) {
                Some((_, line)) => {
                    let joined = [line.as_bytes(), b", ", element.as_bytes()].concat();
                    *line = HeaderValue::from_bytes(&joined).unwrap_or_else(|_| line.clone());
                }
                None => same.push((
                    HeaderName::from_static(name),
                    HeaderValue::from_str(&element).unwrap_or(HeaderValue::from_static("")),
                )),
            }
            let found = resolve(proxy, &headers(&same), &trusted);
            assert_eq!(found, Known(client), "the proxy has appended {element} in {same:?}");
        }
    }
    // Two headers that name different clients name nobody.
    let mut both = headers(&lines);
    both.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
    both.append("forwarded", HeaderValue::from_static("for=203.0.113.8"));
    assert_eq!(resolve(proxy, &both, &trusted), Unknown, "{both:?}");
}

fn line(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = match line.strip_prefix(b"x") {
        Some(value) => ("x-forwarded-for", value),
        None => ("forwarded", line),
    };
    Some((HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?))
}

fn headers(lines: &[(HeaderName, HeaderValue)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name.clone(), value.clone());
    }
    headers
}

/// Whether any run of characters of an address stands for `address` in a header.
fn names(value: &[u8], address: IpAddr) -> bool {
    let text = String::from_utf8_lossy(value);
    let parts = text.split(|character: char| !character.is_ascii_hexdigit() && !matches!(character, ':' | '.'));
    parts.into_iter().any(|part| {
        // With a port, as far as it looks like one.
        let without_port = part.rsplit_once(':').map_or(part, |(node, _)| node);
        [part, without_port]
            .iter()
            .any(|part| part.parse::<IpAddr>().is_ok_and(|found| found.to_canonical() == address))
    })
}
