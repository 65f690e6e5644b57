#!/usr/bin/env python3
"""Cuts the power of a disk with a cache of its own, at any moment of a run under load, and drops what it had cached at random.

A box writes to an ext4 whose disk logs every write and every flush in order. Afterwards disks are built from the log as a
cut could have left them: everything up to the last completed flush, and of the writes since then any half. On each of
them the file system must mount, and everything acknowledged before the cut must be there.

    sudo tests/power/write_log.py target/debug/orgbox [--cuts 20] [--changes 120] [--forget-syncs | --mount nobarrier]

`--forget-syncs` and `--mount nobarrier` are negative controls: the box's, or the file system's, flushes do not reach the
disk, and something must be lost. Ends with 0 where nothing was, 1 where something was, 77 where it cannot work here.
"""

import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import bench

SECTOR_BYTES = 512
DISK_BYTES = 96 << 20
LOG_BYTES = 4 << 30
FLUSH, FUA, DISCARD = 1, 2, 4


class Disk:
    """A block device whose writes and flushes are logged, with ext4 on it."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        at = lambda name: os.path.join(folder, name)
        self.base, self.log, self.mounted = at("base"), at("log"), at("mounted")
        exported = at("exported")
        os.mkdir(self.mounted)
        for path, size in [(at("disk"), DISK_BYTES), (self.log, LOG_BYTES), (exported, 0)]:
            with open(path, "wb") as file:
                file.truncate(size)
        bench.run("mkfs.ext4", "-q", at("disk"))
        bench.run("cp", "--sparse=always", at("disk"), self.base)
        self.daemon = subprocess.Popen([
            "qemu-storage-daemon",
            "--blockdev", f"driver=file,node-name=disk-file,filename={at('disk')}",
            "--blockdev", "driver=raw,node-name=disk,file=disk-file",
            "--blockdev", f"driver=file,node-name=log,filename={self.log}",
            "--blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size=512,"
                          "log-super-update-interval=1",
            "--export", f"type=fuse,id=export,node-name=logged,mountpoint={exported},writable=on",
        ], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(100):
            if os.stat(exported).st_size or self.daemon.poll() is not None:
                break
            time.sleep(0.05)
        if not os.stat(exported).st_size:
            self.daemon.kill()
            bench.skip("qemu-storage-daemon cannot export a disk here: " + self.daemon.stderr.read().strip())
        self.device = bench.run("losetup", "-f", "--show", exported)
        self.reader = os.open(self.log, os.O_RDONLY)
        try:
            bench.mount_or_skip("-o", options, self.device, self.mounted)
        except SystemExit:
            self.close()
            raise

    def position(self):
        """How many entries the log has."""
        return struct.unpack("<Q", os.pread(self.reader, 8, 16))[0]

    def close(self):
        os.close(self.reader)
        bench.run("umount", self.mounted, check=False)
        bench.run("losetup", "-d", self.device, check=False)
        self.daemon.terminate()
        self.daemon.wait()

    def entries(self, count):
        """The first entries of the log: sector, sectors, flags, and where the data is."""
        with open(self.log, "rb") as log:
            header = struct.unpack("<QQQI", log.read(28))
            step = header[3]
            place, entries = step, []
            for _ in range(count):
                log.seek(place)
                sector, sectors, flags, _ = struct.unpack("<QQQQ", log.read(32))
                place += step
                entries.append((sector, sectors, flags, place))
                if not flags & DISCARD:
                    place += sectors * SECTOR_BYTES
            return entries


def put(log, disk, entry):
    """Carries one logged write out. What is discarded may stay as it was."""
    sector, sectors, flags, place = entry
    if not flags & DISCARD:
        log.seek(place)
        disk.seek(sector * SECTOR_BYTES)
        disk.write(log.read(sectors * SECTOR_BYTES))


def replay(disk, end, acknowledged, cuts):
    """Builds a disk for each cut and examines it. Returns what is wrong with which."""
    entries, wrong = disk.entries(end), []
    left = os.path.join(disk.folder, "left")
    with open(disk.log, "rb") as log, open(disk.base, "r+b", buffering=0) as base:
        cached = []
        for number, entry in enumerate([*entries, None]):
            if entry is None or entry[2] & FLUSH:
                if entry is not None:
                    for held in cached:
                        put(log, base, held)
                    cached = []
            if entry is not None and entry[1]:
                if entry[2] & FUA:
                    put(log, base, entry)
                else:
                    cached.append(entry)
            if number not in cuts:
                continue
            bench.run("cp", "--sparse=always", disk.base, left)
            with open(left, "r+b") as file:
                for held in cached:
                    if random.random() < 0.5:
                        put(log, file, held)
            before = [ack for ack in acknowledged if ack[0] <= number]
            try:
                bench.run("mount", "-o", "loop", left, disk.mounted)
            except RuntimeError as error:
                wrong.append((number, [f"cannot be mounted: {error}"]))
                continue
            try:
                found = bench.examine(os.path.join(disk.mounted, "orgbox.db"), bench.expected(before))
            finally:
                bench.run("umount", disk.mounted)
            if found:
                wrong.append((number, found))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--changes", type=int, default=120, help="so many are acknowledged before the end of the log")
    parser.add_argument("--mount", default="defaults", help="options of the file system's mount")
    parser.add_argument("--forget-syncs", action="store_true")
    wanted = parser.parse_args()
    bench.need("qemu-storage-daemon", "mkfs.ext4", "losetup", *(["strace"] if wanted.forget_syncs else []))
    if not os.path.exists("/dev/fuse"):
        bench.skip("needs FUSE")
    folder = tempfile.mkdtemp(prefix="orgbox-log-")
    try:
        disk = Disk(folder, wanted.mount)
        try:
            box = bench.Box(wanted.binary, folder, disk.mounted, wanted.forget_syncs)
            load = bench.Load(box.address, "log", disk.position)
            load.wait_for(wanted.changes)
            acknowledged = load.stop()
            end = disk.position()
            box.end()
        finally:
            disk.close()
        if not acknowledged:
            raise RuntimeError("nothing was acknowledged, so nothing is shown")
        first = min(position for position, _, _ in acknowledged)
        cuts = set(random.sample(range(first, end + 1), min(wanted.cuts, end + 1 - first)))
        flushes = sum(1 for entry in disk.entries(end) if entry[2] & FLUSH)
        wrong = replay(disk, end, acknowledged, cuts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for number, found in wrong[:5]:
        print(f"cut after write {number}: {'; '.join(found)}")
    verdict = "LOST" if wrong else "kept"
    print(f"{verdict}: cuts={len(cuts)} wrong={len(wrong)} acknowledged={len(acknowledged)} writes={end} flushes={flushes}")
    sys.exit(bench.LOST if wrong else 0)


if __name__ == "__main__":
    main()
