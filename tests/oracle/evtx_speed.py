"""Records per second of `afterpatch events` against evtxexport and python3-evtx, in one run. evtx_speed.py PROGRAM FILE.evtx

FILE is read as it is by the others; ours reads its chunks N times over, so that the start of a process does not count. Best of five, wall time, one
thread, everything in the page cache. Nothing is said where a tool is missing.
"""
import os
import subprocess
import sys
import tempfile
import time

TIMES, N, FEW = 5, 100, 600
EVTX = """
import sys, time
from Evtx.Evtx import Evtx
with Evtx(sys.argv[1]) as log:
    t, n = time.monotonic(), 0
    for r in log.records():
        try: r.xml()
        except Exception: pass
        n += 1
        if n == %d: break
    print(n / (time.monotonic() - t))
""" % FEW


def best(words):
    took = []
    for _ in range(TIMES):
        t = time.monotonic()
        done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        took.append(time.monotonic() - t)
    return min(took), done.stderr.decode("utf-8", "replace")


program, path = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    big = os.path.join(folder, "big.evtx")
    data = open(path, "rb").read()
    with open(big, "wb") as out:
        out.write(data[:4096])
        for _ in range(N):
            out.write(data[4096:])
    for name, words in (("without output", ["--count"]), ("JSON lines", [])):
        took, said = best([program, "events"] + words + [big])
        n = int(said.strip().split("\n")[-1].split(" ")[0])
        print("%-28s %9.0f records/s %6.0f MB/s" % ("afterpatch, " + name, n / took, os.path.getsize(big) / took / 1e6))
try:
    got = subprocess.run(["evtxexport", "-f", "xml", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    took, _ = best(["evtxexport", "-f", "xml", path])
    print("%-28s %9.0f records/s %6.1f MB/s" % ("evtxexport -f xml", got.stdout.count(b"<Event ") / took, len(data) / took / 1e6))
except OSError:
    pass
for python in ("/usr/bin/python3", sys.executable):
    got = subprocess.run([python, "-c", EVTX, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if got.returncode == 0:
        print("%-28s %9.0f records/s (its first %d)" % ("python3-evtx", float(got.stdout), FEW))
        break
