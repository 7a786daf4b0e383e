use serde_json::json;
use test_support::{Service, payment};

#[tokio::test]
async fn the_store_describes_itself() {
    let service = Service::start().await;
    service.create("p-1").await;
    service.create("p-2").await;
    service.delete("/v1/payments/p-1?version=0").await.expect_status(204);
    let repo = service.get("/admin/repo").await.expect_status(200).json();
    assert_eq!(repo, json!({"data": {"repo": "sqlite3", "payments": 1, "deleted": 1}}));
}

#[tokio::test]
async fn an_emptied_store_forgets_ids_but_not_its_place() {
    let service = Service::start().await;
    service.create("p-1").await;
    let page = service.get("/v1/payments").await.expect_status(200).json();
    let next = page["links"]["next"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap().to_owned();
    service.delete("/admin/repo").await.expect_status(204);
    assert_eq!(service.counts().await, (0, 0));
    service.post(payment("p-1")).await.expect_status(201);
    assert_eq!(service.get(&next).await.expect_status(200).ids(), ["p-1"]);
}

#[tokio::test]
async fn without_the_flag_there_is_no_admin() {
    let service = Service::start_with(&[]).await;
    service.get("/admin/repo").await.expect_problem(404, "path-not-found");
    service.delete("/admin/repo").await.expect_problem(404, "path-not-found");
}
