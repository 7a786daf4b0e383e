#!/usr/bin/env python3
"""Writes redoc.js.gz, LICENSE and the hash in index.html anew, from the package of Redoc that is pinned here.

    src/http/pages/docs/redoc/fetch.py            writes them
    src/http/pages/docs/redoc/fetch.py --check    fails if they are not what the package gives

For another version change VERSION, run it, and copy the hash that it prints. The program contains what it wrote, so that
`cargo build` needs no npm.
"""

import base64
import gzip
import hashlib
import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path

VERSION = "2.5.4"
# That of the package in the npm registry, as in a lock file.
INTEGRITY = "sha512-M6jWhG1qoBnH6TFmzJnstyCZ87HmOY/UzDm78mHiYihEdlV/YcS9ogOo1NlElnJMeLsyxHFe2yFc4sNjHTrABQ=="

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[4]
INDEX = HERE.parent / "index.html"
SCRIPT = HERE / "redoc.js.gz"
LICENSE = HERE / "LICENSE"


def main() -> None:
    package = fetch_package()
    script = adapt(package["package/bundles/redoc.standalone.js"].decode())
    licences = package["package/LICENSE"] + b"\n" + package["package/bundles/redoc.standalone.js.LICENSE.txt"]
    page = re.sub(r'integrity="[^"]*"', f'integrity="{digest("sha384", script)}"', INDEX.read_text())
    if "--check" not in sys.argv[1:]:
        # Without a time, so that the same script gives the same file.
        SCRIPT.write_bytes(gzip.compress(script, compresslevel=9, mtime=0))
        LICENSE.write_bytes(licences)
        INDEX.write_text(page)
        return
    # Another zlib compresses otherwise, so only what is inside is compared.
    stale = [
        path.name
        for path, is_current in [
            (SCRIPT, gzip.decompress(SCRIPT.read_bytes()) == script),
            (LICENSE, LICENSE.read_bytes() == licences),
            (INDEX, INDEX.read_text() == page),
        ]
        if not is_current
    ]
    if stale:
        sys.exit(f"not what redoc@{VERSION} gives: {', '.join(stale)}; run {Path(__file__).relative_to(ROOT)}")


def fetch_package() -> dict[str, bytes]:
    """Returns the files of the package, which stays in target/ for the next time."""
    archive = ROOT / "target" / f"redoc-{VERSION}.tgz"
    if not archive.exists():
        archive.parent.mkdir(exist_ok=True)
        subprocess.run([ROOT / "openapi" / "tool", "pack", f"redoc@{VERSION}", "target"], check=True)
    found = digest("sha512", archive.read_bytes())
    if found != INTEGRITY:
        sys.exit(f"{archive} is not the package that is pinned: its hash is {found}; remove it, and try again")
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as files:
        return {each.name: files.extractfile(each).read() for each in files if each.isfile()}


def adapt(script: str) -> bytes:
    """Takes out the two parts that ask for something else: a logo from another host, and the source map."""
    logo = r'\w+\?\w+\.createElement\("img",\{alt:"redocly logo",onError:\(\)=>\w+\(!1\),src:"[^"]+"\}\):null'
    for pattern, replacement in [(logo, "null"), (r"\n//# sourceMappingURL=\S+\s*$", "\n")]:
        script, count = re.subn(pattern, replacement, script)
        if count != 1:
            sys.exit(f"redoc@{VERSION} has {count} of {pattern}: look at what it asks for, and correct the pattern")
    return script.encode()


def digest(algorithm: str, content: bytes) -> str:
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


if __name__ == "__main__":
    main()
