use serde_json::json;
use test_support::{Service, payment, with_attributes};

#[tokio::test]
async fn a_created_payment_is_returned_with_where_it_lives() {
    let service = Service::start().await;
    let answer = service.post(payment("p-1")).await.expect_status(201);
    assert_eq!(answer.header("location"), "http://localhost:8080/v1/payments/p-1");
    assert_eq!(answer.header("etag"), "\"0\"");
    let body = answer.json();
    assert_eq!(body["links"], json!({"self": "http://localhost:8080/v1/payments/p-1"}));
    assert_eq!(body["data"]["version"], 0);
    assert_eq!(body["data"]["created_on"], body["data"]["modified_on"]);
    assert!(body["data"]["created_on"].as_str().is_some_and(|time| time.ends_with('Z') && time.len() == 27), "{body}");
}

#[tokio::test]
async fn without_an_id_the_server_assigns_a_uuid_of_version_7() {
    let service = Service::start().await;
    let mut body = payment("x");
    body["data"].as_object_mut().unwrap().remove("id");
    let id = service.post(&body).await.expect_status(201).json()["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 7);
    service.get(&format!("/v1/payments/{id}")).await.expect_status(200);
}

#[tokio::test]
async fn the_version_sent_counts_for_nothing() {
    let service = Service::start().await;
    let mut body = payment("p-1");
    body["data"]["version"] = json!(41);
    assert_eq!(service.post(body).await.expect_status(201).json()["data"]["version"], 0);
}

#[tokio::test]
async fn an_id_is_used_once() {
    let service = Service::start().await;
    service.create("p-1").await;
    service.post(payment("p-1")).await.expect_problem(409, "payment-exists");
    service.delete("/v1/payments/p-1?version=0").await.expect_status(204);
    service.post(payment("p-1")).await.expect_problem(409, "payment-exists");
}

#[tokio::test]
async fn attributes_come_back_byte_for_byte() {
    let service = Service::start().await;
    for (number, attributes) in [
        r#"{"amount":"1.10"}"#,
        "{ \"z\": 1.10,\n \"amount\" : \"100.21\",\t\"a\": null, \"n\": 123456789012345678901234567890 }",
        r#"{"amount":"1","float":1E400,"text":"\u00e9 é \ud83d\udca9 💩 \u0000 \\ud800 <b>Tom & Co <tom@x.org></b>"}"#,
        r#"{"b":{"y":[],"x":{}},"amount":"1","a":[1,1.0,-0,1e5],"b2":{"k":1,"k":2}}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let body = format!(
            r#"{{"data":{{"type":"Payment","id":"p-{number}","organisation_id":"acme","attributes":{attributes}}}}}"#
        );
        let expected = format!("\"attributes\":{attributes}");
        for answer in [
            service.post(body).await.expect_status(201),
            service.get(&format!("/v1/payments/p-{number}")).await.expect_status(200),
            service.get("/v1/payments").await.expect_status(200),
        ] {
            assert!(answer.text().contains(&expected), "{expected} is not in {answer}");
        }
    }
}

#[tokio::test]
async fn links_encode_what_a_path_cannot_hold() {
    let service = Service::start().await;
    let id = "\"<>\\^`{|}[]";
    let location = service.post(payment(id)).await.expect_status(201).header("location").to_owned();
    assert_eq!(location, "http://localhost:8080/v1/payments/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D");
    let path = location.strip_prefix("http://localhost:8080").unwrap();
    assert_eq!(service.get(path).await.expect_status(200).json()["data"]["id"], id);
}

#[tokio::test]
async fn one_id_created_fifty_times_at_once_is_created_once() {
    let service = Service::start().await;
    let answers = futures_util::future::join_all((0..50).map(|_| service.post(payment("p-1")))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, [409; 49].as_slice()), "{answers:#?}");
}

#[tokio::test]
async fn many_are_created_at_once() {
    let service = Service::start().await;
    let bodies: Vec<_> = (0..1000).map(|n| with_attributes(&format!("p-{n}"), &json!({"amount": "1"}))).collect();
    for answer in futures_util::future::join_all(bodies.iter().map(|body| service.post(body))).await {
        answer.expect_status(201);
    }
    assert_eq!(service.counts().await, (1000, 0));
}
