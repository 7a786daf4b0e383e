//! Authorises requests: finds their caller by the token, and holds the caller to the scope of the operation.
//!
//! A token that was verified a short time ago is remembered, so most requests wait for nothing. Any other token is verified
//! only while the limit of its client's address allows, because that costs much more than a request.

use crate::http::{
    caller::Caller,
    identity::{Identity, TokenFault},
    problem::Error,
    site::Site,
};
use ::identity::{Caller as Holder, VerifyError};
use axum::http::{HeaderMap, header};
use payments_server::Operation;
use std::sync::Arc;

/// The scheme of the header `Authorization` (RFC 6750, section 2.1), and what separates it from the token.
const SCHEME: &[u8] = b"bearer ";

/// What is known of the caller of a request.
#[derive(Debug)]
pub(super) enum Authorisation {
    /// The operation is open to everybody, or the service asks for no tokens.
    NotAsked,
    /// The caller has the scope of the operation.
    Granted(Authorised),
    /// The token has to be verified first.
    Unverified,
}

/// The caller of a request, who has the scope of its operation.
#[derive(Debug, Clone)]
pub(super) struct Authorised {
    pub(super) caller: Caller,
    /// The holder of the token, for the log and the rate limit.
    pub(super) holder: Arc<Holder>,
}

/// Authorises a request as far as that can be done at once.
///
/// # Errors
/// 401 without a token that can be verified, 403 without the scope.
pub(super) fn recall(
    identity: Option<&Identity>,
    operation: Option<&'static Operation>,
    headers: &HeaderMap,
) -> Result<Authorisation, Error> {
    let (Some(identity), Some((operation, scope))) = (identity, with_scope(operation)) else {
        return Ok(Authorisation::NotAsked);
    };
    match identity.verifier.recall(token(headers)?) {
        Some(holder) => grant(holder, operation, scope).map(Authorisation::Granted),
        None => Ok(Authorisation::Unverified),
    }
}

/// Authorises a request whose token is not remembered.
///
/// # Errors
/// Those of [`recall`], and 503 while the issuer has given no keys.
pub(super) async fn verify(
    identity: &Identity,
    operation: Option<&'static Operation>,
    headers: &HeaderMap,
) -> Result<Option<Authorised>, Error> {
    let Some((operation, scope)) = with_scope(operation) else { return Ok(None) };
    match identity.verifier.verify(token(headers)?).await {
        Ok(holder) => grant(holder, operation, scope).map(Some),
        Err(VerifyError::Invalid(reason)) => Err(Error::Unauthenticated(TokenFault::Invalid(reason))),
        Err(VerifyError::NoKeys { retry_after }) => Err(Error::IssuerAway { retry_after }),
    }
}

fn with_scope(operation: Option<&'static Operation>) -> Option<(&'static Operation, &'static str)> {
    operation.and_then(|operation| Some((operation, operation.scope?)))
}

/// Holds the holder of a token to the scope of an operation; one on payments needs an organisation, too.
fn grant(holder: Arc<Holder>, operation: &'static Operation, scope: &'static str) -> Result<Authorised, Error> {
    let organisation = holder.organisation().and_then(|text| crate::payments::OrganisationId::parse(text).ok());
    if organisation.is_none() && Site::is_versioned(operation) {
        return Err(Error::Unauthenticated(TokenFault::NoOrganisation));
    }
    if !holder.scopes().contains(scope) {
        return Err(Error::InsufficientScope { scope });
    }
    Ok(Authorised { caller: Caller::of(organisation), holder })
}

/// The token of a request. It is taken from this header alone: addresses end up in logs and histories.
fn token(headers: &HeaderMap) -> Result<&str, Error> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let fault = match (sent.next(), sent.next()) {
        (Some(value), None) => match value.as_bytes().split_at_checked(SCHEME.len()) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) => {
                // What is not ASCII is no token, and the verifier says so of text without any.
                return Ok(std::str::from_utf8(token).unwrap_or_default().trim_start_matches(' '));
            }
            Some(_) | None => TokenFault::NotBearer,
        },
        (None, _) => TokenFault::Missing,
        (Some(_), Some(_)) => TokenFault::Twice,
    };
    Err(Error::Unauthenticated(fault))
}

#[cfg(test)]
mod tests {
    use super::{Error, TokenFault, grant, token};
    use crate::{http::Service, repo::Sqlite};
    use axum::http::{HeaderMap, HeaderValue, header};
    use identity::Caller;
    use payments_server::{Operation, admin, payments};
    use std::sync::Arc;

    fn read(values: &[&'static [u8]]) -> Result<String, TokenFault> {
        let values = values.iter().map(|value| (header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap()));
        let mut headers = HeaderMap::new();
        values.for_each(|(name, value)| _ = headers.append(name, value));
        match token(&headers) {
            Ok(token) => Ok(token.to_owned()),
            Err(Error::Unauthenticated(fault)) => Err(fault),
            Err(other) => panic!("unexpected: {other:?}"),
        }
    }

    #[test]
    fn a_token_stands_in_one_header_after_bearer() {
        for (values, expected) in [
            (&[&b"Bearer a.b.c"[..]][..], Ok("a.b.c")),
            (&[b"bearer a.b.c"], Ok("a.b.c")),
            (&[b"BEARER   a.b.c"], Ok("a.b.c")),
            (&[b"Bearer \xff"], Ok("")),
            (&[b"Bearer "], Ok("")),
            (&[], Err(TokenFault::Missing)),
            (&[b"Bearer"], Err(TokenFault::NotBearer)),
            (&[b""], Err(TokenFault::NotBearer)),
            (&[b"Basic dXNlcjpwYXNz"], Err(TokenFault::NotBearer)),
            (&[b"Bearera.b.c"], Err(TokenFault::NotBearer)),
            (&[b"a.b.c"], Err(TokenFault::NotBearer)),
            (&[b"Bearer a.b.c", b"Bearer a.b.c"], Err(TokenFault::Twice)),
            (&[b"Bearer a.b.c", b"Basic dXNlcjpwYXNz"], Err(TokenFault::Twice)),
        ] {
            assert_eq!(read(values), expected.map(str::to_owned), "{values:?}");
        }
    }

    fn operation(id: &str) -> &'static Operation {
        let routes = [payments::routes::<Service<Sqlite>>(), admin::routes()].into_iter().flatten();
        routes.map(|route| route.operation).find(|operation| operation.id == id).unwrap()
    }

    #[test]
    fn operations_on_payments_need_an_organisation_and_others_the_scope_alone() {
        let granted = |organisation, scopes, id| {
            let operation = operation(id);
            let holder = Arc::new(Caller::new("s", None, organisation, scopes));
            grant(holder, operation, operation.scope.unwrap()).map(|authorised| authorised.caller)
        };
        let caller = granted(Some("acme"), "payments:read", "getPayment").unwrap();
        assert_eq!(caller.tenant().as_str(), "acme");
        let too_long = "x".repeat(65);
        for organisation in [None, Some(" "), Some(&*too_long)] {
            let refused = granted(organisation, "payments:read", "getPayment").unwrap_err();
            assert!(matches!(refused, Error::Unauthenticated(TokenFault::NoOrganisation)), "{refused:?}");
            assert!(granted(organisation, "admin", "getRepo").is_ok());
        }
        for scopes in ["", "payments:write", "payments", "admin"] {
            let refused = granted(Some("acme"), scopes, "getPayment").unwrap_err();
            assert!(matches!(refused, Error::InsufficientScope { scope: "payments:read" }), "{scopes}: {refused:?}");
        }
    }
}
