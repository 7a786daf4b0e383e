//! The claims of a token whose signature is right: is it meant for us, is it valid now, and who holds it?

use crate::{
    Caller, InvalidToken, Scopes,
    error::Claim,
    members::{Members, WrongType, text},
};
use serde_json::value::RawValue;
use std::sync::Arc;

/// What the claims are compared with.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) organisation: ClaimPath,
    pub(crate) scopes: Vec<String>,
    /// Seconds by which clocks may differ.
    pub(crate) leeway: i64,
}

/// Where a claim is: at the end of these names, each in the object before it. Mostly one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimPath(Vec<String>);

impl ClaimPath {
    /// A JSON Pointer (RFC 6901) if it begins with `/`, else one name, in which dots and slashes mean nothing: Auth0 demands
    /// names such as `https://example.com/organisation`. Nothing if it is neither.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let names = match text.strip_prefix('/') {
            Some(names) => names.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect(),
            None => vec![text.to_owned()],
        };
        let names: Vec<String> = names;
        (!names.iter().any(String::is_empty)).then_some(Self(names))
    }

    fn find<'a>(&self, claims: &Members<'a>) -> Result<Option<&'a RawValue>, WrongType> {
        let Some((first, further)) = self.0.split_first() else { return Ok(None) };
        let mut value = claims.get(first);
        for name in further {
            let Some(object) = value else { return Ok(None) };
            value = Members::read(object.get().as_bytes()).ok_or(WrongType)?.get(name);
        }
        Ok(value)
    }
}

impl Rules {
    /// Judges the claims at the time `now`, in seconds since 1970. `is_typed`: the header says that it is an access token.
    pub(crate) fn judge(&self, json: &[u8], is_typed: bool, now: i64) -> Result<Caller, InvalidToken> {
        let claims = Members::read(json).ok_or(InvalidToken::Malformed)?;
        if !is_typed && is_something_else(&claims) {
            return Err(InvalidToken::Type);
        }
        self.judge_parties(&claims)?;
        let expires_at = self.judge_times(&claims, now)?;
        let client = match name(&claims, "client_id", Claim::Client)? {
            None => name(&claims, "azp", Claim::Client)?,
            found => found,
        };
        // RFC 9068 demands a subject, and for a token without a user that of the client; some issuers leave it out.
        let subject = name(&claims, "sub", Claim::Subject)?;
        let subject = subject.or_else(|| client.clone()).ok_or(InvalidToken::Missing(Claim::Subject))?;
        let organisation = self.organisation.find(&claims).and_then(|found| found.map(text).transpose());
        let organisation = checked_name(organisation, Claim::Organisation)?;
        Ok(Caller { subject, client, organisation, scopes: self.scopes(&claims)?, expires_at })
    }

    /// From whom, and for whom?
    fn judge_parties(&self, claims: &Members<'_>) -> Result<(), InvalidToken> {
        let issuer = claims.text("iss").map_err(|_| InvalidToken::WrongType(Claim::Issuer))?;
        if issuer.ok_or(InvalidToken::Missing(Claim::Issuer))? != self.issuer {
            return Err(InvalidToken::Issuer);
        }
        let audiences = claims.texts("aud").map_err(|_| InvalidToken::WrongType(Claim::Audience))?;
        let audiences = audiences.ok_or(InvalidToken::Missing(Claim::Audience))?;
        let ours = audiences.iter().any(|audience| self.audiences.iter().any(|ours| ours == audience));
        ours.then_some(()).ok_or(InvalidToken::Audience)
    }

    /// From when, and until when? The end is returned.
    fn judge_times(&self, claims: &Members<'_>, now: i64) -> Result<i64, InvalidToken> {
        let expires_at = date(claims, "exp", Claim::Expiry)?.ok_or(InvalidToken::Missing(Claim::Expiry))?;
        if self.ends(expires_at) <= now {
            return Err(InvalidToken::Expired);
        }
        let begins = [date(claims, "nbf", Claim::NotBefore)?, date(claims, "iat", Claim::IssuedAt)?];
        if begins.into_iter().flatten().any(|begin| begin > now.saturating_add(self.leeway)) {
            return Err(InvalidToken::NotYetValid);
        }
        Ok(expires_at)
    }

    /// When a token with this expiry is refused, clocks that differ considered.
    pub(crate) fn ends(&self, expires_at: i64) -> i64 {
        expires_at.saturating_add(self.leeway)
    }

    /// The scopes of the first claim that is there.
    fn scopes(&self, claims: &Members<'_>) -> Result<Scopes, InvalidToken> {
        for claim in &self.scopes {
            if let Some(scopes) = claims.texts(claim).map_err(|_| InvalidToken::WrongType(Claim::Scope))? {
                return Ok(Scopes::from(scopes.join(" ").as_str()));
            }
        }
        Ok(Scopes::default())
    }
}

/// Whether the claims are those of an ID token (OpenID Connect Core, section 3.1.3.6), of an event such as a logout (RFC
/// 8417), or what Keycloak calls by another name than `Bearer`. A token that says in its header what it is needs no guess.
fn is_something_else(claims: &Members<'_>) -> bool {
    let kind = claims.text("typ").ok().flatten();
    ["at_hash", "c_hash", "events"].iter().any(|claim| claims.get(claim).is_some())
        || kind.is_some_and(|kind| ["ID", "Refresh", "Offline", "Logout"].contains(&kind.as_ref()))
}

/// A claim that names somebody.
fn name(claims: &Members<'_>, claim: &str, which: Claim) -> Result<Option<Arc<str>>, InvalidToken> {
    checked_name(claims.text(claim), which)
}

/// An empty name would name nobody, or everybody; control characters reach logs and keys of the store.
fn checked_name(
    name: Result<Option<impl AsRef<str>>, WrongType>,
    claim: Claim,
) -> Result<Option<Arc<str>>, InvalidToken> {
    match name {
        Ok(None) => Ok(None),
        Ok(Some(name)) if !name.as_ref().is_empty() && !name.as_ref().contains(char::is_control) => {
            Ok(Some(name.as_ref().into()))
        }
        Ok(Some(_)) | Err(WrongType) => Err(InvalidToken::WrongType(claim)),
    }
}

/// A number of seconds since 1970 (RFC 7519, section 2), of which parts are left out. One that is too large for an integer
/// is the largest, so that no arithmetic overflows.
fn date(claims: &Members<'_>, name: &str, claim: Claim) -> Result<Option<i64>, InvalidToken> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let number = value.get();
    if !number.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Err(InvalidToken::WrongType(claim));
    }
    // Digits alone are exact; the cast of what else a number may look like saturates.
    let seconds = number.parse().ok().or_else(|| number.parse::<f64>().ok().map(|seconds| seconds as i64));
    seconds.map(Some).ok_or(InvalidToken::WrongType(claim))
}

#[cfg(test)]
mod tests;
