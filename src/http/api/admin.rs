//! The operations of the tag `admin`: information about the store, and clearing it.

use super::Service;
use crate::{
    http::problem::Error,
    payments::{Info, Repo},
};
use payments_server::{
    admin::{Admin, ClearRepoResponse, GetRepoResponse},
    models,
};

impl<R: Repo> Admin for Service<R> {
    async fn get_repo(&self) -> Result<GetRepoResponse, Error> {
        let Info { repo, payments, deleted } = self.repo.info().await?;
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let data = models::Repo { repo: repo.to_owned(), payments: count(payments), deleted: count(deleted) };
        Ok(GetRepoResponse::Ok { body: models::RepoResponse { data }.into() })
    }

    async fn clear_repo(&self) -> Result<ClearRepoResponse, Error> {
        self.repo.clear().await?;
        Ok(ClearRepoResponse::NoContent {})
    }
}
