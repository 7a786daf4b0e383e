"""The refusals as Python's clients see them: http.client, requests, and httpx over HTTP/1.1 and HTTP/2.

    clients.py BASE LIMITED TIMES
"""

import http.client
import json
import pathlib
import sys
import urllib.parse

import httpx
import requests

BASE, LIMITED, TIMES = sys.argv[1], sys.argv[2], int(sys.argv[3])
CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())


class HttpClient:
    """http.client sends all of a body before it reads."""

    def __init__(self, base):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=30)

    def send(self, method, path, headers, body):
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        return response.status, response.read(), response.headers.get("content-type")

    def close(self):
        self.connection.close()


class Requests:
    def __init__(self, base):
        self.base, self.session = base, requests.Session()

    def send(self, method, path, headers, body):
        response = self.session.request(method, self.base + path, headers=headers, data=body, timeout=30)
        return response.status_code, response.content, response.headers.get("content-type")

    def close(self):
        self.session.close()


class Httpx:
    def __init__(self, base, http2=False):
        self.client = httpx.Client(base_url=base, http1=not http2, http2=http2, timeout=30, trust_env=False)

    def send(self, method, path, headers, body):
        response = self.client.request(method, path, headers=headers, content=body)
        return response.status_code, response.content, response.headers.get("content-type")

    def close(self):
        self.client.close()


def refuse(client, case, body):
    """Sends a request that is refused. Raises unless its problem is read."""
    status, content, kind = client.send(case["method"], case["path"], case["headers"], body)
    problem = json.loads(content)
    if (status, problem["status"], kind) != (case["status"], case["status"], "application/problem+json"):
        raise AssertionError(f"{status} {kind} {content[:200]}")


def play(make, case, reused):
    """Returns how often the refusal was read, of how often, and why it was not. A reused connection then has to serve another request."""
    base = LIMITED if case["status"] == 429 else BASE
    body, good, why = b" " * case["size"], 0, ""
    client = make(base)
    times = min(TIMES, case.get("times", TIMES))
    for _ in range(times):
        try:
            refuse(client, case, body)
            if reused:
                status, _, _ = client.send("GET", "/alive", {}, None)
                assert status == 200, f"the next request: {status}"
            good += 1
        except Exception as error:
            why = why or f"{type(error).__name__}: {error}"
        if not reused or why:
            client.close()
            client = make(base)
    client.close()
    return good, times, why


def main():
    clients = {
        "http.client": HttpClient,
        "requests": Requests,
        "httpx": Httpx,
        "httpx over HTTP/2": lambda base: Httpx(base, http2=True),
    }
    bad = False
    for name, make in clients.items():
        for case in CASES:
            for reused in (False, True):
                good, times, why = play(make, case, reused)
                bad |= good < times
                how = "reused" if reused else "fresh"
                print(f"{name}, {how}: {case['status']} for {case['size']} bytes: {good} of {times}  {why}", flush=True)
    sys.exit(bad)


main()
