use test_support::{Answer, Service, payment};

async fn delete_if(service: &Service, path: &str, tag: &str) -> Answer {
    service.send("DELETE", path, &[("if-match", tag)], "").await
}

#[tokio::test]
async fn a_deleted_payment_is_gone() {
    let service = Service::start().await;
    service.create("p-1").await;
    assert_eq!(service.delete("/v1/payments/p-1?version=0").await.expect_status(204).text(), "");
    service.get("/v1/payments/p-1").await.expect_problem(404, "payment-not-found");
    service.delete("/v1/payments/p-1?version=0").await.expect_problem(404, "payment-not-found");
    assert!(service.get("/v1/payments").await.expect_status(200).ids().is_empty());
    assert_eq!(service.counts().await, (0, 1));
}

#[tokio::test]
async fn the_version_may_stand_in_the_query_or_in_if_match() {
    let service = Service::start().await;
    for id in ["a", "b", "c", "d"] {
        service.create(id).await;
    }
    service.delete("/v1/payments/a?version=0").await.expect_status(204);
    delete_if(&service, "/v1/payments/b", "\"0\"").await.expect_status(204);
    delete_if(&service, "/v1/payments/c", "*").await.expect_status(204);
    delete_if(&service, "/v1/payments/d?version=0", "\"0\"").await.expect_status(204);
}

#[tokio::test]
async fn another_version_is_refused_and_nothing_is_deleted() {
    let service = Service::start().await;
    service.create("p-1").await;
    service.delete("/v1/payments/p-1?version=1").await.expect_problem(409, "version-conflict");
    delete_if(&service, "/v1/payments/p-1", "\"1\"").await.expect_problem(412, "precondition-failed");
    delete_if(&service, "/v1/payments/p-1?version=0", "\"1\"").await.expect_problem(412, "precondition-failed");
    delete_if(&service, "/v1/payments/p-1?version=1", "\"0\"").await.expect_problem(409, "version-conflict");
    service.delete("/v1/payments/p-1").await.expect_faults(&["/query/version"]);
    service.delete("/v1/payments/p-1?version=abc").await.expect_faults(&["/query/version"]);
    service.delete("/v1/payments/p-1?version=-1").await.expect_faults(&["/query/version"]);
    service.delete("/v1/payments/p-1?version=0&version=0").await.expect_faults(&["/query/version"]);
    delete_if(&service, "/v1/payments/p-1", "0").await.expect_faults(&["/header/If-Match"]);
    assert_eq!(service.counts().await, (1, 0));
}

#[tokio::test]
async fn of_fifty_racing_deletes_one_wins() {
    let service = Service::start().await;
    service.post(payment("p-1")).await.expect_status(201);
    let answers = futures_util::future::join_all((0..50).map(|_| service.delete("/v1/payments/p-1?version=0"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 204) {
        answer.expect_problem(404, "payment-not-found");
    }
}
