//! The access log: one line for each request.
//!
//! A line never has bodies, tokens or queries, which may hold personal data. Its path is the template in the contract.

use super::client_address::ClientAddress;
use crate::{
    http::{caller::CallContext, deprecations::RequestUses, request_id::RequestId, versions::Chosen},
    log,
};
use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, Version},
};
use identity::Caller;
use payments_server::Operation;
use std::{
    cell::RefCell,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};
use tokio::time::Instant;
use tracing::Level;

/// The `target` of the lines. `RUST_LOG` filters by it, so it stays the same if this file moves.
const TARGET: &str = "payments::http::access_log";

/// The header that ties a request to a trace (W3C Trace Context).
pub(in crate::http) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The log entry of one request, collected while the request is under way.
///
/// An entry that is dropped before [`log_response`](Self::log_response) is logged as abandoned: its client went away.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: RequestId,
    pub(super) client: ClientAddress,
    pub(super) method: Method,
    operation: Option<&'static Operation>,
    pub(super) traceparent: Option<String>,
    pub(super) version: Version,
    pub(super) started_at: StartTime,
    /// The deprecated elements that the request uses; boxed, because few requests use any.
    pub(super) uses: Option<Box<RequestUses>>,
    /// The version of the contract; `None` if the path has none.
    pub(super) chosen: Option<Chosen>,
    /// The holder of the token, once that is verified.
    pub(super) holder: OnceLock<Arc<Caller>>,
    /// What an operation that waits or writes was given of the request.
    pub(super) context: OnceLock<Arc<CallContext>>,
    is_logged: bool,
}

/// The time at which a request arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartTime {
    /// For durations and deadlines.
    pub(super) monotonic: Instant,
    /// For timestamps.
    pub(super) wall: SystemTime,
}

impl StartTime {
    pub(super) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }
}

/// Reads the header of a trace. The standard has 55 characters; a longer value is not a traceparent.
pub(super) fn traceparent(value: &HeaderValue) -> Option<String> {
    value.to_str().ok().filter(|text| text.len() <= 64).map(str::to_owned)
}

impl Entry {
    /// Creates the entry of a request. `operation` is the operation of the contract that it names, if it names one.
    pub(super) fn new(
        request: &Request,
        client: ClientAddress,
        id: RequestId,
        operation: Option<&'static Operation>,
        started_at: StartTime,
    ) -> Self {
        Self {
            id,
            client,
            method: request.method().clone(),
            operation,
            traceparent: None,
            version: request.version(),
            started_at,
            uses: None,
            chosen: None,
            holder: OnceLock::new(),
            context: OnceLock::new(),
            is_logged: false,
        }
    }

    /// The path template of the operation, such as `/v1/payments/{id}`; a dash without one.
    pub(super) fn route(&self) -> &'static str {
        self.operation.map_or("-", |operation| operation.path)
    }

    /// By how much the operation has put off the deadline of the request.
    pub(super) fn extension(&self) -> Duration {
        self.context.get().map_or(Duration::ZERO, |context| context.extension())
    }

    /// How long the operation has waited for something to happen.
    pub(super) fn waited(&self) -> Duration {
        self.context.get().map_or(Duration::ZERO, |context| context.waited())
    }

    /// The operation of the contract that the request names.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// The entry of the same request, to be logged in place of this one: when a response has ended that is sent bit by bit.
    pub(super) fn defer(&mut self) -> Self {
        self.is_logged = true;
        Self {
            id: self.id.clone(),
            client: self.client,
            method: self.method.clone(),
            operation: self.operation,
            traceparent: self.traceparent.take(),
            version: self.version,
            started_at: self.started_at,
            uses: None,
            chosen: self.chosen,
            holder: self.holder.clone(),
            context: OnceLock::new(),
            is_logged: false,
        }
    }

    /// Writes the line of a request that has a response. Returns how long the request took.
    pub(super) fn log_response(&mut self, status: StatusCode) -> Duration {
        let elapsed = self.started_at.monotonic.elapsed();
        self.is_logged = true;
        self.log(Some(status), elapsed);
        elapsed
    }

    /// Writes the line; without a status, of an abandoned request.
    fn log(&self, status: Option<StatusCode>, elapsed: Duration) {
        if !tracing::enabled!(target: TARGET, Level::INFO) {
            return;
        }
        let line = Line { entry: self, status, elapsed };
        if let Some(text) = log::write(TARGET, self.started_at.wall + elapsed, "request", &line) {
            tracing::info!(target: TARGET, "{text}");
        }
    }
}

/// The fields of a line.
struct Line<'a> {
    entry: &'a Entry,
    status: Option<StatusCode>,
    elapsed: Duration,
}

impl log::Event for Line<'_> {
    fn record(&self, fields: &mut impl log::Fields) {
        let Self { entry, status, elapsed } = self;
        fields.text("request_id", entry.id.as_str());
        // A method is a token (RFC 9110, section 9.1), which needs no escapes.
        fields.unescaped("method", entry.method.as_str());
        fields.unescaped("route", entry.route());
        match status {
            Some(status) => fields.number("status", status.as_u16().into()),
            None => fields.boolean("abandoned", true),
        }
        fields.number("duration_us", u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        match entry.client {
            ClientAddress::Known(address) => with_address_text(address, |text| fields.unescaped("client", text)),
            ClientAddress::Unknown => fields.unescaped("client", "unknown"),
        }
        if let Some(holder) = entry.holder.get() {
            fields.text("subject", holder.subject());
            if let Some(client) = holder.client() {
                fields.text("client_id", client);
            }
        }
        fields.unescaped("http", version_name(entry.version));
        if let Some(chosen) = &entry.chosen {
            fields.unescaped("contract", chosen.version.name);
        }
        if let Some(traceparent) = &entry.traceparent {
            fields.text("traceparent", traceparent);
        }
        if let Some(names) = entry.uses.as_ref().map(|uses| uses.names()).filter(|names| !names.is_empty()) {
            fields.unescaped("deprecated", &names);
        }
    }
}

/// Calls `write` with the text of an address.
fn with_address_text(address: IpAddr, write: impl FnOnce(&str)) {
    thread_local! {
        /// Caches the last address and its text: a client often sends several requests in a row.
        static LAST: RefCell<(IpAddr, String)> = const { RefCell::new((IpAddr::V6(Ipv6Addr::UNSPECIFIED), String::new())) };
    }
    LAST.with_borrow_mut(|(last, text)| {
        if *last != address || text.is_empty() {
            (*last, *text) = (address, address.to_string());
        }
        write(text);
    });
}

fn version_name(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP",
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.is_logged {
            self.log(None, self.started_at.monotonic.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientAddress, Entry, RequestId, StartTime};
    use axum::{
        body::Body,
        extract::Request,
        http::{StatusCode, Version},
    };
    use std::{
        io,
        net::{IpAddr, Ipv4Addr},
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const LOCALHOST: ClientAddress = ClientAddress::Known(IpAddr::V4(Ipv4Addr::LOCALHOST));

    fn logged(client: ClientAddress, end: impl FnOnce(Entry)) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let request = Request::builder().header("x-request-id", "r-1").body(Body::empty()).unwrap();
            let started_at = StartTime::now();
            let id = RequestId::assign(request.headers().get("x-request-id"), started_at.wall);
            end(Entry::new(&request, client, id, None, started_at));
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn addresses_and_versions_are_written_in_their_usual_form() {
        for client in ["::", "0.0.0.0", "127.0.0.1", "255.10.9.100", "::1", "2001:db8::7"] {
            let address: IpAddr = client.parse().unwrap();
            for _ in 0..2 {
                super::with_address_text(address, |text| assert_eq!(text, client));
            }
        }
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert_eq!(super::version_name(version), format!("{version:?}"));
        }
    }

    #[test]
    fn a_client_without_an_address_is_called_unknown() {
        assert!(logged(LOCALHOST, drop).contains(r#"client="127.0.0.1""#));
        assert!(logged(ClientAddress::Unknown, drop).contains(r#"client="unknown""#));
    }

    #[test]
    fn a_request_is_one_line_whether_it_was_answered_or_abandoned() {
        let answered = logged(LOCALHOST, |mut entry| {
            entry.log_response(StatusCode::OK);
        });
        assert!(answered.contains("status=200") && !answered.contains("abandoned"), "{answered}");
        let abandoned = logged(LOCALHOST, drop);
        assert!(abandoned.contains("abandoned=true") && !abandoned.contains("status"), "{abandoned}");
        for line in [answered, abandoned] {
            assert!(line.lines().count() == 1 && line.contains("request_id=\"r-1\""), "{line}");
            // RUST_LOG filters by this target.
            assert!(line.contains("INFO payments::http::access_log: request "), "{line}");
        }
    }
}
