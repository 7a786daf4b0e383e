#!/usr/bin/env python3
"""Starts the service, lets Schemathesis play its contract against it, in every version that is served, and stops it.

    run.py PROGRAM [ARGUMENT ...]

PROGRAM is the `payments` to be held to the contract; it serves an empty store in memory, with everything that is optional, at
a port that is free. The contracts are those in api/versions, whose clients ask for no version: the oldest; api/openapi.yml,
whose requests ask for the version that it is; and that once more, as a service serves it that asks for tokens. The arguments go
to `schemathesis run`. What the service logs is in target/schemathesis/service.log.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from joserfc import jwk, jwt

HERE = pathlib.Path(__file__).parent
LOG = pathlib.Path("target/schemathesis/service.log")
HEAD = pathlib.Path("api/openapi.yml")
# Seconds; a machine may be busy.
PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, service):
    """Returns when the service answers, or ends with what it said."""
    until = time.monotonic() + PATIENCE
    while service.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    service.kill()
    sys.exit(f"the service does not answer at {url}; this is what it said:\n{LOG.read_text()}")


class Identity:
    """An issuer that is nothing but a key: the flags of a service that takes its tokens, and one of them."""

    ISSUER, ORGANISATION = "https://issuer.test", "harbour-lane-bakery"

    def __init__(self):
        self.key = jwk.OKPKey.generate_key("Ed25519", {"kid": "test", "alg": "EdDSA", "use": "sig"})
        self.keys = LOG.parent / "keys.json"
        self.keys.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))

    def flags(self):
        return ["--auth-issuer", self.ISSUER, "--auth-jwks", str(self.keys)]

    def header(self, audience):
        claims = {"iss": self.ISSUER, "aud": audience, "sub": "schemathesis", "organisation_id": self.ORGANISATION,
                  "scope": "payments:read payments:write admin", "exp": int(time.time()) + 3600}
        token = jwt.encode({"alg": "EdDSA", "kid": "test"}, claims, self.key, algorithms=["EdDSA"])
        return ["--header", f"Authorization: Bearer {token}"]


def contracts():
    """Returns each contract that is served, with the arguments that make its requests ask for its version, and the identity
    of their client."""
    oldest, *released = sorted(pathlib.Path("api/versions").glob("????-??-??.yml"))
    yield oldest, [], None
    for contract in [*released, HEAD]:
        version = re.search(r"^  version: '(\d{4}-\d{2}-\d{2})'$", contract.read_text(), re.MULTILINE)
        ask = ["--header", f"Accept-Version: {version[1]}"]
        # Without an issuer there is nothing that would name one.
        yield contract, [*ask, "--exclude-operation-id", "getResourceMetadata"], None
    yield HEAD, ask, Identity()


def settings(contract):
    """Returns the configuration for a contract: what is said of operations that it does not have would be a warning."""
    parts = [HERE / "schemathesis.toml"]
    if "operationId: streamEvents" in contract.read_text():
        parts.append(HERE / "events.toml")
    file = LOG.parent / "schemathesis.toml"
    file.write_text("".join(part.read_text() for part in parts))
    return file


def play(program, contract, arguments, identity):
    """Starts a service with an empty store, plays a contract against it, and returns the exit code."""
    url = f"http://127.0.0.1:{free_port()}"
    serve = [program, "serve", "--admin", "--metrics", "--listen", url.removeprefix("http://"), "--external-url", url]
    command = [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", settings(contract), "run"]
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(LOG.parent / "hypothesis")}
    if identity:
        serve, arguments = [*serve, *identity.flags()], [*arguments, *identity.header(url)]
        # The contract as it is served says that a token is needed. hooks.py lets requests name the organisation of the token.
        contract, environment["PAYMENTS_ORGANISATION"] = f"{url}/openapi.yml", identity.ORGANISATION
    with LOG.open("w") as log, subprocess.Popen(serve, stdout=log, stderr=subprocess.STDOUT) as service:
        try:
            wait_for(url, service)
            played = subprocess.run([*command, contract, "--url", url, *arguments], env=environment)
            if service.poll() is not None:
                sys.exit(f"the service has ended by itself, with {service.returncode}; see {LOG}")
        finally:
            service.terminate()
    if played.returncode:
        again = " ".join(serve).replace(program, "cargo run --")
        print(f"To try a request above by hand, start the service as it was here:\n\n    {again}\n", file=sys.stderr)
    return played.returncode


def main():
    program, *arguments = sys.argv[1:]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    for contract, version, identity in contracts():
        print(f"==> {contract}{', with tokens' if identity else ''}", flush=True)
        if failed := play(program, contract, [*version, *arguments], identity):
            sys.exit(failed)


main()
