#!/usr/bin/env python3
"""Somebody kills the hunt's worker processes at random moments: the report is that of an undisturbed hunt. Usage: kill.py AFTERPATCH LAB FOLDER [SEED]

Ends at least KILLS processes, over as many hunts as that takes; the moments are spread over the time that an undisturbed hunt needs. The evidence
is a folder, a zip that is read at random, and a tar whose members are spooled, in turn.
"""
import os, random, shutil, signal, subprocess, sys, tarfile, time, zipfile

from crash import FORMS, without_run

KILLS, HUNTS_MAX = 20, 40
# A hunt that does not end though nobody disturbs it any more: said, and ended.
PATIENCE = 120
# The leak checker of a sanitized build works through a child of its own and waits for it without end: killed, it would hang a supervisor that is
# long done. Leaks are looked for in every other test.
ENVIRONMENT = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def children(pid):
    """Processes whose parent is `pid`, and theirs."""
    parent = {}
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                with open(f"/proc/{d}/stat", "rb") as f:
                    parent[int(d)] = int(f.read().rsplit(b")", 1)[1].split()[1])
            except (OSError, IndexError):
                pass
    found, todo = [], [pid]
    while todo:
        at = todo.pop()
        below = [p for p, of in parent.items() if of == at]
        found += below
        todo += below
    return found


def pack(evidence, folder):
    """The same files three times."""
    with zipfile.ZipFile(folder + "/all.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z, \
            tarfile.open(folder + "/all.tar.gz", "w:gz", compresslevel=1) as t:
        for top, dirs, names in os.walk(evidence):
            dirs.sort()
            for n in sorted(names):
                p = os.path.join(top, n)
                z.write(p, os.path.relpath(p, evidence))
                t.add(p, os.path.relpath(p, evidence), recursive=False)
    return [evidence, folder + "/all.zip", folder + "/all.tar.gz"]


def outcome(out, code):
    return code, {f: without_run(os.path.join(out, f)) for f in FORMS}


def main():
    program, lab, folder = sys.argv[1:4]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 7
    rng = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    subprocess.run([lab, "make", "shell-used", folder + "/a", "--seed", "7", "--megabytes", "40"], check=True, stdout=subprocess.DEVNULL)
    forms = pack(folder + "/a/evidence", folder)

    def command(out, jobs, evidence):
        return [program, "hunt", "--quiet", "--jobs", str(jobs), "--out", out, evidence]

    undisturbed = []
    for evidence in forms:
        began = time.monotonic()
        code = subprocess.run(command(folder + "/plain", 2, evidence)).returncode
        undisturbed.append((evidence, time.monotonic() - began, outcome(folder + "/plain", code)))

    killed = hunts = bad = 0
    while killed < KILLS and hunts < HUNTS_MAX:
        evidence, took, plain = undisturbed[hunts % len(undisturbed)]
        hunts += 1
        out, here = folder + "/out", 0
        shutil.rmtree(out, ignore_errors=True)
        p = subprocess.Popen(command(out, 1 + rng.randrange(3), evidence), env=ENVIRONMENT)
        while p.poll() is None and here < 8:
            try:
                p.wait(rng.uniform(0.02, took))
                break
            except subprocess.TimeoutExpired:
                pass
            below = children(p.pid)
            # Mostly one of them, the worker or the copy it would be made anew from; now and then all.
            for pid in below if rng.random() < 0.2 else rng.sample(below, min(1, len(below))):
                try:
                    os.kill(pid, signal.SIGKILL)
                    here += 1
                except ProcessLookupError:
                    pass
        try:
            p.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"hunt {hunts} of {os.path.basename(evidence)} (seed {seed}): still there {PATIENCE} s after the last of {here} kills")
            p.kill()
            p.wait()
        killed += here
        got = outcome(out, p.returncode) if os.path.exists(out + "/report.json") else (p.returncode, None)
        if got != plain:
            bad += 1
            print(f"hunt {hunts} of {os.path.basename(evidence)} (seed {seed}): code {got[0]} for {plain[0]};", "no report" if not got[1] else
                  "other: " + ", ".join(f for f in FORMS if got[1][f] != plain[1][f]))
        # Whatever was cut off in the middle of writing has no name, or lost it.
        left = [n for n in os.listdir(out) if ".part-" in n] if os.path.isdir(out) else []
        if left:
            bad += 1
            print(f"hunt {hunts}: left behind: {left}")
    print(f"{killed} processes killed in {hunts} hunts")
    return 1 if bad or killed < KILLS else 0


if __name__ == "__main__":
    sys.exit(main())
