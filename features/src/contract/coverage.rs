//! Counts which answers of the contract the scenarios have seen, and reads the list of those that none can see.

use super::Contract;
use std::{collections::BTreeMap, fmt, fs, path::Path};

/// An operation of the contract, and a status that it declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The `operationId`.
    pub operation: String,
    /// The status code.
    pub status: u16,
}

impl Pair {
    /// A pair.
    pub fn new(operation: &str, status: u16) -> Self {
        Self { operation: operation.to_owned(), status }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.status)
    }
}

/// How many answers of each pair the scenarios have seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(pub BTreeMap<Pair, usize>);

impl Coverage {
    /// Counts an answer of this pair.
    pub fn count(&mut self, pair: Pair) {
        *self.0.entry(pair).or_default() += 1;
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: Self) {
        for (pair, count) in other.0 {
            *self.0.entry(pair).or_default() += count;
        }
    }

    /// The errors of a complete run: pairs that are neither seen nor listed, and listed pairs that are seen or undeclared.
    #[must_use]
    pub fn errors(&self, contract: &Contract, uncovered: &Uncovered) -> Vec<String> {
        let declared: Vec<Pair> = contract.pairs().collect();
        let missing =
            declared.iter().filter(|pair| !self.0.contains_key(pair) && !uncovered.0.contains_key(pair)).map(|pair| {
                format!("{pair} is declared, and no scenario sees it: write one, or add the pair with a reason to uncovered.txt")
            });
        let listed = uncovered.0.keys().filter_map(|pair| {
            if !declared.contains(pair) {
                Some(format!("{pair} is in uncovered.txt, and the contract does not declare it: remove the line"))
            } else if self.0.contains_key(pair) {
                Some(format!("{pair} is in uncovered.txt, and a scenario sees it now: remove the line"))
            } else {
                None
            }
        });
        missing.chain(listed).collect()
    }
}

/// The pairs in `features/uncovered.txt`: those that no scenario can see, each with a reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uncovered(pub BTreeMap<Pair, String>);

impl Uncovered {
    /// Reads the list: lines of `operationId status reason`; `#` begins a comment. The first line is the number of pairs, so
    /// that a longer list shows in review.
    ///
    /// # Errors
    /// The file cannot be read, or a line is malformed.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let count = lines.next().and_then(|line| line.strip_prefix("pairs: ")).and_then(|count| count.parse().ok());
        let count: usize = count.ok_or("the first line must be `pairs: ` and the number of pairs")?;
        let mut pairs = BTreeMap::new();
        for line in lines {
            let mut parts = line.splitn(3, ' ');
            let pair = match (parts.next(), parts.next().and_then(|status| status.parse().ok())) {
                (Some(operation), Some(status)) => Pair::new(operation, status),
                _ => return Err(format!("{line:?} does not begin with an operation and a status")),
            };
            let reason = parts.next().unwrap_or_default().trim();
            if reason.is_empty() {
                return Err(format!("{pair} has no reason"));
            }
            if pairs.insert(pair.clone(), reason.to_owned()).is_some() {
                return Err(format!("{pair} is listed twice"));
            }
        }
        if pairs.len() == count {
            Ok(Self(pairs))
        } else {
            Err(format!("it says `pairs: {count}`, and lists {}; the number may only go down", pairs.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pair, Uncovered};

    #[test]
    fn a_list_needs_reasons_and_its_own_count() {
        let list = Uncovered::parse("# Why\npairs: 1\n\ngetPayment 429 no limit yet\n").unwrap();
        assert_eq!(list.0[&Pair::new("getPayment", 429)], "no limit yet");
        for (text, fault) in [
            ("getPayment 429 no limit yet\n", "the first line"),
            ("pairs: 0\ngetPayment 429 no limit yet\n", "may only go down"),
            ("pairs: 1\ngetPayment 429\n", "no reason"),
            ("pairs: 1\ngetPayment no limit yet\n", "does not begin"),
            ("pairs: 2\ngetPayment 429 a\ngetPayment 429 b\n", "twice"),
        ] {
            let error = Uncovered::parse(text).unwrap_err();
            assert!(error.contains(fault), "{error}");
        }
    }
}
