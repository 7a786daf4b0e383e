//! The referee: what the contract has to say of an answer.

use super::{Contract, Declared, Operation, Pair};
use crate::client::{Answer, Request};
use serde_json::Value;

/// What is served beside the contract: the contract itself, its documentation, the profiler.
const BESIDE: [&str; 4] = ["/openapi.yml", "/openapi.json", "/docs", "/profiling"];

const PROBLEM: &str = "application/problem+json";

/// What the referee found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The operation and the status, if the contract declares both.
    pub pair: Option<Pair>,
    /// How the answer breaks the contract; empty if it keeps it.
    pub violations: Vec<String>,
}

impl Contract {
    /// Holds an answer to the contract. `request` asks for a path as the contract writes it.
    #[must_use]
    pub fn judge(&self, request: &Request, answer: &Answer) -> Verdict {
        let path = request.path();
        // Who asks for the head alone gets what GET would get, without its body.
        let head = request.method == "HEAD";
        let method = if head { "GET" } else { &request.method };
        match self.at(path).find(|operation| operation.method == method) {
            Some(operation) => judge_declared(operation, answer, head),
            None => {
                let methods: Vec<&str> = self.at(path).map(|operation| operation.method.as_str()).collect();
                Verdict { pair: None, violations: self.undeclared(path, &methods, answer, head) }
            }
        }
    }

    /// What the router answers where the contract declares nothing.
    fn undeclared(&self, path: &str, methods: &[&str], answer: &Answer, head: bool) -> Vec<String> {
        let beside = BESIDE.iter().any(|place| path == *place || path.starts_with(&format!("{place}/")));
        let mut violations = Vec::new();
        match (answer.status, methods) {
            (200..400, _) if beside => return violations,
            (405, _) if beside => {}
            (404, []) => {}
            (405, [_, ..]) => {
                let allow = answer.header("allow").unwrap_or_default();
                violations.extend(
                    methods.iter().filter(|method| !allow.split(',').any(|allowed| allowed.trim() == **method)).map(
                        |method| format!("the path has {method}, and the header Allow ({allow:?}) does not say so"),
                    ),
                );
            }
            (status, []) => {
                violations
                    .push(format!("the contract does not declare {path}, so 404 is due, and the status is {status}"));
            }
            (status, _) => violations.push(format!(
                "of {path} the contract declares {} alone, so 405 is due, and the status is {status}",
                methods.join(", ")
            )),
        }
        if answer.media_type().as_deref() != Some(PROBLEM) {
            violations.push(format!("an error is {PROBLEM}, and this is {}", media_type(answer)));
        } else if !head {
            violations.extend(body_faults(answer, |body| self.problem.faults(body)));
        }
        violations
    }
}

fn judge_declared(operation: &Operation, answer: &Answer, head: bool) -> Verdict {
    let Operation { id, answers, .. } = operation;
    let Some(declared) = answers.get(&answer.status) else {
        let known: Vec<String> = answers.keys().map(ToString::to_string).collect();
        let violation = format!(
            "the contract does not declare the status {} for {id}; it declares {}",
            answer.status,
            known.join(", ")
        );
        return Verdict { pair: None, violations: vec![violation] };
    };
    let mut violations = header_faults(declared, answer);
    violations.extend(content_faults(declared, answer, head));
    for violation in &mut violations {
        *violation = format!("{id}, {}: {violation}", answer.status);
    }
    // A head is not the answer that the contract declares.
    Verdict { pair: (!head).then(|| Pair::new(id, answer.status)), violations }
}

fn header_faults(declared: &Declared, answer: &Answer) -> Vec<String> {
    let mut faults = Vec::new();
    for header in &declared.headers {
        match answer.header(&header.name) {
            None if header.required => faults.push(format!("the header {} is required, and missing", header.name)),
            None => {}
            Some(text) => {
                let number = header.number.then(|| text.parse::<i64>().ok()).flatten().map(Value::from);
                let value = number.unwrap_or_else(|| text.into());
                faults.extend(
                    header.schema.faults(&value).iter().map(|fault| format!("the header {}: {fault}", header.name)),
                );
            }
        }
    }
    faults
}

fn content_faults(declared: &Declared, answer: &Answer, head: bool) -> Vec<String> {
    if declared.content.is_empty() {
        return if answer.body.is_empty() { Vec::new() } else { vec!["the body must be empty, and is not".to_owned()] };
    }
    let Some(schema) = answer.media_type().and_then(|media_type| declared.content.get(&media_type)) else {
        let known: Vec<&str> = declared.content.keys().map(String::as_str).collect();
        return vec![format!("the content type is {}; the contract declares {}", media_type(answer), known.join(", "))];
    };
    match answer.media_type() {
        _ if head => Vec::new(),
        Some(media_type) if media_type.ends_with("json") => body_faults(answer, |body| schema.faults(body)),
        _ => schema.faults(&answer.text().into_owned().into()),
    }
}

fn body_faults(answer: &Answer, schema_faults: impl FnOnce(&Value) -> Vec<String>) -> Vec<String> {
    let body = match answer.json() {
        Ok(body) => body,
        Err(error) => return vec![error],
    };
    let mut faults: Vec<String> = schema_faults(&body).iter().map(|fault| format!("the body: {fault}")).collect();
    if answer.media_type().as_deref() == Some(PROBLEM) && body["status"] != answer.status {
        faults.push(format!("the problem says status {}, and the answer {}", body["status"], answer.status));
    }
    faults
}

fn media_type(answer: &Answer) -> String {
    answer.media_type().unwrap_or_else(|| "not said".to_owned())
}
