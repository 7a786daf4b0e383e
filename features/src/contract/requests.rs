//! What the contract says of a request: which of its rules the request breaks, and which scopes a token needs.

use super::{Schema, template_matches};
use crate::client::{Answer, Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use regex::RegexSet;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The details of faults that a schema cannot state: of several parts together, of JSON as it is written, of what is opaque. The
/// contract states these rules in descriptions.
static BEYOND_SCHEMAS: LazyLock<RegexSet> = LazyLock::new(|| {
    let details = [
        "^/query/filter\\[[a-z_]+\\] must ",
        "^cannot stand beside ",
        "^is missing; (say which version to delete|send the version that you last saw|[a-z]+ needs )",
        "^is (not )?a cursor",
        "^must be the id in the path",
        "^must be the organisation that the token names$",
        "^must consist of visible ASCII characters$",
        "^must not nest deeper than ",
        "^stands twice in the same object",
    ];
    RegexSet::new(details).expect("these are regular expressions")
});

/// The request of an operation.
#[derive(Debug)]
pub(super) struct DeclaredRequest {
    pub(super) parameters: Vec<Parameter>,
    /// Whether query parameters that are not declared are refused.
    pub(super) is_query_closed: bool,
    pub(super) body: Option<DeclaredBody>,
    /// What a caller may show, one of these: a token with these scopes, or nothing at all.
    pub(super) alternatives: Vec<Option<Vec<String>>>,
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) required: bool,
    /// Whether the value is a number.
    pub(super) number: bool,
    pub(super) schema: Schema,
}

/// Where a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

#[derive(Debug)]
pub(super) struct DeclaredBody {
    pub(super) required: bool,
    /// The schema, by media type.
    pub(super) content: BTreeMap<String, Schema>,
}

impl DeclaredRequest {
    /// Whether a refusal has a reason in the contract, and a request that succeeds has none to be refused. Returns the ways in
    /// which the answer disagrees with the contract. `template` is the path of the operation.
    pub(super) fn violations(&self, template: &str, request: &Request, answer: &Answer) -> Vec<String> {
        let asks_for_token = || self.alternatives.iter().any(Option::is_some);
        match answer.status {
            200..=299 => {
                let faults = self.faults(template, request).into_iter();
                faults
                    .map(|fault| format!("the contract refuses the request, and the service does not: {fault}"))
                    .collect()
            }
            400 => match unexplained(answer) {
                Some(faults) if self.faults(template, request).is_empty() => {
                    vec![format!("the contract allows the request, and the service refuses it: {faults}")]
                }
                Some(_) | None => Vec::new(),
            },
            401 if !asks_for_token() => vec!["the contract asks for no token, and the service does".to_owned()],
            403 if scopes_of(request).is_some_and(|scopes| self.is_granted(&scopes)) => {
                vec!["the token has the scopes that the contract asks for, and the service asks for others".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn is_granted(&self, scopes: &BTreeSet<String>) -> bool {
        self.alternatives.iter().flatten().any(|needed| needed.iter().all(|scope| scopes.contains(scope)))
    }

    /// The rules that a request breaks.
    fn faults(&self, template: &str, request: &Request) -> Vec<String> {
        let mut faults = Vec::new();
        let query = query(request);
        for parameter in &self.parameters {
            let sent: Vec<String> = match parameter.place {
                Place::Path => path_value(template, request.path(), &parameter.name).into_iter().collect(),
                Place::Query => values(&query, &parameter.name, |known, name| known == name),
                // Lines of one header are one list (RFC 9110, section 5.3).
                Place::Header => {
                    let lines = values(&request.headers, &parameter.name, str::eq_ignore_ascii_case);
                    if lines.is_empty() { lines } else { vec![lines.join(", ")] }
                }
            };
            faults.extend(parameter.faults(&sent));
        }
        if self.is_query_closed {
            let is_declared = |name: &str| {
                self.parameters.iter().any(|parameter| parameter.place == Place::Query && parameter.name == name)
            };
            let unknown = query.iter().filter(|(name, _)| !is_declared(name));
            faults.extend(unknown.map(|(name, _)| format!("the query parameter {name} is not declared")));
        }
        faults.extend(self.body.iter().flat_map(|body| body.faults(request)));
        faults
    }
}

impl Parameter {
    fn faults(&self, sent: &[String]) -> Vec<String> {
        let Self { name, required, number, schema, .. } = self;
        match sent {
            [] if *required => vec![format!("the parameter {name} is required, and missing")],
            [] => Vec::new(),
            [value] => {
                let is_number = *number && value.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
                let parsed = is_number.then(|| serde_json::from_str(value).ok()).flatten();
                schema.violations(&parsed.unwrap_or_else(|| value.as_str().into()))
            }
            [_, ..] => vec![format!("the parameter {name} stands twice")],
        }
    }
}

impl DeclaredBody {
    fn faults(&self, request: &Request) -> Vec<String> {
        let media_type = values(&request.headers, "content-type", str::eq_ignore_ascii_case);
        let media_type = media_type.first().and_then(|value| value.split(';').next()).unwrap_or_default();
        let schema = self.content.get(&media_type.trim().to_ascii_lowercase());
        match (schema, crate::json::parse(&request.body)) {
            _ if request.body.is_empty() => {
                self.required.then(|| "a body is required".to_owned()).into_iter().collect()
            }
            (None, _) => vec![format!("the media type {media_type:?} is not declared")],
            (Some(_), Err(error)) => vec![format!("the body is not JSON: {error}")],
            (Some(schema), Ok(body)) => schema.violations(&without_unused(body)),
        }
    }
}

/// A JSON Patch without what its operations ignore, even if the type is wrong (RFC 6902, section 4).
fn without_unused(mut body: Value) -> Value {
    for operation in body.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if !matches!(operation.get("op").and_then(Value::as_str), Some("move" | "copy")) {
            operation.remove("from");
        }
    }
    body
}

/// The faults that a refusal names, unless one of them is of a rule that a schema cannot state.
fn unexplained(answer: &Answer) -> Option<String> {
    let body = answer.json().ok().filter(|body| body["type"] == "/problems/invalid-request")?;
    let details =
        body["errors"].as_array().into_iter().flatten().chain([&body]).filter_map(|fault| fault["detail"].as_str());
    let details: Vec<&str> = details.collect();
    let is_beyond = details.iter().any(|detail| BEYOND_SCHEMAS.is_match(detail));
    (!is_beyond).then(|| details.join("; "))
}

fn values(pairs: &[(String, String)], name: &str, is_same: impl Fn(&str, &str) -> bool) -> Vec<String> {
    pairs.iter().filter(|(known, _)| is_same(known, name)).map(|(_, value)| value.clone()).collect()
}

/// The parameters of the query, as forms encode them.
fn query(request: &Request) -> Vec<(String, String)> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))).collect()
}

fn path_value(template: &str, path: &str, name: &str) -> Option<String> {
    let name = format!("{{{name}}}");
    let mut segments = template.split('/').zip(path.split('/'));
    let value = segments.find(|(segment, _)| *segment == name).map(|(_, value)| decoded(value));
    value.filter(|_| template_matches(template, path))
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let escape = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => (bytes, rest) = ([bytes, vec![byte]].concat(), &after[2..]),
            None => (bytes, rest) = ([bytes, vec![*first]].concat(), after),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The scopes of the token that a request carries, unless it cannot be read.
fn scopes_of(request: &Request) -> Option<BTreeSet<String>> {
    let token = values(&request.headers, "authorization", str::eq_ignore_ascii_case).pop()?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims["scope"].as_str().unwrap_or_default().split(' ').map(str::to_owned).collect())
}
