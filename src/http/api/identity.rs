//! The operations of the tag `identity`: the metadata that lead clients to the issuer of their tokens.

use super::Service;
use crate::{http::problem::Error, payments::Repo};
use payments_server::{
    admin, events,
    identity::{GetResourceMetadataResponse, Identity},
    models::ResourceMetadata,
    payments,
};
use std::collections::BTreeSet;

impl<R: Repo> Identity for Service<R> {
    async fn get_resource_metadata(&self) -> Result<GetResourceMetadataResponse, Error> {
        let routes = [payments::routes::<Self>(), events::routes(), admin::routes()];
        let scopes: BTreeSet<_> = routes.iter().flatten().filter_map(|route| route.operation.scope).collect();
        let issuer = self.settings.identity.as_ref().map(|identity| identity.issuer.clone());
        let metadata = ResourceMetadata {
            resource: self.settings.external_url.clone(),
            authorization_servers: issuer.into_iter().collect(),
            scopes_supported: scopes.into_iter().map(str::to_owned).collect(),
            bearer_methods_supported: vec!["header".to_owned()],
        };
        Ok(GetResourceMetadataResponse::Ok { body: metadata.into() })
    }
}
