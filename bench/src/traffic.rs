//! What is asked, and what must be answered. An answer that is not the right one voids the whole run.

use std::{fmt::Write, sync::Arc};

/// What one connection asks, one request after the other.
pub(crate) trait Traffic: Send {
    /// Writes the next request into `out`.
    fn ask(&mut self, out: &mut Vec<u8>);

    /// Holds the answer to what was asked.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String>;
}

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// Whether it has this status, and a body that begins so.
    pub(crate) fn begins(&self, status: u16, body: &[u8]) -> Result<(), String> {
        if self.status == status && self.body.starts_with(body) { Ok(()) } else { Err(self.not(status, body)) }
    }

    fn not(&self, status: u16, body: &[u8]) -> String {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        format!("expected {status} and a body like\n{}\nbut got {} and\n{}", text(body), self.status, text(self.body))
    }
}

/// A number that depends on `number` alone, and looks random (SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The id of a payment by its number: the text of a UUID, in no order.
pub(crate) fn id(number: u64) -> String {
    let (high, low) = (mix(number), mix(!number));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

/// What a payment says: some 450 bytes, as payments do.
fn attributes(reference: &str) -> String {
    format!(
        r#"{{"amount":"100.21","currency":"GBP","end_to_end_reference":"{reference}","beneficiary":{{"name":"Wilfred Jeremiah Owens","account_number":"31926819","bank_id":"403000","bank_id_code":"GBDSC"}},"debtor":{{"name":"Emelia Jane Brown","account_number":"GB29XABC10161234567801","account_type":0,"bank_id":"203301"}},"fx":{{"contract":"FX123","rate":2.00000,"original":"200.42"}},"numeric_reference":"1002001","scheme":"FPS","processing_date":"2026-01-18"}}"#
    )
}

/// The first bytes of the answer that carries a payment: all of it but for its times and links.
fn payment(id: &str, version: u64, reference: &str, out: &mut String) {
    out.clear();
    let attributes = attributes(reference);
    // Writing to a string never fails.
    let _ = write!(
        out,
        r#"{{"data":{{"id":"{id}","type":"Payment","version":{version},"organisation_id":"harbour-lane-bakery","attributes":{attributes},"created_on":""#
    );
}

fn get(path: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"GET /v1/payments");
    out.extend_from_slice(path.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\nhost: localhost:8080\r\naccept: application/json\r\n\r\n");
}

fn send(method: &str, path: &str, body: &str, out: &mut Vec<u8>) {
    let head = format!(
        "{method} /v1/payments{path} HTTP/1.1\r\nhost: localhost:8080\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body.as_bytes());
}

/// Reads payments by id, in no order.
pub(crate) struct Get {
    /// How many payments there are: those numbered 0 to this.
    among: u64,
    draw: u64,
    /// Requests and what they expect, where there are few enough to have them ready.
    ready: Arc<[(Vec<u8>, String)]>,
    expected: String,
}

impl Get {
    pub(crate) fn new(connection: u64, among: u64) -> Self {
        Self { among, draw: mix(connection ^ 0xbe9c_4000), ready: Arc::new([]), expected: String::new() }
    }

    /// The same for a few payments, for as many connections.
    pub(crate) fn hot(connections: u64, among: u64) -> Vec<Self> {
        let prepare = |number| {
            let (id, mut request, mut expected) = (id(number), Vec::new(), String::new());
            payment(&id, 0, &id, &mut expected);
            get(&format!("/{id}"), &mut request);
            (request, expected)
        };
        let ready: Arc<[_]> = (0..among).map(prepare).collect();
        (0..connections).map(|number| Self { ready: Arc::clone(&ready), ..Self::new(number, among) }).collect()
    }

    fn chosen(&self) -> Option<&(Vec<u8>, String)> {
        self.ready.get((self.draw % self.among) as usize)
    }
}

impl Traffic for Get {
    fn ask(&mut self, out: &mut Vec<u8>) {
        self.draw = mix(self.draw);
        if let Some((request, _)) = self.chosen() {
            return out.extend_from_slice(request);
        }
        let id = id(self.draw % self.among);
        payment(&id, 0, &id, &mut self.expected);
        get(&format!("/{id}"), out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let expected = self.chosen().map_or(&self.expected, |(_, expected)| expected);
        answer.begins(200, expected.as_bytes())
    }
}

/// Creates payments; the service chooses their ids, or else we do.
pub(crate) struct Post {
    /// The number of the next payment, if its id is ours to choose.
    pub(crate) next: Option<u64>,
    reference: String,
}

impl Post {
    pub(crate) fn new(connection: u64) -> Self {
        Self { next: None, reference: id(connection) }
    }

    /// Those numbered `next` and so on.
    pub(crate) fn numbered(next: u64) -> Self {
        Self { next: Some(next), reference: String::new() }
    }
}

impl Traffic for Post {
    fn ask(&mut self, out: &mut Vec<u8>) {
        let id = self.next.map(id);
        if let Some(id) = &id {
            self.reference.clone_from(id);
        }
        let id = id.map_or(String::new(), |id| format!(r#""id":"{id}","#));
        let attributes = attributes(&self.reference);
        let body = format!(
            r#"{{"data":{{{id}"type":"Payment","organisation_id":"harbour-lane-bakery","attributes":{attributes}}}}}"#
        );
        send("POST", "", &body, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let mut expected = String::new();
        match &mut self.next {
            Some(next) => {
                payment(&self.reference, 0, &self.reference, &mut expected);
                *next += 1;
                answer.begins(201, expected.as_bytes())
            }
            None => {
                // The id stands in the first bytes; it is as long as ours.
                payment("", 0, &self.reference, &mut expected);
                let (head, tail) = expected.split_at(br#"{"data":{"id":""#.len());
                answer.begins(201, head.as_bytes())?;
                let rest = answer.body.get(head.len() + 36..).unwrap_or_default();
                Answer { status: 201, body: rest }.begins(201, tail.as_bytes())
            }
        }
    }
}

/// Replaces payments, each connection its own, one after the other.
pub(crate) struct Put {
    first: u64,
    versions: Vec<u64>,
    turn: usize,
}

impl Put {
    /// Those numbered `first` and so on, `count` of them.
    pub(crate) fn new(first: u64, count: usize) -> Self {
        Self { first, versions: vec![0; count], turn: 0 }
    }

    fn current(&self) -> (String, u64) {
        (id(self.first + self.turn as u64), self.versions.get(self.turn).copied().unwrap_or_default())
    }
}

impl Traffic for Put {
    fn ask(&mut self, out: &mut Vec<u8>) {
        self.turn = (self.turn + 1) % self.versions.len();
        let (id, version) = self.current();
        let attributes = attributes(&id);
        let body = format!(
            r#"{{"data":{{"type":"Payment","version":{version},"organisation_id":"harbour-lane-bakery","attributes":{attributes}}}}}"#
        );
        send("PUT", &format!("/{id}"), &body, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let (id, version) = self.current();
        let mut expected = String::new();
        payment(&id, version + 1, &id, &mut expected);
        answer.begins(200, expected.as_bytes())?;
        if let Some(version) = self.versions.get_mut(self.turn) {
            *version += 1;
        }
        Ok(())
    }
}

/// Asks for one page again and again; nothing changes it.
pub(crate) struct List {
    pub(crate) query: String,
    pub(crate) expected: Vec<u8>,
}

impl Traffic for List {
    fn ask(&mut self, out: &mut Vec<u8>) {
        get(&self.query, out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        if self.expected.is_empty() {
            self.expected = answer.body.to_vec();
        }
        if answer.body.len() == self.expected.len() {
            answer.begins(200, &self.expected)
        } else {
            Err(answer.not(200, &self.expected))
        }
    }
}

/// Reads, creates and replaces: 80 to 15 to 5.
pub(crate) struct Mixed {
    pub(crate) get: Get,
    pub(crate) post: Post,
    pub(crate) put: Put,
    pub(crate) turn: u64,
}

impl Mixed {
    fn of(&mut self) -> &mut dyn Traffic {
        match mix(self.turn) % 100 {
            0..80 => &mut self.get,
            80..95 => &mut self.post,
            _ => &mut self.put,
        }
    }
}

impl Traffic for Mixed {
    fn ask(&mut self, out: &mut Vec<u8>) {
        self.turn += 1;
        self.of().ask(out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        self.of().check(answer)
    }
}

/// The same requests, to a server that always answers the same.
pub(crate) struct Fixed {
    pub(crate) traffic: Box<dyn Traffic>,
    pub(crate) status: u16,
    pub(crate) body: Arc<[u8]>,
}

impl Traffic for Fixed {
    fn ask(&mut self, out: &mut Vec<u8>) {
        self.traffic.ask(out);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        if answer.body.len() == self.body.len() {
            answer.begins(self.status, &self.body)
        } else {
            Err(answer.not(self.status, &self.body))
        }
    }
}

/// Creations that a bare handler answers by sending them back.
pub(crate) struct Echoed(pub(crate) Post, pub(crate) Vec<u8>);

impl Traffic for Echoed {
    fn ask(&mut self, out: &mut Vec<u8>) {
        self.1.clear();
        self.0.ask(&mut self.1);
        out.extend_from_slice(&self.1);
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        if answer.status == 201 && self.1.ends_with(answer.body) { Ok(()) } else { Err(answer.not(201, &self.1)) }
    }
}
