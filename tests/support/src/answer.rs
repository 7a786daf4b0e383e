//! An answer of the service, and what tests assert of it.

use reqwest::{StatusCode, Version, header::HeaderMap};
use serde_json::{Value, json};
use std::{fmt, time::Duration};

/// A response that was read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The request: its method and its path with the query.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The version of HTTP.
    pub version: Version,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// How long it took, from the request to the end of the body.
    pub took: Duration,
}

impl Answer {
    /// Asserts the status; and of a success with a body, that it is JSON.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert!(self.status == status, "expected status {status}, got {self}");
        if (200..300).contains(&status) && status != 204 {
            self.expect_header("content-type", "application/json");
        }
        self
    }

    /// Asserts a problem document (RFC 9457) of this status and kind, such as `payment-not-found`, and that no member lacks.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_problem(self, status: u16, kind: &str) -> Value {
        let answer = self.expect_status(status);
        answer.expect_header("content-type", "application/problem+json");
        let problem = answer.json();
        let expected = json!({"type": format!("/problems/{kind}"), "status": status, "instance": answer.path()});
        for member in ["type", "status", "instance"] {
            let (expected, found) = (&expected[member], &problem[member]);
            assert!(found == expected, "expected {member} {expected}, got {found}: {answer}");
        }
        for member in ["title", "detail"] {
            let text = problem[member].as_str();
            assert!(text.is_some_and(|text| !text.is_empty()), "expected a {member}, got {text:?}: {answer}");
        }
        if matches!(status, 429 | 503) {
            let seconds = answer.header("retry-after");
            let wait = seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0);
            assert!(wait, "expected Retry-After in seconds, got {seconds}: {answer}");
        }
        problem
    }

    /// Asserts a 400 that names faults at just these places, in this order.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_faults(self, pointers: &[&str]) {
        let request = self.request.clone();
        let problem = self.expect_problem(400, "invalid-request");
        assert!(fault_pointers(&problem) == pointers, "{request}: expected faults at {pointers:?}, got {problem:#}");
    }

    /// Asserts that the answer leaves no doubt about what is in doubt: a 503 with Retry-After that says that a change may
    /// have taken effect, or the `down` of the monitoring endpoints with its reason.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_unavailable(self) -> Self {
        let answer = self.expect_status(503);
        let seconds = answer.header("retry-after");
        let wait = seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0);
        assert!(wait, "expected Retry-After in seconds, got {seconds}: {answer}");
        let problem = answer.json();
        let reason = problem["detail"].as_str().filter(|reason| !reason.is_empty());
        if reason.is_some() && problem == json!({"status": "down", "detail": reason}) {
            return answer;
        }
        answer.expect_header("content-type", "application/problem+json");
        let said = |member: &str| problem[member].as_str().unwrap_or_default();
        assert!(said("type") == "/problems/unavailable", "expected /problems/unavailable, got {answer}");
        assert!(
            said("detail").contains("A change may have taken effect all the same"),
            "expected a detail that says that the change may have taken effect, got {answer}"
        );
        answer
    }

    /// Asserts that the answer says that the service had too much to do, and that nothing was done: a 503 with Retry-After.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_overloaded(self) -> Self {
        let answer = self.expect_status(503);
        answer.expect_header("retry-after", "1");
        let problem = answer.json();
        assert!(problem["type"] == "/problems/unavailable", "expected /problems/unavailable, got {answer}");
        assert!(answer.says_overloaded(), "expected a detail that says that nothing was done, got {answer}");
        answer
    }

    /// Asserts that the answer is a 503 of either kind: the store is in doubt, or the service had too much to do.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_unavailable_or_overloaded(self) -> Self {
        if self.says_overloaded() { self.expect_overloaded() } else { self.expect_unavailable() }
    }

    /// Whether the answer says that the service had too much to do, and that nothing was done.
    #[must_use]
    pub fn says_overloaded(&self) -> bool {
        self.status == 503 && self.text().contains("Nothing was done")
    }

    /// Asserts a header.
    ///
    /// # Panics
    /// When it has another value, or is absent.
    #[track_caller]
    pub fn expect_header(&self, name: &str, expected: &str) {
        let found = self.header(name);
        assert!(found == expected, "expected {name}: {expected}, got {found}: {self}");
    }

    /// The value of a header.
    ///
    /// # Panics
    /// When there is no such header.
    #[must_use]
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("expected a header {name}, got {self}"));
        value.to_str().unwrap_or_else(|_| panic!("expected visible ASCII in {name}, got {self}"))
    }

    /// The body as text.
    ///
    /// # Panics
    /// When it is not UTF-8.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_else(|error| panic!("expected UTF-8 ({error}), got {self}"))
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("expected JSON ({error}), got {self}"))
    }

    /// The ids of the payments on a page, in order.
    ///
    /// # Panics
    /// When it is no page.
    #[must_use]
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        let json = self.json();
        let payments = json["data"].as_array();
        let payments = payments.unwrap_or_else(|| panic!("expected a list in data, got {self}"));
        let id = |payment: &Value| payment["id"].as_str().map(str::to_owned);
        payments.iter().map(|payment| id(payment).unwrap_or_else(|| panic!("expected ids, got {self}"))).collect()
    }

    /// A link of the body, such as `next`, as a path of the service that was asked: links begin with `--external-url`, at which
    /// no test listens.
    ///
    /// # Panics
    /// When there is no such link.
    #[must_use]
    #[track_caller]
    pub fn link(&self, name: &str) -> String {
        let json = self.json();
        let link = json["links"][name].as_str();
        let link = link.unwrap_or_else(|| panic!("expected a link {name}, got {self}"));
        let path = link.split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}"));
        path.unwrap_or_else(|| panic!("expected a link {name} to a path below /v1/, got {self}"))
    }

    fn path(&self) -> &str {
        let target = self.request.split_once(' ').map_or("", |(_, target)| target);
        target.split('?').next().unwrap_or_default()
    }
}

/// The places of the faults that a problem names, in order.
#[track_caller]
fn fault_pointers(problem: &Value) -> Vec<&str> {
    let faults = problem["errors"].as_array();
    let faults = faults.unwrap_or_else(|| panic!("expected errors, got {problem:#}"));
    faults.iter().filter_map(|fault| fault["pointer"].as_str()).collect()
}

impl fmt::Display for Answer {
    /// The whole answer, as a person reads it: request and status, headers, body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = StatusCode::from_u16(self.status).map_or_else(|_| self.status.to_string(), |it| it.to_string());
        writeln!(f, "{status} in {:?}, to {}", self.took, self.request)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => write!(f, "\n{text}"),
            Err(_) => write!(f, "\n{} bytes that are no text", self.bytes.len()),
        }
    }
}
