#!/usr/bin/env python3
"""How well the page analyser does on a labelled folder. Usage: eval.py AFTERPATCH CORPUS [--rules DIR] [--list FILE] [--runs N]

CORPUS holds malicious/ and benign/ (and perhaps grey/, which counts neither way), any depth. Nothing in it is run or copied.
With --rules, YARA rule files are run by the `yara` program over the same files in the same run: all *.yar and *.yara below DIR, each file on its own.
Prints detection by extension and by kind, false alarms, bytes a second, then every miss and every false alarm. --list writes a line a file.
--runs: the speed is that of the best of N.
"""
import collections, json, os, subprocess, sys, tempfile, time

LABELS = "malicious", "benign", "grey"
CLASSIC = "asp", "asa", "cer", "cdx"


def files_of(folder):
    for top, dirs, names in os.walk(folder):
        dirs.sort()
        for n in sorted(names):
            p = os.path.join(top, n)
            if os.path.isfile(p) and not os.path.islink(p):
                yield p


def extension(path):
    return os.path.splitext(path)[1].lstrip(".").lower()


def group(path):
    return "classic ASP" if extension(path) in CLASSIC else ".NET"


def cpu():
    t = os.times()
    return t.children_user + t.children_system


def analyse(program, folder, runs=1):
    """What it says of each file, and the time of the run that took least CPU time: on a machine with other work the others tell of that."""
    best = None
    for _ in range(runs):
        began, used = time.monotonic(), cpu()
        done = subprocess.run([program, "page", "--json", folder], stdout=subprocess.PIPE)
        took, used = time.monotonic() - began, cpu() - used
        if done.returncode not in (0, 1, 6):
            sys.exit(f"{program} page ended with {done.returncode}")
        best = min(best or (used, took), (used, took))
    used, took = best
    said = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        said[row["file"]] = row
    return said, took, used


def yara(rules, folder):
    """The files that any rule fits, by the program itself; a rule file that it does not take is left out and told."""
    hit, used, refused = set(), cpu(), []
    outside = ["-d", "filename=", "-d", "filepath=", "-d", "extension=", "-d", "filetype=", "-d", "owner=", "-d", "md5="]
    for f in sorted(files_of(rules)):
        if extension(f) not in ("yar", "yara"):
            continue
        done = subprocess.run(["yara", "-w", "-r", "-p", "1", *outside, f, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            refused.append(os.path.basename(f))
        hit.update(line.split(" ", 1)[1] for line in done.stdout.decode("utf-8", "surrogateescape").splitlines() if " " in line)
    return hit, cpu() - used, refused


def share(n, of):
    return f"{n} of {of} ({100 * n / of:.2f} %)" if of else "none"


def by_extension(said, files, verdicts):
    count = collections.defaultdict(collections.Counter)
    for f in files:
        count[extension(f)][said[f]["verdict"]] += 1
        count[" " + group(f)][said[f]["verdict"]] += 1
    for ext in sorted(count):
        c, n = count[ext], sum(count[ext].values())
        print(f"    {ext.strip():12} {n:6}  " + "  ".join(f"{v} {c[v]} ({100 * c[v] / n:.2f} %)" for v in verdicts))


def main():
    args = sys.argv[1:]
    rules = args.pop(args.index("--rules") + 1) if "--rules" in args else None
    runs = int(args.pop(args.index("--runs") + 1)) if "--runs" in args else 1
    listing = args.pop(args.index("--list") + 1) if "--list" in args else None
    program, corpus = [a for a in args if not a.startswith("--")][:2]
    lines = []
    for label in LABELS:
        folder = os.path.join(corpus, label)
        files = list(files_of(folder)) if os.path.isdir(folder) else []
        if not files:
            continue
        size = sum(os.path.getsize(f) for f in files)
        said, took, used = analyse(program, folder, runs)
        lost = [f for f in files if f not in said]
        if lost:
            sys.exit(f"no answer for {len(lost)} files, the first is {lost[0]}")
        print(f"{label}: {len(files)} files, {size / 1e6:.1f} MB, {took:.1f} s, {used:.1f} s of CPU: {size / 1e6 / max(used, 1e-9):.1f} MB/s a core")
        by_extension(said, files, ("back_door", "review", "inert", "clean"))
        if label == "malicious":
            print("    by kind: " + ", ".join(f"{k} {n}" for k, n in collections.Counter(said[f]["kind"] for f in files if said[f]["verdict"] == "back_door").most_common()))
            missed = [f for f in files if said[f]["verdict"] != "back_door"]
            print(f"    missed at the level that accuses: {share(len(missed), len(files))}; at review or above: "
                  f"{share(sum(said[f]['verdict'] in ('clean', 'inert') for f in files), len(files))}")
            for f in missed:
                print(f"      {said[f]['verdict']:9} {said[f]['kind']:12} {f}")
        elif label == "benign":
            alarms = [f for f in files if said[f]["verdict"] == "back_door"]
            print(f"    false alarms: {share(len(alarms), len(files))}")
            for f in alarms:
                print(f"      {said[f]['kind']:12} {f}: {said[f]['why']}")
        if rules:
            hit, rused, refused = yara(rules, folder)
            n = sum(f in hit for f in files)
            for name in (".NET", "classic ASP"):
                mine = [f for f in files if group(f) == name]
                print(f"    the rules of --rules: {name}: {share(sum(f in hit for f in mine), len(mine))}")
            print(f"    the rules of --rules: {share(n, len(files))}, {rused:.1f} s of CPU: {size / 1e6 / max(rused, 1e-9):.1f} MB/s; ratio of speed {rused / max(used, 1e-9):.1f}"
                  + (f"; files not taken: {', '.join(refused)}" if refused else ""))
        lines += [f"{label}\t{said[f]['verdict']}\t{said[f]['kind']}\t{f}" for f in files]
    if not lines:
        sys.exit("no malicious/ or benign/ below " + corpus)
    if listing:
        with open(listing, "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
