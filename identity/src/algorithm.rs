//! The signature algorithms, and what of `ring` verifies each.
//!
//! All are asymmetric: nobody can sign who has only the public key. That leaves out HS256 and its like, by which the public
//! key of an issuer would become a shared secret that everybody knows, and `none`.

use ring::signature::{self, EcdsaVerificationAlgorithm, RsaParameters};

/// A signature algorithm, by its name in `alg` (RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9864, section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSA, with the padding and the hash that `ring` knows by these parameters.
    Rsa(Rsa),
    /// ECDSA on one curve, which has one hash.
    Ecdsa(Curve),
    /// Ed25519, under both its names.
    Ed25519,
}

/// The padding and the hash of an RSA signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rsa {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
}

/// An elliptic curve over a prime field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
}

impl Algorithm {
    /// The algorithm of this name. Names are case-sensitive (RFC 7515, section 4.1.1).
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rsa(Rsa::Rs256),
            "RS384" => Self::Rsa(Rsa::Rs384),
            "RS512" => Self::Rsa(Rsa::Rs512),
            "PS256" => Self::Rsa(Rsa::Ps256),
            "PS384" => Self::Rsa(Rsa::Ps384),
            "PS512" => Self::Rsa(Rsa::Ps512),
            "ES256" => Self::Ecdsa(Curve::P256),
            "ES384" => Self::Ecdsa(Curve::P384),
            "EdDSA" | "Ed25519" => Self::Ed25519,
            _ => return None,
        })
    }
}

impl Rsa {
    pub(crate) fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        }
    }
}

impl Curve {
    /// The curve of this name (RFC 7518, section 6.2.1.1).
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "P-256" => Some(Self::P256),
            "P-384" => Some(Self::P384),
            _ => None,
        }
    }

    /// The length of a coordinate, in bytes. A signature is two numbers of this length (RFC 7518, section 3.4).
    pub(crate) fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    pub(crate) fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::P384 => &signature::ECDSA_P384_SHA384_FIXED,
        }
    }
}
