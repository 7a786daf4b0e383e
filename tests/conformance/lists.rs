//! Pages: by offset, behind a position, before one.

use crate::on_every_store;
use crate::stores::{
    Store, after, attributes, before, change, create, create_many, id, list, names, payment, version, walk,
};
use crate::view::Repo;
use payments::payments::{NewPayment, PageStart, Position};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

on_every_store!(
    lists_in_order_of_creation,
    lists_what_fetch_shows,
    starts_at_an_offset,
    offsets_do_not_count_the_deleted,
    an_offset_beyond_the_end_shows_nothing_and_misses_nothing,
    goes_on_behind_a_page,
    goes_back_before_a_page,
    an_empty_store_has_empty_pages,
    an_empty_page_says_where_to_go_on,
    an_empty_page_says_where_to_go_back,
    positions_survive_the_deletion_of_their_payment,
    a_page_says_whether_payments_stand_before_it,
    a_page_is_bounded_in_bytes,
    a_payment_larger_than_a_page_has_one_of_its_own,
    many_payments_of_a_usual_size_are_bounded_too,
    absurd_positions_are_harmless,
    a_page_of_size_0_is_empty,
    agrees_with_a_plain_vector,
);

async fn lists_in_order_of_creation<R: Repo>(repo: Store<R>) {
    create(&*repo, &["c", "a", "b"]).await;
    assert_eq!(names(&list(&*repo, PageStart::Offset(0), 9).await), "c a b");
    assert_eq!(names(&list(&*repo, after(Position::BEGINNING), 9).await), "c a b");
    assert_eq!(names(&list(&*repo, before(Position(i64::MAX)), 9).await), "c a b");
}

async fn lists_what_fetch_shows<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b"]).await;
    repo.update(&id("a"), version(0), change("7")).await.expect("the payment is there, at the expected version");
    for payment in list(&*repo, PageStart::Offset(0), 9).await.into_inner().payments {
        assert_eq!(repo.fetch(&payment.id).await.expect("the payment is there"), payment);
    }
}

async fn starts_at_an_offset<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c", "d", "e"]).await;
    for (offset, size, expected) in
        [(0, 2, "a b"), (1, 2, "b c"), (3, 2, "d e"), (4, 2, "e"), (5, 2, ""), (0, 5, "a b c d e"), (u64::MAX, 2, "")]
    {
        assert_eq!(
            names(&list(&*repo, PageStart::Offset(offset), size).await),
            expected,
            "offset {offset}, size {size}"
        );
    }
}

async fn offsets_do_not_count_the_deleted<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c", "d"]).await;
    repo.delete(&id("b"), version(0)).await.expect("the payment is there, at the expected version");
    assert_eq!(names(&list(&*repo, PageStart::Offset(1), 1).await), "c");
}

async fn an_offset_beyond_the_end_shows_nothing_and_misses_nothing<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c"]).await;
    repo.delete(&id("c"), version(0)).await.expect("the payment is there, at the expected version");
    let page = list(&*repo, PageStart::Offset(2), 5).await;
    assert_eq!(names(&page), "");
    create(&*repo, &["d"]).await;
    assert_eq!(names(&list(&*repo, after(page.last), 5).await), "d");
    assert_eq!(names(&list(&*repo, before(page.first), 5).await), "a b");
}

async fn goes_on_behind_a_page<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c", "d", "e"]).await;
    let first = list(&*repo, PageStart::Offset(0), 2).await;
    let second = list(&*repo, after(first.last), 2).await;
    let third = list(&*repo, after(second.last), 2).await;
    assert_eq!([names(&first), names(&second), names(&third)], ["a b", "c d", "e"]);
}

async fn goes_back_before_a_page<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c", "d", "e"]).await;
    let last = list(&*repo, PageStart::Offset(4), 2).await;
    let second = list(&*repo, before(last.first), 2).await;
    let first = list(&*repo, before(second.first), 2).await;
    let none = list(&*repo, before(first.first), 2).await;
    assert_eq!([names(&last), names(&second), names(&first), names(&none)], ["e", "c d", "a b", ""]);
    assert_eq!(names(&list(&*repo, after(second.last), 2).await), "e", "forward again from a page reached backwards");
    assert_eq!(names(&list(&*repo, after(none.last), 2).await), "a b", "forward again from before the beginning");
}

async fn an_empty_store_has_empty_pages<R: Repo>(repo: Store<R>) {
    for start in [PageStart::Offset(0), after(Position::BEGINNING), before(Position(i64::MAX)), PageStart::Offset(9)] {
        assert_eq!(names(&list(&*repo, start, 5).await), "", "{start:?}");
    }
}

async fn an_empty_page_says_where_to_go_on<R: Repo>(repo: Store<R>) {
    let empty = list(&*repo, PageStart::Offset(0), 5).await;
    create(&*repo, &["a"]).await;
    assert_eq!(names(&list(&*repo, after(empty.last), 5).await), "a");

    let (_, end) = walk(&*repo, Position::BEGINNING, 1).await;
    let empty = list(&*repo, after(end), 5).await;
    create(&*repo, &["b", "c"]).await;
    assert_eq!(names(&list(&*repo, after(empty.last), 5).await), "b c");
}

async fn an_empty_page_says_where_to_go_back<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c"]).await;
    let (_, end) = walk(&*repo, Position::BEGINNING, 2).await;
    let empty = list(&*repo, after(end), 2).await;
    assert_eq!(names(&list(&*repo, before(empty.first), 2).await), "b c");
}

async fn positions_survive_the_deletion_of_their_payment<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c", "d"]).await;
    let page = list(&*repo, PageStart::Offset(1), 2).await;
    repo.delete(&id("b"), version(0)).await.expect("the payment is there, at the expected version");
    repo.delete(&id("c"), version(0)).await.expect("the payment is there, at the expected version");
    assert_eq!(names(&list(&*repo, after(page.last), 5).await), "d");
    assert_eq!(names(&list(&*repo, before(page.first), 5).await), "a");
}

async fn a_page_says_whether_payments_stand_before_it<R: Repo>(repo: Store<R>) {
    let empty = [PageStart::Offset(0), PageStart::Offset(3), after(Position(7)), before(Position(7))];
    for start in empty {
        assert!(!list(&*repo, start, 2).await.has_previous, "{start:?} of an empty store");
    }
    create(&*repo, &["a", "b", "c", "d"]).await;
    let numbers = first_numbers(&repo, 4).await;
    let (first, third, end) = (numbers[0], numbers[2], numbers[3].next());
    for (start, size, expected, has_previous) in [
        (PageStart::Offset(0), 2, "a b", false),
        (PageStart::Offset(1), 2, "b c", true),
        (PageStart::Offset(9), 2, "", true),
        (after(Position::BEGINNING), 2, "a b", false),
        (after(first), 2, "b c", true),
        (after(end), 2, "", true),
        (before(end), 5, "a b c d", false),
        (before(end), 4, "a b c d", false),
        (before(end), 3, "b c d", true),
        (before(third), 2, "a b", false),
        (before(third), 1, "b", true),
        (before(first), 2, "", false),
    ] {
        let page = list(&*repo, start, size).await;
        assert_eq!((names(&page).as_str(), page.has_previous), (expected, has_previous), "{start:?}, size {size}");
    }
    // What is deleted stands before nothing.
    repo.delete(&id("a"), version(0)).await.expect("the payment is there, at the expected version");
    for (start, has_previous) in [(after(first), false), (before(third), false), (before(end), true)] {
        assert_eq!(list(&*repo, start, 2).await.has_previous, has_previous, "{start:?} after a deletion");
    }
    for name in ["b", "c", "d"] {
        repo.delete(&id(name), version(0)).await.expect("the payment is there, at the expected version");
    }
    for start in [PageStart::Offset(3), after(end), before(end)] {
        assert!(!list(&*repo, start, 2).await.has_previous, "{start:?} after all was deleted");
    }
}

/// Creates a payment for each of `sizes`, `p0` and so on, with attributes of so many bytes.
async fn create_sized<R: Repo>(repo: &Store<R>, sizes: &[usize]) {
    for (number, size) in sizes.iter().enumerate() {
        let text = |filling: usize| format!(r#"{{"amount":"1","note":"{}"}}"#, "x".repeat(filling));
        let attributes = attributes(&text(size - text(0).len()));
        assert_eq!(attributes.as_str().len(), *size);
        repo.create(NewPayment { attributes, ..payment(&format!("p{number}")) })
            .await
            .expect("the store creates a payment with a new id");
    }
}

/// The names on each page of a walk from the beginning, and of a walk back from the end, in order of creation.
async fn walks<R: Repo>(repo: &Store<R>, size: u32) -> (Vec<String>, Vec<String>) {
    let (mut forth, mut back) = (Vec::new(), Vec::new());
    let mut page = list(&**repo, PageStart::Offset(0), size).await;
    while !page.payments.is_empty() {
        forth.push(names(&page));
        page = list(&**repo, after(page.last), size).await;
    }
    while page.has_previous {
        page = list(&**repo, before(page.first), size).await;
        assert!(!page.payments.is_empty(), "a page that has no payments before it said that it has");
        back.insert(0, names(&page));
    }
    (forth, back)
}

async fn a_page_is_bounded_in_bytes<R: Repo>(repo: Store<R>) {
    let third = (1 << 20) / 3;
    create_sized(&repo, &[third, third, third, third + 9, third, third, 100, 100]).await;
    let (forth, back) = walks(&repo, 20).await;
    assert_eq!(forth, ["p0 p1 p2", "p3 p4", "p5 p6 p7"]);
    assert_eq!(back, ["p0 p1", "p2 p3", "p4 p5 p6 p7"]);
    for (offset, expected) in [(0, "p0 p1 p2"), (1, "p1 p2"), (3, "p3 p4"), (5, "p5 p6 p7")] {
        let page = list(&*repo, PageStart::Offset(offset), 20).await;
        assert_eq!(names(&page), expected, "offset {offset}");
        let rest = walk(&*repo, page.last, 20).await.0;
        assert_eq!(rest.len(), 8 - offset as usize - page.payments.len(), "behind offset {offset}");
    }
    assert_eq!(names(&list(&*repo, PageStart::Offset(0), 2).await), "p0 p1", "a size that fits is kept");
}

async fn a_payment_larger_than_a_page_has_one_of_its_own<R: Repo>(repo: Store<R>) {
    create_sized(&repo, &[100, 3 << 20, 100, 100, 1 << 20, 2 << 20]).await;
    for size in [5, 20, 1000] {
        let (forth, back) = walks(&repo, size).await;
        let expected = ["p0", "p1", "p2 p3", "p4", "p5"];
        assert_eq!(
            (&forth[..], &back[..]),
            (&expected.map(String::from)[..], &expected.map(String::from)[..]),
            "{size}"
        );
    }
}

async fn many_payments_of_a_usual_size_are_bounded_too<R: Repo>(repo: Store<R>) {
    create_sized(&repo, &[4096; 300]).await;
    let (forth, back) = walks(&repo, 1000).await;
    let count = |pages: Vec<String>| pages.iter().map(|page| page.split(' ').count()).collect::<Vec<_>>();
    assert_eq!((count(forth), count(back)), (vec![256, 44], vec![44, 256]));
}

/// The numbers of the first `count` payments.
async fn first_numbers<R: Repo>(repo: &Store<R>, count: u64) -> Vec<Position> {
    let mut numbers = Vec::new();
    for offset in 0..count {
        numbers.push(list(&**repo, PageStart::Offset(offset), 1).await.first);
    }
    numbers
}

async fn absurd_positions_are_harmless<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b"]).await;
    for number in [i64::MIN, i64::MIN + 1, -1, 0] {
        assert_eq!(names(&list(&*repo, after(Position(number)), 5).await), "a b", "after {number}");
        let page = list(&*repo, before(Position(number)), 5).await;
        assert_eq!((names(&page).as_str(), page.last), ("", Position::BEGINNING), "before {number}");
    }
    for number in [i64::MAX - 1, i64::MAX] {
        assert_eq!(names(&list(&*repo, after(Position(number)), 5).await), "", "after {number}");
        assert_eq!(names(&list(&*repo, before(Position(number)), 5).await), "a b", "before {number}");
    }
}

async fn a_page_of_size_0_is_empty<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b"]).await;
    let page = list(&*repo, after(Position::BEGINNING), 0).await;
    assert_eq!(names(&page), "");
    assert_eq!(names(&list(&*repo, after(page.last), 5).await), "a b");
}

async fn agrees_with_a_plain_vector<R: Repo>(repo: Store<R>) {
    let created = create_many(&*repo, 40).await;
    let mut model: Vec<String> = created.iter().map(|payment| payment.id.as_str().to_owned()).collect();
    for number in (0..40).filter(|number| number % 3 == 1) {
        repo.delete(&id(&format!("p{number}")), version(0))
            .await
            .expect("the payment is there, at the expected version");
        model.retain(|name| *name != format!("p{number}"));
    }
    let mut runner = TestRunner::deterministic();
    let cases = (0..model.len() + 3, 1..9_usize);
    for _ in 0..100 {
        let (offset, size) = cases.new_tree(&mut runner).unwrap().current();
        let start = PageStart::Offset(offset as u64);
        let page = list(&*repo, start, u32::try_from(size).unwrap()).await;
        let expected: Vec<_> = model.iter().skip(offset).take(size).cloned().collect();
        assert_eq!(names(&page), expected.join(" "), "{start:?}, size {size}");
        assert_eq!(page.has_previous, offset > 0, "{start:?}, size {size}");

        let next = list(&*repo, after(page.last), u32::try_from(size).unwrap()).await;
        let expected: Vec<_> = model.iter().skip(offset + size).take(size).cloned().collect();
        assert_eq!(names(&next), expected.join(" "), "behind {start:?}, size {size}");
        assert!(next.has_previous, "behind {start:?}, size {size}");

        let previous = list(&*repo, before(page.first), u32::try_from(size).unwrap()).await;
        let end = offset.min(model.len());
        let expected = &model[end.saturating_sub(size)..end];
        assert_eq!(names(&previous), expected.join(" "), "before {start:?}, size {size}");
        assert_eq!(previous.has_previous, end > size, "before {start:?}, size {size}");
    }
}
