//! Validates answers against the contract, which is read from `api/openapi.yml`, and against what it says of their requests.

mod coverage;
mod openapi;
mod requests;
mod schema;
mod validator;

pub use coverage::{Coverage, Pair, Uncovered};
pub use validator::Validation;

use crate::client::Request;
use openapi::Document;
use requests::DeclaredRequest;
use schema::Schema;
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

/// The contract of the service.
#[derive(Debug)]
pub struct Contract {
    operations: Vec<Operation>,
    /// The schema of answers at paths and methods that the contract does not declare.
    problem: Arc<Schema>,
    versions: Vec<String>,
}

/// One operation of the contract.
#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    template: String,
    request: DeclaredRequest,
    answers: BTreeMap<u16, DeclaredAnswer>,
    /// A hash of all that the contract says of it.
    declared: u64,
}

/// An answer that the contract declares.
#[derive(Debug)]
struct DeclaredAnswer {
    headers: Vec<DeclaredHeader>,
    /// The schema of the body, by media type.
    content: BTreeMap<String, Arc<Schema>>,
}

#[derive(Debug)]
struct DeclaredHeader {
    name: String,
    required: bool,
    /// Whether the value is a number.
    number: bool,
    schema: Arc<Schema>,
}

impl Contract {
    /// Reads a contract.
    ///
    /// # Errors
    /// The file cannot be read, or is not the OpenAPI 3.0 that this crate understands.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let document = Document::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let (operations, problem) = (document.operations()?, document.named_schema("Problem")?);
        Ok(Self { operations, problem, versions: document.versions() })
    }

    /// The versions that a request can ask for, the oldest first.
    pub fn versions(&self) -> &[String] {
        &self.versions
    }

    /// Every pair of operation and status that the contract declares.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.operations
            .iter()
            .flat_map(|operation| operation.answers.keys().map(|status| Pair::new(&operation.id, *status)))
    }

    /// Whether another contract says the same of the operation of a request, so that its answer is as valid by either.
    pub(crate) fn agrees_with(&self, other: &Self, request: &Request) -> bool {
        let method = if request.method == "HEAD" { "GET" } else { &request.method };
        let declared = |contract: &Self| {
            contract.at(request.path()).find(|operation| operation.method == method).map(|operation| operation.declared)
        };
        declared(self).is_some_and(|own| declared(other) == Some(own))
    }

    /// The operations at a path; none if the contract does not declare the path.
    fn at(&self, path: &str) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |operation| template_matches(&operation.template, path))
    }
}

/// Whether `path` matches `template`, in which `{name}` stands for one segment that is not empty.
fn template_matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(name), Some(value)) if name.starts_with('{') && !value.is_empty() => {}
            (Some(name), Some(value)) if name == value => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::template_matches;

    #[test]
    fn a_path_matches_its_template_only() {
        for (template, path, expected) in [
            ("/v1/payments", "/v1/payments", true),
            ("/v1/payments", "/v1/payments/", false),
            ("/v1/payments/{id}", "/v1/payments/", false),
            ("/v1/payments/{id}", "/v1/payments/a%2Fb", true),
            ("/v1/payments/{id}", "/v1/payments/a/b", false),
            ("/v1/payments/{id}", "/v2/payments/a", false),
        ] {
            assert_eq!(template_matches(template, path), expected, "{template} {path}");
        }
    }
}
