//! Steps that send requests by method and path, headers, bodies and bytes, for what the steps about payments cannot express.

use super::{doc_string, templates::JSON};
use crate::{client::Request, world::World};
use cucumber::{gherkin::Step, given, when};

/// A header of the next request that any step sends.
#[given(regex = "^the next request carries '([^:']+): ?([^']*)'$")]
#[when(regex = "^the next request carries '([^:']+): ?([^']*)'$")]
fn carries(world: &mut World, name: String, value: String) {
    world.next_headers.push((name, value));
}

#[when(expr = "{string} is requested")]
async fn is_requested(world: &mut World, line: String) {
    let request = parse_request_line(&line);
    world.send(request).await;
}

/// The content type is JSON, unless `the next request carries` another one.
#[when(expr = "{string} is requested with the body:")]
async fn is_requested_with(world: &mut World, step: &Step, line: String) {
    let request = parse_request_line(&line).body(JSON, doc_string(step));
    world.send(request).await;
}

/// A body that need not be UTF-8: `\xff` is a byte.
#[when(expr = "{string} is requested with the bytes {string}")]
async fn is_requested_with_bytes(world: &mut World, line: String, bytes: String) {
    let request = parse_request_line(&line).body(JSON, unescape(&bytes));
    world.send(request).await;
}

#[when(expr = "{string} is requested with a body of {int} bytes")]
async fn is_requested_large(world: &mut World, line: String, bytes: usize) {
    let request = parse_request_line(&line).body(JSON, "x".repeat(bytes));
    world.send(request).await;
}

/// The last byte of the body is not sent.
#[when(expr = "{string} is requested with a body that never ends")]
async fn is_requested_without_end(world: &mut World, line: String) {
    let request = parse_request_line(&line).body(JSON, "{}");
    world.send_unfinished(request).await;
}

/// A body whose `data` is this many nested arrays.
#[when(expr = "{string} is requested with a body that nests {int} deep")]
async fn is_requested_nested(world: &mut World, line: String, depth: usize) {
    let body = format!(r#"{{"data":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let request = parse_request_line(&line).body(JSON, body);
    world.send(request).await;
}

/// Bytes that need not be HTTP. Lines end with CR LF, and `\xff` is a byte.
#[when(expr = "these bytes are sent:")]
async fn bytes_are_sent(world: &mut World, step: &Step) {
    let bytes = unescape(&doc_string(step).replace('\n', "\r\n"));
    world.send_bytes(&bytes).await;
}

fn parse_request_line(line: &str) -> Request {
    match line.split_once(' ') {
        Some((method, target)) => Request::new(method, target),
        None => panic!("{line:?} is not a method and a path, as in \"GET /health\""),
    }
}

/// Converts text to bytes; `\xff` is a byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.push(u8::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("\\x{digits} is not a byte")));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}
