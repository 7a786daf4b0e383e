//! Fuzz targets: functions that take any bytes, and panic when this crate is wrong about them. `make fuzz` calls them with
//! inputs that libFuzzer makes up; the tests call them with those that were kept in `fuzz/corpora`.
//!
//! They stand in the crate, so that neither needs the other's build. Nothing of them is compiled into the service.

mod model;
mod patches;
#[cfg(test)]
mod tests;

pub use patches::{json_patch, merge_patch};

use crate::{Json, Kind, Outline, Pointer};
use model::{Rejected, Shape, Tree};
use serde_json::value::RawValue;

/// Reads a document. It has to be taken or refused as serde_json does, and split as a plain parser does.
pub fn json_reader(bytes: &[u8]) {
    let (read, by_serde) = (Outline::read(bytes), serde_json::from_slice::<&RawValue>(bytes));
    let (text, expected) = (read.as_ref().map(|outline| outline.json().get()), by_serde.map(RawValue::get));
    assert_eq!(text.map_err(ToString::to_string), expected.map_err(|error| error.to_string()));
    let tree = std::str::from_utf8(bytes).map_err(|_| Rejected::NotJson).and_then(model::parse);
    match (read, tree) {
        (Ok(outline), Ok(tree)) => check_outline(&outline, &tree),
        (read, Err(Rejected::NotJson)) => assert!(read.is_err(), "the model refuses what was read as {read:?}"),
        (_, Err(Rejected::TooDeep)) => {}
        (Err(error), Ok(tree)) => assert_eq!(Some(error), None, "the model reads {tree:?}"),
    }
}

fn check_outline(outline: &Outline<'_>, tree: &Tree<'_>) {
    let json = outline.json();
    check_value(json, tree);
    assert_eq!(outline.depth(), tree.depth(), "the depth of {}", tree.text);
    assert_eq!(json.size(), tree.size(), "the number of values in {}", tree.text);
    assert_eq!(json.walk().count(), tree.size(), "the number of steps through {}", tree.text);
    assert_eq!(outline.has_escapes(), tree.text.contains('\\'), "escapes in {}", tree.text);
    let halves = json.walk().any(|(_, json)| json.kind() == Kind::String && json.string().is_none());
    assert_eq!(outline.has_lone_surrogates(), halves, "halves of surrogate pairs in {}", tree.text);
    for levels in [0, 1, tree.depth().saturating_sub(1), tree.depth()] {
        assert_eq!(json.nests_within(levels), tree.depth() <= levels, "{levels} levels for {}", tree.text);
    }
}

/// Compares a value with what the model has read, down to the last key.
fn check_value(json: Json<'_>, tree: &Tree<'_>) {
    assert_eq!((json.get(), json.kind()), (tree.text, tree.kind()));
    let by_serde = serde_json::from_str::<String>(tree.text).ok();
    assert_eq!(json.string().as_deref(), by_serde.as_deref(), "the meaning of {}", tree.text);
    let (mut elements, mut members) = (json.elements(), json.members());
    match &tree.shape {
        Shape::Leaf => {}
        Shape::Array(expected) => {
            for (at, expected) in expected.iter().enumerate() {
                let found = elements.next();
                assert_eq!(found.map(Json::get), Some(expected.text), "element {at} of {}", tree.text);
                found.into_iter().for_each(|found| check_value(found, expected));
                let named = Pointer::parse(&format!("/{at}")).ok().and_then(|pointer| pointer.find(json));
                assert_eq!(named.map(Json::get), Some(expected.text), "what /{at} names in {}", tree.text);
            }
        }
        Shape::Object(expected) => {
            for (key, expected) in expected {
                let (found, value) = members.next().unzip();
                assert_eq!(found.map(Json::get), Some(key.text), "a key of {}", tree.text);
                assert_eq!(value.map(Json::get), Some(expected.text), "the value of {}", key.text);
                value.into_iter().for_each(|value| check_value(value, expected));
            }
        }
    }
    assert!(elements.next().is_none() && members.next().is_none(), "more was found in {} than it has", tree.text);
}
