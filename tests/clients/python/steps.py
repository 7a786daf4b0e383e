"""What both tours stand on: steps with names, and what other programs do to the service."""

import json
import os
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

URL, TOUR, FILE = sys.argv[1:]

# Attributes as another program wrote them: with nulls, unknown names, and numbers that no double holds.
WRITTEN = Path(FILE).read_text(encoding="utf-8").strip()


def own(name: str) -> str:
    """An id of the tour's own, new with each run: the service never gives one out again."""
    return f"{TOUR}-{name}-{os.getpid()}"


def step(name: str) -> Callable[[Callable[[], None]], None]:
    """Plays a function at once, and says how it went."""

    def play(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException:
            print(f"{TOUR}: {name}: FAILED", file=sys.stderr)
            raise
        print(f"{TOUR}: {name}", flush=True)

    return play


def written_by_another(payment: str) -> None:
    """Stores a payment with these attributes."""
    body = f'{{"data":{{"id":"{payment}","type":"Payment","organisation_id":"bakery","attributes":{WRITTEN}}}}}'
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{URL}/v1/payments", body.encode(), headers)).read()


def stored(payment: str) -> object:
    """The attributes that the service has."""
    text = urllib.request.urlopen(f"{URL}/v1/payments/{payment}").read().decode()
    return parsed(text.partition('"attributes":')[2].partition(',"created_on":')[0])


def parsed(text: str) -> object:
    """JSON with the order of keys and the spelling of numbers, but without white space and escapes."""
    return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=list)
