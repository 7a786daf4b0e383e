//! The operations of the tag `admin`: what is deprecated, information about the store, and clearing it.

use super::{Service, date_time, precondition::Preconditions};
use crate::{
    http::{
        caller::Caller,
        deprecations::{ClientUses, ElementReport},
        problem::Error,
    },
    payments::{Info, Repo},
};
use payments_server::{
    Deprecation,
    admin::{Admin, ClearRepoRequest, ClearRepoResponse, GetRepoResponse, ListDeprecationsResponse},
    models,
};

impl<R: Repo> Admin for Service<R> {
    async fn get_repo(&self, _: Caller) -> Result<GetRepoResponse, Error> {
        let Info { repo, payments, deleted } = self.repo.info().await?;
        let data = models::Repo { repo: repo.to_owned(), payments: count(payments), deleted: count(deleted) };
        Ok(GetRepoResponse::Ok { body: models::RepoResponse { data }.into() })
    }

    async fn clear_repo(&self, _: Caller, request: ClearRepoRequest) -> Result<ClearRepoResponse, Error> {
        let ClearRepoRequest { if_match, if_none_match } = &request;
        Preconditions::of_change(if_match.as_deref(), if_none_match.as_deref())?.evaluate_untagged()?;
        self.repo.clear().await?;
        Ok(ClearRepoResponse::NoContent {})
    }

    async fn list_deprecations(&self, _: Caller) -> Result<ListDeprecationsResponse, Error> {
        let data = self.deprecations.report().into_iter().map(element).collect();
        Ok(ListDeprecationsResponse::Ok { body: models::DeprecationList { data }.into() })
    }
}

fn element(report: ElementReport) -> models::DeprecatedElement {
    let ElementReport { deprecation, clients } = report;
    let Deprecation { element, on, sunset, place: _ } = deprecation;
    models::DeprecatedElement {
        element: element.to_owned(),
        deprecated_on: on.to_string(),
        sunset_on: sunset.map(|day| day.to_string()),
        uses: count(clients.iter().map(|(_, ClientUses { uses, .. })| uses).sum()),
        clients: clients.into_iter().map(client).collect(),
    }
}

fn client(((name, version), uses): ((Box<str>, &'static str), ClientUses)) -> models::DeprecatedElementClient {
    let ClientUses { uses, last_used_on, last_request_id } = uses;
    models::DeprecatedElementClient {
        client: name.into(),
        contract_version: version.to_owned(),
        uses: count(uses),
        last_used_on: date_time::format(last_used_on),
        last_request_id: last_request_id.into(),
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
