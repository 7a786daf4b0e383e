//! Clients that were generated from older versions of the contract: the service serves each as on the day of its version.

use payments_client_2026_11_28::{
    Client,
    models::{JsonPatch, JsonPatchOp, JsonPatchOperation, MergePatch, Payment, PaymentAttributes, PaymentRequest},
};
use serde_json::json;
use std::sync::{Arc, Mutex};
use test_support::Service;

/// What the client was told is deprecated: the operations.
type Notices = Arc<Mutex<Vec<&'static str>>>;

async fn start() -> (Service, Client, Notices) {
    let service = Service::start().await;
    let notices = Notices::default();
    let heard = Arc::clone(&notices);
    let client =
        Client::builder(&service.url).on_deprecation(move |notice| heard.lock().unwrap().push(notice.operation));
    let client = client.build().unwrap();
    (service, client, notices)
}

fn payment(id: &str) -> PaymentRequest {
    PaymentRequest::new(Payment::new("mill", PaymentAttributes::new("1.10")).id(id))
}

#[tokio::test]
async fn the_client_of_2026_11_28_is_not_broken() {
    let (_service, client, _) = start().await;
    let created = client.create_payment(&payment("flour")).send().await.unwrap();
    assert_eq!((created.header("content-version"), created.etag()), (Some("2026-11-28"), Some("\"0\"")));
    let unchanged = client.get_payment("flour").if_none_match("\"0\"").send().await.unwrap();
    assert!(unchanged.body.is_none(), "{unchanged:?}");

    let read = client.get_payment("flour").send().await.unwrap().body;
    let same = PaymentRequest::new(read.data);
    let replaced = client.update_payment("flour", &same).send().await.unwrap();
    assert_eq!((replaced.body.data.version, replaced.body.data.attributes), (Some(1), same.data.attributes.clone()));
    let stale = client.update_payment("flour", &same).send().await.unwrap_err();
    assert_eq!(stale.problem().unwrap().kind, "/problems/version-conflict");

    let raise = JsonPatchOperation::new(JsonPatchOp::Replace, "/data/attributes/amount").value("2.20");
    client.patch_payment("flour", JsonPatch::from([raise])).if_match("\"1\"").send().await.unwrap();
    let merge = MergePatch::new().data(json!({"attributes": {"reference": "bread"}}));
    let patched = client.patch_payment("flour", merge).send().await.unwrap().body.data;
    assert_eq!((patched.version, patched.attributes.amount()), (Some(3), "2.20"));
    client.delete_payment("flour").version(3).send().await.unwrap();
    let gone = client.get_payment("flour").send().await.unwrap_err();
    assert_eq!(gone.problem().unwrap().kind, "/problems/payment-not-found");
}

#[tokio::test]
async fn the_client_of_2026_11_28_lists_by_to_and_is_told_of_its_end() {
    let (_service, client, notices) = start().await;
    for number in 1..=5 {
        client.create_payment(&payment(&format!("p-{number}"))).send().await.unwrap();
    }
    let ids = |payments: &[Payment]| payments.iter().filter_map(|payment| payment.id.clone()).collect::<Vec<_>>();
    let mut page = client.list_payments().size(2).send().await.unwrap().body;
    let mut walked = ids(&page.data);
    while !page.data.is_empty() {
        page = client.list_payments().follow(&page.links.next).send().await.unwrap().body;
        walked.extend(ids(&page.data));
    }
    assert_eq!(walked, ["p-1", "p-2", "p-3", "p-4", "p-5"]);
    assert_eq!(*notices.lock().unwrap(), [""; 0], "nothing that is deprecated was used");

    #[expect(deprecated, reason = "that version has it")]
    let request = client.list_payments().from(1).to(3);
    let page = request.send().await.unwrap();
    assert_eq!(page.header("content-version"), Some("2026-11-28"));
    assert_eq!(ids(&page.body.data), ["p-2", "p-3"]);
    assert!(page.body.links.self_url.ends_with("/v1/payments?from=1&to=3"), "{}", page.body.links.self_url);
    assert_eq!(*notices.lock().unwrap(), ["listPayments"]);
    let ignored = client.list_payments().follow("?size=1&cursor=x").send().await.unwrap();
    assert_eq!(ids(&ignored.body.data), ["p-1"]);
}
