//! What holds for HTTP itself, whatever is served.

use test_support::{Connection, Service, payment};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let service = Service::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/v1/payments", "GET,HEAD,POST"),
        ("POST", "/v1/payments/p-1", "DELETE,GET,HEAD,PATCH,PUT"),
        ("POST", "/health", "GET,HEAD"),
        ("BREW", "/v1/payments", "GET,HEAD,POST"),
        ("PUT", "/openapi.yml", "GET,HEAD"),
    ] {
        let answer = service.send(method, path, &[], "").await;
        let mut methods: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{method} {path}");
        answer.expect_problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn the_contract_is_served_as_it_was_written() {
    let service = Service::start().await;
    let yaml = service.get("/openapi.yml").await;
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert_eq!(yaml.text(), include_str!("../../api/openapi.yml"));
    let json = service.get("/openapi.json").await.expect_status(200).json();
    assert_eq!(json["paths"].as_object().map(serde_json::Map::len), Some(7));
}

#[tokio::test]
async fn another_version_and_another_address_go_into_paths_and_links() {
    let flags = ["--api-version", "v7", "--external-url", "https://pay.example/api/"];
    let service = Service::start_with(&flags).await;
    service.get("/v1/payments").await.expect_problem(404, "path-not-found");
    service.get("/health").await.expect_status(200);
    let json = [("content-type", "application/json")];
    let answer = service.send("POST", "/v7/payments", &json, payment("p-1").to_string()).await.expect_status(201);
    assert_eq!(answer.header("location"), "https://pay.example/api/v7/payments/p-1");
    let list = service.get("/v7/payments?size=1").await.expect_status(200).json();
    assert_eq!(list["links"]["self"], "https://pay.example/api/v7/payments?size=1");
    let contract = service.get("/openapi.json").await.expect_status(200).json();
    assert_eq!(contract["servers"][0]["url"], "https://pay.example/api");
    assert!(contract["paths"]["/v7/payments/{id}"].is_object(), "{:#}", contract["paths"]);
    let yaml = service.get("/openapi.yml").await.text().to_owned();
    assert!(yaml.contains("\n  - url: https://pay.example/api\n") && yaml.contains("\n  /v7/payments:\n"), "{yaml}");
}

#[tokio::test]
async fn http_1_0_without_a_host_is_served() {
    let service = Service::start().await;
    let mut connection = Connection::open(service.address()).await;
    connection.send("GET /v1/payments HTTP/1.0\r\n\r\n").await;
    let (answer, _) = connection.closed().await;
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_served() {
    let service = Service::start().await;
    let client = service.over(reqwest::Client::builder().http2_prior_knowledge().build().unwrap());
    let answer = client.get("/v1/payments").await.expect_status(200);
    assert_eq!(answer.version, reqwest::Version::HTTP_2);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let service = Service::start().await;
    service.create("p-1").await;
    for (path, status) in
        [("/v1/payments/p-1", 200), ("/v1/payments/p-2", 404), ("/openapi.yml", 200), ("/nowhere", 404)]
    {
        let [get, head] = [service.get(path).await, service.send("HEAD", path, &[], "").await];
        assert_eq!((head.status, head.text()), (status, ""), "{path}");
        assert_eq!(head.header("content-length"), get.bytes.len().to_string(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    assert_eq!(service.send("HEAD", "/v1/payments/p-1", &[], "").await.header("etag"), "\"0\"");
}

#[tokio::test]
async fn over_http_2_head_has_no_body_either() {
    let service = Service::start().await;
    let mut connection = Connection::open(service.address()).await;
    // The preface, an empty SETTINGS frame, and the HEADERS of a stream (RFC 9113, sections 3.4, 6.5 and 6.2). In the words of
    // HPACK (RFC 7541): a new `:method` HEAD, `:scheme` http, a new `:path`.
    let block = b"\x02\x04HEAD\x86\x04\x10/v1/payments/p-2";
    let length = u8::try_from(block.len()).unwrap();
    let headers = [&[0, 0, length, 1, 5, 0, 0, 0, 1][..], block].concat();
    connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    connection.send(&headers).await;
    loop {
        let mut head = [0; 9];
        connection.stream.read_exact(&mut head).await.unwrap();
        let [a, b, c, kind, flags, ..] = head;
        let mut payload = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
        connection.stream.read_exact(&mut payload).await.unwrap();
        if kind == 1 {
            assert_eq!(flags & 1, 1, "HEADERS do not end the stream: a body follows");
            return;
        }
    }
}

#[tokio::test]
async fn every_response_names_its_request() {
    let service = Service::start().await;
    for path in ["/v1/payments", "/health", "/openapi.yml"] {
        let made = service.get(path).await.header("x-request-id").to_owned();
        assert_eq!(uuid::Uuid::parse_str(&made).unwrap().get_version_num(), 7, "{path}");
        let kept = service.send("GET", path, &[("x-request-id", "checkout-7")], "").await;
        assert_eq!(kept.header("x-request-id"), "checkout-7", "{path}");
    }
    let problem = service.send("GET", "/v1/payments/p-1", &[("x-request-id", "checkout-8")], "").await;
    assert_eq!(problem.expect_problem(404, "payment-not-found")["request_id"], "checkout-8");
}

#[tokio::test]
async fn a_client_over_its_limit_is_refused_and_others_are_not() {
    let flags = ["--limit", "3-H", "--trusted-proxies", "127.0.0.0/8"];
    let service = Service::start_with(&flags).await;
    let ask = async |client: &str| service.send("GET", "/v1/payments", &[("x-forwarded-for", client)], "").await;
    for left in [2, 1, 0] {
        let answer = ask("192.0.2.1").await.expect_status(200);
        assert!(answer.header("ratelimit").starts_with(&format!("\"client\";r={left};")), "{answer}");
    }
    let refused = ask("192.0.2.1").await;
    assert_eq!(refused.header("retry-after"), "1200");
    refused.expect_problem(429, "too-many-requests");
    ask("192.0.2.2").await.expect_status(200);
    service.get("/health").await.expect_status(200);
}
