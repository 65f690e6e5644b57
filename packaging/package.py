#!/usr/bin/env python3
"""Makes what packages hold beside the binary, and a Debian package without cargo-deb.

    package.py stage BINARY [--runner COMMAND]
    package.py deb BINARY --to FOLDER [--arch ARCH] [--version VERSION] [--runner COMMAND]

`stage` has the binary write its manual pages and completions into target/packaging, from where `cargo deb --no-build` and
`cargo generate-rpm` take them. `deb` reads the same table of Cargo.toml that cargo-deb reads, so there is one truth, and
needs only dpkg-deb. RUNNER runs a binary of another machine: qemu-aarch64.
"""

import argparse
import glob
import gzip
import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAGED = ROOT / "target" / "packaging"
SHELLS = {"bash": "orgbox", "zsh": "_orgbox", "fish": "orgbox.fish"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    stage_arguments = verbs.add_parser("stage")
    deb_arguments = verbs.add_parser("deb")
    for verb in (stage_arguments, deb_arguments):
        verb.add_argument("binary", type=pathlib.Path)
        verb.add_argument("--runner", default="", type=shlex.split)
    deb_arguments.add_argument("--to", type=pathlib.Path, required=True)
    deb_arguments.add_argument("--arch", default=None)
    deb_arguments.add_argument("--version", default=None)
    deb_arguments.add_argument("--compression", default="xz")
    arguments = parser.parse_args()
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    if arguments.verb == "stage":
        stage(STAGED, arguments.binary, arguments.runner, manifest, manifest["version"])
    else:
        print(deb(arguments, manifest))


def stage(folder, binary, runner, manifest, version):
    """Manual pages, completions and the changelog."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "completions").mkdir(parents=True)
    command = [*runner, str(binary.resolve())]
    subprocess.run([*command, "man", "--to", folder / "man"], check=True, stdout=subprocess.DEVNULL)
    for page in (folder / "man").glob("*.1"):
        compress(page, page.read_bytes())
        page.unlink()
    for shell, name in SHELLS.items():
        script = subprocess.run([*command, "completions", shell], check=True, stdout=subprocess.PIPE).stdout
        (folder / "completions" / name).write_bytes(script)
    maintainer = manifest["metadata"]["deb"]["maintainer"]
    released = subprocess.run(
        ["git", "-C", ROOT, "log", "-1", "--format=%cD"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout.strip() or "Thu, 01 Jan 1970 00:00:00 +0000"
    changes = f"orgbox ({version}) stable; urgency=medium\n\n  * Release {version}.\n\n -- {maintainer}  {released}\n"
    compress(folder / "changelog", changes.encode())


def compress(path, text):
    # Without name and time, so that the same text gives the same file.
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(text, 9, mtime=0))


def deb(arguments, manifest):
    """The package, from the table that cargo-deb reads."""
    table = manifest["metadata"]["deb"]
    version = arguments.version or manifest["version"]
    arch = arguments.arch or run("dpkg", "--print-architecture")
    arguments.to.mkdir(parents=True, exist_ok=True)
    path = arguments.to / f"orgbox_{version}_{arch}.deb"
    with tempfile.TemporaryDirectory() as scratch:
        staged, tree = pathlib.Path(scratch, "staged"), pathlib.Path(scratch, "tree")
        stage(staged, arguments.binary, arguments.runner, manifest, version)
        sources = {"target/release/": f"{arguments.binary.resolve().parent}/", "target/packaging/": f"{staged}/"}
        for source, target, mode in table["assets"]:
            for found in matching(source, sources):
                put(found, tree / target / (found.name if target.endswith("/") else ""), int(mode, 8))
        write_control(tree, table, manifest, version, arch)
        command = ["dpkg-deb", "--root-owner-group", f"-Z{arguments.compression}", "--build", tree, path]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def matching(source, sources):
    for start, folder in sources.items():
        if source.startswith(start):
            source = folder + source.removeprefix(start)
    found = [pathlib.Path(name) for name in sorted(glob.glob(str(ROOT / source)))]
    if not found:
        raise SystemExit(f"nothing is there for {source}")
    return found


def put(source, target, mode):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def write_control(tree, table, manifest, version, arch):
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    for folder in [tree, *(path for path in tree.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files]
    size = sum(-(-path.stat().st_size // 1024) for path in files)
    control = tree / "DEBIAN"
    control.mkdir(mode=0o755)
    description = "\n".join(f" {line or '.'}" for line in table["extended-description"].strip().splitlines())
    fields = {
        "Package": "orgbox",
        "Version": version,
        "Architecture": arch,
        "Maintainer": table["maintainer"],
        "Installed-Size": size,
        "Depends": table["depends"],
        "Section": table["section"],
        "Priority": table["priority"],
        "Description": f"{manifest['description']}\n{description}",
    }
    (control / "control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
    (control / "conffiles").write_text("".join(f"{path}\n" for path in table["conf-files"]))
    (control / "md5sums").write_text("".join(sums))
    for script in sorted((ROOT / table["maintainer-scripts"]).iterdir()):
        put(script, control / script.name, 0o755)


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    os.umask(0o022)
    main()
