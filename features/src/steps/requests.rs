//! Requests as they go over the wire, for what the steps about payments do not say.

use super::{doc_string, templates::JSON};
use crate::{client::Request, world::World};
use cucumber::{gherkin::Step, given, when};

/// Headers for the next request, whichever step sends it.
#[given(regex = "^the next request carries '([^:']+): ?([^']*)'$")]
#[when(regex = "^the next request carries '([^:']+): ?([^']*)'$")]
fn carries(world: &mut World, name: String, value: String) {
    world.next_headers.push((name, value));
}

#[when(expr = "{string} is requested")]
async fn is_requested(world: &mut World, line: String) {
    let request = request(&line);
    world.send(request).await;
}

/// The body goes out as JSON, unless `the next request carries` another content type.
#[when(expr = "{string} is requested with the body:")]
async fn is_requested_with(world: &mut World, step: &Step, line: String) {
    let request = request(&line).body(JSON, doc_string(step));
    world.send(request).await;
}

/// A body that no text can hold: `\xff` is a byte.
#[when(expr = "{string} is requested with the bytes {string}")]
async fn is_requested_with_bytes(world: &mut World, line: String, bytes: String) {
    let request = request(&line).body(JSON, unescape(&bytes));
    world.send(request).await;
}

#[when(expr = "{string} is requested with a body of {int} bytes")]
async fn is_requested_large(world: &mut World, line: String, bytes: usize) {
    let request = request(&line).body(JSON, "x".repeat(bytes));
    world.send(request).await;
}

/// `count` times `[` and as many `]`, where a value could stand.
#[when(expr = "{string} is requested with a body that nests {int} deep")]
async fn is_requested_nested(world: &mut World, line: String, depth: usize) {
    let body = format!(r#"{{"data":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let request = request(&line).body(JSON, body);
    world.send(request).await;
}

/// Bytes that need not be HTTP; lines end as HTTP ends them, and `\xff` is a byte.
#[when(expr = "these bytes are sent:")]
async fn bytes_are_sent(world: &mut World, step: &Step) {
    let bytes = unescape(&doc_string(step).replace('\n', "\r\n"));
    world.send_bytes(&bytes).await;
}

fn request(line: &str) -> Request {
    match line.split_once(' ') {
        Some((method, target)) => Request::new(method, target),
        None => panic!("{line:?} is not a method and a path, as in \"GET /health\""),
    }
}

/// Text as bytes; `\xff` is a byte.
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
