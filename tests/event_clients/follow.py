"""Follows the stream of events with httpx-sse, which leaves it to its user to connect again.

    .venv/bin/python tests/event_clients/follow.py URL COUNT

Writes a line for each event, `TYPE PAYMENT VERSION ID`, and ends after so many.
"""

import json
import sys
import time

import httpx
from httpx_sse import connect_sse

# A bookmark comes every 15 seconds; a stream that is silent for longer is dead.
SILENCE = httpx.Timeout(10, read=45)


def follow(url):
    """Yields the events. Goes on behind the last one whenever the connection breaks."""
    last = {}
    while True:
        try:
            with httpx.Client(timeout=SILENCE) as client, connect_sse(client, "GET", url, headers=last) as stream:
                stream.response.raise_for_status()
                for event in stream.iter_sse():
                    if event.event != "bookmark":
                        yield event.event, json.loads(event.data)
                    # Only now: the event is the caller's once it has come back for the next.
                    last = {"Last-Event-ID": event.id}
        except httpx.TransportError:
            pass
        except httpx.HTTPStatusError as refused:
            # While the service restarts, a proxy answers 503.
            if refused.response.status_code not in (429, 502, 503, 504):
                raise
        time.sleep(1)


def main():
    service, count = sys.argv[1:]
    events = follow(f"{service}/v1/events/stream")
    for _, (kind, event) in zip(range(int(count)), events):
        data = event["data"]
        print(kind, data["payment_id"], data["version"], event["id"], flush=True)


main()
