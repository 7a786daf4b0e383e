use test_support::Service;

#[tokio::test]
async fn a_payment_is_read_with_its_entity_tag() {
    let service = Service::start().await;
    service.create("p-1").await;
    let answer = service.get("/v1/payments/p-1").await.expect_status(200);
    assert_eq!(answer.header("etag"), "\"0\"");
    assert_eq!(answer.json()["links"]["self"], "http://localhost:8080/v1/payments/p-1");
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let service = Service::start().await;
    service.create("p-1").await;
    for (header, status) in [("\"0\"", 304), ("W/\"0\"", 304), ("*", 304), ("\"1\"", 200), ("0", 200)] {
        let answer =
            service.send("GET", "/v1/payments/p-1", &[("if-none-match", header)], "").await.expect_status(status);
        assert_eq!(answer.header("etag"), "\"0\"");
        assert_eq!(answer.bytes.is_empty(), status == 304, "{answer}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let service = Service::start().await;
    let too_long = format!("/v1/payments/{}", "x".repeat(65));
    for path in ["/v1/payments/p-1", "/v1/payments/a%20b", "/v1/payments/%F0%9F%92%A9", "/v1/payments/%FF", &too_long] {
        service.get(path).await.expect_problem(404, "payment-not-found");
    }
    for path in ["/v1/payments/", "/v1/payments/a/b", "/v1", "/", "/v2/payments", "/nowhere"] {
        service.get(path).await.expect_problem(404, "path-not-found");
    }
}

#[tokio::test]
async fn the_percent_encoding_of_an_id_does_not_matter() {
    let service = Service::start().await;
    service.create("p-1").await;
    assert_eq!(service.get("/v1/payments/%70-%31").await.expect_status(200).json()["data"]["id"], "p-1");
}
