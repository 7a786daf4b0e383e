//! What of the contract was seen, and what is known not to be.

use super::Contract;
use std::{collections::BTreeMap, fmt, fs, path::Path};

/// An operation and a status that it may answer with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The `operationId`.
    pub operation: String,
    /// The status code.
    pub status: u16,
}

impl Pair {
    /// The pair of these two.
    pub fn new(operation: &str, status: u16) -> Self {
        Self { operation: operation.to_owned(), status }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.status)
    }
}

/// How often each pair was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(pub BTreeMap<Pair, usize>);

impl Coverage {
    /// Counts a pair.
    pub fn see(&mut self, pair: Pair) {
        *self.0.entry(pair).or_default() += 1;
    }

    /// What a full run has to complain about: pairs that are neither seen nor listed, and lines of the list that have
    /// no place there.
    #[must_use]
    pub fn complaints(&self, contract: &Contract, uncovered: &Uncovered) -> Vec<String> {
        let declared: Vec<Pair> = contract.pairs().collect();
        let missing =
            declared.iter().filter(|pair| !self.0.contains_key(pair) && !uncovered.0.contains_key(pair)).map(|pair| {
                format!("{pair} is declared, and no scenario sees it: write one, or give the reason in uncovered.txt")
            });
        let listed = uncovered.0.keys().filter_map(|pair| {
            if !declared.contains(pair) {
                Some(format!("{pair} is in uncovered.txt, and the contract does not declare it: take the line out"))
            } else if self.0.contains_key(pair) {
                Some(format!("{pair} is in uncovered.txt, and a scenario sees it now: take the line out"))
            } else {
                None
            }
        });
        missing.chain(listed).collect()
    }
}

/// The pairs that no scenario can see, each with the reason: `features/uncovered.txt`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uncovered(pub BTreeMap<Pair, String>);

impl Uncovered {
    /// Reads the list: lines of `operationId status reason`; `#` begins a comment. The first line says how many pairs it
    /// holds, so that nobody makes it longer without saying so.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let count = lines.next().and_then(|line| line.strip_prefix("pairs: ")).and_then(|count| count.parse().ok());
        let count: usize = count.ok_or("the first line must be `pairs: ` and how many there are")?;
        let mut pairs = BTreeMap::new();
        for line in lines {
            let mut words = line.splitn(3, ' ');
            let pair = match (words.next(), words.next().and_then(|status| status.parse().ok())) {
                (Some(operation), Some(status)) => Pair::new(operation, status),
                _ => return Err(format!("{line:?} does not begin with an operation and a status")),
            };
            let reason = words.next().unwrap_or_default().trim();
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
    fn a_list_gives_reasons_and_counts_itself() {
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
