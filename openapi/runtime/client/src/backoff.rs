//! How long to wait before a request is sent again, and whether to send it at all.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use reqwest::StatusCode;

use crate::{Error, Problem};

/// The first wait, unless the server names another.
const BASE: Duration = Duration::from_secs(1);
/// The bounds of a wait that the server did not ask for.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(60);
/// The longest wait that a server can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(10 * 60);

/// Waits that double with each failure in a row. Up to half of each is random, so that clients whose server failed do not come
/// back at once.
#[derive(Debug)]
pub struct Backoff {
    base: Duration,
    failures: u32,
    /// A token was refused, and no request was accepted since.
    is_refused: bool,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: BASE, failures: 0, is_refused: false }
    }
}

impl Backoff {
    /// Changes the first wait, within 0.1 to 60 seconds.
    pub fn set_base(&mut self, base: Duration) {
        self.base = base.clamp(SHORTEST, LONGEST);
    }

    /// Notes that the server has accepted a request, and its token.
    pub fn accept(&mut self) {
        self.is_refused = false;
    }

    /// Notes a success, after which the waits begin anew.
    pub fn succeed(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after a failure; `None` if that does not help. `Retry-After` is heeded, up to ten minutes. The first
    /// 401 is followed by another request at once: its token may have expired on the way, and [`TokenSource`](crate::TokenSource)
    /// gives another one.
    pub fn after<P: Problem>(&mut self, error: &Error<P>) -> Option<Duration> {
        if error.status() == Some(StatusCode::UNAUTHORIZED) && !std::mem::replace(&mut self.is_refused, true) {
            return Some(Duration::ZERO);
        }
        if !error.is_transient() {
            return None;
        }
        let asked = error.retry_after().unwrap_or_default().min(LONGEST_ASKED);
        Some(self.wait().max(asked + random(asked / 10)))
    }

    /// How long to wait after something else than an error, which is a failure until [`succeed`](Self::succeed).
    pub fn wait(&mut self) -> Duration {
        let longest = self.base.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        longest / 2 + random(longest / 2)
    }
}

/// A random part of `most`. The keys of hash maps are random, which saves a library for it.
fn random(most: Duration) -> Duration {
    let part = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or_default();
    (most / 1024).saturating_mul(part % 1025)
}

#[cfg(test)]
mod tests {
    use super::{Backoff, LONGEST};
    use crate::{Error, RawResponse, Unexpected};
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
    use std::time::Duration;

    #[derive(Debug, serde::Deserialize)]
    struct Problem {}

    impl crate::Problem for Problem {
        fn title(&self) -> &str {
            "title"
        }

        fn detail(&self) -> &str {
            "detail"
        }
    }

    fn error(status: u16, retry_after: Option<&'static str>) -> Error<Problem> {
        let mut headers = HeaderMap::new();
        headers.extend(retry_after.map(|value| (RETRY_AFTER, HeaderValue::from_static(value))));
        let error = RawResponse { status: status.try_into().unwrap(), headers, body: Vec::new() }.error();
        assert!(matches!(&error, Error::Unexpected(response) if matches!(&response.body, Unexpected { .. })));
        error
    }

    #[test]
    fn waits_double_up_to_a_minute_and_differ() {
        let mut waits = Vec::new();
        for _ in 0..20 {
            let mut backoff = Backoff::default();
            for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
                let wait = backoff.wait();
                let expected = Duration::from_secs(expected);
                assert!(wait >= expected / 2 && wait <= expected, "{wait:?} is not about {expected:?}");
                waits.push(wait);
            }
            backoff.failures = u32::MAX;
            assert!(backoff.wait() <= LONGEST);
            backoff.succeed();
            assert!(backoff.wait() <= Duration::from_secs(1));
        }
        waits.sort_unstable();
        waits.dedup();
        assert!(waits.len() > 80, "{} different waits of 160", waits.len());
    }

    #[test]
    fn the_server_names_the_first_wait_within_bounds() {
        for (base, least, most) in [(0, 50, 100), (3000, 1500, 3000), (u64::MAX, 30_000, 60_000)] {
            let mut backoff = Backoff::default();
            backoff.set_base(Duration::from_millis(base));
            let wait = backoff.wait().as_millis();
            assert!(wait >= least && wait <= most, "{wait} ms for {base}");
        }
    }

    #[test]
    fn retry_after_is_heeded_and_bounded() {
        for (asked, least, most) in
            [("7", 7, 8), ("0", 0, 1), ("99999999", 600, 660), ("Wed, 21 Oct 2026 07:28:00 GMT", 0, 1)]
        {
            let wait = Backoff::default().after(&error(503, Some(asked))).expect("it can get better");
            assert!(wait >= Duration::from_secs(least) && wait <= Duration::from_secs(most), "{wait:?} for {asked}");
        }
    }

    #[test]
    fn what_cannot_get_better_is_not_tried_again() {
        for status in [200, 204, 302, 400, 403, 404, 405, 406, 410, 412] {
            assert_eq!(Backoff::default().after(&error(status, Some("1"))), None, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(Backoff::default().after(&error(status, None)).is_some(), "{status}");
        }
    }

    #[test]
    fn one_refused_token_is_replaced_at_once_and_two_in_a_row_are_final() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.after(&error(401, None)), Some(Duration::ZERO));
        assert!(backoff.after(&error(503, None)).is_some());
        assert_eq!(backoff.after(&error(401, None)), None);
        backoff.accept();
        assert_eq!(backoff.after(&error(401, None)), Some(Duration::ZERO));
    }
}
