//! The operations of the tag `admin`: what is deprecated, information about the store, and clearing it.

use super::{Service, date_time};
use crate::{
    http::{
        deprecations::{ClientUses, ElementReport},
        problem::Error,
    },
    payments::{Info, Repo},
};
use payments_server::{
    Deprecation,
    admin::{Admin, ClearRepoResponse, GetRepoResponse, ListDeprecationsResponse},
    models,
};

impl<R: Repo> Admin for Service<R> {
    async fn get_repo(&self) -> Result<GetRepoResponse, Error> {
        let Info { repo, payments, deleted } = self.repo.info().await?;
        let data = models::Repo { repo: repo.to_owned(), payments: count(payments), deleted: count(deleted) };
        Ok(GetRepoResponse::Ok { body: models::RepoResponse { data }.into() })
    }

    async fn clear_repo(&self) -> Result<ClearRepoResponse, Error> {
        self.repo.clear().await?;
        Ok(ClearRepoResponse::NoContent {})
    }

    async fn list_deprecations(&self) -> Result<ListDeprecationsResponse, Error> {
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

fn client((name, uses): (Box<str>, ClientUses)) -> models::DeprecatedElementClient {
    let ClientUses { uses, last_used_on, last_request_id } = uses;
    models::DeprecatedElementClient {
        client: name.into(),
        uses: count(uses),
        last_used_on: date_time::format(last_used_on),
        last_request_id: last_request_id.into(),
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
