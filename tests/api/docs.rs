//! The documentation page as HTTP has it; `docs_in_browser.rs` looks at it.

use std::{path::Path, process::Command};
use test_support::{Answer, Service};

const SCRIPT: &str = "text/javascript; charset=utf-8";

const PARTS: [(&str, &str); 12] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/changes", "text/plain; charset=utf-8"),
    ("/docs/console.js", SCRIPT),
    ("/docs/exact.js", SCRIPT),
    ("/docs/icon.svg", "image/svg+xml"),
    ("/docs/operations.js", SCRIPT),
    ("/docs/page.css", "text/css; charset=utf-8"),
    ("/docs/page.js", SCRIPT),
    ("/docs/samples.js", SCRIPT),
    ("/docs/theme.js", SCRIPT),
    ("/docs/redoc.js", SCRIPT),
    ("/docs/LICENSE", "text/plain; charset=utf-8"),
];

/// Asks for a part of the page.
async fn get(service: &Service, path: &str, headers: &[(&str, &str)]) -> Answer {
    service.send("GET", path, headers, "").await
}

#[tokio::test]
async fn every_part_says_what_it_is_and_what_it_may_do() {
    let service = Service::start().await;
    for (path, media_type) in PARTS {
        let part = get(&service, path, &[]).await;
        assert_eq!(part.status, 200, "{part}");
        assert!(!part.bytes.is_empty(), "{path} is empty");
        part.expect_header("content-type", media_type);
        part.expect_header("x-content-type-options", "nosniff");
        let policy = part.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let service = Service::start().await;
    for (path, _) in PARTS {
        for coding in ["gzip", "identity"] {
            let accept = ("accept-encoding", coding);
            let first = get(&service, path, &[accept]).await;
            first.expect_header("cache-control", "no-cache");
            let tag = first.header("etag");
            let again = get(&service, path, &[accept, ("if-none-match", tag)]).await;
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{coding}: {again}");
            for name in ["etag", "cache-control", "vary", "content-security-policy"] {
                assert_eq!(again.headers.get(name), first.headers.get(name), "{name} of {path}, {coding}");
            }
            let changed = get(&service, path, &[accept, ("if-none-match", "\"another\"")]).await;
            assert_eq!(changed.status, 200, "{path}, {coding}");
        }
    }
}

#[tokio::test]
async fn what_is_long_is_compressed_for_who_takes_that() {
    let service = Service::start().await;
    let path = "/docs/redoc.js";
    let short = get(&service, path, &[("accept-encoding", "br, gzip")]).await;
    let long = get(&service, path, &[]).await;
    short.expect_header("content-encoding", "gzip");
    assert_eq!(long.headers.get("content-encoding"), None);
    assert_eq!(long.header("vary"), short.header("vary"));
    assert_ne!(
        short.header("etag"),
        long.header("etag"),
        "RFC 9110, section 8.8.3.3: each coding has a tag of its own"
    );
    let (compressed, plain) = (short.bytes.len(), long.bytes.len());
    assert!(short.bytes.starts_with(&[0x1f, 0x8b]), "it is no gzip");
    assert!(compressed * 3 < plain, "{compressed} bytes of {plain}");
    assert!(long.text().contains(".Redoc=t("), "it is not Redoc");
}

#[tokio::test]
async fn the_page_leads_to_what_changed_in_the_contract() {
    let service = Service::start().await;
    assert!(
        get(&service, "/docs", &[]).await.text().contains(r#"href="docs/changes""#),
        "/docs has no link to the changes"
    );
    let changes = get(&service, "/docs/changes", &[]).await;
    assert!(changes.text().contains("\n## 2026-11-28\n"), "{changes}");
}

#[tokio::test]
async fn the_page_has_one_address() {
    let service = Service::start().await;
    let redirect = get(&service, "/docs/", &[]).await;
    assert_eq!(redirect.status, 308, "{redirect}");
    redirect.expect_header("location", "../docs");
}

#[tokio::test]
async fn the_page_names_nothing_elsewhere() {
    let service = Service::start().await;
    let ours = PARTS.iter().filter(|(path, _)| !["/docs/changes", "/docs/redoc.js", "/docs/LICENSE"].contains(path));
    for (path, _) in ours {
        let part = get(&service, path, &[]).await;
        let text = part.text().replace("http://www.w3.org/2000/svg", "a name");
        assert!(!text.contains("://"), "{path} names a host: {text}");
    }
    // Redoc names hosts in links and messages; a browser sees that it asks none (`docs_in_browser.rs`).
    let redoc = get(&service, "/docs/redoc.js", &[]).await;
    for asks in ["cdn.redoc.ly", "redoc.standalone.js.map", "fonts.googleapis"] {
        assert!(!redoc.text().contains(asks), "Redoc has {asks}");
    }
}

#[test]
fn redoc_is_what_its_package_gives() {
    let fetch = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/pages/docs/redoc/fetch.py");
    let checked = Command::new("python3").arg(fetch).arg("--check").output().expect("python3 runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_as_everywhere() {
    let service = Service::start().await;
    for path in ["/docs/index.html", "/docs/redoc/fetch.py", "/docs//page.js", "/docs/page.js/"] {
        service.get(path).await.expect_problem(404, "path-not-found");
    }
    for path in ["/docs", "/docs/", "/docs/page.js"] {
        let answer = service.send("POST", path, &[], "").await;
        answer.expect_header("allow", "GET,HEAD");
        answer.expect_problem(405, "method-not-allowed");
    }
    let head = service.send("HEAD", "/docs", &[], "").await;
    assert_eq!((head.status, head.text()), (200, ""), "{head}");
}
