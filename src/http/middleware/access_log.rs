//! One line a request. Never bodies, tokens or queries, which may hold personal data; paths only as the contract has them.

use crate::{http::request_id::RequestId, log};
use axum::{
    extract::Request,
    http::{HeaderName, Method, StatusCode, Version},
};
use payments_server::Operation;
use std::{
    cell::RefCell,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, SystemTime},
};
use tokio::time::Instant;
use tracing::Level;

/// The `target` of its lines, by which `RUST_LOG` chooses: it stays the same wherever this file is.
const TARGET: &str = "payments::http::access_log";

/// The header that ties a request to a trace (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request, as far as it is remembered for the log. If it is never answered, because its client has gone away, that is
/// logged when it is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: RequestId,
    pub(super) client: IpAddr,
    pub(super) method: Method,
    operation: Option<&'static Operation>,
    traceparent: Option<String>,
    pub(super) version: Version,
    /// When, by a clock that nobody sets and by the one that people read.
    pub(super) began: (Instant, SystemTime),
    answered: bool,
}

impl Entry {
    /// Begins the entry of a request for `operation`.
    pub(super) fn begin(
        request: &Request,
        client: IpAddr,
        id: RequestId,
        operation: Option<&'static Operation>,
        began: (Instant, SystemTime),
    ) -> Self {
        let traceparent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
        Self {
            id,
            client,
            method: request.method().clone(),
            operation,
            // 55 characters by the standard; what is longer is not one.
            traceparent: traceparent.filter(|text| text.len() <= 64).map(str::to_owned),
            version: request.version(),
            began,
            answered: false,
        }
    }

    /// The path of the contract that the request is about, or a dash.
    pub(super) fn route(&self) -> &'static str {
        self.operation.map_or("-", |operation| operation.path)
    }

    /// Writes the entry of a request that was answered, and says how long that took.
    pub(super) fn write(&mut self, status: StatusCode) -> Duration {
        let took = self.began.0.elapsed();
        self.answered = true;
        self.log(Some(status), took);
        took
    }

    fn log(&self, status: Option<StatusCode>, took: Duration) {
        if !tracing::enabled!(target: TARGET, Level::INFO) {
            return;
        }
        let line = Line { entry: self, status, took };
        if let Some(plain) = log::write(TARGET, self.began.1 + took, "request", &line) {
            tracing::info!(target: TARGET, "{plain}");
        }
    }
}

/// What is written of a request.
struct Line<'a> {
    entry: &'a Entry,
    status: Option<StatusCode>,
    took: Duration,
}

impl log::Event for Line<'_> {
    fn say(&self, fields: &mut impl log::Fields) {
        let Self { entry, status, took } = self;
        fields.text("request_id", entry.id.as_str());
        // A token (RFC 9110, section 9.1).
        fields.word("method", entry.method.as_str());
        fields.word("route", entry.route());
        match status {
            Some(status) => fields.number("status", status.as_u16().into()),
            None => fields.truth("abandoned", true),
        }
        fields.number("duration_us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        with_text_of(entry.client, |client| fields.word("client", client));
        fields.word("http", name_of(entry.version));
        if let Some(traceparent) = &entry.traceparent {
            fields.text("traceparent", traceparent);
        }
    }
}

/// Shows the address as text to `say`.
fn with_text_of(client: IpAddr, say: impl FnOnce(&str)) {
    thread_local! {
        /// The last, and its text: clients often ask more than once, and all that come by one proxy look the same.
        static LAST: RefCell<(IpAddr, String)> = const { RefCell::new((IpAddr::V6(Ipv6Addr::UNSPECIFIED), String::new())) };
    }
    LAST.with_borrow_mut(|(last, text)| {
        if *last != client || text.is_empty() {
            (*last, *text) = (client, client.to_string());
        }
        say(text);
    });
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP",
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.answered {
            self.log(None, self.began.0.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, RequestId};
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

    fn logged(end: impl FnOnce(Entry)) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let mut request = Request::builder().header("x-request-id", "r-1").body(Body::empty()).unwrap();
            let now = super::SystemTime::now();
            let id = RequestId::give(request.headers_mut(), now);
            let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
            end(Entry::begin(&request, client, id, None, (super::Instant::now(), now)));
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn who_asked_and_how_is_written_as_usual() {
        for client in ["::", "0.0.0.0", "127.0.0.1", "255.10.9.100", "::1", "2001:db8::7"] {
            let address: IpAddr = client.parse().unwrap();
            for _ in 0..2 {
                super::with_text_of(address, |text| assert_eq!(text, client));
            }
        }
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert_eq!(super::name_of(version), format!("{version:?}"));
        }
    }

    #[test]
    fn a_request_is_one_line_whether_it_was_answered_or_not() {
        let answered = logged(|mut entry| {
            entry.write(StatusCode::OK);
        });
        assert!(answered.contains("status=200") && !answered.contains("abandoned"), "{answered}");
        let abandoned = logged(drop);
        assert!(abandoned.contains("abandoned=true") && !abandoned.contains("status"), "{abandoned}");
        for line in [answered, abandoned] {
            assert!(line.lines().count() == 1 && line.contains("request_id=\"r-1\""), "{line}");
            // By which RUST_LOG chooses, whoever reads it.
            assert!(line.contains("INFO payments::http::access_log: request "), "{line}");
        }
    }
}
