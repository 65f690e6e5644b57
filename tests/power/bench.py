"""What the power-cut benches share: a box under load, what it has acknowledged, and how to find out what is left of it.

Nothing here knows how the power is cut. Python's standard library only.
"""

import atexit
import base64
import contextlib
import http.client
import json
import os
import queue
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

PASSWORD = "correct horse"
PATIENCE_SECONDS = 60
SKIPPED = 77
LOST = 1


def skip(why):
    """Ends the bench unused; whoever called it tells so."""
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def need(*tools, root=True):
    """Skips unless this machine has what the bench works with."""
    if root and os.geteuid() != 0:
        skip("needs root")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        skip("needs " + ", ".join(missing))


def run(*command, check=True):
    """Runs a command to its end; what it said comes with the failure."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout.strip()


def mount_or_skip(*arguments):
    """The first mount of a bench: where even this is refused, the bench cannot work here."""
    try:
        run("mount", *arguments)
    except RuntimeError as error:
        skip(f"cannot mount: {error}")


class Box:
    """The binary, serving on a database in `data`. With `forget_syncs` every sync of its WAL is answered with success
    and not carried out: what `synchronous=NORMAL` leaves out at each commit, taken from the very binary under test."""

    def __init__(self, binary, folder, data, forget_syncs=False, wrapper=(), more=""):
        config = os.path.join(folder, "config.toml")
        self.database = os.path.join(data, "orgbox.db")
        with open(config, "w") as file:
            file.write(f'version = 1\n[server]\nlisten = "127.0.0.1:0"\nsocket = "{folder}/box.sock"\n')
            file.write(f'[database]\npath = "{self.database}"\nballast_bytes = 1048576\n{more}')
        self._start([*wrapper, binary, "serve", "--config", config], folder, forget_syncs, bool(wrapper))

    def _start(self, command, folder, forget_syncs, traced):
        self.traced = forget_syncs or traced
        if forget_syncs:
            forget = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:retval=0", "-P", self.database + "-wal"]
            command = ["strace", "-f", "-qq", "-o", "/dev/null", *forget, *command]
        self.log = open(os.path.join(folder, "box.log"), "ab")
        environment = {**os.environ, "ORGBOX_ADMIN_PASSWORD": PASSWORD}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        # A bench that fails leaves nothing running.
        atexit.register(self.put_away)
        self.address = self._wait_until_it_serves(folder)

    def _wait_until_it_serves(self, folder):
        lines = queue.Queue()

        def read():
            for line in self.process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        while True:
            line = lines.get(timeout=PATIENCE_SECONDS)
            if line is None:
                with open(os.path.join(folder, "box.log")) as log:
                    raise RuntimeError("the box does not serve: " + log.read()[-2000:])
            if line.startswith("Serving on http://"):
                return line.strip().removeprefix("Serving on http://")

    def pid(self):
        """Of the box itself, also where something else has started it."""
        if not self.traced:
            return self.process.pid
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return int(children.read().split()[0])

    def put_away(self):
        """Ends it where it has not ended."""
        if self.process.poll() is None:
            if self.traced:
                with contextlib.suppress(OSError, IndexError):
                    os.kill(self.pid(), signal.SIGKILL)
            self.process.kill()
            self.process.wait()

    def end(self, how=signal.SIGKILL):
        """Sends the signal and waits for the end."""
        os.kill(self.pid(), how)
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.log.close()


class Collector(Box):
    """The reference receiver, which takes what a box sends upstream."""

    def __init__(self, binary, folder, wrapper=()):
        database = os.path.join(folder, "collector.db")
        command = [*wrapper, binary, "collector", "--listen", "127.0.0.1:0", "--database", database]
        self._start(command, folder, False, bool(wrapper))


class Client:
    """One connection, as the first administrator."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
        encoded = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        self.headers = {"authorization": f"Basic {encoded}"}

    def send(self, method, path, body=None, headers=None):
        """Returns the status and the body."""
        kind = {"content-type": "application/json"} if isinstance(body, (dict, list)) else {}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        elif body is not None:
            kind = {"content-type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body=body, headers={**self.headers, **kind, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


class Load:
    """Clients that make and change organizations until they are stopped or the box is gone.

    `acknowledged` holds, of every 2xx, the number that `position` gave just after it, the organization's name and the
    count that was written into its description."""

    CLIENTS = 4

    def __init__(self, address, label, position=lambda: 0):
        self.acknowledged = []
        self.unexpected = []
        self.ended = []
        self.stopping = threading.Event()
        self.heard = threading.Condition()
        self.position = position
        self.threads = [threading.Thread(target=self._work, args=(address, f"{label}-{n}")) for n in range(self.CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _work(self, address, prefix):
        client = Client(address)
        count = 0
        while not self.stopping.is_set():
            # One in three is new; the others change the newest, so that a lost change of what is there shows too.
            name = f"{prefix}-{count // 3}"
            text = f"{count} " + "x" * (count * 397 % 3000)
            try:
                if count % 3 == 0:
                    status, body = client.send("POST", "/api/v1/orgs", {"name": name, "longName": "Load", "description": text})
                else:
                    status, body = client.send("PUT", f"/api/v1/orgs/{name}", {"longName": "Load", "description": text})
            except (OSError, http.client.HTTPException) as error:
                self.ended.append(repr(error))
                return
            if status in (200, 201):
                with self.heard:
                    self.acknowledged.append((self.position(), name, count))
                    self.heard.notify()
            elif not self.stopping.is_set():
                # With its disk gone a box says 503 or 507, and nothing of that is acknowledged.
                self.ended.append(f"{status} {body[:200]}")
                if status < 500:
                    self.unexpected.append(f"{status} {body[:200]}")
                return
            count += 1

    def wait_for(self, count):
        """Until so many changes are acknowledged."""
        with self.heard:
            if not self.heard.wait_for(lambda: len(self.acknowledged) >= count, timeout=PATIENCE_SECONDS):
                raise RuntimeError(f"only {len(self.acknowledged)} changes were acknowledged: {self.ended[:3]}")

    def stop(self):
        """Ends it. Returns what was acknowledged."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        if self.unexpected:
            raise RuntimeError(f"the load was refused: {self.unexpected[:3]}")
        return self.acknowledged


def expected(acknowledged):
    """The greatest acknowledged count of each organization."""
    counts = {}
    for _, name, count in acknowledged:
        counts[name] = max(count, counts.get(name, -1))
    return counts


def examine(database, wanted):
    """What is wrong with a database after a cut, as sentences; none where it holds everything that was acknowledged."""
    if not os.path.exists(database):
        return ["the database is gone"] if wanted else []
    try:
        connection = sqlite3.connect(database)
        try:
            return _examine(connection, wanted)
        finally:
            connection.close()
    except sqlite3.Error as error:
        files = beside(os.path.dirname(database))
        return [f"the database cannot be read: {error}; {files}"]


def beside(folder):
    """What lies in the folder, for a report."""
    return ", ".join(f"{entry.name} {entry.stat().st_size}" for entry in os.scandir(folder))


def _examine(connection, wanted):
    one = lambda sql: connection.execute(sql).fetchone()[0]
    wrong = []
    sound = one("PRAGMA integrity_check")
    if sound != "ok":
        wrong.append(f"integrity_check: {sound[:100]}")
    if one("SELECT count(*) FROM sqlite_schema") == 0:
        return wrong + (["everything is lost"] if wanted else [])
    found = dict(connection.execute("SELECT name, description FROM organizations"))
    lost = [name for name, count in wanted.items() if int(found.get(name, "-1").split(" ")[0] or -1) < count]
    if lost:
        wrong.append(f"{len(lost)} of {len(wanted)} acknowledged organizations lost or old: {', '.join(sorted(lost)[:3])}")
    events, newest, numbered = one("SELECT count(*) FROM outbox"), one("SELECT ifnull(max(seq), 0) FROM outbox"), one("SELECT ifnull(max(last_seq), 0) FROM site")
    if not events == newest == numbered:
        wrong.append(f"{events} events, the newest {newest}, numbered up to {numbered}")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        wrong.append("a foreign key points nowhere")
    return wrong
