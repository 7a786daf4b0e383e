use test_support::Service;

async fn with_payments(count: usize) -> Service {
    let service = Service::start().await;
    for number in 0..count {
        service.create(&format!("p-{number}")).await;
    }
    service
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("p-{number}")).collect()
}

#[tokio::test]
async fn pages_come_in_order_of_creation_and_next_leads_through_them() {
    let service = with_payments(7).await;
    let first = service.get("/v1/payments?size=3").await.expect_status(200);
    assert_eq!(first.ids(), ids(0..3));
    assert_eq!(first.link("self"), "/v1/payments?size=3");
    assert!(first.json()["links"].get("prev").is_none(), "{first}");
    let second = service.get(&first.link("next")).await.expect_status(200);
    assert_eq!(second.ids(), ids(3..6));
    let third = service.get(&second.link("next")).await.expect_status(200);
    assert_eq!(third.ids(), ids(6..7));
    let end = service.get(&third.link("next")).await.expect_status(200);
    assert!(end.ids().is_empty());
    service.create("p-7").await;
    assert_eq!(service.get(&end.link("next")).await.expect_status(200).ids(), ids(7..8));
}

#[tokio::test]
async fn prev_leads_back() {
    let service = with_payments(7).await;
    let first = service.get("/v1/payments?size=3").await.expect_status(200);
    let second = service.get(&first.link("next")).await.expect_status(200);
    let third = service.get(&second.link("next")).await.expect_status(200);
    let end = service.get(&third.link("next")).await.expect_status(200);
    assert_eq!(service.get(&end.link("prev")).await.expect_status(200).ids(), ids(4..7));
    let back = service.get(&third.link("prev")).await.expect_status(200);
    assert_eq!(back.ids(), ids(3..6));
    assert_eq!(service.get(&back.link("next")).await.expect_status(200).ids(), ids(6..7));
    let start = service.get(&back.link("prev")).await.expect_status(200);
    assert_eq!(start.ids(), ids(0..3));
    assert!(service.get(&start.link("prev")).await.expect_status(200).ids().is_empty());
}

#[tokio::test]
async fn from_and_to_still_work() {
    let service = with_payments(7).await;
    for (query, expected) in [
        ("from=5", ids(5..7)),
        ("from=2&size=2", ids(2..4)),
        ("from=2&to=5", ids(2..5)),
        ("to=2", ids(0..2)),
        ("from=7", vec![]),
        ("from=9223372036854775807", vec![]),
        ("from=0&size=9223372036854775807", ids(0..7)),
    ] {
        let answer = service.get(&format!("/v1/payments?{query}")).await.expect_status(200);
        assert_eq!(answer.ids(), expected, "{query}");
        assert_eq!(answer.link("self"), format!("/v1/payments?{query}"));
    }
    let behind = service.get("/v1/payments?from=100&size=2").await.expect_status(200);
    assert_eq!(behind.link("prev"), "/v1/payments?from=98&size=2");
    service.create("p-7").await;
    assert_eq!(service.get(&behind.link("next")).await.expect_status(200).ids(), ids(7..8));
}

#[tokio::test]
async fn a_query_means_the_same_however_it_is_written() {
    let service = with_payments(7).await;
    for query in [
        "from=2&size=2",
        "&size=2&&from=2&",
        "from=2&size=2&=&=x&unknown&a=b=c",
        "%66rom=2&size=%32",
        "from=2&a+b=+&siz%65=2",
    ] {
        let answer = service.get(&format!("/v1/payments?{query}")).await.expect_status(200);
        assert_eq!(answer.ids(), ids(2..4), "{query}");
    }
}

#[tokio::test]
async fn a_page_is_never_larger_than_the_server_says() {
    let service = Service::start_with(&["--max-results", "2"]).await;
    for number in 0..3 {
        service.create(&format!("p-{number}")).await;
    }
    for path in ["/v1/payments", "/v1/payments?size=1000", "/v1/payments?to=1000"] {
        assert_eq!(service.get(path).await.expect_status(200).ids(), ids(0..2), "{path}");
    }
}

#[tokio::test]
async fn an_empty_list_says_where_payments_will_appear() {
    let service = Service::start().await;
    let empty = service.get("/v1/payments").await.expect_status(200);
    assert!(empty.ids().is_empty());
    service.create("p-0").await;
    assert_eq!(service.get(&empty.link("next")).await.expect_status(200).ids(), ids(0..1));
}

#[tokio::test]
async fn deleted_payments_leave_no_holes() {
    let service = with_payments(6).await;
    let first = service.get("/v1/payments?size=2").await.expect_status(200);
    for id in ["p-1", "p-3"] {
        service.delete(&format!("/v1/payments/{id}?version=0")).await.expect_status(204);
    }
    assert_eq!(service.get(&first.link("next")).await.expect_status(200).ids(), ["p-2", "p-4"]);
    assert_eq!(service.get("/v1/payments?from=1&size=2").await.expect_status(200).ids(), ["p-2", "p-4"]);
}

#[tokio::test]
async fn bad_parameters_are_all_named() {
    let service = Service::start().await;
    for (query, pointers) in [
        ("from=-1", vec!["/query/from"]),
        ("size=0", vec!["/query/size"]),
        ("size=abc&from=1.5", vec!["/query/size", "/query/from"]),
        ("size=", vec!["/query/size"]),
        ("size", vec!["/query/size"]),
        ("from=1=2", vec!["/query/from"]),
        ("size=+1", vec!["/query/size"]),
        ("size=%F0%9F%92%A9", vec!["/query/size"]),
        ("size=99999999999999999999", vec!["/query/size"]),
        ("from=5&to=5", vec!["/query/to"]),
        ("from=5&to=4", vec!["/query/to"]),
        ("to=5&size=5", vec!["/query/to"]),
        ("after=garbage", vec!["/query/after"]),
        ("after=", vec!["/query/after"]),
        ("before=AQAAAAAAAAA*", vec!["/query/before"]),
        ("size=1&size=2", vec!["/query/size"]),
    ] {
        service.get(&format!("/v1/payments?{query}")).await.expect_faults(&pointers);
    }
    service.get("/v1/payments?unknown=parameter").await.expect_status(200);
}
