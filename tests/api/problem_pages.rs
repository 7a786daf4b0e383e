//! The pages about the kinds of problems, each at the path that is its `type`, and the way from `/` to the documentation.

use test_support::{Answer, Service};

/// A page about a kind of problem that the service really sends.
const CONFLICT: &str = "/problems/version-conflict";

async fn get(service: &Service, path: &str, accept: &str) -> Answer {
    service.send("GET", path, &[("accept", accept)], "").await
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_a_page_about_it() {
    let service = Service::start().await;
    let problem = service.get("/v1/payments/absent").await.expect_problem(404, "payment-not-found");
    let page = get(&service, problem["type"].as_str().unwrap(), "text/html,*/*;q=0.8").await;
    assert_eq!(page.status, 200, "{page}");
    page.expect_header("content-type", "text/html; charset=utf-8");
    for text in ["404 Not Found", "<h1>Payment not found</h1>", "No payment has this id, or it was deleted.", "../docs"]
    {
        assert!(page.text().contains(text), "{text}: {page}");
    }
}

#[tokio::test]
async fn a_program_gets_the_kind_as_json() {
    let service = Service::start().await;
    for accept in ["application/json", "application/json, text/plain, */*", "application/problem+json, application/*"] {
        let kind = get(&service, CONFLICT, accept).await.expect_status(200).json();
        assert_eq!((&kind["type"], &kind["status"]), (&CONFLICT.into(), &409.into()), "{accept}: {kind}");
        assert_eq!(kind["description"], "The payment has changed since; read it again.", "{accept}");
    }
    get(&service, CONFLICT, "*/*").await.expect_header("content-type", "text/html; charset=utf-8");
    get(&service, CONFLICT, "image/png").await.expect_problem(406, "not-acceptable");
}

#[tokio::test]
async fn a_page_keeps_to_itself_and_is_not_sent_twice() {
    let service = Service::start().await;
    let pages = [
        (CONFLICT, "text/html", "accept"),
        (CONFLICT, "application/json", "accept"),
        ("/problems/page.css", "*/*", "accept-encoding"),
    ];
    for (path, accept, vary) in pages {
        let page = get(&service, path, accept).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
        page.expect_header("cache-control", "no-cache");
        page.expect_header("vary", vary);
        let again = service.send("GET", path, &[("accept", accept), ("if-none-match", page.header("etag"))], "").await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{again}");
    }
}

#[tokio::test]
async fn other_kinds_and_methods_are_refused() {
    let service = Service::start().await;
    for path in ["/problems", "/problems/", "/problems/nonsense", "/problems/version-conflict/"] {
        service.get(path).await.expect_problem(404, "path-not-found");
    }
    let answer = service.send("DELETE", CONFLICT, &[], "").await;
    answer.expect_header("allow", "GET,HEAD");
    answer.expect_problem(405, "method-not-allowed");
    let head = service.send("HEAD", CONFLICT, &[], "").await;
    assert_eq!((head.status, head.text()), (200, ""), "{head}");
}

#[tokio::test]
async fn the_root_leads_to_the_documentation() {
    let service = Service::start().await;
    for method in ["GET", "HEAD"] {
        let root = service.send(method, "/", &[], "").await;
        assert_eq!((root.status, root.text()), (307, ""), "{root}");
        root.expect_header("location", "docs");
        root.expect_header("cache-control", "no-store");
    }
    service.send("POST", "/", &[], "").await.expect_problem(405, "method-not-allowed");
}
