//! Parses JSON with numbers of any size, and changes it by JSON Pointers.

use serde::Deserialize;
use serde_json::{Error, Map, Value, value::RawValue};
use std::{collections::BTreeMap, fmt};

/// How deep a document with large numbers may nest: as deep as any other.
const MAX_DEPTH: usize = 127;

/// Parses JSON. A number that is too large for a float becomes a string of its digits: JSON allows such numbers, and steps
/// compare them byte by byte.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes).or_else(|error| {
        let raw: &RawValue = serde_json::from_slice(bytes)?;
        // The text is valid JSON, so what failed above is a number that is too large.
        lenient(raw, 0).map_err(|_| error)
    })
}

fn lenient(raw: &RawValue, depth: usize) -> Result<Value, Error> {
    let text = raw.get();
    match text.as_bytes().first() {
        // The parser says no, before the stack ends.
        _ if depth > MAX_DEPTH => serde_json::from_str(text),
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = Deserialize::deserialize(raw)?;
            let members = members.into_iter().map(|(key, raw)| Ok((key, lenient(raw, depth + 1)?)));
            members.collect::<Result<Map<_, _>, Error>>().map(Value::Object)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = Deserialize::deserialize(raw)?;
            items.into_iter().map(|raw| lenient(raw, depth + 1)).collect::<Result<_, _>>().map(Value::Array)
        }
        Some(b'-' | b'0'..=b'9') => Ok(serde_json::from_str(text).unwrap_or_else(|_| text.into())),
        _ => serde_json::from_str(text),
    }
}

/// Parses a cell of a table as JSON. The error names the likely mistake: a string without quotes.
pub(crate) fn parse_cell(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| {
        let quoted = Value::from(text);
        format!("{text} is not JSON ({error}); a string needs quotes: {quoted}")
    })
}

/// The value at a JSON Pointer in `document`. Missing objects on the way are inserted.
pub(crate) fn pointer_or_insert<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Value, String> {
    let mut current = document;
    for token in tokens(pointer)? {
        if !current.is_object() {
            *current = Value::Object(Map::new());
        }
        let Value::Object(members) = current else { return Err(format!("{pointer} leads through no object")) };
        current = members.entry(token).or_insert(Value::Null);
    }
    Ok(current)
}

/// Removes the value at a JSON Pointer from `document`.
pub(crate) fn remove(document: &mut Value, pointer: &str) -> Result<(), String> {
    let absent = || format!("there is nothing to remove at {pointer}");
    let (parent, _) = pointer.rsplit_once('/').ok_or_else(absent)?;
    let token = tokens(pointer)?.pop().ok_or_else(absent)?;
    let parent = document.pointer_mut(parent).and_then(Value::as_object_mut).ok_or_else(absent)?;
    parent.remove(&token).map(drop).ok_or_else(absent)
}

fn tokens(pointer: &str) -> Result<Vec<String>, String> {
    match pointer.strip_prefix('/') {
        Some(rest) => Ok(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect()),
        None if pointer.is_empty() => Ok(Vec::new()),
        None => Err(format!("{pointer} is not a JSON Pointer: it must begin with /, as in /data/attributes/amount")),
    }
}

/// Displays JSON, truncated to 200 characters.
pub(crate) struct Truncated<'a>(pub(crate) &'a Value);

impl fmt::Display for Truncated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.char_indices().nth(200) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}
