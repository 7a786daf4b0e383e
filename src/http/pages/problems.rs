//! A page for each kind of problem, at the path that is its `type`: `/problems/version-conflict`.
//!
//! The contract's table of problems is the only source: each row becomes a page in HTML and a document in JSON, and
//! `Accept` chooses between the two. A test holds the table to what `problem/types.rs` has.

use super::asset::{Asset, Content, HTML, STYLE};
use crate::http::problem::{self, RequestInfo};
use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::get,
};
use payments_server::preferred_media_type;

/// The content security policy: a style sheet of this service, and nothing else.
const SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                               frame-ancestors 'none'";
const PREFIX: &str = "/problems/";
const PRODUCES: &[&str] = &["text/html", "application/json"];
const TEMPLATE: &str = include_str!("problems/page.html");
const PAGE_STYLE: &[u8] = include_bytes!("problems/page.css");

/// The paths of these pages, for the log.
pub(in crate::http) const PATHS: &[(&str, &str)] = &[("GET", "/problems/{kind}")];

/// A kind of problem, as a row of the contract's table has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind<'a> {
    /// The path, such as `/problems/version-conflict`.
    path: &'a str,
    status: StatusCode,
    /// What happened, and what to do: Markdown, of which only code is used.
    description: &'a str,
}

/// Serves a page for each kind of problem in `contract`. `has_docs` says whether this listener has `/docs`, to which the
/// pages then lead.
pub(in crate::http) fn routes(contract: &'static str, has_docs: bool) -> Router {
    let style = Asset {
        media_type: STYLE,
        content: Content::Plain(PAGE_STYLE.into()),
        policy: HeaderValue::from_static(SECURITY_POLICY),
        vary: "accept-encoding",
    };
    let hash = style.content_hash();
    let style = get(async move |headers: HeaderMap| style.respond(hash, &headers));
    kinds(contract).fold(Router::new().route("/problems/page.css", style), |routes, kind| {
        let asset = |media_type, text: String| Asset {
            media_type,
            content: Content::Plain(text.into()),
            policy: HeaderValue::from_static(SECURITY_POLICY),
            vary: "accept",
        };
        let [html, json] = [asset(HTML, kind.html(has_docs)), asset("application/json", kind.json())];
        let hashes = [html.content_hash(), json.content_hash()];
        let answer = async move |request: Request| {
            let (head, _) = request.into_parts();
            match preferred_media_type(&head.headers, PRODUCES) {
                Ok("application/json") => json.respond(hashes[1], &head.headers),
                Ok(_) => html.respond(hashes[0], &head.headers),
                Err(refusal) => problem::response(refusal.into(), &RequestInfo::of(&head)),
            }
        };
        routes.route(kind.path, get(answer))
    })
}

/// Reads the table of problems.
fn kinds(contract: &str) -> impl Iterator<Item = Kind<'_>> {
    contract.lines().filter_map(|line| {
        let row = line.trim().strip_prefix("| `")?.strip_suffix(" |")?;
        let (path, rest) = row.split_once("` | ")?;
        let (status, description) = rest.split_once(" | ")?;
        let status = StatusCode::from_bytes(status.as_bytes()).ok()?;
        path.starts_with(PREFIX).then_some(Kind { path, status, description })
    })
}

impl Kind<'_> {
    /// The name in words: "Version conflict".
    fn title(&self) -> String {
        capitalise(&self.path.trim_start_matches(PREFIX).replace('-', " "))
    }

    fn html(&self, has_docs: bool) -> String {
        let docs = r#"<p><a href="../docs">All kinds, and the whole API</a></p>"#;
        TEMPLATE
            .replace("{title}", &self.title())
            .replace("{status}", self.status.as_str())
            .replace("{reason}", self.status.canonical_reason().unwrap_or_default())
            .replace("{type}", self.path)
            .replace(
                "{errors}",
                if self.description.contains("`errors`") { ", and in <code>errors</code> where" } else { "" },
            )
            .replace("{docs}", if has_docs { docs } else { "" })
            .replace("{description}", &code_to_html(&sentence(self.description)))
    }

    fn json(&self) -> String {
        let document = serde_json::json!({
            "type": self.path,
            "title": self.title(),
            "status": self.status.as_u16(),
            "description": sentence(self.description),
        });
        document.to_string()
    }
}

/// A cell of the table as a sentence.
fn sentence(cell: &str) -> String {
    capitalise(cell) + "."
}

fn capitalise(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Escapes text for HTML, and makes elements of what is code in Markdown.
fn code_to_html(markdown: &str) -> String {
    let escaped = markdown.replace('&', "&amp;").replace('<', "&lt;");
    let pieces = escaped.split('`').enumerate();
    pieces.map(|(at, piece)| if at % 2 == 1 { format!("<code>{piece}</code>") } else { piece.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, code_to_html, kinds};
    use crate::http::pages::contract::OPENAPI_YML;
    use axum::http::StatusCode;
    use std::collections::BTreeSet;

    /// What `problem/types.rs` can send: `ProblemType(StatusCode::CONFLICT, "/problems/version-conflict", …`. Read from its
    /// text, so that none can be forgotten in a list.
    fn sent() -> BTreeSet<(String, String)> {
        let source = include_str!("../problem/types.rs");
        let types = source.split("ProblemType(").filter_map(|rest| rest.trim_start().strip_prefix("StatusCode::"));
        let types = types.map(|rest| {
            let (status, rest) = rest.split_once(',').unwrap();
            (rest.split('"').nth(1).unwrap().to_owned(), status.to_owned())
        });
        types.collect()
    }

    #[test]
    fn the_contract_has_every_kind_that_is_sent_and_no_other() {
        let status_name = |status: StatusCode| status.canonical_reason().unwrap().to_uppercase().replace(' ', "_");
        let rows: Vec<_> = kinds(OPENAPI_YML).map(|kind| (kind.path.to_owned(), status_name(kind.status))).collect();
        let (declared, sent) = (BTreeSet::from_iter(rows.clone()), sent());
        assert_eq!(declared, sent, "the table of problems in api/openapi.yml, and src/http/problem/types.rs");
        assert_eq!(declared.len(), rows.len(), "a kind has two rows");
        let named = include_str!("../problem/types.rs").matches("\"/problems/").count();
        assert_eq!(named, sent.len(), "types.rs names a type in a way that this test does not read");
    }

    #[test]
    fn a_row_becomes_a_page() {
        let table = "  text\n    | `/problems/a-b` | 409 | `x` & <y>; read |\n| `/problems/none` | x | y |\n| other | 400 | z |\n";
        let found: Vec<_> = kinds(table).collect();
        let kind = Kind { path: "/problems/a-b", status: StatusCode::CONFLICT, description: "`x` & <y>; read" };
        assert_eq!(found, [kind]);
        assert_eq!(kind.title(), "A b");
        assert_eq!(code_to_html(kind.description), "<code>x</code> &amp; &lt;y>; read");
        assert!(!kind.html(true).contains('{'), "{}", kind.html(true));
        assert!(kind.html(true).contains("href=\"../docs\"") && !kind.html(false).contains("docs"));
    }
}
