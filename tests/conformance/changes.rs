//! Updating and deleting, by version.

use crate::on_every_store;
use crate::stores::{Store, attributes, change, create, current, id, list, names, now, organisation, refused, version};
use crate::view::Repo;
use payments::payments::{Change, Origin, PageStart, Timestamp};

on_every_store!(
    replaces_a_payment_and_its_version,
    refuses_to_update_what_is_not_there,
    refuses_to_update_what_was_deleted,
    refuses_to_update_another_version_and_says_which_is_current,
    refuses_versions_that_never_were,
    deletes_a_payment,
    refuses_to_delete_what_is_not_there,
    refuses_to_delete_twice,
    refuses_to_delete_another_version_and_says_which_is_current,
    a_change_leaves_the_order_alone,
    a_change_leaves_the_others_alone,
    a_version_is_never_earlier_than_the_one_before,
);

async fn replaces_a_payment_and_its_version<R: Repo>(repo: Store<R>) {
    let created = create(&*repo, &["a"]).await.remove(0);
    let mut expected = created.clone();
    for number in 1..=3 {
        let modified_on = now();
        expected.version = version(number);
        expected.organisation_id = organisation(&format!("owner {number}"));
        expected.attributes = attributes(&format!(r#"{{"amount":"{number}"}}"#));
        expected.modified_on = modified_on;
        let change = Change {
            organisation_id: expected.organisation_id.clone(),
            attributes: expected.attributes.clone(),
            modified_on,
            origin: Origin::default(),
        };
        assert_eq!(
            repo.update(&created.id, version(number - 1), change)
                .await
                .expect("the payment is there, at the expected version"),
            expected
        );
        assert_eq!(repo.fetch(&created.id).await.expect("the payment is there"), expected);
    }
}

async fn refuses_to_update_what_is_not_there<R: Repo>(repo: Store<R>) {
    assert_eq!(refused(repo.update(&id("a"), version(0), change("5")).await), "not found");
}

async fn refuses_to_update_what_was_deleted<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    repo.delete(&id("a"), version(0)).await.expect("the payment is there, at the expected version");
    for number in [0, 1, 7] {
        assert_eq!(refused(repo.update(&id("a"), version(number), change("5")).await), "not found");
    }
}

async fn refuses_to_update_another_version_and_says_which_is_current<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    let second =
        repo.update(&id("a"), version(0), change("2")).await.expect("the payment is there, at the expected version");
    assert_eq!(current(repo.update(&id("a"), version(0), change("3")).await), 1);
    assert_eq!(current(repo.update(&id("a"), version(2), change("3")).await), 1);
    assert_eq!(
        repo.fetch(&id("a")).await.expect("the payment is there"),
        second,
        "a refused change must change nothing"
    );
}

async fn refuses_versions_that_never_were<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    assert_eq!(current(repo.update(&id("a"), version(i64::MAX), change("3")).await), 0);
    assert_eq!(current(repo.delete(&id("a"), version(i64::MAX)).await), 0);
}

async fn deletes_a_payment<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b"]).await;
    repo.update(&id("a"), version(0), change("2")).await.expect("the payment is there, at the expected version");
    repo.delete(&id("a"), version(1)).await.expect("the payment is there, at the expected version");
    assert_eq!(refused(repo.fetch(&id("a")).await), "not found");
    assert_eq!(names(&list(&*repo, PageStart::Offset(0), 9).await), "b");
}

async fn refuses_to_delete_what_is_not_there<R: Repo>(repo: Store<R>) {
    assert_eq!(refused(repo.delete(&id("a"), version(0)).await), "not found");
}

async fn refuses_to_delete_twice<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    repo.delete(&id("a"), version(0)).await.expect("the payment is there, at the expected version");
    assert_eq!(refused(repo.delete(&id("a"), version(0)).await), "not found");
    assert_eq!(refused(repo.delete(&id("a"), version(1)).await), "not found");
}

async fn refuses_to_delete_another_version_and_says_which_is_current<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    repo.update(&id("a"), version(0), change("2")).await.expect("the payment is there, at the expected version");
    assert_eq!(current(repo.delete(&id("a"), version(0)).await), 1);
    assert_eq!(current(repo.delete(&id("a"), version(5)).await), 1);
    repo.fetch(&id("a")).await.expect("the payment is there");
}

async fn a_change_leaves_the_order_alone<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c"]).await;
    repo.update(&id("a"), version(0), change("2")).await.expect("the payment is there, at the expected version");
    assert_eq!(names(&list(&*repo, PageStart::Offset(0), 9).await), "a b c");
}

async fn a_change_leaves_the_others_alone<R: Repo>(repo: Store<R>) {
    let created = create(&*repo, &["a", "b"]).await;
    repo.update(&id("a"), version(0), change("2")).await.expect("the payment is there, at the expected version");
    repo.delete(&id("a"), version(1)).await.expect("the payment is there, at the expected version");
    assert_eq!(repo.fetch(&id("b")).await.expect("the payment is there"), created[1]);
}

async fn a_version_is_never_earlier_than_the_one_before<R: Repo>(repo: Store<R>) {
    let earlier = |time: Timestamp| Timestamp::from_micros(time.micros() - 3_600_000_000).unwrap();
    let created = create(&*repo, &["a", "b", "c"]).await;
    let latest = Timestamp::from_micros(now().micros() + 60_000_000).unwrap();
    let later = Change { modified_on: latest, ..change("2") };
    repo.update(&id("b"), version(0), later).await.expect("the payment is there, at the expected version");
    // At once, so that a store may do them together; the clock has gone back by an hour since.
    let back = |number: i64| {
        let repo = repo.share();
        let (name, expected, before) = match number {
            0 => ("a", version(0), created[0].modified_on),
            1 => ("b", version(1), latest),
            _ => ("c", version(0), created[2].modified_on),
        };
        async move {
            let change = Change { modified_on: earlier(before), ..change("3") };
            let updated =
                repo.update(&id(name), expected, change).await.expect("the payment is there, at the expected version");
            assert_eq!(updated.modified_on, before, "{name}");
            assert!(updated.modified_on >= updated.created_on, "{name}");
            assert_eq!(
                repo.fetch(&id(name)).await.expect("the payment is there"),
                updated,
                "{name}: what was returned is what is there"
            );
        }
    };
    tokio::join!(back(0), back(1), back(2));
    assert_eq!(
        list(&*repo, PageStart::Offset(1), 1).await.payments[0].modified_on,
        latest,
        "what is there is in lists"
    );
}
