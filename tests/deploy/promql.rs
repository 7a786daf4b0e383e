//! PromQL, read as far as the tests need it: which metrics an expression is about, and which of their labels.

use std::collections::BTreeSet;

/// What follows these in parentheses is a list of labels.
const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
/// Words that are neither metrics nor functions.
const WORDS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

/// A metric in an expression: `name{label="value"}`.
#[derive(Debug, Default)]
pub(crate) struct Selector {
    pub(crate) name: String,
    /// Label, operator and value of each condition.
    pub(crate) matchers: Vec<(String, String, String)>,
}

/// An expression, read.
#[derive(Debug, Default)]
pub(crate) struct Expression {
    pub(crate) selectors: Vec<Selector>,
    /// The labels that it groups by, or joins on.
    pub(crate) labels: BTreeSet<String>,
}

/// Reads an expression that promtool has found good.
pub(crate) fn read(text: &str) -> Expression {
    let mut expression = Expression::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            rest = word_then(word, behind.trim_start(), &mut expression);
        } else if first.is_ascii_digit() {
            // A duration such as 5m is no metric.
            rest = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.');
        } else if first == '"' {
            rest = rest[1..].split_once('"').unwrap().1;
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    expression
}

/// Reads a word with its selector or its list, and returns the rest.
fn word_then<'a>(word: &str, behind: &'a str, expression: &mut Expression) -> &'a str {
    if WORDS.contains(&word) {
        behind
    } else if LISTS.contains(&word) {
        let (labels, behind) = behind.strip_prefix('(').unwrap().split_once(')').unwrap();
        expression.labels.extend(labels.split(',').map(|label| label.trim().to_owned()));
        behind
    } else if behind.starts_with('(') || behind.starts_with("by ") {
        behind
    } else {
        let (matchers, behind) = match behind.strip_prefix('{') {
            Some(inside) => inside.split_once('}').unwrap(),
            None => ("", behind),
        };
        let matchers = matchers.split(", ").filter(|matcher| !matcher.is_empty()).map(matcher).collect();
        expression.selectors.push(Selector { name: word.to_owned(), matchers });
        behind
    }
}

/// Reads `label="value"`.
fn matcher(text: &str) -> (String, String, String) {
    let at = text.find(['=', '!']).unwrap_or_else(|| panic!("{text} is no matcher"));
    let (label, rest) = text.split_at(at);
    let (operator, value) = rest.split_at(rest.find('"').unwrap());
    (label.trim().to_owned(), operator.to_owned(), value.trim_matches('"').to_owned())
}

#[test]
fn expressions_are_read() {
    let Expression { selectors, labels } = read(
        r#"sum by (le, x) (rate(a_bucket{p="1", q!~"b|c"}[5m])) / on (y) 2 * b_total and vector(0) or absent(c == 1)"#,
    );
    let names: Vec<_> = selectors.iter().map(|selector| selector.name.as_str()).collect();
    assert_eq!(names, ["a_bucket", "b_total", "c"]);
    let text = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(selectors[0].matchers, [text("p", "=", "1"), text("q", "!~", "b|c")]);
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), ["le", "x", "y"]);
}
