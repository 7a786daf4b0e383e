//! The values of settings, and their parsers. A bad value is refused with what it must be and a good example.

use crate::payments::{OrganisationId, PaymentId, Tenant};
use crate::repo::TableName;
use axum::http::HeaderName;
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

pub(super) fn payment_id(text: &str) -> Result<PaymentId, String> {
    PaymentId::parse(text).map_err(|rule| rule.to_string())
}

/// The tenant of an organisation; the anonymous one if the text is empty.
pub(super) fn tenant(text: &str) -> Result<Tenant, String> {
    if text.is_empty() {
        return Ok(Tenant::ANONYMOUS);
    }
    OrganisationId::parse(text).map(Tenant::of).map_err(|rule| format!("{rule}, for example --organisation acme"))
}

pub(super) fn external_url(text: &str) -> Result<String, String> {
    base_url(text, "--external-url https://payments.example")
}

pub(super) fn seed_url(text: &str) -> Result<String, String> {
    base_url(text, "--url http://localhost:8080")
}

pub(super) fn tail_url(text: &str) -> Result<String, String> {
    base_url(text, "payments tail http://localhost:8080")
}

pub(super) fn tail_count(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "must be a number from 1 on, for example --count 10".to_owned())
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

pub(super) fn issuer(text: &str) -> Result<String, String> {
    // Letter for letter what tokens say, so that a slash at the end stays.
    let example = "--auth-issuer https://login.example.com/realms/shop";
    base_url(text, example).map(|_| text.to_owned())
}

pub(super) fn audience(text: &str) -> Result<String, String> {
    let text = text.trim();
    let example =
        || "must be names with commas between, for example --auth-audience https://payments.example".to_owned();
    (!text.is_empty()).then(|| text.to_owned()).ok_or_else(example)
}

pub(super) fn organisation_claim(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && text != "/" && !text.contains(char::is_control);
    is_name.then(|| text.to_owned()).ok_or_else(|| {
        "must be the name of a claim or a JSON Pointer, for example --auth-organisation-claim organisation_id"
            .to_owned()
    })
}

pub(super) fn scope_claim(text: &str) -> Result<String, String> {
    let text = text.trim();
    let example =
        || "must be names of claims with commas between, for example --auth-scope-claims scope,roles".to_owned();
    (!text.is_empty()).then(|| text.to_owned()).ok_or_else(example)
}

/// A setting that no text about the settings shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

pub(super) fn token_parameter(text: &str) -> Result<(String, String), String> {
    let pair = text.trim().split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| {
        "must be NAME=VALUE, for example --token-parameters audience=https://payments.example".to_owned()
    })
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

pub(super) fn max_streams(text: &str) -> Result<usize, String> {
    connections(text, "--max-streams 2000")
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

/// Reads a time that is longer than most: a number and its unit.
pub(super) fn events_keep(text: &str) -> Result<Duration, String> {
    let read = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return None,
        };
        let seconds = within(number, 1..=u64::MAX)?.checked_mul(unit)?;
        (1..=100 * 365 * 24 * 60 * 60).contains(&seconds).then(|| Duration::from_secs(seconds))
    };
    read().ok_or_else(|| {
        "must be a number of days, hours, minutes or seconds, at most 36500d, for example --events-keep 90d".to_owned()
    })
}

pub(super) fn header_name(text: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(text.trim()).map_err(|_| {
        "must be names of headers with commas between, for example --cors-headers x-tenant,x-channel".to_owned()
    })
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
