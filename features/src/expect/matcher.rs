//! Defines the matchers of step tables: the middle column of `| path | matcher | value |`.

use regex::Regex;
use serde_json::Value;
use std::{fmt, str::FromStr};

/// A relation between a value that was found and the value in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matcher {
    /// Found, and equal to the value.
    Is,
    /// Found, and not equal to the value.
    IsNot,
    /// Not found. A `null` counts as found.
    IsAbsent,
    /// Found.
    IsPresent,
    /// A string that matches this regular expression.
    Matches,
    /// A string that contains this one, or a list that contains this item.
    Contains,
    /// A string that begins with this one.
    StartsWith,
    /// A string or a list of this length.
    HasLength,
    /// A string of this kind: a UTC time, a UUID of version 7, or a text that is not empty.
    IsA,
    /// A number that is not less, or a string that does not sort before this one.
    IsAtLeast,
}

impl Matcher {
    /// Every matcher, and its spelling in a table.
    const WORDS: [(Self, &'static str); 10] = [
        (Self::Is, "is"),
        (Self::IsNot, "is not"),
        (Self::IsAbsent, "is absent"),
        (Self::IsPresent, "is present"),
        (Self::Matches, "matches"),
        (Self::Contains, "contains"),
        (Self::StartsWith, "starts with"),
        (Self::HasLength, "has length"),
        (Self::IsA, "is a"),
        (Self::IsAtLeast, "is at least"),
    ];

    /// The kinds of [`Matcher::IsA`], each with its regular expression.
    const KINDS: [(&'static str, &'static str); 3] = [
        ("UTC time", r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"),
        ("UUID of version 7", "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
        ("text", "(?s).+"),
    ];

    /// Whether the matcher uses the last column.
    #[must_use]
    pub fn has_value(self) -> bool {
        !matches!(self, Self::IsAbsent | Self::IsPresent)
    }

    /// Whether the relation holds between what was `found` and `value`.
    ///
    /// # Errors
    /// `value` is none that the matcher takes.
    pub fn holds(self, found: Option<&Value>, value: &Value) -> Result<bool, String> {
        let Some(found) = found else { return Ok(self == Self::IsAbsent) };
        Ok(match self {
            Self::Is => found == value,
            Self::IsNot => found != value,
            Self::IsAbsent => false,
            Self::IsPresent => true,
            Self::Matches => matches_pattern(found, text(value)?)?,
            Self::Contains => match found.as_array() {
                Some(items) => items.contains(value),
                None => found.as_str().is_some_and(|found| value.as_str().is_some_and(|part| found.contains(part))),
            },
            Self::StartsWith => {
                let beginning = text(value)?;
                found.as_str().is_some_and(|found| found.starts_with(beginning))
            }
            Self::HasLength => length(found) == value.as_u64(),
            Self::IsA => matches_pattern(found, kind(text(value)?)?)?,
            Self::IsAtLeast => match (found.as_i64(), value.as_i64()) {
                (Some(found), Some(least)) => found >= least,
                _ => found.as_str().is_some_and(|found| value.as_str().is_some_and(|least| found >= least)),
            },
        })
    }
}

impl FromStr for Matcher {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let found = Self::WORDS.iter().find(|(_, own)| *own == words);
        found.map(|(matcher, _)| *matcher).ok_or_else(|| {
            format!("{words:?} is not a matcher; use one of: {}", Self::WORDS.map(|(_, words)| words).join(", "))
        })
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Self::WORDS.iter().find(|(matcher, _)| matcher == self).map_or("", |(_, words)| words);
        f.write_str(words)
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("expected a string in quotes, got {value}"))
}

fn matches_pattern(found: &Value, pattern: &str) -> Result<bool, String> {
    let pattern = Regex::new(pattern).map_err(|error| error.to_string())?;
    Ok(found.as_str().is_some_and(|found| pattern.is_match(found)))
}

fn kind(name: &str) -> Result<&'static str, String> {
    let found = Matcher::KINDS.iter().find(|(own, _)| *own == name);
    found.map(|(_, pattern)| *pattern).ok_or_else(|| {
        format!("{name:?} is not a kind; use one of: {}", Matcher::KINDS.map(|(name, _)| name).join(", "))
    })
}

fn length(found: &Value) -> Option<u64> {
    let length = match (found.as_str(), found.as_array()) {
        (Some(text), _) => text.chars().count(),
        (None, items) => items?.len(),
    };
    u64::try_from(length).ok()
}

#[cfg(test)]
mod tests {
    use super::Matcher;
    use serde_json::{Value, json};

    #[test]
    fn matchers_hold_or_not() {
        for (words, found, value, holds) in [
            ("is", json!(1), json!(1), true),
            ("is", json!(1), json!("1"), false),
            ("is", json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), true),
            ("is not", json!(1), json!(2), true),
            ("is not", json!(1), json!(1), false),
            ("is absent", json!(null), json!(null), false),
            ("is present", json!(null), json!(null), true),
            ("matches", json!("abc"), json!("^a.c$"), true),
            ("matches", json!("abd"), json!("^a.c$"), false),
            ("matches", json!(5), json!("5"), false),
            ("contains", json!("abc"), json!("b"), true),
            ("contains", json!(["abc"]), json!("b"), false),
            ("contains", json!(["a", "b"]), json!("b"), true),
            ("starts with", json!("abc"), json!("ab"), true),
            ("starts with", json!("abc"), json!("bc"), false),
            ("has length", json!([1, 2]), json!(2), true),
            ("has length", json!("é"), json!(2), false),
            ("is a", json!("2026-01-18T09:00:00.000000Z"), json!("UTC time"), true),
            ("is a", json!("2026-01-18T09:00:00.000000+01:00"), json!("UTC time"), false),
            ("is a", json!("019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20"), json!("UUID of version 7"), true),
            ("is a", json!("019bd0a4-5c1e-4c3a-9d52-6f0e4b7a1c20"), json!("UUID of version 7"), false),
            ("is a", json!(""), json!("text"), false),
            ("is at least", json!(2), json!(2), true),
            ("is at least", json!(1), json!(2), false),
        ] {
            let matcher: Matcher = words.parse().unwrap();
            assert_eq!(matcher.holds(Some(&found), &value), Ok(holds), "{found} {words} {value}");
        }
    }

    #[test]
    fn a_missing_value_satisfies_is_absent_only() {
        for (matcher, _) in Matcher::WORDS {
            assert_eq!(matcher.holds(None, &Value::Null), Ok(matcher == Matcher::IsAbsent), "{matcher}");
        }
    }

    #[test]
    fn a_misspelling_is_named_with_the_alternatives() {
        assert!("equals".parse::<Matcher>().unwrap_err().contains("is at least"));
        assert!(Matcher::IsA.holds(Some(&json!("x")), &json!("colour")).unwrap_err().contains("UTC time"));
        assert!(Matcher::Matches.holds(Some(&json!("x")), &json!("(")).is_err());
    }
}
