use serde_json::{Value, json};
use test_support::{JSON, Service, payment, with_attributes};

fn replacement(version: i64, amount: &str) -> Value {
    let mut body = with_attributes("p-1", &json!({"amount": amount}));
    body["data"]["version"] = json!(version);
    body
}

#[tokio::test]
async fn a_replaced_payment_is_one_version_on() {
    let service = Service::start().await;
    service.create("p-1").await;
    let answer = service.put("p-1", replacement(0, "7")).await.expect_status(200);
    assert_eq!(answer.header("etag"), "\"1\"");
    let replaced = answer.json();
    assert_eq!((&replaced["data"]["version"], &replaced["data"]["attributes"]), (&json!(1), &json!({"amount": "7"})));
    assert!(replaced["data"]["created_on"].as_str() <= replaced["data"]["modified_on"].as_str());
    assert_eq!(service.get("/v1/payments/p-1").await.expect_status(200).json(), replaced);
}

#[tokio::test]
async fn what_get_returned_can_be_put_back_as_it_is() {
    let service = Service::start().await;
    service.create("p-1").await;
    let read = service.get("/v1/payments/p-1").await.expect_status(200).text().to_owned();
    assert_eq!(service.put("p-1", read).await.expect_status(200).json()["data"]["version"], 1);
}

#[tokio::test]
async fn an_older_version_is_a_conflict_and_changes_nothing() {
    let service = Service::start().await;
    service.create("p-1").await;
    service.put("p-1", replacement(0, "7")).await.expect_status(200);
    for version in [0, 2, i64::MAX] {
        service.put("p-1", replacement(version, "8")).await.expect_problem(409, "version-conflict");
    }
    assert_eq!(service.get("/v1/payments/p-1").await.expect_status(200).json()["data"]["attributes"]["amount"], "7");
}

#[tokio::test]
async fn a_replacement_must_name_its_version_and_its_payment() {
    let service = Service::start().await;
    service.create("p-1").await;
    let mut body = replacement(0, "7");
    body["data"].as_object_mut().unwrap().remove("version");
    body["data"]["id"] = json!("p-2");
    service.put("p-1", &body).await.expect_faults(&["/data/id", "/data/version"]);
    service.put("p-2", replacement(0, "7")).await.expect_faults(&["/data/id"]);
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_replaced() {
    let service = Service::start().await;
    service.put("p-1", replacement(0, "7")).await.expect_problem(404, "payment-not-found");
    service.create("p-1").await;
    service.delete("/v1/payments/p-1?version=0").await.expect_status(204);
    service.put("p-1", replacement(0, "7")).await.expect_problem(404, "payment-not-found");
}

#[tokio::test]
async fn if_match_must_hold_and_is_looked_at_before_the_version() {
    let service = Service::start().await;
    service.create("p-1").await;
    service.put("p-1", replacement(0, "7")).await.expect_status(200);
    let put = async |tag: &str, version| {
        service.send("PUT", "/v1/payments/p-1", &[JSON, ("if-match", tag)], replacement(version, "8").to_string()).await
    };
    put("\"0\"", 1).await.expect_problem(412, "precondition-failed");
    put("W/\"1\"", 1).await.expect_problem(412, "precondition-failed");
    put("\"0\"", 0).await.expect_problem(412, "precondition-failed");
    put("\"1\"", 0).await.expect_problem(409, "version-conflict");
    put("*", 0).await.expect_problem(409, "version-conflict");
    put("1", 1).await.expect_faults(&["/header/If-Match"]);
    put("\"0\", \"1\"", 1).await.expect_status(200);
    put("*", 2).await.expect_status(200);
    let missing = service.send("PUT", "/v1/payments/p-2", &[JSON, ("if-match", "*")], payment("p-2").to_string()).await;
    missing.expect_problem(404, "payment-not-found");
}

#[tokio::test]
async fn of_fifty_racing_writers_one_wins() {
    let service = Service::start().await;
    service.create("p-1").await;
    let answers =
        futures_util::future::join_all((0..50).map(|n| service.put("p-1", replacement(0, &format!("{}", n + 1)))))
            .await;
    let (winners, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(winners.len(), 1, "{winners:#?}");
    for other in others {
        other.expect_problem(409, "version-conflict");
    }
    assert_eq!(service.get("/v1/payments/p-1").await.expect_status(200).text(), winners[0].text());
}
