//! Implements the traffic of each workload.

use super::{
    Answer, Traffic,
    payments::{ORGANISATION, attributes, hash, payment_id, payment_prefix, write_get, write_with_body},
};
use std::sync::Arc;

/// Reads payments by id, in random order.
pub(crate) struct Get {
    /// Payments are chosen among those numbered from 0 to below this.
    count: u64,
    random: u64,
    /// Every request with the answer that it expects, if the payments are few enough to prepare them.
    prepared: Arc<[(Vec<u8>, String)]>,
    expected: String,
}

impl Get {
    pub(crate) fn new(connection: u64, count: u64) -> Self {
        Self { count, random: hash(connection ^ 0xbe9c_4000), prepared: Arc::new([]), expected: String::new() }
    }

    /// Traffic for this many connections, which share prepared requests for `count` payments.
    pub(crate) fn prepared(connections: u64, count: u64) -> Vec<Self> {
        let prepare = |number| {
            let (id, mut request, mut expected) = (payment_id(number), Vec::new(), String::new());
            payment_prefix(&id, 0, &id, &mut expected);
            write_get(&format!("/payments/{id}"), &mut request);
            (request, expected)
        };
        let prepared: Arc<[_]> = (0..count).map(prepare).collect();
        (0..connections).map(|number| Self { prepared: Arc::clone(&prepared), ..Self::new(number, count) }).collect()
    }

    fn current(&self) -> Option<&(Vec<u8>, String)> {
        self.prepared.get((self.random % self.count) as usize)
    }
}

impl Traffic for Get {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        self.random = hash(self.random);
        if let Some((request, _)) = self.current() {
            return out.extend_from_slice(request);
        }
        let id = payment_id(self.random % self.count);
        payment_prefix(&id, 0, &id, &mut self.expected);
        write_get(&format!("/payments/{id}"), out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let expected = self.current().map_or(&self.expected, |(_, expected)| expected);
        answer.begins_with(200, expected.as_bytes())
    }
}

/// Creates payments, with ids of the service or with those of consecutive numbers.
pub(crate) struct Post {
    /// The number of the next payment; `None` if the service assigns the ids.
    next: Option<u64>,
    reference: String,
}

impl Post {
    /// Payments whose ids the service assigns.
    pub(crate) fn new(connection: u64) -> Self {
        Self { next: None, reference: payment_id(connection) }
    }

    /// The payments from number `next` on.
    pub(crate) fn numbered(next: u64) -> Self {
        Self { next: Some(next), reference: String::new() }
    }
}

impl Traffic for Post {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        let id = self.next.map(payment_id);
        if let Some(id) = &id {
            self.reference.clone_from(id);
        }
        let id = id.map_or(String::new(), |id| format!(r#""id":"{id}","#));
        let attributes = attributes(&self.reference);
        let body = format!(
            r#"{{"data":{{{id}"type":"Payment","organisation_id":"{ORGANISATION}","attributes":{attributes}}}}}"#
        );
        write_with_body("POST", "", &body, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let mut expected = String::new();
        match &mut self.next {
            Some(next) => {
                payment_prefix(&self.reference, 0, &self.reference, &mut expected);
                *next += 1;
                answer.begins_with(201, expected.as_bytes())
            }
            None => {
                // The assigned id is skipped: 36 characters, those of a UUID.
                payment_prefix("", 0, &self.reference, &mut expected);
                let (head, tail) = expected.split_at(br#"{"data":{"id":""#.len());
                answer.begins_with(201, head.as_bytes())?;
                let rest = answer.body.get(head.len() + 36..).unwrap_or_default();
                Answer { status: 201, body: rest }.begins_with(201, tail.as_bytes())
            }
        }
    }
}

/// Replaces payments in turn. No two connections share one, so that no version conflicts.
pub(crate) struct Put {
    first: u64,
    versions: Vec<u64>,
    turn: usize,
}

impl Put {
    /// The `count` payments from number `first` on.
    pub(crate) fn new(first: u64, count: usize) -> Self {
        Self { first, versions: vec![0; count], turn: 0 }
    }

    fn current(&self) -> (String, u64) {
        (payment_id(self.first + self.turn as u64), self.versions.get(self.turn).copied().unwrap_or_default())
    }
}

impl Traffic for Put {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        self.turn = (self.turn + 1) % self.versions.len();
        let (id, version) = self.current();
        let attributes = attributes(&id);
        let body = format!(
            r#"{{"data":{{"type":"Payment","version":{version},"organisation_id":"{ORGANISATION}","attributes":{attributes}}}}}"#
        );
        write_with_body("PUT", &format!("/{id}"), &body, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let (id, version) = self.current();
        let mut expected = String::new();
        payment_prefix(&id, version + 1, &id, &mut expected);
        answer.begins_with(200, expected.as_bytes())?;
        if let Some(version) = self.versions.get_mut(self.turn) {
            *version += 1;
        }
        Ok(())
    }
}

/// Changes one attribute of payments in turn, by merge patches. No two connections share a payment.
pub(crate) struct Patch(Put);

impl Patch {
    /// The `count` payments from number `first` on.
    pub(crate) fn new(first: u64, count: usize) -> Self {
        Self(Put::new(first, count))
    }
}

impl Traffic for Patch {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        self.0.turn = (self.0.turn + 1) % self.0.versions.len();
        let (id, _) = self.0.current();
        // The value that the attribute has already: the answer can be checked like that of a PUT.
        let body = format!(r#"{{"data":{{"attributes":{{"end_to_end_reference":"{id}"}}}}}}"#);
        write_with_body("PATCH", &format!("/{id}"), &body, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        self.0.check(answer)
    }
}

/// Reads the same page again and again. Every answer must equal the first.
pub(crate) struct Page {
    path: String,
    expected: Vec<u8>,
}

impl Page {
    /// The page at this path, which follows `/v1`.
    pub(crate) fn new(path: String) -> Self {
        Self { path, expected: Vec::new() }
    }
}

impl Traffic for Page {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        write_get(&self.path, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        if self.expected.is_empty() {
            self.expected = answer.body.to_vec();
        }
        answer.equals(200, &self.expected)
    }
}

/// Mixes reads, creations and replacements in the ratio of 80 to 15 to 5.
pub(crate) struct Mixed {
    pub(crate) get: Get,
    pub(crate) post: Post,
    pub(crate) put: Put,
    pub(crate) turn: u64,
}

impl Mixed {
    fn current(&mut self) -> &mut dyn Traffic {
        match hash(self.turn) % 100 {
            0..80 => &mut self.get,
            80..95 => &mut self.post,
            _ => &mut self.put,
        }
    }
}

impl Traffic for Mixed {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        self.turn += 1;
        self.current().write_request(out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        self.current().check(answer)
    }
}

/// Sends the requests of other traffic with a token.
pub(crate) struct Authorised<T> {
    traffic: T,
    /// The header, with its end of line.
    header: Box<[u8]>,
}

impl<T> Authorised<T> {
    pub(crate) fn new(traffic: T, token: &str) -> Self {
        Self { traffic, header: format!("authorization: Bearer {token}\r\n").into_bytes().into() }
    }
}

impl<T: Traffic> Traffic for Authorised<T> {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        let before = out.len();
        self.traffic.write_request(out);
        let head = out.get(before..).and_then(|request| memchr::memmem::find(request, b"\r\n\r\n"));
        if let Some(end) = head {
            let end = before + end + 2;
            out.splice(end..end, self.header.iter().copied());
        }
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        self.traffic.check(answer)
    }
}

/// Sends the requests of other traffic to a server that gives the same answer to all of them.
pub(crate) struct Fixed {
    pub(crate) traffic: Box<dyn Traffic>,
    pub(crate) status: u16,
    pub(crate) body: Arc<[u8]>,
}

impl Traffic for Fixed {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        self.traffic.write_request(out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        answer.equals(self.status, &self.body)
    }
}

/// Creates payments at a server that answers with the body of the request.
pub(crate) struct Echoed {
    post: Post,
    request: Vec<u8>,
}

impl Echoed {
    /// Sends the requests of `post`.
    pub(crate) fn new(post: Post) -> Self {
        Self { post, request: Vec::new() }
    }
}

impl Traffic for Echoed {
    fn write_request(&mut self, out: &mut Vec<u8>) {
        self.request.clear();
        self.post.write_request(&mut self.request);
        out.extend_from_slice(&self.request);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        if answer.status == 201 && self.request.ends_with(answer.body) {
            Ok(())
        } else {
            Err(answer.mismatch(201, &self.request))
        }
    }
}
