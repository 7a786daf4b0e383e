//! Patches, against RFC 6902 and RFC 7396 on plain values.

use super::model::{Shape, Tree, parse};
use crate::{JsonPatch, Kind, MergePatch, Op, Operation, PatchError, PatchFault, PatchLimits};

/// The largest input. What more does, the model would take too long for.
const MOST: usize = 4096;

/// What a string means: its UTF-16 code units, with halves of surrogate pairs.
type Text = Vec<u16>;

/// A value as patches see it. A key that stands twice counts once, at its first place, with its last value.
#[derive(Debug, Clone)]
enum Value {
    /// Null, a Boolean, a number or a string, as it was written.
    Leaf(String),
    Array(Vec<Self>),
    Object(Vec<(Text, Self)>),
}

/// What becomes of a patch.
#[derive(Debug)]
enum Outcome {
    Patched(Value),
    Malformed,
    NotApplicable,
    TestFailed,
}

/// Merges the second line of an input into the first.
pub fn merge_patch(bytes: &[u8]) {
    let Some((document, patch)) = text(bytes).and_then(|text| text.split_once('\n')) else { return };
    let result = MergePatch(patch).apply(document, &PatchLimits::default());
    let (Ok(target), Ok(changes)) = (parse(document), parse(patch)) else { return };
    let expected = if repeats_keys(&changes) {
        Outcome::Malformed
    } else {
        Outcome::Patched(merged(Some(Value::of(&target)), &changes))
    };
    check(document, &result, || expected);
}

/// Applies the operations on all lines but the first to the document on the first. An operation is `add PATH VALUE`, and in the
/// same way `replace` and `test`; `remove PATH`; `move FROM PATH` or `copy FROM PATH`.
pub fn json_patch(bytes: &[u8]) {
    let Some((document, lines)) = text(bytes).and_then(|text| text.split_once('\n')) else { return };
    let operations: Vec<_> = lines.lines().filter_map(operation).collect();
    let result = JsonPatch::new(&operations).apply(document, &PatchLimits::default());
    let Ok(target) = parse(document) else { return };
    let is_judged = operations.iter().all(|operation| operation.value.is_none_or(|value| parse(value).is_ok()));
    if is_judged {
        check(document, &result, || patched(Value::of(&target), &operations));
    }
    if operations.iter().all(|operation| operation.op == Op::Test) && result.is_ok() {
        assert_eq!(result.as_deref(), Ok(target.text), "tests that hold must change no byte");
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    bytes.get(..MOST.min(bytes.len())).and_then(|bytes| std::str::from_utf8(bytes).ok())
}

fn operation(line: &str) -> Option<Operation<'_>> {
    let mut words = line.splitn(3, ' ');
    let (op, first, second) = (words.next()?, words.next()?, words.next());
    let op = match op {
        "add" => Op::Add,
        "replace" => Op::Replace,
        "test" => Op::Test,
        "remove" => Op::Remove,
        "move" => Op::Move,
        "copy" => Op::Copy,
        _ => return None,
    };
    Some(match op {
        Op::Add | Op::Replace | Op::Test | Op::Remove => Operation { op, path: first, from: None, value: second },
        Op::Move | Op::Copy => Operation { op, path: second?, from: Some(first), value: None },
    })
}

/// Compares a result with the model's, which is asked only if no limit was exceeded: it has none, and would take too long.
fn check(document: &str, result: &Result<String, PatchError>, expected: impl FnOnce() -> Outcome) {
    if let Err(PatchError::NotApplicable(PatchFault { reason, .. }) | PatchError::TestFailed(PatchFault { reason, .. })) =
        result
        && reason.is_limit()
    {
        return;
    }
    let expected = expected();
    match (result, &expected) {
        (Ok(text), Outcome::Patched(value)) => {
            let found = parse(text).map(|tree| Value::of(&tree));
            let is_same = found.as_ref().is_ok_and(|found| is_written_alike(found, value));
            assert!(is_same, "{document}\nexpected {value:?}\ngot      {text}");
        }
        (Err(PatchError::Malformed(faults)), Outcome::Malformed) => assert!(!faults.is_empty(), "no fault is named"),
        (Err(PatchError::NotApplicable(_)), Outcome::NotApplicable)
        | (Err(PatchError::TestFailed(_)), Outcome::TestFailed) => {}
        _ => assert_eq!(format!("{result:?}"), format!("{expected:?}"), "what becomes of {document}"),
    }
}

impl Value {
    fn of(tree: &Tree<'_>) -> Self {
        match &tree.shape {
            Shape::Leaf => Self::Leaf(tree.text.to_owned()),
            Shape::Array(elements) => Self::Array(elements.iter().map(Self::of).collect()),
            Shape::Object(members) => {
                let mut object = Vec::new();
                members.iter().for_each(|(key, value)| put(&mut object, units(key.text), Self::of(value)));
                Self::Object(object)
            }
        }
    }
}

/// Sets a member: at its place, if there is one of that name.
fn put(members: &mut Vec<(Text, Value)>, name: Text, value: Value) {
    match members.iter_mut().find(|(other, _)| *other == name) {
        Some((_, place)) => *place = value,
        None => members.push((name, value)),
    }
}

/// What a string of JSON means.
fn units(spelling: &str) -> Text {
    let mut rest = spelling.get(1..spelling.len().saturating_sub(1)).unwrap_or_default().chars();
    let mut units = Vec::new();
    while let Some(character) = rest.next() {
        if character != '\\' {
            units.extend(character.encode_utf16(&mut [0; 2]).iter());
            continue;
        }
        units.push(match rest.next() {
            Some('b') => 8,
            Some('t') => 9,
            Some('n') => 10,
            Some('f') => 12,
            Some('r') => 13,
            Some('u') => (0..4).filter_map(|_| rest.next()?.to_digit(16)).fold(0, |sum, digit| sum * 16 + digit as u16),
            Some(other) => other as u16,
            None => 0,
        });
    }
    units
}

/// Whether two values are of the same shape, with leaves that are written the same.
fn is_written_alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Leaf(one), Value::Leaf(other)) => one == other,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_written_alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_alike = |((name, value), (other_name, other)): (&(Text, Value), &(Text, Value))| {
                name == other_name && is_written_alike(value, other)
            };
            one.len() == other.len() && one.iter().zip(other).all(is_alike)
        }
        (Value::Leaf(_) | Value::Array(_) | Value::Object(_), _) => false,
    }
}

/// Whether two values mean the same (RFC 6902, section 4.6).
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Leaf(one), Value::Leaf(other)) => match (one.starts_with('"'), other.starts_with('"')) {
            (true, true) => units(one) == units(other),
            (false, false) => one == other || decimal(one).is_some_and(|one| Some(one) == decimal(other)),
            (true, false) | (false, true) => false,
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, value): &(Text, Value)| {
                other.iter().any(|(other_name, other)| name == other_name && is_equal(value, other))
            };
            one.len() == other.len() && one.iter().all(is_there)
        }
        (Value::Leaf(_) | Value::Array(_) | Value::Object(_), _) => false,
    }
}

/// A number as its sign, its digits without zeros around them, and the power of ten behind them.
fn decimal(number: &str) -> Option<(bool, String, i128)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let dropped = (digits.len() - significant.len()) as i128 - fraction.len() as i128;
    let power = exponent.trim_start_matches('+').parse::<i128>().ok()? + dropped;
    Some((mantissa.starts_with('-'), significant.trim_start_matches('0').to_owned(), power))
}

/// RFC 7396, section 2, word by word; no target stands for none.
fn merged(target: Option<Value>, patch: &Tree<'_>) -> Value {
    let Shape::Object(changes) = &patch.shape else { return Value::of(patch) };
    let mut members = if let Some(Value::Object(members)) = target { members } else { Vec::new() };
    for (key, change) in changes {
        let name = units(key.text);
        if change.kind() == Kind::Null {
            members.retain(|(other, _)| *other != name);
        } else {
            let before = members.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
            put(&mut members, name, merged(before, change));
        }
    }
    Value::Object(members)
}

/// Whether a key stands twice in an object of a merge patch, outside of arrays.
fn repeats_keys(patch: &Tree<'_>) -> bool {
    let Shape::Object(members) = &patch.shape else { return false };
    let mut names: Vec<_> = members.iter().map(|(key, _)| units(key.text)).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
        || members.iter().any(|(_, value)| repeats_keys(value))
}

/// RFC 6902, word by word.
fn patched(mut document: Value, operations: &[Operation<'_>]) -> Outcome {
    let is_malformed = |operation: &&Operation<'_>| {
        let Operation { op, path, from, value } = operation;
        let needs_value = matches!(op, Op::Add | Op::Replace | Op::Test);
        let is_from_bad = from.is_some_and(|from| tokens(from).is_none());
        tokens(path).is_none() || is_from_bad || (needs_value && value.is_none())
    };
    if operations.iter().any(|operation| is_malformed(&operation)) {
        return Outcome::Malformed;
    }
    for operation in operations {
        if applied(&mut document, operation).is_none() {
            return if operation.op == Op::Test { Outcome::TestFailed } else { Outcome::NotApplicable };
        }
    }
    Outcome::Patched(document)
}

/// Applies one operation; `None` if that cannot be.
fn applied(document: &mut Value, operation: &Operation<'_>) -> Option<()> {
    let path = tokens(operation.path)?;
    let from = tokens(operation.from.unwrap_or_default())?;
    let value = || operation.value.and_then(|value| parse(value).ok()).map(|tree| Value::of(&tree));
    match operation.op {
        Op::Add => add(document, &path, value()?),
        Op::Replace => {
            *find(document, &path)? = value()?;
            Some(())
        }
        Op::Test => is_equal(find(document, &path)?, &value()?).then_some(()),
        Op::Remove => remove(document, &path).map(drop),
        Op::Copy => {
            let copy = find(document, &from)?.clone();
            add(document, &path, copy)
        }
        Op::Move if from == path => find(document, &from).map(drop),
        Op::Move if path.starts_with(&from) => None,
        Op::Move => {
            let moved = remove(document, &from)?;
            add(document, &path, moved)
        }
    }
}

/// The tokens of a JSON Pointer (RFC 6901).
fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let unescaped = |token: &str| {
        let mut text = String::new();
        let mut rest = token.chars();
        while let Some(character) = rest.next() {
            text.push(match (character, character == '~') {
                (_, true) => match rest.next()? {
                    '0' => '~',
                    '1' => '/',
                    _ => return None,
                },
                (other, false) => other,
            });
        }
        Some(text)
    };
    pointer.strip_prefix('/')?.split('/').map(unescaped).collect()
}

fn name(token: &str) -> Text {
    token.encode_utf16().collect()
}

/// The index that a token means: digits without a zero before them.
fn index(token: &str) -> Option<usize> {
    let is_index = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    token.parse().ok().filter(|_| is_index)
}

fn find<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    let Some((token, rest)) = path.split_first() else { return Some(value) };
    match value {
        Value::Leaf(_) => None,
        Value::Array(elements) => find(elements.get_mut(index(token)?)?, rest),
        Value::Object(members) => {
            let (_, value) = members.iter_mut().find(|(other, _)| *other == name(token))?;
            find(value, rest)
        }
    }
}

fn add(document: &mut Value, path: &[String], value: Value) -> Option<()> {
    let Some((token, parent)) = path.split_last() else {
        *document = value;
        return Some(());
    };
    match find(document, parent)? {
        Value::Leaf(_) => return None,
        Value::Array(elements) => {
            let at = if token == "-" { elements.len() } else { index(token)? };
            (at <= elements.len()).then(|| elements.insert(at, value))?;
        }
        Value::Object(members) => put(members, name(token), value),
    }
    Some(())
}

fn remove(document: &mut Value, path: &[String]) -> Option<Value> {
    let (token, parent) = path.split_last()?;
    match find(document, parent)? {
        Value::Leaf(_) => None,
        Value::Array(elements) => {
            let at = index(token)?;
            (at < elements.len()).then(|| elements.remove(at))
        }
        Value::Object(members) => {
            let at = members.iter().position(|(other, _)| *other == name(token))?;
            Some(members.remove(at).1)
        }
    }
}
