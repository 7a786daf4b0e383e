//! Creating, fetching, counting, clearing, closing.

use crate::on_every_store;
use crate::stores::{Store, change, create, id, list, names, payment, refused, version, walk};
use crate::view::Repo;
use payments::payments::{Info, PageStart, Payment, Position, Version};

on_every_store!(
    creates_a_payment_at_version_0,
    fetches_what_was_created,
    does_not_find_what_was_never_created,
    refuses_an_id_that_is_in_use,
    refuses_an_id_that_was_deleted,
    ids_differ_by_case,
    keeps_every_character_that_an_id_may_have,
    keeps_organisations_in_any_script,
    counts_payments_and_deleted_ones,
    forgets_everything_when_cleared,
    goes_on_counting_after_it_was_cleared,
    is_alive,
    refuses_everything_once_closed,
);

async fn creates_a_payment_at_version_0<R: Repo>(repo: Store<R>) {
    let new = payment("a");
    let created = repo.create(new.clone()).await.expect("the store creates a payment with a new id");
    let expected = Payment {
        id: new.id,
        version: Version::FIRST,
        organisation_id: new.organisation_id,
        attributes: new.attributes,
        created_on: new.created_on,
        modified_on: new.created_on,
    };
    assert_eq!(created, expected);
}

async fn fetches_what_was_created<R: Repo>(repo: Store<R>) {
    let created = create(&*repo, &["a", "b", "c"]).await;
    for payment in created {
        assert_eq!(repo.fetch(&payment.id).await.expect("the payment is there"), payment);
    }
}

async fn does_not_find_what_was_never_created<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    assert_eq!(refused(repo.fetch(&id("b")).await), "not found");
}

async fn refuses_an_id_that_is_in_use<R: Repo>(repo: Store<R>) {
    let first = create(&*repo, &["a"]).await;
    assert_eq!(refused(repo.create(payment("a")).await), "already exists");
    assert_eq!(
        repo.fetch(&id("a")).await.expect("the payment is there"),
        first[0],
        "the refused one must not replace the first"
    );
}

async fn refuses_an_id_that_was_deleted<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    repo.delete(&id("a"), version(0)).await.expect("the payment is there, at the expected version");
    assert_eq!(refused(repo.create(payment("a")).await), "already exists");
    assert_eq!(refused(repo.fetch(&id("a")).await), "not found");
}

async fn ids_differ_by_case<R: Repo>(repo: Store<R>) {
    create(&*repo, &["abc", "ABC", "Abc"]).await;
    assert_eq!(repo.fetch(&id("ABC")).await.expect("the payment is there").id, id("ABC"));
    assert_eq!(refused(repo.fetch(&id("aBC")).await), "not found");
}

async fn keeps_every_character_that_an_id_may_have<R: Repo>(repo: Store<R>) {
    let lawful: String = ('!'..='~').filter(|c| !"/?#%".contains(*c)).collect();
    for name in [&lawful[..64], &lawful[lawful.len() - 64..], "'; DROP TABLE payments; --".replace(' ', "_").as_str()] {
        create(&*repo, &[name]).await;
        assert_eq!(repo.fetch(&id(name)).await.expect("the payment is there").id.as_str(), name);
    }
}

async fn keeps_organisations_in_any_script<R: Repo>(repo: Store<R>) {
    for (number, name) in ["Ünïcôde ", " 支付", "💰💰", "'\"\\"].into_iter().enumerate() {
        let mut new = payment(&format!("p{number}"));
        new.organisation_id = crate::stores::organisation(name);
        let created = repo.create(new).await.expect("the store creates a payment with a new id");
        assert_eq!(repo.fetch(&created.id).await.expect("the payment is there").organisation_id.as_str(), name);
    }
}

async fn counts_payments_and_deleted_ones<R: Repo>(repo: Store<R>) {
    let counts = async || {
        let Info { repo: _, payments, deleted } = repo.info().await.expect("the store is counted");
        (payments, deleted)
    };
    assert_eq!(counts().await, (0, 0));
    create(&*repo, &["a", "b", "c"]).await;
    assert_eq!(counts().await, (3, 0));
    repo.update(&id("a"), version(0), change("5")).await.expect("the payment is there, at the expected version");
    repo.delete(&id("a"), version(1)).await.expect("the payment is there, at the expected version");
    assert_eq!(counts().await, (2, 1));
}

async fn forgets_everything_when_cleared<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b"]).await;
    repo.delete(&id("a"), version(0)).await.expect("the payment is there, at the expected version");
    repo.clear().await.expect("the store is emptied");

    assert_eq!(refused(repo.fetch(&id("b")).await), "not found", "b was cleared away");
    let page = list(&*repo, PageStart::Offset(0), 9).await;
    assert_eq!(names(&page), "", "expected an empty page of a cleared store, got {page:?}");
    let Info { repo: _, payments, deleted } = repo.info().await.expect("the store is counted");
    assert_eq!((payments, deleted), (0, 0), "expected no payments, and none that were deleted");
    // The id of the deleted payment is free again, too.
    create(&*repo, &["b", "a"]).await;
}

async fn goes_on_counting_after_it_was_cleared<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c"]).await;
    let (_, end) = walk(&*repo, Position::BEGINNING, 2).await;
    repo.clear().await.expect("the store is emptied");
    create(&*repo, &["d", "a"]).await;
    assert_eq!(walk(&*repo, end, 2).await.0, ["d", "a"], "a walk from before the clear must see all that came after");
}

async fn is_alive<R: Repo>(repo: Store<R>) {
    repo.check().await.expect("the store answers");
}

async fn refuses_everything_once_closed<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    repo.close().await;
    repo.close().await;
    assert_eq!(refused(repo.create(payment("b")).await), "unavailable", "create of a closed store");
    assert_eq!(refused(repo.fetch(&id("a")).await), "unavailable", "fetch of a closed store");
    assert_eq!(refused(repo.list(PageStart::Offset(0), 1).await), "unavailable", "list of a closed store");
    assert_eq!(
        refused(repo.update(&id("a"), version(0), change("1")).await),
        "unavailable",
        "update of a closed store"
    );
    assert_eq!(refused(repo.delete(&id("a"), version(0)).await), "unavailable", "delete of a closed store");
    assert_eq!(refused(repo.check().await), "unavailable", "check of a closed store");
    assert_eq!(refused(repo.info().await), "unavailable", "info of a closed store");
    assert_eq!(refused(repo.clear().await), "unavailable", "clear of a closed store");
}
