"""Lets Schemathesis play a mutant of the contract against the service as it is."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

PROGRAM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "debug/payments"
SETTINGS = pathlib.Path("tests/schemathesis/schemathesis.toml")
# Seconds; a machine may be busy.
PATIENCE = 60


class Player:
    def __init__(self, work):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{address}"
        self.log = work / "service.log"
        serve = [PROGRAM, "serve", "--admin", "--metrics", "--listen", address, "--external-url", self.url]
        self.service = subprocess.Popen(serve, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        self.environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(work / "hypothesis")}
        until = time.monotonic() + PATIENCE
        while self.service.poll() is None and time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/ready", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.stop()
        sys.exit(f"the service does not answer at {self.url}; this is what it said:\n{self.log.read_text()}")

    def judge(self, contract, operations):
        """The first failure of these operations, if there is one."""
        version = re.search(r'"version": "(\d{4}-\d{2}-\d{2})"', contract.read_text())[1]
        command = [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", SETTINGS, "run", contract]
        command += ["--url", self.url, "--header", f"Accept-Version: {version}", "--phases", "examples,coverage,fuzzing"]
        command += ["--max-examples", "100", "--max-failures", "1", "--no-color"]
        command += [argument for name in operations for argument in ("--include-operation-id", name)]
        played = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if played.returncode == 0:
            return None
        failures = re.findall(r"^- (.+)$", played.stdout, re.MULTILINE)
        return "; ".join(failures) or sys.exit(f"{played.stdout}{played.stderr}\nSchemathesis failed without a failure")

    def stop(self):
        self.service.terminate()
        self.service.wait()
