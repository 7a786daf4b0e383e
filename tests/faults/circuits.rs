//! Which circuit of the breaker each call of the store goes through.

use payments::{
    payments::{
        Attributes, Change, Deletion, Error, NewPayment, OrganisationId, Origin, PageStart, PaymentId, Repo, Tenant,
        Timestamp, Version,
    },
    repo::{Backend, Breaker, Registry, Sqlite, SqliteOptions, TripPolicy},
};
use std::time::Duration;
use test_support::{Fault, Faulty, Plan};

/// A circuit that one failure opens, for longer than the test takes.
const POLICY: TripPolicy = TripPolicy { failures: 1, slow: Duration::from_secs(60), pause: Duration::from_secs(600) };

/// Every call of the store, by name, and the circuit that a failure of it opens; administrative calls open none.
const CALLS: [(&str, &str); 8] = [
    ("create", "writes"),
    ("update", "writes"),
    ("delete", "writes"),
    ("fetch", "fetches"),
    ("list", "lists"),
    ("check", ""),
    ("info", ""),
    ("clear", ""),
];

/// Makes a call of a payment that is not there, and says how it failed, if it did.
async fn call<R: Repo>(repo: &R, name: &str) -> Option<Error> {
    let id = PaymentId::parse("a").expect("a good id");
    let organisation_id = OrganisationId::parse("acme").expect("a good organisation_id");
    let (attributes, now) = (Attributes::stored("{}".into()), Timestamp::UNIX_EPOCH);
    match name {
        "create" => repo
            .create(
                &Tenant::ANONYMOUS,
                NewPayment { id, organisation_id, attributes, created_on: now, origin: Origin::default() },
            )
            .await
            .err(),
        "update" => {
            let change = Change { organisation_id, attributes, modified_on: now, origin: Origin::default() };
            repo.update(&Tenant::ANONYMOUS, &id, Version::FIRST, change).await.err()
        }
        "delete" => {
            let deletion = Deletion { deleted_on: now, origin: Origin::default() };
            repo.delete(&Tenant::ANONYMOUS, &id, Version::FIRST, deletion).await.err()
        }
        "fetch" => repo.fetch(&Tenant::ANONYMOUS, &id).await.err(),
        "list" => repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 1).await.err(),
        "check" => repo.check().await.err(),
        "info" => repo.info().await.err(),
        "clear" => repo.clear().await.err(),
        unknown => panic!("{unknown} is no call of the store"),
    }
}

/// The circuits that are open.
fn open_circuits(registry: &Registry) -> Vec<String> {
    let families = registry.gather();
    let states = families.iter().find(|family| family.name() == "payments_repo_circuit_state").expect("it is measured");
    let open = states.get_metric().iter().filter(|metric| {
        let is_open = metric.get_label().iter().any(|label| label.value() == "open");
        is_open && metric.get_gauge().get_value() > 0.0
    });
    let circuits = open.flat_map(|metric| metric.get_label().iter().filter(|label| label.name() == "circuit"));
    circuits.map(|label| label.value().to_owned()).collect()
}

#[tokio::test]
async fn a_call_that_fails_opens_its_own_circuit_and_no_other() {
    for (name, circuit) in CALLS {
        let plan = Plan::of_every_call(Fault::Fails);
        let store = Sqlite::open(SqliteOptions::default()).await.expect("a fresh store opens");
        let repo = Breaker::new(Faulty::new(store, plan.clone()), POLICY);
        let registry = Registry::new();
        repo.measure(&registry).expect("nothing is measured twice");

        plan.arm();
        let failed = call(&repo, name).await;
        assert!(matches!(failed, Some(Error::Unavailable(_))), "{name}: expected the planned failure, got {failed:?}");
        plan.disarm();
        let expected = if circuit.is_empty() { vec![] } else { vec![circuit] };
        assert_eq!(open_circuits(&registry), expected, "the circuits that are open after a {name} failed");

        for (other, others_circuit) in CALLS {
            // A check would bring a probe forward; it passes, as do the other calls without a circuit.
            if others_circuit.is_empty() {
                continue;
            }
            let outcome = call(&repo, other).await;
            let is_refused = matches!(outcome, Some(Error::Unavailable(_)));
            assert_eq!(
                is_refused,
                others_circuit == circuit,
                "after a {name} failed, a {other} ended with {outcome:?}"
            );
        }
    }
}
