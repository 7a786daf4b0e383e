#!/usr/bin/env python3
"""Loosens one rule, status or header of api/openapi.yml at a time, and says which of them nobody notices.

    run.py [--recording FILE] [--only TEXT]

The service stays as it is: what is tried out are the proofs that it keeps the contract. So nothing is built for a mutant.

features: the features run once, and their exchanges with the service are written down. Then each mutant takes the place of the
    contract that they are held to. A status that is gone is one that a scenario sees, and the contract does not have. A rule
    that is gone makes a request right that the service has refused.
gate: what the features let pass is compared with the newest version that was released (`make contract-check`).
Schemathesis: what is left and is a rule for requests is played against the service, whose 400 is then wrong.

What survives is caught by a new scenario, or stands in mutants/contract/survivors.txt with a reason. A survivor that does not
stand there fails the run; so does a line whose mutant is caught by now. The table is target/mutants/contract/table.txt.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml

from loosen import mutants
from play import Player

HEAD = pathlib.Path("api/openapi.yml")
WORK = pathlib.Path("target/mutants/contract")
LIST = pathlib.Path("mutants/contract/survivors.txt")
CARGO = os.environ.get("CARGO", "cargo")
# The one fault that any change of the contract has: the page with its changes is to be written anew.
STALE_PAGE = "docs/API-CHANGES.md is not what"


class Loader(yaml.SafeLoader):
    """Reads days as texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def features(*arguments):
    """Runs the features, or has them judge; the same build as that of `make test`."""
    command = [CARGO, "test", "--workspace", "--locked", "--quiet", "--test", "features", "--", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True)


def record(path):
    """Writes down the exchanges of a complete run."""
    played = features("--record", path)
    if played.returncode:
        sys.exit(f"{played.stdout}\nthe features fail before anything is loosened")


def by_features(recording, folder):
    """The first fault that the features find with each contract of a folder, by its name."""
    judged = features("--replay", recording, "--contracts", folder)
    if judged.returncode:
        sys.exit(judged.stdout)
    lines = [json.loads(line) for line in judged.stdout.splitlines() if line.startswith("{")]
    return {pathlib.Path(line["contract"]).stem: line["fault"] for line in lines}


class Gate:
    """The tree once more, with another contract in it. What was said of a contract is kept for the next run."""

    def __init__(self):
        self.kept = WORK / "gate.json"
        self.said = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        rules = [*pathlib.Path("openapi/evolution").glob("*.*"), *pathlib.Path("api").glob("**/*.yml")]
        self.rules = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(rules))).hexdigest()
        self.tree = WORK / "tree"
        shutil.rmtree(self.tree, ignore_errors=True)
        (self.tree / "api").mkdir(parents=True)
        for path in pathlib.Path().iterdir():
            if path.name not in ("api", "target"):
                (self.tree / path.name).symlink_to(path.absolute())
        for path in pathlib.Path("api").iterdir():
            if path != HEAD:
                (self.tree / path).symlink_to(path.absolute())

    def judge(self, contract):
        """The first fault of a contract, if there is one."""
        key = f"{self.rules} {hashlib.sha256(contract.read_bytes()).hexdigest()}"
        if key not in self.said:
            self.said[key] = self.check(contract)
            self.kept.write_text(json.dumps(self.said))
        return self.said[key]

    def check(self, contract):
        shutil.copy(contract, self.tree / HEAD)
        checked = subprocess.run(
            ["openapi/tool", "node", "openapi/evolution/main.mjs", "check"], cwd=self.tree, capture_output=True, text=True
        )
        faults = [line for line in (checked.stdout + checked.stderr).splitlines() if line.strip()]
        if checked.returncode == 0 or faults[0].startswith(STALE_PAGE):
            return None
        return faults[0]


def known():
    """The survivors that are listed, with the number of their line."""
    lines = enumerate(LIST.read_text().splitlines(), 1)
    return {line.split("  # ")[0].strip(): number for number, line in lines if line.strip() and not line.startswith("#")}


def judge(all_of, recording):
    """Who notices each mutant, and how: (name, killer or None, words)."""
    folder = WORK / "mutants"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    contract = yaml.load(HEAD.read_text(), Loader)
    (folder / "none.yml").write_text(json.dumps(contract))
    for number, mutant in enumerate(all_of):
        # JSON is YAML.
        (folder / f"{number:04}.yml").write_text(json.dumps(mutant.contract))
    faults = by_features(recording, folder)
    if faults["none"]:
        sys.exit(f"the features find a fault of the contract as it is: {faults['none']}")
    gate, player = Gate(), None
    if fault := gate.judge(folder / "none.yml"):
        sys.exit(f"the contract as it is does not pass `make contract-check`: {fault}")
    for number, mutant in enumerate(all_of):
        path = folder / f"{number:04}.yml"
        if fault := faults[path.stem]:
            yield mutant.name, "features", fault
        elif fault := gate.judge(path):
            yield mutant.name, "gate", fault
        elif mutant.operations:
            player = player or Player(WORK)
            fault = player.judge(path, mutant.operations)
            yield mutant.name, "Schemathesis" if fault else None, fault or ""
        else:
            yield mutant.name, None, ""
    if player:
        player.stop()


def main():
    os.chdir(pathlib.Path(__file__).parent.parent.parent)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=pathlib.Path, help="the exchanges of an earlier run, which --recording has written")
    parser.add_argument("--only", default="", help="only mutants whose name has this text")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    recording = (options.recording or WORK / "exchanges.jsonl").absolute()
    if not (options.recording and recording.exists()):
        record(recording)
    all_of = [mutant for mutant in mutants(yaml.load(HEAD.read_text(), Loader)) if options.only in mutant.name]
    rows, listed, wrong = [], known(), []
    with (WORK / "table.txt").open("w") as table:
        for name, killer, words in judge(all_of, recording):
            row = f"{name}\t{killer or 'SURVIVES'}\t{' '.join(words.split())[:200]}"
            print(row, file=table, flush=True)
            rows.append((name, killer))
            if killer is None and name not in listed:
                wrong.append(f"nobody notices: {name}\n    write a scenario that does, or add the mutant to {LIST} with a reason")
            if killer is not None and name in listed:
                wrong.append(f"{LIST}:{listed[name]}: {killer} notices it by now: delete the line\n    {name}")
    if not options.only:
        gone = sorted(set(listed) - {name for name, _ in rows})
        wrong += [f"{LIST}:{listed[name]}: there is no such mutant by now: delete the line\n    {name}" for name in gone]
    print("\n".join(wrong))
    counts = collections.Counter(killer or "nobody" for _, killer in rows)
    print(f"of {len(rows)} mutants " + ", ".join(f"{count} are noticed by {who}" for who, count in counts.most_common()))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
