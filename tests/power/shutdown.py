#!/usr/bin/env python3
"""Cuts the power of the file system below a box under load: whatever the kernel has not written is gone, and so is the
journal that it has not flushed. Then the file system is mounted again, and everything that was acknowledged must be there.

    sudo tests/power/shutdown.py target/debug/orgbox [--fs ext4|xfs] [--cuts 10] [--forget-syncs]

`--forget-syncs` is the negative control: the same binary, with the syncs of its WAL not carried out; it must lose something.
Ends with 0 where nothing was lost, 1 where something was, 77 where it cannot work here.
"""

import argparse
import fcntl
import os
import random
import shutil
import struct
import sys
import tempfile
import time

import bench

# _IOR('X', 125, __u32), which ext4, xfs and f2fs understand; and not to flush the log first.
SHUT_DOWN = 0x8004587D
WITHOUT_FLUSHING = 2
IMAGE_BYTES = 400 << 20


def cut(mounted):
    folder = os.open(mounted, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, SHUT_DOWN, struct.pack("I", WITHOUT_FLUSHING))
    finally:
        os.close(folder)


def unmount(mounted):
    for _ in range(100):
        # Not os.path.ismount, which asks the file system, and one that was cut answers nothing.
        with open("/proc/mounts") as mounts:
            if not any(line.split()[1] == mounted for line in mounts):
                return
        bench.run("umount", mounted, check=False)
        time.sleep(0.02)
    raise RuntimeError("the file system stays busy")


def mount_again(image, mounted):
    """Mounts what is on the disk. A mount namespace that somebody has made of ours in the meantime (a container that starts)
    keeps the file system that was cut alive, and mounting the image finds that one again for as long."""
    for _ in range(600):
        bench.run("mount", "-o", "loop", image, mounted)
        with open("/proc/mounts") as mounts:
            found = [line.split() for line in mounts]
        if not any(place == mounted and "shutdown" in options.split(",") for _, place, _, options, *_ in found):
            return
        unmount(mounted)
        time.sleep(0.1)
    raise RuntimeError("somebody else holds the file system that was cut")


def rounds(wanted, folder):
    """Each round starts on what the cut before has left. Returns what was acknowledged, and what is wrong."""
    image, mounted = os.path.join(folder, "image"), os.path.join(folder, "mounted")
    os.mkdir(mounted)
    with open(image, "wb") as file:
        file.truncate(IMAGE_BYTES)
    bench.run("mkfs." + wanted.fs, "-q", image)
    acknowledged, wrong = [], []
    for number in range(wanted.cuts):
        if number == 0:
            bench.mount_or_skip("-o", "loop", image, mounted)
        else:
            mount_again(image, mounted)
        box = None
        try:
            box = bench.Box(wanted.binary, folder, mounted, wanted.forget_syncs)
            load = bench.Load(box.address, f"cut-{number}", time.monotonic)
            load.wait_for(random.randint(1, wanted.changes))
            cut_at = time.monotonic()
            cut(mounted)
            # Only what was heard before: a sync that the shutdown overtakes is now and then answered with success by the
            # kernel itself (seen on 6.18, ext4), which a power cut, after which nobody answers anything, has no like of.
            acknowledged += [heard for heard in load.stop() if heard[0] < cut_at]
            box.end()
        finally:
            if box is not None:
                box.put_away()
            unmount(mounted)
        mount_again(image, mounted)
        found = bench.examine(os.path.join(mounted, "orgbox.db"), bench.expected(acknowledged))
        unmount(mounted)
        wrong += [f"cut {number}: {sentence}" for sentence in found]
        if found:
            # What follows on a damaged database says nothing more.
            break
    return acknowledged, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--fs", choices=["ext4", "xfs"], default="ext4")
    parser.add_argument("--cuts", type=int, default=10)
    parser.add_argument("--changes", type=int, default=60, help="at most so many are acknowledged before each cut")
    parser.add_argument("--forget-syncs", action="store_true")
    wanted = parser.parse_args()
    bench.need("mount", "mkfs." + wanted.fs, *(["strace"] if wanted.forget_syncs else []))
    folder = tempfile.mkdtemp(prefix="orgbox-cut-")
    try:
        acknowledged, wrong = rounds(wanted, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for sentence in wrong:
        print(sentence)
    verdict = "LOST" if wrong else "kept"
    print(f"{verdict}: fs={wanted.fs} cuts={wanted.cuts} acknowledged={len(acknowledged)} wrong={len(wrong)}")
    if not acknowledged:
        raise RuntimeError("nothing was acknowledged, so nothing is shown")
    sys.exit(bench.LOST if wrong else 0)


if __name__ == "__main__":
    main()
