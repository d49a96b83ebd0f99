"""Are the event logs that the lab writes what Windows would have written? evtx_lab.py PROGRAM LAB WORK

libevtx reads every record and value as we do (evtx.py); python3-evtx, where it is installed, finds every checksum right and as many records.
"""
import glob
import os
import subprocess
import sys


def main():
    program, lab, work = sys.argv[1:4]
    out = os.path.join(work, "events")
    subprocess.run([lab, "make", "events-story", out, "--seed", "7"], check=True)
    logs = sorted(glob.glob(os.path.join(out, "evidence", "C", "Windows", "System32", "winevt", "Logs", "*.evtx")))
    bad = subprocess.run([sys.executable, "-B", os.path.join(os.path.dirname(__file__), "evtx.py"), program, os.path.join(out, "evidence")]).returncode
    try:
        from Evtx.Evtx import Evtx
    except ImportError:
        print("python3-evtx: not installed, skipped")
        return bad
    total = 0
    for path in logs:
        ours = subprocess.run([program, "events", path], capture_output=True, check=True).stdout.count(b"\n")
        with Evtx(path) as log:
            head, chunks = log.get_file_header(), list(log.chunks())
            theirs = sum(1 for r in log.records() if r.xml())
            if not head.verify() or not all(c.verify() for c in chunks) or theirs != ours:
                print("python3-evtx: %s: header %s, chunks %s, %d records, ours %d" % (os.path.basename(path), head.verify(), all(c.verify() for c in chunks), theirs, ours))
                bad = 1
        total += theirs
    print("python3-evtx: %d files, %d records, all checksums right" % (len(logs), total) if not bad else "python3-evtx: see above")
    return bad


if __name__ == "__main__":
    sys.exit(main())
