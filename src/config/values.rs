//! The values of settings, and their parsers. A bad value is refused with what it must be and a good example.

use crate::repo::TableName;
use ipnet::IpNet;
use std::{fmt, net::IpAddr, ops::RangeInclusive, str::FromStr, time::Duration};

/// An address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// A name or an address; `None` is every address of the machine.
    pub host: Option<String>,
    /// A port; 0 is any free one.
    pub port: u16,
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host.as_deref().unwrap_or_default(), self.port)
    }
}

pub(super) fn listen(text: &str) -> Result<Listen, String> {
    address(text, "--listen :8080")
}

pub(super) fn operator_listen(text: &str) -> Result<Listen, String> {
    address(text, "--operator-listen :8081")
}

fn address(text: &str, example: &str) -> Result<Listen, String> {
    let example = || format!("must be HOST:PORT or :PORT, for example {example}");
    let (host, port) = text.rsplit_once(':').ok_or_else(example)?;
    let port = port.parse().map_err(|_| example())?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Ok(Listen { host: (!host.is_empty()).then(|| host.to_owned()), port })
}

pub(super) fn external_url(text: &str) -> Result<String, String> {
    base_url(text, "--external-url https://payments.example")
}

pub(super) fn seed_url(text: &str) -> Result<String, String> {
    base_url(text, "--url http://localhost:8080")
}

fn base_url(text: &str, example: &str) -> Result<String, String> {
    let example = || format!("must be an http or https URL, for example {example}");
    let uri: axum::http::Uri = text.parse().map_err(|_| example())?;
    let is_good = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri.query().is_none()
        && !text.contains('#');
    is_good.then(|| text.trim_end_matches('/').to_owned()).ok_or_else(example)
}

pub(super) fn api_version(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.is_empty() && text.len() <= 32 && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("must be one segment of a path in a-z, 0-9 and -, for example --api-version v1".to_owned())
    }
}

pub(super) fn max_body(text: &str) -> Result<usize, String> {
    bytes(text, 1..=1 << 30)
        .ok_or_else(|| "must be a number of bytes, at most 1024 MiB, for example --max-body 1MiB".to_owned())
}

pub(super) fn memory_budget(text: &str) -> Result<usize, String> {
    bytes(text, 1 << 20..=1 << 40)
        .ok_or_else(|| "must be a number of bytes, at least 1 MiB, for example --memory-budget 64MiB".to_owned())
}

/// Reads a number of bytes, plain or in KiB or MiB.
fn bytes(text: &str, range: RangeInclusive<usize>) -> Option<usize> {
    let (number, unit) = match (text.strip_suffix("KiB"), text.strip_suffix("MiB")) {
        (Some(number), _) => (number, 1 << 10),
        (None, Some(number)) => (number, 1 << 20),
        (None, None) => (text, 1),
    };
    let bytes = number.trim_end().parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| range.contains(bytes))
}

pub(super) fn max_connections(text: &str) -> Result<usize, String> {
    connections(text, "--max-connections 4000")
}

pub(super) fn max_client_connections(text: &str) -> Result<usize, String> {
    connections(text, "--max-client-connections 1000")
}

fn connections(text: &str, example: &str) -> Result<usize, String> {
    within(text, 1..=1_000_000).ok_or_else(|| format!("must be 1 to 1000000, for example {example}"))
}

pub(super) fn max_results(text: &str) -> Result<u32, String> {
    within(text, 1..=1000).ok_or_else(|| "must be 1 to 1000, for example --max-results 20".to_owned())
}

pub(super) fn concurrency(text: &str) -> Result<usize, String> {
    within(text, 1..=256).ok_or_else(|| "must be 1 to 256, for example --concurrency 16".to_owned())
}

pub(super) fn seed_count(text: &str) -> Result<u64, String> {
    within(text, 1..=u64::MAX).ok_or_else(|| "must be 1 or more, for example --count 100000".to_owned())
}

pub(super) fn organisations(text: &str) -> Result<u32, String> {
    within(text, 1..=10_000).ok_or_else(|| "must be 1 to 10000, for example --organisations 3".to_owned())
}

pub(super) fn seed_number(text: &str) -> Result<u64, String> {
    within(text, 0..=u64::MAX).ok_or_else(|| "must be a number, 0 or more, for example --seed 42".to_owned())
}

fn within<T: FromStr + PartialOrd>(text: &str, range: RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|number| range.contains(number))
}

/// A parser of whole seconds, at least `least` of them and at most an hour.
pub(super) fn seconds(
    example: &'static str,
    least: u64,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync {
    move |text| {
        within(text, least..=3600)
            .map(Duration::from_secs)
            .ok_or_else(|| format!("must be {least} to 3600 seconds, for example {example}"))
    }
}

pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let single = |text: &str| text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| single(text)).map_err(|_| {
        "must be networks or addresses with commas between, for example --trusted-proxies 10.0.0.0/8,fd00::/8"
            .to_owned()
    })
}

pub(super) fn table(text: &str) -> Result<TableName, String> {
    TableName::parse(text).map_err(|rule| format!("{rule}, for example --repo-schema-payments payments"))
}
