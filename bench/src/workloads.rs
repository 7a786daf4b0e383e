//! Lists the workloads, and the traffic of each.

use crate::traffic::{Authorised, Get, Mixed, ORGANISATION, Page, Post, Put, Traffic};
use serde_json::json;
use test_support::tokens;

/// How many connections there are.
pub(crate) const CONNECTIONS: u64 = 64;
/// How many payments the large file holds.
pub(crate) const LARGE_FILE_PAYMENTS: u64 = 1_000_000;
/// How many payments `GET hot` reads: those numbered from 0.
pub(crate) const HOT_PAYMENTS: u64 = 1000;
/// The numbers of the payments that are replaced: where they begin, how many each connection has, and where they end. There
/// are twice as many as connections need, for `PUT` and for `mixed`.
pub(crate) const REPLACED_FROM: u64 = 10_000;
const REPLACED_EACH: usize = 16;
pub(crate) const REPLACED_END: u64 = REPLACED_FROM + 2 * CONNECTIONS * REPLACED_EACH as u64;

/// How many events a page has.
pub(crate) const EVENTS: usize = 100;

/// The traffic of all connections.
pub(crate) type Requests = Vec<Box<dyn Traffic>>;

/// A kind of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Reads a few payments again and again.
    GetHot,
    /// Does the same with tokens, a token for each connection.
    GetHotWithToken,
    /// Reads all payments of the large file, in random order.
    GetUniform,
    /// Creates payments.
    Post,
    /// Replaces payments.
    Put,
    /// Reads the first page of the list.
    ListFirst,
    /// Reads the last page of the large file's list.
    ListDeep,
    /// Reads the first 100 events.
    EventsFirst,
    /// Reads the last 100 events of the large file.
    EventsDeep,
    /// Reads, creates and replaces.
    Mixed,
}

impl Workload {
    /// The name, which `--only` selects by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetHot => "GET hot",
            Self::GetHotWithToken => "GET hot, with a token",
            Self::GetUniform => "GET uniform",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::ListFirst => "list first",
            Self::ListDeep => "list deep",
            Self::EventsFirst => "events first",
            Self::EventsDeep => "events deep",
            Self::Mixed => "mixed",
        }
    }

    /// The traffic of all connections. `page` is the query of the page that `ListDeep` or `EventsDeep` reads.
    pub(crate) fn requests(self, page: &str) -> Requests {
        match self {
            Self::GetHot => boxed(Get::prepared(CONNECTIONS, HOT_PAYMENTS)),
            Self::GetHotWithToken => {
                let gets = Get::prepared(CONNECTIONS, HOT_PAYMENTS).into_iter().zip(0..);
                boxed(gets.map(|(get, number)| Authorised::new(get, &token(number))))
            }
            Self::GetUniform => per_connection(|number| Get::new(number, LARGE_FILE_PAYMENTS)),
            Self::Post => per_connection(Post::new),
            Self::Put => per_connection(replace),
            Self::ListFirst => per_connection(|_| Page::new("/payments".to_owned())),
            Self::ListDeep => per_connection(|_| Page::new(format!("/payments{page}"))),
            Self::EventsFirst => per_connection(|_| Page::new(format!("/events?size={EVENTS}"))),
            Self::EventsDeep => per_connection(|_| Page::new(format!("/events{page}"))),
            Self::Mixed => boxed(mixed()),
        }
    }
}

/// The token of this connection, for the organisation of all payments.
pub(crate) fn token(number: u64) -> String {
    let scopes = "payments:read payments:write";
    tokens::token_with(&json!({"organisation_id": ORGANISATION, "scope": scopes, "sub": format!("user-{number}")}))
}

/// Traffic that `new` makes for each connection, by the connection's number.
pub(crate) fn per_connection<T: Traffic + 'static>(new: impl Fn(u64) -> T) -> Requests {
    boxed((0..CONNECTIONS).map(new))
}

fn boxed<T: Traffic + 'static>(traffic: impl IntoIterator<Item = T>) -> Requests {
    traffic.into_iter().map(|traffic| Box::new(traffic) as Box<dyn Traffic>).collect()
}

fn replace(number: u64) -> Put {
    Put::new(REPLACED_FROM + number * REPLACED_EACH as u64, REPLACED_EACH)
}

fn mixed() -> impl Iterator<Item = Mixed> {
    let gets = Get::prepared(CONNECTIONS, HOT_PAYMENTS).into_iter().zip(0..);
    gets.map(|(get, number)| Mixed {
        get,
        post: Post::new(number),
        put: replace(number + CONNECTIONS),
        turn: number << 32,
    })
}
