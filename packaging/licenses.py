#!/usr/bin/env python3
"""Writes packaging/licenses.txt: the notices of all that is built into the binary on Linux.

Run it after every change of Cargo.lock, in the folder of Cargo.toml, with the sources of the crates fetched
(`cargo fetch --locked`). It needs nothing but Python and cargo; building orgbox needs neither it nor a network. A test
holds the list of crates against Cargo.lock.
"""
import collections
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tomllib

TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
NAMES = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)([-_. ].*)?$", re.IGNORECASE)
LINE = "-" * 78


def crates():
    """Name and version of every crate that is linked or expands into what is linked."""
    found = set()
    for target in TARGETS:
        command = ["cargo", "tree", "-e", "normal", "--target", target, "--prefix", "none", "--locked", "--offline"]
        tree = subprocess.run(command + ["--format", "{p}"], check=True, capture_output=True, text=True).stdout
        for line in tree.splitlines():
            words = line.split()
            if len(words) >= 2 and words[0] != "orgbox":
                found.add((words[0], words[1].removeprefix("v")))
    return sorted(found)


def sources():
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    return sorted((home / "registry" / "src").iterdir())


def text_of(path):
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").replace("\f", "")
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def main():
    roots = sources()
    rows, texts, users = [], {}, collections.defaultdict(list)
    for name, version in crates():
        folder = next((root / f"{name}-{version}" for root in roots if (root / f"{name}-{version}").is_dir()), None)
        if folder is None:
            sys.exit(f"the source of {name} {version} is not here; run: cargo fetch --locked")
        package = tomllib.loads((folder / "Cargo.toml").read_text())["package"]
        rows.append(f"{name} {version}  {package.get('license') or 'see its text below'}")
        files = [path for path in sorted(folder.iterdir()) if path.is_file() and NAMES.match(path.name)]
        # Some keep them one folder down.
        if not files:
            files = [path for path in sorted(folder.glob("*/*")) if path.is_file() and NAMES.match(path.name)]
        for path in files:
            text = text_of(path)
            digest = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
            texts.setdefault(digest, text)
            if f"{name} {version}" not in users[digest]:
                users[digest].append(f"{name} {version}")
    out = [
        "orgbox is licensed under MIT or Apache-2.0, at your choice. It has these crates built in, each under the",
        "licences that stand behind it:",
        "",
        *rows,
        "",
        "SQLite, which libsqlite3-sys builds in, is in the public domain: https://sqlite.org/copyright.html",
        "",
        "Their notices and the texts of their licences follow; a text that several share stands once.",
    ]
    for digest in sorted(texts, key=lambda digest: users[digest][0]):
        out += ["", LINE, f"Of {', '.join(users[digest])}:", "", texts[digest]]
    pathlib.Path("packaging/licenses.txt").write_text("\n".join(out) + "\n", encoding="utf-8")
    print(f"{len(rows)} crates, {len(texts)} texts")


if __name__ == "__main__":
    main()
