//! Failures of operations, through the generated routes of any service: an undeclared status never leaves.

use axum::{
    body::Body,
    http::{Method, Request},
};
use payments_server::{
    Api, Faults, Json, Refusal, Routes,
    admin::{self, Admin, ClearRepoResponse, GetRepoResponse},
    models::Rules,
};
use std::sync::Arc;

/// A service whose operations fail with this status.
struct Failing(u16);

#[derive(Debug)]
enum Failure {
    Refused(Refusal),
    Status(u16),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Rules for Failing {
    fn payment_id(_: &str, _: &mut Faults) {}
    fn payment_organisation_id(_: &str, _: &mut Faults) {}
    fn payment_attributes(_: Json<'_>, _: &mut Faults) {}
}

impl Api for Failing {
    type Error = Failure;

    fn max_body(&self) -> usize {
        0
    }

    fn status(error: &Failure) -> u16 {
        match error {
            Failure::Refused(_) => 500,
            Failure::Status(status) => *status,
        }
    }
}

impl Admin for Failing {
    async fn clear_repo(&self) -> Result<ClearRepoResponse, Failure> {
        Err(Failure::Status(self.0))
    }

    async fn get_repo(&self) -> Result<GetRepoResponse, Failure> {
        Err(Failure::Status(self.0))
    }
}

/// How `GET /admin/repo` fails where its operation fails with this status.
async fn failure(status: u16) -> Failure {
    let routes = Routes::new(&Arc::new(Failing(status)), admin::routes(), str::to_owned);
    let target = routes.find(&Method::GET, "/admin/repo").expect("it is served");
    let request = Request::get("/admin/repo").body(Body::empty()).unwrap();
    target.answer(request).await.expect_err("it fails")
}

#[tokio::test]
async fn what_the_contract_declares_stays() {
    assert!(matches!(failure(503).await, Failure::Status(503)));
}

#[tokio::test]
async fn what_it_does_not_declare_never_leaves_and_is_told_of() {
    let failure = failure(418).await;
    let Failure::Refused(Refusal::Undeclared { status: 418, failure }) = &failure else {
        panic!("{failure:?} left");
    };
    assert_eq!(failure, "Status(418)");
}
