//! Validates an answer against the operation that the contract declares for its request.

use super::{Contract, DeclaredAnswer, Operation, Pair};
use crate::client::{Answer, Request};
use serde_json::Value;

/// Paths that the service has and the contract declares no operation for: the contract, its documentation, the kinds of
/// problems, the profiler; and those below them. The root leads to the documentation.
const UNDECLARED_PAGES: [&str; 5] = ["/openapi.yml", "/openapi.json", "/docs", "/problems", "/profiling"];

/// Headers that belong to no operation: those of HTTP itself, of browsers, of compression and of deprecations. The contract says
/// of the latter three that no operation lists them.
const FREE_HEADERS: [&str; 16] = [
    // What of `Content-Encoding` a 415 would have liked (RFC 9110, section 12.5.3).
    "accept-encoding",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "deprecation",
    "link",
    "sunset",
    "transfer-encoding",
    "x-content-type-options",
];

const PROBLEM: &str = "application/problem+json";

/// The result of a validation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// The operation and the status, if the contract declares both.
    pub pair: Option<Pair>,
    /// The ways in which the answer breaks the contract; none if it is valid.
    pub violations: Vec<String>,
}

impl Contract {
    /// Validates the answer to `request`, whose path is one of the contract.
    #[must_use]
    pub fn validate(&self, request: &Request, answer: &Answer) -> Validation {
        let path = request.path();
        // HEAD gets the answer of GET without its body (RFC 9110, section 9.3.2).
        let head = request.method == "HEAD";
        let method = if head { "GET" } else { &request.method };
        match self.at(path).find(|operation| operation.method == method) {
            Some(operation) => {
                let mut validation = validate_declared(operation, answer, head);
                // An older version has other rules, but asks for the same scopes.
                let newest = self.versions.last().map(String::as_str);
                let is_newest = answer.header("content-version").is_none_or(|version| Some(version) == newest);
                if is_newest || matches!(answer.status, 401 | 403) {
                    validation.violations.extend(operation.request.violations(&operation.template, request, answer));
                }
                validation
            }
            None => {
                let methods: Vec<&str> = self.at(path).map(|operation| operation.method.as_str()).collect();
                Validation { pair: None, violations: self.undeclared_violations(path, &methods, answer, head) }
            }
        }
    }

    /// Validates an answer where the contract declares no operation: 404, or 405 if the path has other methods.
    fn undeclared_violations(&self, path: &str, methods: &[&str], answer: &Answer, head: bool) -> Vec<String> {
        let below = |page: &&str| path == *page || path.starts_with(&format!("{page}/"));
        let page = path == "/" || UNDECLARED_PAGES.iter().any(below);
        let mut violations = Vec::new();
        match (answer.status, methods) {
            (200..400, _) if page => return violations,
            (405, _) if page => {}
            (404, []) => {}
            (405, [_, ..]) => {
                let allow = answer.header("allow").unwrap_or_default();
                violations.extend(
                    methods.iter().filter(|method| !allow.split(',').any(|allowed| allowed.trim() == **method)).map(
                        |method| format!("the path has {method}, and the header Allow ({allow:?}) does not list it"),
                    ),
                );
            }
            (status, []) => {
                violations.push(format!("the contract does not declare {path}: expected 404, got {status}"));
            }
            (status, _) => violations.push(format!(
                "the contract declares only {} at {path}: expected 405, got {status}",
                methods.join(", ")
            )),
        }
        if answer.media_type().as_deref() != Some(PROBLEM) {
            violations.push(format!("an error must be {PROBLEM}, and is {}", media_type(answer)));
        } else if !head {
            violations.extend(body_violations(answer, |body| self.problem.violations(body)));
        }
        violations
    }
}

fn validate_declared(operation: &Operation, answer: &Answer, head: bool) -> Validation {
    let Operation { id, answers, .. } = operation;
    let Some(declared) = answers.get(&answer.status) else {
        let known: Vec<String> = answers.keys().map(ToString::to_string).collect();
        let violation = format!(
            "the contract does not declare the status {} for {id}; it declares {}",
            answer.status,
            known.join(", ")
        );
        return Validation { pair: None, violations: vec![violation] };
    };
    let mut violations = header_violations(declared, answer);
    let is_declared = |name: &str| declared.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let undeclared = answer.headers.iter().filter(|(name, value)| !is_free(name, value) && !is_declared(name));
    violations.extend(undeclared.map(|(name, value)| format!("the header {name} ({value}) is not declared")));
    violations.extend(content_violations(declared, answer, head));
    for violation in &mut violations {
        *violation = format!("{id}, {}: {violation}", answer.status);
    }
    // An answer to HEAD does not count as coverage of GET.
    Validation { pair: (!head).then(|| Pair::new(id, answer.status)), violations }
}

/// Whether a header belongs to no operation.
fn is_free(name: &str, value: &str) -> bool {
    // CORS and compression have their names in it, and paths with versions have theirs.
    let is_of_versions = || value.split(',').any(|name| name.trim().eq_ignore_ascii_case("accept-version"));
    FREE_HEADERS.contains(&name) || (name == "vary" && !is_of_versions())
}

fn header_violations(declared: &DeclaredAnswer, answer: &Answer) -> Vec<String> {
    let mut violations = Vec::new();
    for header in &declared.headers {
        match answer.header(&header.name) {
            None if header.required => violations.push(format!("the header {} is required, and missing", header.name)),
            None => {}
            Some(text) => {
                let number = header.number.then(|| text.parse::<i64>().ok()).flatten().map(Value::from);
                let value = number.unwrap_or_else(|| text.into());
                violations.extend(
                    header
                        .schema
                        .violations(&value)
                        .iter()
                        .map(|violation| format!("the header {}: {violation}", header.name)),
                );
            }
        }
    }
    violations
}

fn content_violations(declared: &DeclaredAnswer, answer: &Answer, head: bool) -> Vec<String> {
    if declared.content.is_empty() {
        return if answer.body.is_empty() { Vec::new() } else { vec!["the body must be empty, and is not".to_owned()] };
    }
    let Some(schema) = answer.media_type().and_then(|media_type| declared.content.get(&media_type)) else {
        let known: Vec<&str> = declared.content.keys().map(String::as_str).collect();
        return vec![format!("the content type is {}; the contract declares {}", media_type(answer), known.join(", "))];
    };
    match answer.media_type() {
        _ if head => Vec::new(),
        Some(media_type) if media_type.ends_with("json") => body_violations(answer, |body| schema.violations(body)),
        _ => schema.violations(&answer.text().into_owned().into()),
    }
}

fn body_violations(answer: &Answer, violations_of: impl FnOnce(&Value) -> Vec<String>) -> Vec<String> {
    let body = match answer.json() {
        Ok(body) => body,
        Err(error) => return vec![error],
    };
    let mut violations: Vec<String> =
        violations_of(&body).iter().map(|violation| format!("the body: {violation}")).collect();
    if answer.media_type().as_deref() == Some(PROBLEM) && body["status"] != answer.status {
        violations.push(format!("the problem has status {}, and the answer {}", body["status"], answer.status));
    }
    violations
}

fn media_type(answer: &Answer) -> String {
    answer.media_type().unwrap_or_else(|| "missing".to_owned())
}
