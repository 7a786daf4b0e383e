use crate::service::Service;
use serde_json::json;

#[tokio::test]
async fn a_service_in_order_is_up() {
    let service = Service::start().await;
    for path in ["/health", "/ready", "/alive"] {
        assert_eq!(service.get(path).await.is(200).json(), json!({"status": "up"}), "{path}");
    }
}
