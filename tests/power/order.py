#!/usr/bin/env python3
"""Watches the system calls of a box, and shows for every way of committing that no answer leaves before its sync.

For each change: its request is read, then the WAL is written, then a sync of the WAL completes, then the answer leaves;
and when it leaves nothing that was written to the database's files is still unsynced.

    tests/power/order.py target/debug/orgbox [--forget-syncs]

Needs no root, only strace. `--forget-syncs` is the negative control: syncs are not carried out, and every answer must be
found to be too early. Ends with 0 where every answer waited, 1 where one did not, 77 where it cannot work here.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import bench

CALLS = "pwrite64,write,writev,sendto,sendmsg,recvfrom,read,fsync,fdatasync"
LINE = re.compile(r"^(\d+) +(\w+)\((\d+)<((?:->|[^>])*)>(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


class Trace:
    """What the box has told the kernel, call by call: the call, the file, the rest, whether it succeeded."""

    def __init__(self, path):
        self.path = path

    def calls(self):
        begun = {}
        with open(self.path, errors="replace") as lines:
            for line in lines:
                if match := RESUMED.match(line):
                    thread, call, rest = match.groups()
                    if held := begun.pop((thread, call), None):
                        yield call, held[0], held[1] + rest, True
                elif match := LINE.match(line):
                    thread, call, _, file, rest = match.groups()
                    if rest.rstrip().endswith("<unfinished ...>"):
                        begun[thread, call] = (file, rest)
                        # A write counts from its beginning on, a sync from its end.
                        yield call, file, rest, False
                    else:
                        yield call, file, rest, True


def succeeded(rest):
    """Carried out and answered with success. One that was only said to be is marked by strace."""
    return re.search(r"\) *= 0\s*$", rest) is not None


def judge(trace, sentence_of):
    """Walks over the calls. Returns of each answer what was asked, and whether everything written before it was synced."""
    unsynced, synced_since, wrote_since = set(), False, False
    verdicts = []
    for call, file, rest, ended in trace.calls():
        kept = ".db" in os.path.basename(file) and not file.endswith(("-shm", ".sock", ".lock"))
        if kept and call in ("pwrite64", "write"):
            unsynced.add(file)
            wrote_since = True
        elif kept and call in ("fsync", "fdatasync"):
            if ended and succeeded(rest):
                unsynced.discard(file)
                synced_since = True
        elif call in ("write", "writev", "sendto", "sendmsg") and (said := sentence_of(file, rest)):
            # Both the beginning and the end of an interrupted call are told; it counts once, at its beginning.
            if not (ended and "<unfinished ...>" in rest):
                verdicts.append((said, wrote_since, synced_since and not unsynced))
                synced_since = wrote_since = False
    return verdicts


def answer(_, rest):
    match = re.search(r'HTTP/1\.1 (\d{3})', rest)
    return match and match.group(1)


def started(folder, wanted, name):
    """Where the trace goes, and the command that makes it."""
    path = os.path.join(folder, name)
    command = ["strace", "-f", "-yy", "-qq", "-s", "100", "-o", path, "-e", "trace=" + CALLS]
    if wanted.forget_syncs:
        command += ["-e", "inject=fsync,fdatasync:retval=0"]
    return Trace(path), command


def through_http(client):
    """One change after another, in every dialect, each with a name. Yields the name and the status."""

    def ask(name, method, path, body=None, headers=None):
        status, told = client.send(method, path, body, headers)
        return name, status, told

    yield ask("wotkit: create", "POST", "/api/v1/orgs", {"name": "first", "longName": "First"})
    yield ask("wotkit: update", "PUT", "/api/v1/orgs/first", {"longName": "Primo"})
    yield ask("wotkit: member", "POST", "/api/v1/orgs/first/members", ["admin"])
    yield ask("wotkit: delete", "DELETE", "/api/v1/orgs/first")
    yield ask("infinity: create", "POST", "/config/v2/organisations", "parentOrgSpec=1&orgName=Second&brandingId=1")
    yield ask("native: create", "POST", "/orgbox/v1/organizations", {"title": "Third"})
    yield ask("native: user", "POST", "/orgbox/v1/users", {"login": "somebody", "password": "long enough"})
    name, status, told = ask("watcher: login", "POST", "/vsaas/api/v2/auth/login", {"login": "admin", "password": bench.PASSWORD})
    yield name, status, told
    session = re.search(rb'"session":"([^"]+)"', told)
    session = {"x-vsaas-session": session.group(1).decode()} if session else {}
    yield ask("watcher: create", "POST", "/vsaas/api/v2/organizations", {"title": "Fourth"}, session)
    yield ask("watcher: logout", "POST", "/vsaas/api/v2/auth/logout", None, session)
    name, status, told = ask("surfsight: login", "POST", "/authenticate", {"email": "admin", "password": bench.PASSWORD})
    yield name, status, told
    token = re.search(rb'"token":"([^"]+)"', told)
    token = {"authorization": "Bearer " + token.group(1).decode()} if token else {}
    yield ask("surfsight: create", "POST", "/organizations", {"name": "Fifth"}, token)
    yield ask("surfsight: retention", "PATCH", "/organizations/1", {"purgeDays": 30}, token)


def every_dialect(folder, wanted):
    """Asks one change at a time through one connection, so that the n-th answer is the n-th change's."""
    trace, command = started(folder, wanted, "dialects")
    box = bench.Box(wanted.binary, folder, folder, wrapper=command)
    # The start commits too: only what comes after this answer is looked at.
    client = bench.Client(box.address)
    client.send("GET", "/api/v1/orgs/default")
    asked = []
    for name, status, told in through_http(client):
        if not 200 <= status < 300:
            raise RuntimeError(f"{name}: {status} {told[:200]}")
        asked.append(name)
    box.end(signal.SIGTERM)
    return list(zip(asked, judge(trace, answer)[1:], strict=True))


def command_line(folder, wanted):
    """A command beside a server, which answers it through the local socket; and one that starts a box for itself."""
    trace, command = started(folder, wanted, "socket")
    box = bench.Box(wanted.binary, folder, folder, wrapper=command)
    config = os.path.join(folder, "config.toml")
    bench.run(wanted.binary, "--config", config, "org", "create", "by-socket")
    box.end(signal.SIGTERM)
    served = [verdict for verdict in judge(trace, answer) if verdict[0] == "201"]
    trace, command = started(folder, wanted, "alone")
    bench.run(*command, wanted.binary, "--config", config, "org", "create", "alone")
    alone = [verdict for verdict in judge(trace, answer) if verdict[0] == "201"]
    return [("command line beside a server", served[0]), ("command line alone", alone[0])]


def watched_file(folder, wanted):
    """Overrides have no answer; what the log says of them is one."""
    trace, command = started(folder, wanted, "watched")
    box = bench.Box(wanted.binary, folder, folder, wrapper=command)
    config = os.path.join(folder, "config.toml")
    with open(config) as file:
        text = file.read()
    with open(config, "w") as file:
        file.write(text + '[organizations."one-of-the-file"]\ncreate = true\ncamera_limit = 7\n')
    os.kill(box.pid(), signal.SIGHUP)
    in_force = lambda file, rest: "in force" if "overrides are in force" in rest else None
    for _ in range(1200):
        if judge(trace, in_force):
            break
        time.sleep(0.05)
    box.end(signal.SIGTERM)
    with open(config, "w") as file:
        file.write(text)
    return [("overrides", verdict) for verdict in judge(trace, in_force)[-1:]]


def upstream(folder, wanted):
    """A batch leaves for billing only once it is frozen on the disk, and billing acknowledges it only once it has it."""
    took, command = started(folder, wanted, "collector")
    collector = bench.Collector(wanted.binary, folder, wrapper=command)
    sent, command = started(folder, wanted, "sender")
    more = f'[upstream]\nurl = "http://{collector.address}/events"\nstart_jitter_seconds = 0\n'
    box = bench.Box(wanted.binary, folder, folder, wrapper=command, more=more)
    client = bench.Client(box.address)
    # To an address that ends in this port, and no answer to a client.
    port = collector.address.rsplit(":", 1)[1]
    request = lambda file, rest: "POST" if '"POST /events' in rest and f":{port}]" in file else None
    taken = lambda file, rest: "taken" if re.search(r"HTTP/1\.1 200", rest) else None

    def settle():
        """Waits until nothing is under way: what is written for one batch is not synced yet when another leaves."""
        for _ in range(600):
            link = json.loads(client.send("GET", "/orgbox/v1/upstream")[1])
            if link["state"] == "up" and link["queue"]["events"] == 0 and not link["telling_everything"]:
                return
            time.sleep(0.05)

    settle()
    for number in range(3):
        client.send("POST", "/api/v1/orgs", {"name": f"told-{number}", "longName": "Told upstream"})
        settle()
    box.end(signal.SIGTERM)
    collector.end(signal.SIGTERM)
    leaving, taking = judge(sent, request), judge(took, taken)
    if len(leaving) < 3 or len(taking) < 3:
        raise RuntimeError(f"too little went upstream: {leaving} {taking}")
    return [("batch upstream", verdict) for verdict in leaving] + [("acknowledged batch", verdict) for verdict in taking]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--forget-syncs", action="store_true")
    wanted = parser.parse_args()
    bench.need("strace", root=False)
    folder = tempfile.mkdtemp(prefix="orgbox-order-")
    try:
        probe = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], stderr=subprocess.PIPE, text=True)
        if probe.returncode != 0:
            bench.skip("strace may not trace here: " + probe.stderr.strip())
        found = every_dialect(folder, wanted) + command_line(folder, wanted) + watched_file(folder, wanted)
        found += upstream(folder, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    early = [name for name, (_, wrote, synced) in found if not synced]
    unwritten = [name for name, (_, wrote, _) in found if not wrote]
    for name in early:
        print(f"too early: {name}")
    if unwritten or not found:
        raise RuntimeError(f"no write was seen before the answer, so nothing is shown: {unwritten}")
    print(f"{'EARLY' if early else 'waited'}: {len(found)} ways to commit, {len(early)} answers before their sync")
    sys.exit(1 if early else 0)


if __name__ == "__main__":
    main()
