//! Why a token is refused. No text here has any part of a token: these go to logs and to clients.

use std::{fmt, time::Duration};

/// A token that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The token is refused, now and forever. A client should get another one (401).
    #[error("the access token is invalid: {0}")]
    Invalid(InvalidToken),
    /// The token cannot be judged: there are no keys of the issuer, or the token names one that is not known while the
    /// issuer does not answer. The same token may be accepted later (503).
    #[error("the issuer's keys are not available")]
    NoKeys {
        /// When the keys will be fetched again.
        retry_after: Duration,
    },
}

/// The reason why a token is invalid. Its text is a clause that can follow "the access token is invalid:", in characters that
/// `error_description` allows (RFC 6750, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// The text is longer than 8 KiB.
    #[error("it is longer than 8 KiB")]
    TooLong,
    /// The text is not three parts in base64url, of which the first two are JSON objects that name nothing twice.
    #[error("it is no signed JSON Web Token")]
    Malformed,
    /// `alg` is missing, or not one of the asymmetric algorithms that are supported.
    #[error("its signature algorithm is not supported")]
    Algorithm,
    /// `typ` or a claim says that the token is something else than an access token.
    #[error("it is no access token")]
    Type,
    /// `crit` demands an extension.
    #[error("it demands an extension that is not supported")]
    Critical,
    /// The issuer has no key of this `kid`.
    #[error("its key is not one of the issuer")]
    UnknownKey,
    /// The token names no key, and several would fit.
    #[error("it does not say which key of the issuer it was signed with")]
    AmbiguousKey,
    /// The key is for another algorithm than `alg` names.
    #[error("its key is for another signature algorithm")]
    KeyMismatch,
    /// The signature was not made with the key.
    #[error("its signature is wrong")]
    Signature,
    /// A claim that every token needs is missing.
    #[error("it has no {0}")]
    Missing(Claim),
    /// A claim has a value of the wrong type.
    #[error("its {0} is not what it should be")]
    WrongType(Claim),
    /// `iss` is another issuer.
    #[error("it is from another issuer")]
    Issuer,
    /// `aud` does not have this service.
    #[error("it is meant for another service")]
    Audience,
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("it is not valid yet")]
    NotYetValid,
}

/// A claim that can be missing or of the wrong type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// `iss`
    Issuer,
    /// `aud`
    Audience,
    /// `exp`
    Expiry,
    /// `nbf`
    NotBefore,
    /// `iat`
    IssuedAt,
    /// `sub`
    Subject,
    /// `client_id` or `azp`
    Client,
    /// `scope` or `scp`
    Scope,
    /// The claim that [`Settings::organisation_claim`](crate::Settings::organisation_claim) names.
    Organisation,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "issuer (iss)",
            Self::Audience => "audience (aud)",
            Self::Expiry => "expiry (exp)",
            Self::NotBefore => "beginning (nbf)",
            Self::IssuedAt => "time of issue (iat)",
            Self::Subject => "subject (sub)",
            Self::Client => "client (client_id or azp)",
            Self::Scope => "scope",
            Self::Organisation => "organisation",
        })
    }
}

impl InvalidToken {
    /// The label of a metric: few, and fixed.
    pub fn label(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Critical => "critical",
            Self::UnknownKey => "unknown_key",
            Self::AmbiguousKey => "ambiguous_key",
            Self::KeyMismatch => "key_mismatch",
            Self::Signature => "signature",
            Self::Missing(_) => "missing_claim",
            Self::WrongType(_) => "claim_type",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }
}

impl From<InvalidToken> for VerifyError {
    fn from(reason: InvalidToken) -> Self {
        Self::Invalid(reason)
    }
}
