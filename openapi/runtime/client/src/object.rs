//! JSON objects that are kept as text, and changed in place.

use std::{fmt, ops::Range};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::{Error, value::RawValue};

use crate::Json;

/// A JSON object, kept as the text that it was written in. Changing a member leaves all other bytes as they are.
///
/// If a key stands twice, the last one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct JsonObject(Json);

/// Where a member stands in the text.
struct Member {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
}

impl JsonObject {
    /// Encodes `value`.
    ///
    /// # Errors
    ///
    /// If its JSON is not an object.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        Self::try_from(Json::new(value)?)
    }

    /// Keeps `text`, which has to be a JSON object.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn from_text(text: impl Into<String>) -> Result<Self, Error> {
        Self::try_from(Json::from_text(text)?)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The keys, in their order.
    pub fn keys(&self) -> Vec<String> {
        self.members().into_iter().map(|member| member.name).collect()
    }

    /// Decodes the value of `key`; `None` if there is no such key.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<Result<T, Error>> {
        let member = self.members().into_iter().rfind(|member| member.name == key)?;
        let value = self.as_str().get(member.value).unwrap_or_default();
        Some(serde_json::from_str(value))
    }

    /// Sets `key`, in its place if it is there, else at the end.
    ///
    /// # Errors
    ///
    /// If JSON has no form for `value`.
    pub fn set<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        let value = serde_json::to_string(value)?;
        let members = self.members();
        let mut text = self.as_str().to_owned();
        match (members.iter().rfind(|member| member.name == key), members.last()) {
            (Some(known), _) => text.replace_range(known.value.clone(), &value),
            (None, Some(last)) => text.insert_str(last.value.end, &format!(",{}:{value}", Json::from(key))),
            (None, None) => text.insert_str(1, &format!("{}:{value}", Json::from(key))),
        }
        *self = Self::from_text(text)?;
        Ok(())
    }

    /// Removes `key`. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// None is known: the changed text is parsed again, which can fail in principle.
    pub fn remove(&mut self, key: &str) -> Result<bool, Error> {
        let members = self.members();
        let Some(at) = members.iter().rposition(|member| member.name == key) else {
            return Ok(false);
        };
        let gone =
            match (members.get(at), members.get(at + 1), at.checked_sub(1).and_then(|before| members.get(before))) {
                (Some(member), Some(next), _) => member.key.start..next.key.start,
                (Some(member), None, Some(before)) => before.value.end..member.value.end,
                (Some(member), None, None) => member.key.start..member.value.end,
                (None, ..) => return Ok(false),
            };
        let mut text = self.as_str().to_owned();
        text.replace_range(gone, "");
        *self = Self::from_text(text)?;
        Ok(true)
    }

    /// An object with these members, in this order.
    #[must_use]
    pub fn of_members(members: &[(&str, Json)]) -> Self {
        Self(Json::of(&Ordered(members)))
    }

    /// Decodes the value of `key`, which the contract requires.
    ///
    /// # Errors
    ///
    /// If there is no such key, if it stands twice, or if its value is not a `T`.
    pub fn require<T: DeserializeOwned>(&self, key: &'static str) -> Result<T, Error> {
        let members = self.members();
        let mut found = members.iter().filter(|member| member.name == key);
        match (found.next(), found.next()) {
            (None, _) => Err(Error::missing_field(key)),
            (Some(_), Some(_)) => Err(Error::duplicate_field(key)),
            (Some(member), None) => serde_json::from_str(self.as_str().get(member.value.clone()).unwrap_or_default()),
        }
    }

    fn members(&self) -> Vec<Member> {
        // Parsing cannot fail: the text was checked to be an object when it came in.
        serde_json::from_str(self.as_str())
            .map(|Slices(slices)| slices)
            .unwrap_or_default()
            .iter()
            .filter_map(|(key, value)| {
                Some(Member {
                    name: serde_json::from_str(key).unwrap_or_else(|_| (*key).to_owned()),
                    key: place(self.as_str(), key)?,
                    value: place(self.as_str(), value)?,
                })
            })
            .collect()
    }
}

/// The empty object.
impl Default for JsonObject {
    fn default() -> Self {
        Self::of_members(&[])
    }
}

impl TryFrom<Json> for JsonObject {
    type Error = Error;

    fn try_from(json: Json) -> Result<Self, Error> {
        if json.as_str().starts_with('{') { Ok(Self(json)) } else { Err(Error::custom("expected a JSON object")) }
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Json::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Encodes members in the order of the slice.
struct Ordered<'a>(&'a [(&'a str, Json)]);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// The range of `part`, a slice of `whole`, in it.
fn place(whole: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    whole.get(range.clone()).map(|_| range)
}

/// The keys and values of an object, as slices of its text.
struct Slices<'a>(Vec<(&'a str, &'a str)>);

impl<'de> Deserialize<'de> for Slices<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SlicesVisitor;

        impl<'de> Visitor<'de> for SlicesVisitor {
            type Value = Slices<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut slices = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    slices.push((key.get(), value.get()));
                }
                Ok(Slices(slices))
            }
        }

        deserializer.deserialize_map(SlicesVisitor)
    }
}
