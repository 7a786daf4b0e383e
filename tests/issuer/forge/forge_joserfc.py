"""Tokens that joserfc forges in the name of an issuer: other code than jose, which writes JSON and base64 its own way.

.venv/bin/python tests/issuer/forge/forge_joserfc.py ISSUER AUDIENCE
"""

import json
import sys
import time
import warnings

from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

warnings.simplefilter("ignore")  # of what nobody should do
issuer, audience = sys.argv[1:]
now = int(time.time())
good = {"iss": issuer, "aud": audience, "sub": "mallory", "iat": now, "exp": now + 600, "scope": "payments:read"}
every = ["none", "HS256", "RS256", "PS256", "ES256", "ES384", "ES512", "ES256K", "Ed25519", "EdDSA"]
tokens = []


class Lenient(jws.JWSRegistry):
    """Lets every header through."""

    def check_header(self, header):
        pass


registry = Lenient(algorithms=every)


def add(expected, name, key, header, claims):
    """What is no object is signed as the text that it is."""
    payload = json.dumps(claims) if isinstance(claims, dict) else claims
    token = jws.serialize_compact({"kid": key.kid, **header}, payload, key, registry=registry)
    tokens.append({"name": name, "token": token, "expected": expected})


rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
p256 = ECKey.generate_key("P-256", {"kid": "p256"})
p384 = ECKey.generate_key("P-384", {"kid": "p384"})
p521 = ECKey.generate_key("P-521", {"kid": "p521"})
k256 = ECKey.generate_key("secp256k1", {"kid": "k256"})
ed25519 = OKPKey.generate_key("Ed25519", {"kid": "ed25519"})

for key, alg in [(rsa, "RS256"), (rsa, "PS256"), (p256, "ES256"), (p384, "ES384"), (ed25519, "EdDSA"), (ed25519, "Ed25519")]:
    add("ok", alg, key, {"alg": alg, "typ": "at+jwt"}, good)
tokens.append({"name": "as joserfc writes it", "expected": "ok",
               "token": jwt.encode({"alg": "RS256", "kid": "rsa"}, good, rsa, algorithms=every)})
add("ok", "indented, with escapes", rsa, {"alg": "RS256"}, json.dumps({**good, "name": "Ærøskøbing \N{KEY}"}, indent=4))
add("algorithm", "ES512", p521, {"alg": "ES512"}, good)
add("algorithm", "ES256K", k256, {"alg": "ES256K"}, good)
add("algorithm", "none", OctKey.import_key("none", {"kid": "rsa"}), {"alg": "none"}, good)
public = rsa.as_dict(private=False)
# Not as PEM or DER, which joserfc takes for no secret.
for what, secret in [("JWK", json.dumps(public)), ("modulus", public["n"])]:
    add("algorithm", f"HS256 by the public key as {what}", OctKey.import_key(secret, {"kid": "rsa"}), {"alg": "HS256"}, good)
add("key_mismatch", "ES256 says the header, the key is RSA", p256, {"alg": "ES256", "kid": "rsa"}, good)
add("signature", "another key under the name of ours", RSAKey.generate_key(2048), {"alg": "RS256", "kid": "rsa"}, good)
add("unknown_key", "a kid with SQL", rsa, {"alg": "RS256", "kid": "' OR 1=1; DROP TABLE keys; --"}, good)
add("unknown_key", "a kid with a path", rsa, {"alg": "RS256", "kid": "../../../etc/passwd"}, good)
add("critical", "crit", rsa, {"alg": "RS256", "crit": ["https://example.com/x"], "https://example.com/x": 1}, good)
add("type", "another type", rsa, {"alg": "RS256", "typ": "JOSE+JSON"}, good)
add("claim_type", "exp is a text", rsa, {"alg": "RS256"}, {**good, "exp": str(now + 600)})
add("claim_type", "aud has a list in it", rsa, {"alg": "RS256"}, {**good, "aud": [[audience]]})
add("ok", "aud is a list", rsa, {"alg": "RS256"}, {**good, "aud": ["other", audience]})
add("expired", "expired", rsa, {"alg": "RS256"}, {**good, "exp": now - 60})
add("ok", "exp beyond 64 bits", rsa, {"alg": "RS256"}, {**good, "exp": 10**30})
add("expired", "exp below 64 bits", rsa, {"alg": "RS256"}, {**good, "exp": -(10**30)})
add("malformed", "exp is not a number", rsa, {"alg": "RS256"}, {**good, "exp": float("nan")})
add("malformed", "exp is infinite", rsa, {"alg": "RS256"}, {**good, "exp": float("inf")})
add("issuer", "another issuer", rsa, {"alg": "RS256"}, {**good, "iss": "https://evil.example"})
add("malformed", "claims twice", rsa, {"alg": "RS256"}, '{"iss":"https://evil.example",' + json.dumps(good)[1:])

keys = [key.as_dict(private=False) for key in (rsa, p256, p384, p521, k256, ed25519)]
json.dump({"jwks": {"keys": keys}, "tokens": tokens}, sys.stdout)
