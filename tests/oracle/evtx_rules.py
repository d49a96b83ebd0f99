"""What the rules of the packs say of public event logs. evtx_rules.py PROGRAM ATTACKS [BENIGN] [--list]

ATTACKS holds logs whose folder and name state a technique (EVTX-ATTACK-SAMPLES): of how many do rules give a finding, and how grave? Counted by the folder.
BENIGN holds logs of machines on which nobody is known to have come in: none of them may be accused (no back door, way back, use or exploitation).
"""
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

GRADE = ["info", "low", "medium", "high", "critical"]


def logs(root):
    return sorted(os.path.join(d, f) for d, _, fs in os.walk(root) for f in fs if f.lower().endswith(".evtx"))


def hunt(program, path):
    """Findings of rules, and what the verdict makes of them, for one file alone."""
    with tempfile.TemporaryDirectory() as work:
        evidence = os.path.join(work, "evidence", "C", "Windows", "System32", "winevt", "Logs")
        os.makedirs(evidence)
        with open(path, "rb") as src, open(os.path.join(evidence, os.path.basename(path)), "wb") as to:
            to.write(src.read())
        out = os.path.join(work, "out")
        done = subprocess.run([program, "hunt", "--quiet", "--jobs", "1", "--out", out, os.path.join(work, "evidence")], capture_output=True)
        report = os.path.join(out, "report.json")
        if not os.path.exists(report):
            return None, None, done.stderr.decode("utf-8", "replace")
        with open(report, encoding="utf-8") as f:
            return json.load(f), os.path.basename(path), ""


def of_rules(report, name):
    found = [f for f in report["findings"] if f["detector"].startswith("sigma:")]
    if not re.search("clear", name, re.I):            # whoever made the sample cleared the log before: that is no technique of the file
        found = [f for f in found if "/log-cleared" not in f["detector"]]
    grade = max((GRADE.index(f["severity"]) for f in found), default=-1)
    c = report["campaigns"][0] if report["campaigns"] else {}
    blames = [f for f in found if f["axis"]] + report["ways_back"] + report["back_doors"]
    return found, grade, blames, c.get("verdict", "")


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    say_all = "--list" in sys.argv
    program, attacks = args[0], args[1]
    benign = args[2] if len(args) > 2 else None
    table = collections.OrderedDict()
    used = collections.Counter()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, (report, _, why) in zip(logs(attacks), pool.map(lambda p: hunt(program, p), logs(attacks))):
            place = os.path.relpath(path, attacks).split(os.sep)[0]
            row = table.setdefault(place if os.path.isdir(os.path.join(attacks, place)) else "(no folder)", [0, 0, 0, 0])
            row[0] += 1
            if report is None:
                print("FAILED   %s: %s" % (os.path.relpath(path, attacks), why.strip()[:200]))
                bad += 1
                continue
            found, grade, blames, _ = of_rules(report, os.path.basename(path))
            row[1] += grade >= 0
            row[2] += grade >= 2
            row[3] += bool(blames)
            used.update({f["detector"] for f in found})
            if say_all:
                print("%-9s%-8s %s: %s" % (GRADE[grade] if grade >= 0 else "nothing", "accused" if blames else "", os.path.relpath(path, attacks), ", ".join(sorted({f["detector"].split("/", 1)[1] for f in found}))))
        total = [sum(r[i] for r in table.values()) for i in range(4)]
        print("%-28s%8s%10s%10s%10s" % ("folder", "files", "finding", "medium+", "accusing"))
        for place, r in list(table.items()) + [("all", total)]:
            print("%-28s%8d%10d%10d%10d" % (place, *r))
        if say_all:
            print("rules that fired: %d" % len(used))
            for name, n in used.most_common():
                print("  %4d %s" % (n, name))
        if benign:
            n = 0
            for path, (report, _, why) in zip(logs(benign), pool.map(lambda p: hunt(program, p), logs(benign))):
                n += 1
                blames = of_rules(report, "")[2] if report else []
                if report is None or blames:
                    bad += 1
                    print("FAILED   %s: %s" % (os.path.relpath(path, benign), why.strip()[:200] or "accused: " + ", ".join(sorted({b.get("detector") or b.get("name") or "?" for b in blames}))))
                if say_all and report:
                    found = of_rules(report, "")[0]
                    print("benign   %s: %s" % (os.path.relpath(path, benign), ", ".join(sorted({"%s x%d" % (f["detector"].split("/", 1)[1], f["count"]) for f in found}))))
            print("benign: %d logs, %d accused" % (n, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
