#!/usr/bin/env python3
"""Wall time of a hunt by stage, from the line of progress that it shows on a terminal: stages.py afterpatch hunt --out DIR PATH...

A stage begins where the one before it ends (the line is cleared); what comes before the first is the search and the list of files, what comes behind the last the
verdict and the report. Exits as the hunt does."""
import os
import pty
import re
import sys
import time

NAMES = ("reading files", "reading event logs", "reading logs", "following the intruders")


def main():
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    start = mark = time.monotonic()
    rows, current, listed = [], None, False
    while True:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        now = time.monotonic()
        for part in re.split(rb"\r", data):
            name = next((n for n in NAMES if part.startswith(n.encode())), None)
            if name and name != current:
                if not listed:
                    rows.append(("search and list of files", max(0.0, now - 0.25 - mark)))      # it is drawn a quarter of a second late
                    mark, listed = max(mark, now - 0.25), True
                current = name
            elif part.startswith(b"\x1b[K") and current:
                rows.append((current, now - mark))
                mark, current = now, None
    _, status = os.waitpid(pid, 0)
    end = time.monotonic()
    rows.append(("verdict and report", end - mark))
    for name, seconds in rows:
        print(f"  {name:42} {seconds:7.2f} s")
    print(f"  {'together':42} {end - start:7.2f} s")
    return os.waitstatus_to_exitcode(status)


sys.exit(main())
