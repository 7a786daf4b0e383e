use serde_json::json;
use test_support::Service;

#[tokio::test]
async fn a_service_in_order_is_up() {
    let service = Service::start().await;
    for path in ["/health", "/ready", "/alive"] {
        assert_eq!(service.get(path).await.expect_status(200).json(), json!({"status": "up"}), "{path}");
    }
}
