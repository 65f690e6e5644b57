#!/usr/bin/env python3
"""Holds one thread of a process as a debugger would, while all others go on, until this program or the thread ends.

hold_thread.py PROCESS NAME       NAME: how the thread's name begins. Prints `held` when it is.
"""

import ctypes
import os
import sys
import time

SEIZE, INTERRUPT = 0x4206, 0x4207
WALL = 0x40000000


def main():
    process, name = sys.argv[1:]
    tasks = f"/proc/{process}/task"
    for thread in sorted(os.listdir(tasks), key=int):
        with open(f"{tasks}/{thread}/comm") as comm:
            found = comm.read().strip()
        if found.startswith(name):
            hold(int(thread), f"{tasks}/{thread}")
            return
    sys.exit(f"no thread {name}")


def hold(thread, folder):
    libc = ctypes.CDLL(None, use_errno=True)
    for request in (SEIZE, INTERRUPT):
        if libc.ptrace(request, thread, None, None) != 0:
            sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")
    os.waitpid(thread, WALL)
    print("held", flush=True)
    while os.path.exists(folder):
        try:
            # Its end is not complete before somebody has taken note of it.
            os.waitpid(thread, WALL | os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(0.05)


main()
