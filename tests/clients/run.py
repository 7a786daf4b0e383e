#!/usr/bin/env python3
"""Starts the service, plays the tours of clients in other languages against it, and stops it.

    run.py PROGRAM [NAME ...]

PROGRAM is the `payments` that the clients are for; it serves an empty store in memory at a port that is free. A tour is an
executable tests/clients/NAME/run, which is given the service's address; without names, all are played. What the service logs is
in target/clients/service.log.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
LOG = Path("target/clients/service.log")
# Seconds until the service answers; a machine may be busy.
PATIENCE = 60
# Seconds for a tour; the first run fetches its tools.
LONGEST = 1200


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, service: subprocess.Popen) -> None:
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


def play(tour: Path, url: str) -> str:
    """Plays a tour in a process group of its own, so that whatever it has started ends with it. Returns why it failed, if it did."""
    with subprocess.Popen([tour, url], stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            status = process.wait(LONGEST)
            return f"exit status {status}" if status else ""
        except subprocess.TimeoutExpired:
            return f"no end within {LONGEST} s"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def play_all(tours: list[Path], url: str, service: subprocess.Popen) -> list[tuple[str, float, str]]:
    results = []
    for number, tour in enumerate(tours, 1):
        name, start = tour.parent.name, time.monotonic()
        print(f"\n==> {name} ({number} of {len(tours)})", flush=True)
        fault = play(tour, url)
        if service.poll() is not None:
            fault = f"the service has ended by itself, with {service.returncode}; see {LOG}"
        results.append((name, time.monotonic() - start, fault))
        if service.poll() is not None:
            break
    return results


def main() -> None:
    program, *names = sys.argv[1:]
    found = {tour.parent.name: tour for tour in sorted(HERE.glob("*/run"))}
    if unknown := [name for name in names if name not in found]:
        sys.exit(f"there is no tour {unknown[0]}; there are: {', '.join(found)}")
    tours = [found[name] for name in names] or list(found.values())

    url = f"http://127.0.0.1:{free_port()}"
    serve = [program, "serve", "--listen", url.removeprefix("http://"), "--external-url", url]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w") as log, subprocess.Popen(serve, stdout=log, stderr=subprocess.STDOUT) as service:
        try:
            wait_for(url, service)
            results = play_all(tours, url, service)
        finally:
            service.terminate()

    print(f"\n{'tour':<12} {'seconds':>7}  result")
    for name, seconds, fault in results:
        print(f"{name:<12} {seconds:>7.0f}  {'FAILED: ' + fault if fault else 'passed'}")
    failed = [name for name, _, fault in results if fault]
    if failed:
        sys.exit(f"to play it again, from the cause above: make clients-check ARGS='{' '.join(failed)}'")


main()
