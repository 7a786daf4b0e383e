//! Defines what each connection requests, and checks every answer. One wrong answer voids the whole run.

mod payments;
mod requests;

pub(crate) use payments::{ORGANISATION, payment_id};
pub(crate) use requests::{Authorised, Echoed, Fixed, Get, Mixed, Page, Patch, Post, Put};

/// The requests of one connection, one after the other.
pub(crate) trait Traffic: Send {
    /// Appends the next request to `out`.
    fn write_request(&mut self, out: &mut Vec<u8>);

    /// Checks the answer to the last request.
    ///
    /// # Errors
    /// What was expected, and what came instead.
    fn check(&mut self, answer: &Answer<'_>) -> Result<(), String>;
}

/// An answer, as it was received.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// Checks the status, and the first bytes of the body.
    fn begins_with(&self, status: u16, body: &[u8]) -> Result<(), String> {
        if self.status == status && self.body.starts_with(body) { Ok(()) } else { Err(self.mismatch(status, body)) }
    }

    /// Checks the status, and the whole body.
    fn equals(&self, status: u16, body: &[u8]) -> Result<(), String> {
        if self.status == status && self.body == body { Ok(()) } else { Err(self.mismatch(status, body)) }
    }

    fn mismatch(&self, status: u16, body: &[u8]) -> String {
        // The beginning: a page has tens of kilobytes.
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.get(..1000).unwrap_or(bytes)).into_owned();
        format!("expected {status} and a body like\n{}\nbut got {} and\n{}", text(body), self.status, text(self.body))
    }
}
