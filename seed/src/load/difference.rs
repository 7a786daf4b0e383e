//! Compares a payment of the source with the one that the service has.

use payments_client::models::{Payment, PaymentInput};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// Names the members that differ, by the names of the contract; none if the payments are equal.
///
/// Attributes are equal if they are the same JSON value: the order of keys, white space, and the spelling of a number or
/// a character do not count, the last digit of a number does. Version and times are not compared: the server sets them.
pub(super) fn differences(wanted: &PaymentInput, stored: &Payment) -> Vec<String> {
    let mut differing = Vec::new();
    if wanted.kind != stored.kind {
        differing.push("type".to_owned());
    }
    if wanted.organisation_id != stored.organisation_id {
        differing.push("organisation_id".to_owned());
    }
    let (wanted, stored) = (wanted.attributes.as_json(), stored.attributes.as_json());
    if wanted != stored {
        differing.extend(differing_members(wanted, stored).into_iter().map(|key| format!("attributes.{key}")));
    }
    differing
}

fn differing_members(left: &str, right: &str) -> Vec<String> {
    let (Ok(mut left), Ok(mut right)) = (serde_json::from_str::<Members>(left), serde_json::from_str::<Members>(right))
    else {
        return vec![String::new()]; // Cannot happen: the model has parsed both as objects.
    };
    let mut differing = Vec::new();
    left.sort();
    right.sort();
    let (mut left, mut right) = (left.0.into_iter().peekable(), right.0.into_iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((left, _)), Some((right, _))) => left.cmp(right),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        let mine = if order.is_le() { left.next() } else { None };
        let theirs = if order.is_ge() { right.next() } else { None };
        match (mine, theirs) {
            (Some((_, mine)), Some((_, theirs))) if equal_values(mine.get(), theirs.get()) => {}
            (Some((key, _)), _) | (None, Some((key, _))) => differing.push(key),
            (None, None) => {}
        }
    }
    differing.dedup();
    differing
}

/// Whether two JSON texts are the same value.
fn equal_values(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    match (left.as_bytes().first(), right.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => differing_members(left, right).is_empty(),
        (Some(b'['), Some(b'[')) => {
            let items = |text| serde_json::from_str::<Vec<&RawValue>>(text).unwrap_or_default();
            let (left, right) = (items(left), items(right));
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| equal_values(left.get(), right.get()))
        }
        (Some(b'"'), Some(b'"')) => {
            let text = |text| serde_json::from_str::<String>(text).ok();
            text(left).is_some_and(|left| text(right) == Some(left))
        }
        (Some(b'-' | b'0'..=b'9'), Some(b'-' | b'0'..=b'9')) => {
            decimal(left).is_some_and(|left| decimal(right) == Some(left))
        }
        _ => false,
    }
}

/// Normalises a number to its sign, its digits without zeros at either end, and the power of ten of the last digit. `None`
/// if that power exceeds `i64`.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole.trim_start_matches('-'), fraction].concat();
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    let digits = significant.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return Some((false, digits, 0)); // Zero: neither sign nor exponent count.
    }
    let point = i64::try_from(zeros).ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some((mantissa.starts_with('-'), digits, exponent.parse::<i64>().ok()?.checked_add(point)?))
}

/// The members of an object, duplicate keys included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl Members<'_> {
    fn sort(&mut self) {
        self.0.sort_by(|(left, _), (right, _)| left.cmp(right));
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use payments_client::models::{Payment, PaymentAttributes, PaymentInput};

    fn stored(attributes: &str) -> Payment {
        let attributes = PaymentAttributes::from_json(format!(r#"{{"amount":"1.00",{attributes}}}"#)).unwrap();
        Payment::new("acme", attributes).id("p").version(0)
    }

    fn wanted(attributes: &str) -> PaymentInput {
        stored(attributes).into()
    }

    #[test]
    fn the_same_json_value_is_equal_in_any_spelling() {
        for (left, right) in [
            (r#""a":1"#, r#""a":1"#),
            (r#""a":1,"b":2"#, r#""b":2,  "a":1"#),
            (r#""a":1.10"#, r#""a":11e-1"#),
            (r#""a":100"#, r#""a":1E+2"#),
            (r#""a":-0.0"#, r#""a":0"#),
            (r#""a":"\u00e9\/""#, r#""a":"é/""#),
            (r#""a":[{"x":null,"y":[ ]},true]"#, r#""a":[{"y":[],"x":null} , true]"#),
        ] {
            assert_eq!(differences(&wanted(left), &stored(right)), [""; 0], "{left} and {right}");
        }
    }

    #[test]
    fn differing_members_are_named() {
        for (left, right, named) in [
            (r#""a":1"#, r#""a":2"#, "attributes.a"),
            (r#""a":1"#, r#""b":1"#, "attributes.a attributes.b"),
            (r#""a":1"#, r#""a":"1""#, "attributes.a"),
            (r#""a":null"#, r#""b":0"#, "attributes.a attributes.b"),
            (r#""a":[1,2]"#, r#""a":[2,1]"#, "attributes.a"),
            (r#""a":[1]"#, r#""a":[1,1]"#, "attributes.a"),
            (r#""a":{"b":1}"#, r#""a":{"b":1,"c":1}"#, "attributes.a"),
            (r#""a":"é""#, r#""a":"e\u0301""#, "attributes.a"),
            (r#""a":1"#, r#""a":1,"a":1"#, "attributes.a"),
            // A float would not tell these apart.
            (r#""a":9007199254740993"#, r#""a":9007199254740992"#, "attributes.a"),
            (r#""a":0.1"#, r#""a":0.1000000000000000055511151231257827"#, "attributes.a"),
            (r#""a":1e99999999999999999999"#, r#""a":1e99999999999999999998"#, "attributes.a"),
        ] {
            assert_eq!(differences(&wanted(left), &stored(right)).join(" "), named, "{left} and {right}");
            assert_eq!(differences(&wanted(right), &stored(left)).join(" "), named, "{right} and {left}");
        }
    }

    #[test]
    fn the_owner_is_compared_and_what_the_server_sets_is_not() {
        let wanted = wanted(r#""a":1"#);
        let mut stored = stored(r#""a":1"#).version(7).created_on("2026-01-18T09:00:00.000000Z".to_owned());
        assert_eq!(differences(&wanted, &stored), [""; 0]);
        stored.organisation_id = "another".to_owned();
        assert_eq!(differences(&wanted, &stored), ["organisation_id"]);
    }
}
