#!/usr/bin/env python3
"""Starts the service, lets Schemathesis play api/openapi.yml against it, and stops it.

    run.py PROGRAM [ARGUMENT ...]

PROGRAM is the `payments` to be held to the contract; it serves an empty store in memory, with everything that is optional, at
a port that is free. The arguments go to `schemathesis run`. What the service logs is in target/schemathesis/service.log.
"""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
LOG = pathlib.Path("target/schemathesis/service.log")
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


def main():
    program, *arguments = sys.argv[1:]
    url = f"http://127.0.0.1:{free_port()}"
    serve = [program, "serve", "--admin", "--metrics", "--listen", url.removeprefix("http://"), "--external-url", url]
    play = [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml"]
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(LOG.parent / "hypothesis")}
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w") as log, subprocess.Popen(serve, stdout=log, stderr=subprocess.STDOUT) as service:
        try:
            wait_for(url, service)
            played = subprocess.run([*play, "run", "api/openapi.yml", "--url", url, *arguments], env=environment)
            if service.poll() is not None:
                sys.exit(f"the service has ended by itself, with {service.returncode}; see {LOG}")
        finally:
            service.terminate()
    if played.returncode:
        again = " ".join(serve).replace(program, "cargo run --")
        print(f"To try a request above by hand, start the service as it was here:\n\n    {again}\n", file=sys.stderr)
    sys.exit(played.returncode)


main()
