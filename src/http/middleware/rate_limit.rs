//! The rate limit of each client, by the generic cell rate algorithm (GCRA).
//!
//! The algorithm stores one number for each client: the time at which its bucket will be empty again. A request adds
//! one interval to it (the period divided by the number of requests), and is refused if the result lies more than one
//! period ahead. One atomic compare-and-swap decides.

use super::client_address::ClientAddress;
use crate::http::problem::whole_seconds;
use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};
use identity::Caller;
use quick_cache::sync::Cache;
use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The most clients that are remembered. A new client beyond that evicts one that was not seen for long, so memory is
/// bounded, however many addresses send requests.
const MAX_CLIENTS: usize = 100_000;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A number of requests in a second, minute, hour or day, such as `5-S`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    requests: u32,
    period: Duration,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let example =
            || "must be a number of requests a second, minute, hour or day, for example --limit 5-S, 300-M".to_owned();
        let (requests, unit) = text.split_once('-').ok_or_else(example)?;
        let seconds = match unit {
            "S" => 1,
            "M" => 60,
            "H" => 60 * 60,
            "D" => 24 * 60 * 60,
            _ => return Err(example()),
        };
        let requests = requests.parse().ok().filter(|requests| (1..=1_000_000).contains(requests));
        Ok(Self { requests: requests.ok_or_else(example)?, period: Duration::from_secs(seconds) })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} s", self.requests, self.period.as_secs())
    }
}

impl Limit {
    /// The value of the header `RateLimit-Policy`.
    fn policy(self) -> String {
        format!("\"client\";q={};w={}", self.requests, self.period.as_secs())
    }

    /// The time that one request uses up, in nanoseconds.
    fn interval(self) -> u64 {
        nanoseconds(self.period) / u64::from(self.requests)
    }
}

/// Counts the requests of every client against one limit.
#[derive(Debug)]
pub(super) struct RateLimit {
    limit: Limit,
    /// Times are nanoseconds since this moment.
    epoch: Instant,
    /// When the bucket of each client will be empty again.
    clients: Cache<RateLimitKey, Arc<AtomicU64>>,
    /// Hashes what tokens say of their holders. It has a secret of its own, so that nobody can choose to share a limit.
    hasher: RandomState,
}

/// The outcome for one request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) allowed: bool,
    /// How many more requests would be allowed now.
    remaining: u32,
    /// After an allowed request: how long until the whole limit is available again. After a refused one: how long until
    /// the next request is allowed.
    pub(super) reset: Duration,
}

impl RateLimit {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit, epoch: Instant::now(), clients: Cache::new(MAX_CLIENTS), hasher: RandomState::new() }
    }

    /// Counts a request of `client`, and decides whether it is allowed.
    pub(super) fn check(&self, client: impl Into<RateLimitKey>) -> Decision {
        self.check_at(client, nanoseconds(self.epoch.elapsed()))
    }

    /// The key of the holder of a token: the program that was given it, or else its user, within its organisation.
    pub(super) fn key_of(&self, holder: &Caller) -> RateLimitKey {
        let name = holder.client().unwrap_or_else(|| holder.subject());
        RateLimitKey::Holder(self.hasher.hash_one((holder.organisation(), name)))
    }

    /// Tells the client how much of its limit is left (draft-ietf-httpapi-ratelimit-headers-10).
    pub(super) fn set_headers(&self, response: &mut Response, decision: &Decision) {
        let left = format!("\"client\";r={};t={}", decision.remaining, whole_seconds(decision.reset));
        for (name, text) in [(RATE_LIMIT_POLICY, self.limit.policy()), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                response.headers_mut().insert(name, value);
            }
        }
    }

    fn check_at(&self, client: impl Into<RateLimitKey>, now: u64) -> Decision {
        let key = client.into();
        let empty_at = match self.clients.get(&key) {
            Some(empty_at) => empty_at,
            None => {
                let fresh = Arc::new(AtomicU64::new(0));
                self.clients
                    .get_or_insert_with(&key, || Ok::<_, std::convert::Infallible>(Arc::clone(&fresh)))
                    .unwrap_or(fresh)
            }
        };
        let (interval, period) = (self.limit.interval(), nanoseconds(self.limit.period));
        let after = |empty: u64| empty.max(now) + interval;
        let updated = empty_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |empty| {
            Some(after(empty)).filter(|next| *next <= now + period)
        });
        match updated {
            Ok(empty) => {
                let used = after(empty) - now;
                let remaining = u32::try_from((period - used) / interval).unwrap_or(u32::MAX);
                Decision { allowed: true, remaining, reset: Duration::from_nanos(used) }
            }
            Err(empty) => {
                Decision { allowed: false, remaining: 0, reset: Duration::from_nanos(after(empty) - now - period) }
            }
        }
    }
}

/// What a client is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum RateLimitKey {
    /// A client without a valid token: its IPv4 address, or the /64 network of its IPv6 address, because a client can choose
    /// any address of its network. Unknown clients share the key 0.0.0.0, which no client sends from (RFC 1122, section
    /// 3.2.1.3).
    Address(IpAddr),
    /// The holder of a token, whatever its address: the hash of who that is.
    Holder(u64),
}

impl From<ClientAddress> for RateLimitKey {
    fn from(client: ClientAddress) -> Self {
        Self::Address(match client {
            ClientAddress::Known(address) => client_network(address),
            ClientAddress::Unknown => Ipv4Addr::UNSPECIFIED.into(),
        })
    }
}

/// The network of an address that counts as one client: its own, or the /64 network of an IPv6 address.
pub(in crate::http) fn client_network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64)).into(),
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Caller, ClientAddress, Limit, MAX_CLIENTS, RateLimit};
    use std::net::Ipv4Addr;

    const SECOND: u64 = 1_000_000_000;

    fn limit(text: &str) -> RateLimit {
        RateLimit::new(text.parse().unwrap())
    }

    fn client(number: u32) -> ClientAddress {
        ClientAddress::Known(Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn a_burst_up_to_the_limit_is_allowed_and_capacity_returns_evenly() {
        let limit = limit("5-S");
        let decisions: Vec<_> =
            (0..7).map(|_| limit.check_at(client(1), 0)).map(|v| (v.allowed, v.remaining)).collect();
        assert_eq!(decisions, [(true, 4), (true, 3), (true, 2), (true, 1), (true, 0), (false, 0), (false, 0)]);
        assert!(limit.check_at(client(2), 0).allowed, "another client has a limit of its own");
        assert!(!limit.check_at(client(1), SECOND / 5 - 1).allowed);
        assert!(limit.check_at(client(1), SECOND / 5).allowed);
        assert_eq!(
            limit.check_at(client(1), 100 * SECOND).remaining,
            4,
            "unused capacity does not add up beyond the limit"
        );
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let limit = limit("1-M");
        assert!(limit.check_at(client(1), 0).allowed);
        let refused = limit.check_at(client(1), 20 * SECOND);
        assert_eq!((refused.allowed, refused.reset.as_secs()), (false, 40));
        assert!(limit.check_at(client(1), 60 * SECOND).allowed);
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let limit = limit("1-D");
        let client = |text: &str| ClientAddress::Known(text.parse().unwrap());
        assert!(limit.check_at(client("2001:db8::1"), 0).allowed);
        assert!(!limit.check_at(client("2001:db8::2"), 0).allowed);
        assert!(limit.check_at(client("2001:db8:0:1::1"), 0).allowed);
    }

    #[test]
    fn unknown_clients_share_one_limit_and_take_nobody_elses() {
        let limit = limit("1-D");
        assert!(limit.check_at(ClientAddress::Unknown, 0).allowed);
        assert!(!limit.check_at(ClientAddress::Unknown, 0).allowed);
        for text in ["127.0.0.1", "::1", "10.0.0.1"] {
            assert!(limit.check_at(ClientAddress::Known(text.parse().unwrap()), 0).allowed, "{text}");
        }
    }

    #[test]
    fn a_holder_of_tokens_has_a_limit_wherever_it_is() {
        let limit = limit("1-D");
        let holder = |subject, client, organisation| limit.key_of(&Caller::new(subject, client, organisation, ""));
        assert!(limit.check_at(holder("ada", Some("till"), Some("acme")), 0).allowed);
        assert!(
            !limit.check_at(holder("bob", Some("till"), Some("acme")), 0).allowed,
            "the same program, for another user"
        );
        for other in [
            holder("ada", Some("till"), Some("globex")),
            holder("ada", Some("till"), None),
            holder("ada", Some("phone"), Some("acme")),
            holder("ada", None, Some("acme")),
        ] {
            assert!(limit.check_at(other, 0).allowed, "{other:?}");
        }
    }

    #[test]
    fn the_number_of_remembered_clients_is_bounded() {
        let limit = limit("1-D");
        for number in 0..u32::try_from(MAX_CLIENTS).unwrap() * 3 {
            limit.check_at(client(number), 0);
        }
        assert!(limit.clients.len() <= MAX_CLIENTS, "{} clients are remembered", limit.clients.len());
    }

    #[test]
    fn malformed_limits_are_refused() {
        for text in ["", "5", "5-", "-S", "0-S", "5-s", "5-W", "-5-S", "x-S", "5-S-M", "99999999999-S"] {
            assert!(text.parse::<Limit>().is_err(), "{text:?} was accepted; it must be refused");
        }
    }
}
