//! The contract: read from `api/openapi.yml` itself, and held against every answer.

mod coverage;
mod document;
mod referee;
mod schema;

pub use coverage::{Coverage, Pair, Uncovered};
pub use referee::Verdict;

use document::Document;
use schema::Schema;
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

/// What the service promises.
#[derive(Debug)]
pub struct Contract {
    operations: Vec<Operation>,
    /// What refusals of the router look like, at paths and methods that the contract does not declare.
    problem: Arc<Schema>,
}

/// One operation of the contract.
#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    template: String,
    answers: BTreeMap<u16, Declared>,
}

/// An answer that the contract declares.
#[derive(Debug)]
struct Declared {
    headers: Vec<Header>,
    content: BTreeMap<String, Arc<Schema>>,
}

#[derive(Debug)]
struct Header {
    name: String,
    required: bool,
    number: bool,
    schema: Arc<Schema>,
}

impl Contract {
    /// Reads a contract.
    ///
    /// # Errors
    /// What is wrong with the file, or what it says that the harness does not understand.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let document = Document::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { operations: document.operations()?, problem: document.named_schema("Problem")? })
    }

    /// Every pair of operation and status that the contract declares.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.operations
            .iter()
            .flat_map(|operation| operation.answers.keys().map(|status| Pair::new(&operation.id, *status)))
    }

    /// The operations that a path has, by method. Empty if the contract does not know the path.
    fn at(&self, path: &str) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |operation| fits(&operation.template, path))
    }
}

/// Whether `path` is one of those that `template` stands for.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(name), Some(value)) if name.starts_with('{') && !value.is_empty() => {}
            (Some(name), Some(value)) if name == value => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_path_fits_its_template_alone() {
        for (template, path, expected) in [
            ("/v1/payments", "/v1/payments", true),
            ("/v1/payments", "/v1/payments/", false),
            ("/v1/payments/{id}", "/v1/payments/", false),
            ("/v1/payments/{id}", "/v1/payments/a%2Fb", true),
            ("/v1/payments/{id}", "/v1/payments/a/b", false),
            ("/v1/payments/{id}", "/v2/payments/a", false),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
    }
}
