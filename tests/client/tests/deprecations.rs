//! What a client does about an answer that announces an end.

use client_tests::{PAYMENT, Service, json_answer, problem_answer};
use payments_client::{Client, DeprecationNotice};
use std::{
    sync::mpsc::{Receiver, channel},
    time::{Duration, UNIX_EPOCH},
};
use wiremock::ResponseTemplate;

/// The headers that the service sends with a list that was asked for with `to`.
fn announcing(answer: ResponseTemplate) -> ResponseTemplate {
    answer
        .insert_header("Deprecation", "@1795824000")
        .insert_header("Sunset", "Sun, 28 Nov 2027 00:00:00 GMT")
        .insert_header("Link", r#"<http://localhost/docs#/payments/listPayments>; rel="deprecation"; type="text/html""#)
}

/// A client, and the notices that it gets.
async fn listening(answer: ResponseTemplate) -> (Client, Receiver<DeprecationNotice>, Service) {
    let (sender, notices) = channel();
    let service = Service::answering(answer).await;
    let hook = move |notice: &DeprecationNotice| drop(sender.send(notice.clone()));
    (service.client_with(|settings| settings.on_deprecation(hook)), notices, service)
}

#[tokio::test]
async fn the_hook_hears_of_a_deprecation_once_a_response() {
    let (client, notices, _service) = listening(announcing(json_answer(200, PAYMENT))).await;
    client.get_payment("p").send().await.unwrap();
    client.clone().get_payment("p").if_none_match("\"2\"").send().await.unwrap();
    let notices: Vec<_> = notices.try_iter().collect();
    assert_eq!((notices.len(), &notices[0]), (2, &notices[1]));
    assert_eq!(notices[0].operation, "getPayment");
    assert_eq!(notices[0].deprecation, Some(UNIX_EPOCH + Duration::from_secs(1_795_824_000)));
    assert_eq!(notices[0].sunset, Some(UNIX_EPOCH + Duration::from_secs(1_827_360_000)));
    assert_eq!(notices[0].link.as_deref(), Some("http://localhost/docs#/payments/listPayments"));
}

#[tokio::test]
async fn the_hook_hears_of_it_from_every_kind_of_response() {
    for answer in [ResponseTemplate::new(204), problem_answer(409), ResponseTemplate::new(500), json_answer(204, "x")] {
        let (client, notices, _service) = listening(announcing(answer)).await;
        let _ = client.delete_payment("p").version(3).send().await;
        assert_eq!(notices.try_recv().unwrap().operation, "deletePayment");
    }
}

#[tokio::test]
async fn the_hook_hears_nothing_where_nothing_is_announced() {
    let (client, notices, _service) = listening(json_answer(200, PAYMENT)).await;
    client.get_payment("p").send().await.unwrap();
    assert!(notices.try_recv().is_err());
    // Without a hook an announcement changes nothing.
    let service = Service::answering(announcing(json_answer(200, PAYMENT))).await;
    service.client().get_payment("p").send().await.unwrap();
}
