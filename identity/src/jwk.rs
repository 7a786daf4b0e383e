//! A public key of the issuer, as a JSON Web Key (RFC 7517).

use crate::{
    algorithm::{Algorithm, Curve},
    header::decode,
    members::Members,
};
use ring::signature::{ED25519, RsaPublicKeyComponents, UnparsedPublicKey};
use std::fmt;

/// The sizes of an RSA key, in bits. A smaller one can be broken, a larger one takes long to calculate with (and `ring` has
/// no room for it).
const RSA_BITS: (usize, usize) = (2048, 8192);

/// The members of a private or shared key (RFC 7518, section 6). A prime factor of an RSA key gives away all others.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A key that verifies signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) id: Option<Box<str>>,
    /// The only algorithm that the key is for, if it names one.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    /// Modulus and exponent, without zeros before them.
    Rsa {
        n: Box<[u8]>,
        e: Box<[u8]>,
    },
    /// A point, not compressed (SEC 1, section 2.3.3).
    Ecdsa(Curve, Box<[u8]>),
    Ed25519(Box<[u8]>),
}

/// Why a key of the issuer is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is for something else: encryption, another kind of signature, a curve that is not supported. Usual.
    ForSomethingElse,
    /// It can be broken.
    Weak,
    /// A private or shared key, which everybody knows who can read the key set.
    Secret,
    /// It lacks what its type needs, or is no key at all.
    Broken,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForSomethingElse => "it is for something else",
            Self::Weak => "RSA keys need 2048 to 8192 bits",
            Self::Secret => "it is private or shared: all who read the key set can sign with it",
            Self::Broken => "it is incomplete or malformed",
        })
    }
}

impl Key {
    pub(crate) fn read(json: &[u8]) -> Result<Self, Unusable> {
        let members = Members::read(json).ok_or(Unusable::Broken)?;
        let text = |name| members.text(name).map_err(|_| Unusable::Broken);
        let is_other = |name, wanted: &str| Ok(text(name)?.is_some_and(|found| found != wanted));
        let operations = members.texts("key_ops").map_err(|_| Unusable::Broken)?;
        if is_other("use", "sig")? || operations.is_some_and(|all| !all.iter().any(|operation| operation == "verify")) {
            return Err(Unusable::ForSomethingElse);
        }
        if PRIVATE.iter().any(|name| members.get(name).is_some()) {
            return Err(Unusable::Secret);
        }
        let material = match text("kty")?.ok_or(Unusable::Broken)?.as_ref() {
            "RSA" => Material::rsa(number(&members, "n")?, number(&members, "e")?)?,
            "EC" => Material::ecdsa(&members)?,
            "OKP" if text("crv")?.as_deref() == Some("Ed25519") => Material::Ed25519(bytes(&members, "x", 32)?),
            _ => return Err(Unusable::ForSomethingElse),
        };
        let algorithm = match text("alg")? {
            Some(name) => Some(Algorithm::named(&name).ok_or(Unusable::ForSomethingElse)?),
            None => None,
        };
        let key = Self { id: text("kid")?.map(Into::into), algorithm: None, material };
        if algorithm.is_some_and(|algorithm| !key.fits(algorithm)) {
            return Err(Unusable::Broken);
        }
        Ok(Self { algorithm, ..key })
    }

    /// Whether signatures by `algorithm` are made with keys like this one.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match (&self.material, algorithm) {
            (Material::Rsa { .. }, Algorithm::Rsa(_)) | (Material::Ed25519(_), Algorithm::Ed25519) => true,
            (Material::Ecdsa(curve, _), Algorithm::Ecdsa(wanted)) => *curve == wanted,
            (Material::Rsa { .. } | Material::Ecdsa(..) | Material::Ed25519(_), _) => false,
        };
        kind && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Whether the holder of the private key signed `message`.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.fits(algorithm) {
            return false;
        }
        let verified = match (&self.material, algorithm) {
            (Material::Rsa { n, e }, Algorithm::Rsa(rsa)) => {
                RsaPublicKeyComponents { n, e }.verify(rsa.parameters(), message, signature)
            }
            (Material::Ecdsa(curve, point), _) => {
                UnparsedPublicKey::new(curve.verification(), point).verify(message, signature)
            }
            (Material::Ed25519(point), _) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature),
            (Material::Rsa { .. }, _) => return false,
        };
        verified.is_ok()
    }
}

impl Material {
    fn rsa(n: Box<[u8]>, e: Box<[u8]>) -> Result<Self, Unusable> {
        let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if !(RSA_BITS.0..=RSA_BITS.1).contains(&bits) {
            return Err(Unusable::Weak);
        }
        // Odd numbers, an exponent above 1 and below 2^33: `ring` would refuse every signature.
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        if !is_odd(&n) || !is_odd(&e) || *e == [1] || e.len() > 5 || (e.len() == 5 && e.first() > Some(&1)) {
            return Err(Unusable::Broken);
        }
        Ok(Self::Rsa { n, e })
    }

    fn ecdsa(members: &Members<'_>) -> Result<Self, Unusable> {
        let name = members.text("crv").map_err(|_| Unusable::Broken)?.ok_or(Unusable::Broken)?;
        let curve = Curve::named(&name).ok_or(Unusable::ForSomethingElse)?;
        // Whether the point is on the curve, `ring` looks at each time that it verifies.
        let (x, y) = (bytes(members, "x", curve.coordinate())?, bytes(members, "y", curve.coordinate())?);
        Ok(Self::Ecdsa(curve, [&[4], &*x, &*y].concat().into()))
    }
}

/// A number without the zeros that some issuers write before it, though RFC 7518, section 2, forbids them.
fn number(members: &Members<'_>, name: &str) -> Result<Box<[u8]>, Unusable> {
    let text = members.text(name).map_err(|_| Unusable::Broken)?.ok_or(Unusable::Broken)?;
    let bytes = decode(&text).map_err(|_| Unusable::Broken)?;
    Ok(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// So many bytes.
fn bytes(members: &Members<'_>, name: &str, length: usize) -> Result<Box<[u8]>, Unusable> {
    let text = members.text(name).map_err(|_| Unusable::Broken)?.ok_or(Unusable::Broken)?;
    let bytes = decode(&text).map_err(|_| Unusable::Broken)?;
    (bytes.len() == length).then(|| bytes.into()).ok_or(Unusable::Broken)
}

#[cfg(test)]
mod tests;
