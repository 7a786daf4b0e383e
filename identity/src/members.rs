//! The members of a JSON object, each name once.
//!
//! Most readers keep the last of two members of one name, some the first. A token that two programs read differently has been
//! the way past a check more than once (RFC 8725, section 2.4), so such an object is refused (RFC 7519, section 4).

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// An object with more members is refused: names are compared with each other.
const MOST: usize = 256;

/// The members of an object, in their order. Values are texts of JSON that nothing has looked into.
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// The members of the object that `json` is, or nothing if it is anything else, or names one twice.
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The text of this name.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the value is no text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, WrongType> {
        self.get(name).map(text).transpose()
    }

    /// The texts of a list, or the one text that stands alone.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the value is neither, or another value is in the list.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<Cow<'a, str>>>, WrongType> {
        let Some(value) = self.get(name) else { return Ok(None) };
        if let Ok(text) = text(value) {
            return Ok(Some(vec![text]));
        }
        let list: Vec<&RawValue> = serde_json::from_str(value.get()).map_err(|_| WrongType)?;
        list.into_iter().map(text).collect::<Result<_, _>>().map(Some)
    }
}

/// A value of another type than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongType;

/// The text that `value` is.
pub(crate) fn text(value: &RawValue) -> Result<Cow<'_, str>, WrongType> {
    serde_json::from_str::<Text<'_>>(value.get()).map(|Text(text)| text).map_err(|_| WrongType)
}

/// A text, borrowed where no escape is in it.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    if members.len() == MOST || members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a name twice, or too many"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::{Members, WrongType};

    #[test]
    fn a_name_that_stands_twice_is_refused_however_it_is_spelled() {
        for twice in [r#"{"alg":"RS256","alg":"none"}"#, r#"{"alg":"RS256","\u0061lg":"none"}"#, r#"{"":1,"":1}"#] {
            assert!(Members::read(twice.as_bytes()).is_none(), "{twice} was read");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for other in ["", "[]", "\"alg\"", "null", "1", r#"{"a":1} x"#, r#"{"a":1"#, r#"{"a":"\ud800"}x"#, "{'a':1}"] {
            assert!(Members::read(other.as_bytes()).is_none(), "{other} was read");
        }
        assert!(Members::read(b"{\"a\xff\":1}").is_none(), "a name that is not UTF-8 was read");
    }

    #[test]
    fn names_are_not_compared_without_end() {
        let many = |count: usize| {
            let members: Vec<_> = (0..count).map(|n| format!("\"{n}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(Members::read(many(super::MOST).as_bytes()).is_some());
        assert!(Members::read(many(super::MOST + 1).as_bytes()).is_none());
    }

    #[test]
    fn deep_values_take_no_stack() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let members = Members::read(deep.as_bytes()).expect("what is inside a value is not looked at");
        assert_eq!(members.text("a"), Err(WrongType));
        assert_eq!(members.texts("a"), Err(WrongType));
    }

    #[test]
    fn texts_stand_alone_or_in_a_list() {
        let members =
            Members::read(br#"{"one":"a\u0020b","two":["a","b"],"none":[],"mixed":["a",1],"not":1}"#).unwrap();
        assert_eq!(members.texts("one").unwrap().unwrap(), ["a b"]);
        assert_eq!(members.texts("two").unwrap().unwrap(), ["a", "b"]);
        assert_eq!(members.texts("none").unwrap().unwrap(), [""; 0]);
        assert_eq!(members.texts("absent"), Ok(None));
        for wrong in ["mixed", "not"] {
            assert_eq!(members.texts(wrong), Err(WrongType), "{wrong}");
        }
        assert_eq!(members.text("one").unwrap().unwrap(), "a b");
        assert_eq!(members.text("two"), Err(WrongType));
    }
}
