#!/usr/bin/env python3
"""Puts small mistakes into the code, one at a time, and says which of them no test notices.

    run.py [--shard K/N] [AREA ...]

cargo-mutants makes the mistakes, in a copy of the tree: target/mutants/tree. The cheap tests of an area come first; the dear
ones see what those have let pass. A run that was stopped goes on where it was, as long as target/mutants/AREA is there.

What survives is killed by a test, or stands in mutants/survivors.txt with a reason. A survivor that does not stand there fails
the run; so does a line of it whose mutant is caught by now.
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

TARGET = pathlib.Path("target/mutants").absolute()
LIST = pathlib.Path("mutants/survivors.txt")
# Targets and tests stand beside the code.
NO_CODE = ["**/fuzzing.rs", "**/fuzzing/**", "**/tests.rs", "**/tests/**"]
# Seconds for the tests of one mutant, which may be an endless loop.
PATIENCE = 300

# Of each area: its files, its package, and the tests that hold it, the cheap ones first. `--workspace` is the same build as that
# of `make test`.
AREAS = {
    "json": (["json/src/**"], "json-text", [["--package", "json-text", "--lib"]]),
    "payments": (
        ["src/payments/**"],
        "payments",
        [["--package", "payments", "--lib"], ["--workspace", "--test", "conformance", "--test", "features"]],
    ),
    "http": (
        ["src/http/api/**", "src/http/problem.rs", "src/http/problem/**"],
        "payments",
        [["--package", "payments", "--lib"], ["--workspace", "--test", "features"], ["--workspace", "--test", "api"]],
    ),
    "stores": (
        ["src/repo/*/statements.rs", "src/repo/postgres/pages.rs", "src/repo/sqlite/packed.rs", "src/repo/sqlite/cache.rs"],
        "payments",
        [["--package", "payments", "--lib"], ["--workspace", "--test", "conformance"], ["--workspace", "--test", "features"]],
    ),
}


def copy_tree():
    """Makes the copy like the tree, and leaves what did not change as it was built."""
    tree = TARGET / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True)
    wanted = {name for name in names.stdout.splitlines() if pathlib.Path(name).is_file()}
    for path in [path for path in tree.rglob("*") if path.is_file() and ".venv" not in path.parts]:
        if str(path.relative_to(tree)) not in wanted and "node_modules" not in path.parts:
            path.unlink()
    for name in wanted:
        copy = tree / name
        if not copy.exists() or copy.read_bytes() != pathlib.Path(name).read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, copy)
    # The tools that tests call.
    for name in [".venv", "tests/browser/node_modules"]:
        if pathlib.Path(name).exists() and not (tree / name).exists():
            (tree / name).symlink_to(pathlib.Path(name).absolute())
    return tree


def run(area, shard):
    """Tests the mutants of an area; returns the folder of the results, and all mutants that there are."""
    files, package, steps = AREAS[area]
    tree, results = copy_tree(), TARGET / area
    results.mkdir(parents=True, exist_ok=True)
    command = [TARGET.parent / "tools/bin/cargo-mutants", "mutants", "--dir", tree, "--package", package]
    command += [argument for glob in files for argument in ["--file", glob]]
    command += [argument for glob in NO_CODE for argument in ["--exclude", glob]]
    every = subprocess.run([*command, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()
    command += ["--in-place", "--output", results, "--no-shuffle", "--timeout", str(PATIENCE), "--colors", "never"]
    command += ["--shard", shard] if shard else []
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "build"), RUST_BACKTRACE="0", CARGO_INCREMENTAL="1")
    for step in steps:
        scope, tests = step, []
        if step[0] == "--package":
            scope, tests = ["--test-package", step[1]], step[2:]
        else:
            scope, tests = ["--test-workspace", "true"], step[1:]
        arguments = [f"--cargo-test-arg={argument}" for argument in tests]
        print(f"== {area}: {' '.join(step)}", flush=True)
        # 2: some survived; 3: some took too long.
        status = subprocess.run([*command, "--iterate", *scope, *arguments], env=environment).returncode
        if status not in (0, 2, 3):
            sys.exit(f"cargo-mutants ended with {status}; {results}/mutants.out/log has the output of each build and test")
    return results / "mutants.out", every


def names(mutants):
    """How many mutants there are of each name: without the line and the column, which change with every edit."""
    return collections.Counter(re.sub(r"^([^:]+):\d+:\d+: ", r"\1: ", mutant) for mutant in mutants)


def read(folder, *files):
    """The mutants in these lists."""
    return {line for file in files if (folder / file).exists() for line in (folder / file).read_text().splitlines()}


def listed():
    """The survivors that are known, with the number of their line."""
    lines = enumerate(LIST.read_text().splitlines(), 1)
    return {line.split("  # ")[0].strip(): number for number, line in lines if line.strip() and not line.startswith("#")}


def judge(area, folder, every):
    """Compares the results of an area with the list; returns what is wrong."""
    missed, known, all_of = read(folder, "missed.txt"), listed(), names(every)
    # What does not compile stands among those of earlier runs, too.
    caught = read(folder, "caught.txt", "unviable.txt", "timeout.txt", "previously_caught.txt") - missed
    for mutant in sorted(missed):
        if not set(names([mutant])) & set(known):
            yield f"no test notices: {mutant}\n    write a test that does, or add it to {LIST} with a reason"
    # A name may be that of several mutants, and a shard has not tested them all.
    for name, count in sorted(names(caught).items()):
        if name in known and count == all_of[name]:
            yield f"{LIST}:{known[name]} is caught by now: delete the line\n    {name}"
    print(f"{area}: of {len(every)} mutants {len(caught)} were caught or do not compile, {len(missed)} survive")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shard", help="one part of several, such as 0/4")
    parser.add_argument("areas", nargs="*", default=list(AREAS), metavar="AREA")
    options = parser.parse_intermixed_args()
    if unknown := sorted(set(options.areas) - set(AREAS)):
        sys.exit(f"there is no area {', '.join(unknown)}; there are {', '.join(AREAS)}")
    wrong = [line for area in options.areas for line in judge(area, *run(area, options.shard))]
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
