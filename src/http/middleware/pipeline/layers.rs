//! What comes before the handlers of few requests: the layers of CORS and compression, which few services have switched on,
//! and the verification of a token that is not remembered.

use super::{
    Body, CorsLayer, Entry, Mutex, Pipeline, PoisonError, Request, Reserved, Response, Site, compression, mem,
};
use crate::http::identity::METADATA_PATH;
use std::convert::Infallible;
use tower::{ServiceBuilder, ServiceExt, service_fn};

impl Pipeline {
    /// Responds through the CORS and compression layers.
    pub(super) async fn respond_layered(&self, request: Request, reserved: Reserved, entry: &Entry) -> Response {
        // Taken by the one call of the service, which is a closure that could be called again.
        let reserved = Mutex::new(reserved);
        let respond = service_fn(async |request: Request| {
            let reserved = mem::take(&mut *reserved.lock().unwrap_or_else(PoisonError::into_inner));
            let mut dispatched = self.verify_and_dispatch(request, entry, reserved).await;
            let response = self.respond(&mut dispatched, entry).await;
            // The layers hold the body as it is, however short what they make of it.
            Ok::<_, Infallible>(match dispatched.reserved.permit {
                Some(permit) => response.map(|body| permit.hold_for(body)),
                None => response,
            })
        });
        let compress = self.compress.then(|| {
            ServiceBuilder::new()
                .map_response(|response: axum::http::Response<_>| response.map(Body::new))
                .layer(compression::layer())
        });
        let cors = self.cors_for(request.uri().path()).cloned();
        let layered = ServiceBuilder::new().option_layer(cors).option_layer(compress).service(respond);
        let mut response = match layered.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if self.compress {
            compression::vary(&mut response);
        }
        response
    }

    /// The CORS layer of a path: a versioned one, the contract, or what names the issuer. Paths for operators have none: a page
    /// that an operator visits could otherwise send `DELETE /admin/repo` with the operator's reach into the network.
    pub(super) fn cors_for(&self, path: &str) -> Option<&CorsLayer> {
        let is_shared = |path: &str| path.starts_with(&self.versioned_prefix) || Site::is_contract(path);
        self.cors.as_ref().filter(|_| is_shared(path) || path == METADATA_PATH)
    }
}
