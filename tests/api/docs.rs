//! The documentation page as HTTP has it; `tests/docs.rs` looks at it in a browser.

use crate::service::Service;
use reqwest::header::HeaderMap;

const PARTS: [(&str, &str); 8] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/page.css", "text/css; charset=utf-8"),
    ("/docs/page.js", "text/javascript; charset=utf-8"),
    ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
    ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("/docs/favicon-32x32.png", "image/png"),
    ("/docs/LICENSE", "text/plain; charset=utf-8"),
    ("/docs/NOTICE", "text/plain; charset=utf-8"),
];

/// Asks for a part of the page; returns status, headers and body.
async fn get(service: &Service, path: &str, headers: &[(&'static str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut request = client.get(format!("{}{path}", service.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn every_part_says_what_it_is_and_what_it_may_do() {
    let service = Service::start().await;
    for (path, media_type) in PARTS {
        let (status, headers, body) = get(&service, path, &[]).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, media_type), "{path}");
        assert!(!body.is_empty(), "{path} is empty");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let service = Service::start().await;
    for (path, _) in PARTS {
        for coding in ["gzip", "identity"] {
            let asked = ("accept-encoding", coding);
            let (_, first, _) = get(&service, path, &[asked]).await;
            assert_eq!(first["cache-control"], "no-cache", "{path}");
            let tag = first["etag"].to_str().unwrap();
            let (status, again, body) = get(&service, path, &[asked, ("if-none-match", tag)]).await;
            assert_eq!((status, body.len()), (304, 0), "{path}, {coding}");
            for name in ["etag", "cache-control", "vary", "content-security-policy"] {
                assert_eq!(again.get(name), first.get(name), "{path}: {name}");
            }
            let (status, ..) = get(&service, path, &[asked, ("if-none-match", "\"another\"")]).await;
            assert_eq!(status, 200, "{path}, {coding}");
        }
    }
}

#[tokio::test]
async fn what_is_long_is_compressed_for_who_takes_that() {
    let service = Service::start().await;
    let path = "/docs/swagger-ui-bundle.js";
    let (_, compressed, short) = get(&service, path, &[("accept-encoding", "br, gzip")]).await;
    let (_, plain, long) = get(&service, path, &[]).await;
    assert_eq!(compressed["content-encoding"], "gzip");
    assert_eq!((plain.get("content-encoding"), &plain["vary"]), (None, &compressed["vary"]));
    assert_ne!(compressed["etag"], plain["etag"], "RFC 9110, section 8.8.3.3: each coding has a tag of its own");
    assert!(short.starts_with(&[0x1f, 0x8b]) && short.len() * 3 < long.len(), "{} of {}", short.len(), long.len());
    assert!(String::from_utf8(long).unwrap().contains("SwaggerUIBundle"), "it is Swagger UI");
}

#[tokio::test]
async fn the_page_has_one_address() {
    let service = Service::start().await;
    let (status, headers, _) = get(&service, "/docs/", &[]).await;
    assert_eq!((status, &headers["location"]), (308, &"../docs".parse().unwrap()));
}

#[tokio::test]
async fn the_page_names_nothing_elsewhere() {
    let service = Service::start().await;
    for path in ["/docs", "/docs/page.css", "/docs/page.js"] {
        let (_, _, body) = get(&service, path, &[]).await;
        let text = String::from_utf8(body).unwrap();
        assert!(
            !text.contains("//") || path == "/docs/page.js" && !text.contains("://"),
            "{path} names a host: {text}"
        );
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_as_everywhere() {
    let service = Service::start().await;
    for path in ["/docs/index.html", "/docs/swagger-ui.js", "/docs//page.js", "/docs/page.js/"] {
        service.get(path).await.refused(404, "path-not-found");
    }
    for path in ["/docs", "/docs/", "/docs/page.js"] {
        let answer = service.send("POST", path, &[], "").await;
        assert_eq!(answer.header("allow"), "GET,HEAD", "{path}");
        answer.refused(405, "method-not-allowed");
    }
    let head = service.send("HEAD", "/docs", &[], "").await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
}
