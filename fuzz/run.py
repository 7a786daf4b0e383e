#!/usr/bin/env python3
"""Fuzzes every target in fuzz/targets for its share of a time, and says what became of it.

    run.py SECONDS [--keep] [TARGET ...]

The targets are built by cargo-fuzz on the compiler of the project, without a sanitizer: `unsafe` is forbidden here, so what a
fuzzer can find is a panic, an overflow, a hang or an answer that the plain model of the target does not give.

A run starts from the inputs that are kept in fuzz/corpora, and from those that earlier runs left in target/fuzz/inputs. --keep
writes the smallest set that reaches the same code into fuzz/corpora, where the tests replay it.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

KEPT = pathlib.Path("fuzz/corpora")
BUILT = pathlib.Path("target/fuzz")
# No input that matters is longer; a model may take square time.
LONGEST = 768
# Seconds for one input, and MiB of memory.
PATIENCE, MEMORY = 10, 2048
# The most that is kept of one target: so many inputs, of so many bytes each.
MOST_KEPT, LONGEST_KEPT = 60, 400


def escape(data):
    """Writes bytes on a line, as `u8::escape_ascii` does; fuzz/corpora/lib.rs reads it."""
    names = {10: "\\n", 13: "\\r", 9: "\\t", 34: '\\"', 39: "\\'", 92: "\\\\"}
    return "".join(names.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)


def unescape(line):
    return line.encode("ascii").decode("unicode_escape").encode("latin-1")


def build():
    """Builds the targets, and returns the folder that has them."""
    # The versions that the service is built with.
    shutil.copy("Cargo.lock", "fuzz/Cargo.lock")
    subprocess.run(
        [".venv/bin/cargo-fuzz", "build", "--fuzz-dir", "fuzz", "--sanitizer", "none", "--target-dir", BUILT], check=True
    )
    return next(BUILT.glob("*-*-*/release/"))


def stock(target):
    """Returns the folder of the inputs to start from."""
    folder = BUILT / "inputs" / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate((KEPT / f"{target}.txt").read_text().splitlines()):
        (folder / f"kept-{number:03}").write_bytes(unescape(line))
    return folder


def fuzz(program, target, seconds):
    """Fuzzes one target; returns its line in the summary, and the inputs that fail."""
    inputs, failures = stock(target), BUILT / "failures" / target
    shutil.rmtree(failures, ignore_errors=True)
    failures.mkdir(parents=True)
    print(f"== {target}: {seconds} s, from {len(list(inputs.iterdir()))} inputs", flush=True)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-timeout={PATIENCE}",
        f"-rss_limit_mb={MEMORY}",
        f"-artifact_prefix={failures}/",
        "-print_final_stats=1",
    ]
    dictionary = pathlib.Path(f"fuzz/dictionaries/{target}.dict")
    options += [f"-dict={dictionary}"] if dictionary.exists() else []
    log, shown = [], time.monotonic()
    with subprocess.Popen([program, *options, inputs], stderr=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stderr:
            log.append(line)
            if line.startswith("#") and time.monotonic() - shown > 10:
                shown = time.monotonic()
                print("  ", " ".join(line.split()), flush=True)
    stats = dict(re.findall(r"^stat::(\w+):\s+(\d+)$", "".join(log), re.MULTILINE))
    found = sorted(failures.iterdir())
    if process.returncode and not found:
        sys.exit("".join(log[-40:]) + f"{target} ended with {process.returncode}, and left no input that fails")
    if found:
        print("".join(line for line in log[-60:] if not line.startswith(("#", "stat::"))))
    executed, added = int(stats.get("number_of_executed_units", 0)), int(stats.get("new_units_added", 0))
    return f"{target:16} {executed:>12,} executions {added:>7,} new inputs {len(found):>3} failures", found


def keep(program, target):
    """Writes the smallest set of inputs that reaches the same code, those of before first."""
    inputs = stock(target)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "-merge=1", f"-max_len={LONGEST_KEPT}", folder, inputs], check=True, stderr=subprocess.DEVNULL)
        merged = {path.read_bytes() for path in pathlib.Path(folder).iterdir()}
    before = [unescape(line) for line in (KEPT / f"{target}.txt").read_text().splitlines()]
    # Of each size some: the smallest alone would all be beginnings.
    new = sorted(merged - set(before), key=lambda data: (len(data), data))
    room = max(0, MOST_KEPT - len(before))
    kept = {*before, *new[:: max(1, -(-len(new) // room))]} if room else {*before}
    (KEPT / f"{target}.txt").write_text("".join(sorted(escape(data) + "\n" for data in kept)))
    print(f"{target}: {len(merged):,} inputs reach all that is reached; {len(kept)} are kept")


def main():
    os.chdir(pathlib.Path(__file__).parent.parent)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=int)
    parser.add_argument("--keep", action="store_true")
    every = sorted(path.stem for path in pathlib.Path("fuzz/targets").glob("*.rs"))
    parser.add_argument("targets", nargs="*", default=every, metavar="TARGET")
    options = parser.parse_intermixed_args()
    if unknown := sorted(set(options.targets) - set(every)):
        sys.exit(f"there is no target {', '.join(unknown)}; there are {', '.join(every)}")
    programs = build()
    share = max(1, options.seconds // len(options.targets))
    summary, failed = [], []
    for target in options.targets:
        line, found = fuzz(programs / target, target, share)
        summary.append(line)
        failed += [(target, path) for path in found]
        if options.keep:
            keep(programs / target, target)
    print("\n".join(["", *summary]))
    for target, path in failed:
        print(f"\n{target} fails for {path}; run it again:\n  {programs / target} {path}")
        print(f"Once it is mended, keep it: add this line to {KEPT / target}.txt\n  {escape(path.read_bytes())}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
