//! JSON as it is written, numbers of any size included.

use serde::Deserialize;
use serde_json::{Error, Map, Value, value::RawValue};
use std::{collections::BTreeMap, fmt};

/// Reads JSON. A number that is too large for a float becomes its text: the grammar allows it, and what the harness
/// asserts of such numbers it asserts of bytes.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes).or_else(|error| {
        let raw: &RawValue = serde_json::from_slice(bytes)?;
        // RawValue has held the text to the grammar: what fails above and not here is a number.
        lenient(raw).map_err(|_| error)
    })
}

fn lenient(raw: &RawValue) -> Result<Value, Error> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = Deserialize::deserialize(raw)?;
            let members = members.into_iter().map(|(key, raw)| Ok((key, lenient(raw)?)));
            members.collect::<Result<Map<_, _>, Error>>().map(Value::Object)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = Deserialize::deserialize(raw)?;
            items.into_iter().map(lenient).collect::<Result<_, _>>().map(Value::Array)
        }
        Some(b'-' | b'0'..=b'9') => Ok(serde_json::from_str(text).unwrap_or_else(|_| text.into())),
        _ => serde_json::from_str(text),
    }
}

/// What a cell of a table says: JSON. The message of what is none names the likely slip.
pub(crate) fn cell(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| {
        let quoted = Value::from(text);
        format!("{text} is not JSON ({error}); a text stands in quotes: {quoted}")
    })
}

/// What a JSON Pointer points at in `document`; objects on the way are made if they are not there.
pub(crate) fn place<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Value, String> {
    let mut here = document;
    for token in tokens(pointer)? {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(members) = here else { return Err(format!("{pointer} leads through no object")) };
        here = members.entry(token).or_insert(Value::Null);
    }
    Ok(here)
}

/// Takes what a JSON Pointer points at out of `document`.
pub(crate) fn remove(document: &mut Value, pointer: &str) -> Result<(), String> {
    let absent = || format!("there is nothing to leave out at {pointer}");
    let (parent, _) = pointer.rsplit_once('/').ok_or_else(absent)?;
    let token = tokens(pointer)?.pop().ok_or_else(absent)?;
    let parent = document.pointer_mut(parent).and_then(Value::as_object_mut).ok_or_else(absent)?;
    parent.remove(&token).map(drop).ok_or_else(absent)
}

fn tokens(pointer: &str) -> Result<Vec<String>, String> {
    match pointer.strip_prefix('/') {
        Some(rest) => Ok(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect()),
        None if pointer.is_empty() => Ok(Vec::new()),
        None => Err(format!("{pointer} is no JSON Pointer; it begins with /, as in /data/attributes/amount")),
    }
}

/// JSON in few characters, for a message.
pub(crate) struct Short<'a>(pub(crate) &'a Value);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.char_indices().nth(200) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}
