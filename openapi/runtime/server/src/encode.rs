//! Models into JSON, written straight into the response's bytes.

use crate::json::is_plain;
use std::sync::Arc;

/// A value that can be written as JSON.
pub trait Encode {
    /// Appends the value to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}

/// JSON text that is passed on as it was written. A clone shares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawJson(Arc<str>);

impl RawJson {
    /// Takes text that is known to be one JSON value.
    #[must_use]
    pub fn new(text: Arc<str>) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, given away.
    #[must_use]
    pub fn into_text(self) -> Arc<str> {
        self.0
    }
}

impl Encode for RawJson {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
}

impl Encode for str {
    fn encode(&self, out: &mut Vec<u8>) {
        if is_plain(self) {
            out.push(b'"');
            out.extend_from_slice(self.as_bytes());
            out.push(b'"');
            return;
        }
        // Only a writer can fail here, and a vector never does.
        let _ = serde_json::to_writer(out, self);
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().encode(out);
    }
}

impl Encode for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        let _ = serde_json::to_writer(out, self);
    }
}

impl Encode for i32 {
    fn encode(&self, out: &mut Vec<u8>) {
        i64::from(*self).encode(out);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, element) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            element.encode(out);
        }
        out.push(b']');
    }
}

/// Writes an object, member by member.
pub struct Members<'a> {
    out: &'a mut Vec<u8>,
    separator: u8,
}

impl<'a> Members<'a> {
    /// Begins an object.
    pub fn open(out: &'a mut Vec<u8>) -> Self {
        Self { out, separator: b'{' }
    }

    /// Adds a member; `key` is JSON text, with its quotes and the colon.
    pub fn required(&mut self, key: &'static str, value: &impl Encode) {
        self.out.push(self.separator);
        self.out.extend_from_slice(key.as_bytes());
        value.encode(self.out);
        self.separator = b',';
    }

    /// Adds a member if there is one.
    pub fn optional(&mut self, key: &'static str, value: Option<&impl Encode>) {
        if let Some(value) = value {
            self.required(key, value);
        }
    }

    /// Ends the object.
    pub fn close(self) {
        if self.separator == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
    }
}
