//! Encodes models as JSON, straight into the bytes of the response.

use json_text::is_plain;
use std::sync::Arc;

/// A value that can be encoded as JSON.
pub trait Encode {
    /// Appends the JSON of the value to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}

/// JSON text that is kept as it was written. A clone shares the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawJson(Arc<str>);

impl RawJson {
    /// Wraps text that the caller knows to be one JSON value.
    #[must_use]
    pub fn new(text: Arc<str>) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, without a copy.
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
        // Fails only if the writer does, and a vector never does.
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

impl Encode for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

/// A value that may be `null`.
impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode(out),
            None => out.extend_from_slice(b"null"),
        }
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

/// Encodes an object, member by member.
pub struct Members<'a> {
    out: &'a mut Vec<u8>,
    separator: u8,
}

impl<'a> Members<'a> {
    /// Begins an object.
    pub fn open(out: &'a mut Vec<u8>) -> Self {
        Self { out, separator: b'{' }
    }

    /// Appends a member. `key` is JSON text with its quotes and the colon, so that nothing is escaped at run time.
    pub fn required(&mut self, key: &'static str, value: &impl Encode) {
        self.out.push(self.separator);
        self.out.extend_from_slice(key.as_bytes());
        value.encode(self.out);
        self.separator = b',';
    }

    /// Appends a member if it has a value.
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

#[cfg(test)]
mod tests;
