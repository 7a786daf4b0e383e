//! How many requests a client may make: the generic cell rate algorithm, one number a client.
//!
//! The algorithm keeps the time at which a client's bucket will be empty again. A request moves it on by one share of the
//! period, and is refused when it would lie further ahead than one period.

use quick_cache::sync::Cache;
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How many clients are remembered. Whoever comes beyond them pushes out who was not seen for long, and so memory is
/// bounded however many addresses come.
const CLIENTS: usize = 100_000;

/// A limit such as `5-S`: so many requests a second, minute, hour or day.
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
    /// What the header `RateLimit-Policy` says of it.
    pub(super) fn policy(self) -> String {
        format!("\"client\";q={};w={}", self.requests, self.period.as_secs())
    }

    fn share(self) -> u64 {
        nanoseconds(self.period) / u64::from(self.requests)
    }
}

/// The clients, and how far each has used up its limit.
#[derive(Debug)]
pub(super) struct RateLimit {
    limit: Limit,
    began: Instant,
    clients: Cache<IpAddr, Arc<AtomicU64>>,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it may pass.
    pub(super) passes: bool,
    /// How many more may pass at once.
    pub(super) remaining: u32,
    /// How long until the next may pass, or, of one that passes, until all may again.
    pub(super) reset: Duration,
}

impl RateLimit {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit, began: Instant::now(), clients: Cache::new(CLIENTS) }
    }

    pub(super) fn limit(&self) -> Limit {
        self.limit
    }

    /// Counts a request of `client`.
    pub(super) fn count(&self, client: IpAddr) -> Verdict {
        self.count_at(client, nanoseconds(self.began.elapsed()))
    }

    fn count_at(&self, client: IpAddr, now: u64) -> Verdict {
        let key = who(client);
        let cell = match self.clients.get(&key) {
            Some(cell) => cell,
            None => {
                let fresh = Arc::new(AtomicU64::new(0));
                self.clients
                    .get_or_insert_with(&key, || Ok::<_, std::convert::Infallible>(Arc::clone(&fresh)))
                    .unwrap_or(fresh)
            }
        };
        let (share, period) = (self.limit.share(), nanoseconds(self.limit.period));
        let after = |empty: u64| empty.max(now) + share;
        let moved = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |empty| {
            Some(after(empty)).filter(|next| *next <= now + period)
        });
        match moved {
            Ok(empty) => {
                let used = after(empty) - now;
                let remaining = u32::try_from((period - used) / share).unwrap_or(u32::MAX);
                Verdict { passes: true, remaining, reset: Duration::from_nanos(used) }
            }
            Err(empty) => {
                Verdict { passes: false, remaining: 0, reset: Duration::from_nanos(after(empty) - now - period) }
            }
        }
    }
}

/// Whom an address stands for: behind one IPv6 address there is a whole /64 to choose from.
fn who(address: IpAddr) -> IpAddr {
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
    use super::{CLIENTS, Limit, RateLimit};
    use std::net::{IpAddr, Ipv4Addr};

    const SECOND: u64 = 1_000_000_000;

    fn limit(text: &str) -> RateLimit {
        RateLimit::new(text.parse().unwrap())
    }

    fn client(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn as_many_pass_as_the_limit_says_and_come_back_evenly() {
        let limit = limit("5-S");
        let passed: Vec<_> = (0..7).map(|_| limit.count_at(client(1), 0)).map(|v| (v.passes, v.remaining)).collect();
        assert_eq!(passed, [(true, 4), (true, 3), (true, 2), (true, 1), (true, 0), (false, 0), (false, 0)]);
        assert!(limit.count_at(client(2), 0).passes, "another client has a limit of its own");
        assert!(!limit.count_at(client(1), SECOND / 5 - 1).passes);
        assert!(limit.count_at(client(1), SECOND / 5).passes);
        assert_eq!(limit.count_at(client(1), 100 * SECOND).remaining, 4, "nothing is saved up beyond the limit");
    }

    #[test]
    fn who_is_refused_is_told_how_long_to_wait() {
        let limit = limit("1-M");
        assert!(limit.count_at(client(1), 0).passes);
        let refused = limit.count_at(client(1), 20 * SECOND);
        assert_eq!((refused.passes, refused.reset.as_secs()), (false, 40));
        assert!(limit.count_at(client(1), 60 * SECOND).passes);
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let limit = limit("1-D");
        assert!(limit.count_at("2001:db8::1".parse().unwrap(), 0).passes);
        assert!(!limit.count_at("2001:db8::2".parse().unwrap(), 0).passes);
        assert!(limit.count_at("2001:db8:0:1::1".parse().unwrap(), 0).passes);
    }

    #[test]
    fn memory_is_bounded_however_many_addresses_come() {
        let limit = limit("1-D");
        for number in 0..u32::try_from(CLIENTS).unwrap() * 3 {
            limit.count_at(client(number), 0);
        }
        assert!(limit.clients.len() <= CLIENTS, "{} clients are remembered", limit.clients.len());
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        for text in ["", "5", "5-", "-S", "0-S", "5-s", "5-W", "-5-S", "x-S", "5-S-M", "99999999999-S"] {
            assert!(text.parse::<Limit>().is_err(), "{text:?} was accepted; it must be refused");
        }
    }
}
