#!/usr/bin/env python3
"""Something that lithia takes for its LAMMPS worker and that behaves as FAKE_WORKER says."""
import os, socket, struct, sys, time
MAGIC, READY, DONE = 0x4C69744C, 64, 65
mode = os.environ["FAKE_WORKER"]
if mode == "silent":
    sys.exit(0)
if mode == "words":
    print("lithia?\nERROR: I am no worker (fake.cpp:1)\nLast command: none\nother words")
    sys.exit(3)
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
message = lambda kind, body, length=None: struct.pack("<IIQ", MAGIC, kind, len(body) if length is None else length) + body
ready = lambda version=1, ranks=1, constants=(1.0, 1.0, 1.0, 1.0): struct.pack("<IIii4d", version, ranks, 20210929, 0, *constants)
s.recv(1000)
s.sendall({
    "garbage": b"ERROR: where am I? " * 4,
    "long": message(READY, ready(), 1 << 60),
    "half": message(READY, ready())[:30],
    "version": message(READY, ready(version=99)),
    "ranks": message(READY, ready(ranks=3)),
    "kind": message(DONE, b""),
    "constants": message(READY, ready(constants=(0.0, float("nan"), 1.0, 1.0))),
}[mode])
if mode != "half":
    time.sleep(20)
