//! One line a request. Never bodies, tokens or queries, which may hold personal data; paths only as the contract has them.

use super::request_id::RequestId;
use axum::http::{HeaderMap, Method, StatusCode, Version};
use payments_server::Reached;
use std::{net::IpAddr, time::Instant};

/// The header that ties a request to a trace (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// A request, as far as it is remembered for the log. If it is never answered, because its client has gone away, that is
/// logged when it is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    id: RequestId,
    client: IpAddr,
    method: Method,
    reached: Reached,
    traceparent: Option<String>,
    version: Version,
    began: Instant,
    answered: bool,
}

impl Entry {
    /// Begins the entry of a request, which `reached` will know more of.
    pub(super) fn begin(
        method: &Method,
        version: Version,
        headers: &HeaderMap,
        client: IpAddr,
        id: RequestId,
        reached: Reached,
    ) -> Self {
        let traceparent = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        Self {
            id,
            client,
            method: method.clone(),
            reached,
            // 55 characters by the standard; what is longer is not one.
            traceparent: traceparent.filter(|text| text.len() <= 64).map(str::to_owned),
            version,
            began: Instant::now(),
            answered: false,
        }
    }

    /// The path of the contract that the request is about, or a dash.
    pub(super) fn route(&self) -> &'static str {
        self.reached.operation().map_or("-", |operation| operation.path)
    }

    /// Writes the entry of a request that was answered.
    pub(super) fn write(mut self, status: StatusCode) {
        self.answered = true;
        self.log(Some(status.as_u16()));
    }

    fn log(&self, status: Option<u16>) {
        tracing::info!(
            request_id = self.id.as_str(),
            method = self.method.as_str(),
            route = self.route(),
            status,
            abandoned = status.is_none().then_some(true),
            duration_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            client = text_of(self.client),
            http = name_of(self.version),
            traceparent = self.traceparent,
            "request"
        );
    }
}

/// The address as text; by hand where it is of the usual kind, because `Display` takes a quarter of the time of a line.
fn text_of(client: IpAddr) -> String {
    let IpAddr::V4(address) = client else { return client.to_string() };
    let mut text = String::with_capacity("255.255.255.255".len());
    for (separator, octet) in ["", ".", ".", "."].into_iter().zip(address.octets()) {
        text.push_str(separator);
        text.push_str(itoa::Buffer::new().format(octet));
    }
    text
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
            self.log(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, RequestId};
    use axum::http::{HeaderMap, Method, StatusCode, Version};
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
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", "r-1".parse().unwrap());
            let id = RequestId::of(&headers);
            let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
            end(Entry::begin(&Method::GET, Version::HTTP_11, &headers, client, id, super::Reached::default()));
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn who_asked_and_how_is_written_as_usual() {
        for client in ["0.0.0.0", "127.0.0.1", "255.10.9.100", "::1", "2001:db8::7"] {
            let address: IpAddr = client.parse().unwrap();
            assert_eq!(super::text_of(address), client);
        }
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert_eq!(super::name_of(version), format!("{version:?}"));
        }
    }

    #[test]
    fn a_request_is_one_line_whether_it_was_answered_or_not() {
        let answered = logged(|entry| entry.write(StatusCode::OK));
        assert!(answered.contains("status=200") && !answered.contains("abandoned"), "{answered}");
        let abandoned = logged(drop);
        assert!(abandoned.contains("abandoned=true") && !abandoned.contains("status"), "{abandoned}");
        for line in [answered, abandoned] {
            assert!(line.lines().count() == 1 && line.contains("request_id=\"r-1\""), "{line}");
        }
    }
}
