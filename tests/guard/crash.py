#!/usr/bin/env python3
"""A file that brings its reader down is left out and told, and the hunt goes on. Usage: crash.py GUARD_CRASH LAB FOLDER

For each way to fall, and for each kind of file: two runs and other numbers of threads say the same but for the run itself, the file stands
under `refused` once, its family's evidence is not complete, and nothing else of the report has changed.
"""
import json, os, re, shutil, subprocess, sys, zipfile

FORMS = ["report.json", "report.html", "timeline.csv", "manifest.csv", "stix.json", "misp.json", "ecs.ndjson", "l2t.csv"]
# name of the file, when it falls, ways to fall
FILES = [
    ("LogFiles/W3SVC1/", "deep", ["segv", "abort", "exit", "hang"]),
    ("aspnet_client/", "any", ["segv", "hang"]),
    ("applicationHost.config", "any", ["segv"]),
    ("applicationHost.config", "deep", ["abort"]),
]


def without_run(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r'  "run": \{.*?\n  \}', '"run"', text, flags=re.S)
    return re.sub(r".*<dt>Run</dt>.*\n", "", text)


def hunt(program, how, when, name, evidence, out, jobs):
    shutil.rmtree(out, ignore_errors=True)
    p = subprocess.run([program, how, when, name, "hunt", "--jobs", str(jobs), "--out", out, evidence], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=300)
    if not os.path.exists(os.path.join(out, "report.json")):
        raise SystemExit(f"{how} {when} {name}: code {p.returncode}, no report: {p.stderr.decode(errors='replace')[-2000:]}")
    return p.returncode, p.stdout, {f: without_run(os.path.join(out, f)) for f in FORMS}


def find(evidence, part):
    """The largest file whose path holds `part`: the end of its path."""
    found = []
    for top, _, names in os.walk(evidence):
        for n in names:
            p = os.path.join(top, n)
            if part in p:
                found.append((os.path.getsize(p), p))
    if not found:
        raise SystemExit(f"the lab made no {part}")
    return max(found)[1][len(evidence) + 1:]


def main():
    program, lab, folder = sys.argv[1:4]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    subprocess.run([lab, "make", "shell-used", folder + "/a", "--seed", "7"], check=True, stdout=subprocess.DEVNULL)
    evidence = folder + "/a/evidence"
    code, text, plain = hunt(program, "none", "any", "x", evidence, folder + "/plain", 2)
    before = json.loads(plain["report.json"].replace('"run"', '"run": 0', 1))
    bad = 0
    for part, when, ways in FILES:
        name = find(evidence, part)
        first = None
        for how in ways:
            for jobs in (1, 3):
                got, said, forms = hunt(program, how, when, name, evidence, folder + "/out", jobs)
                report = json.loads(forms["report.json"].replace('"run"', '"run": 0', 1))
                want = name.replace("/", "\\").lower()
                told = [r for r in report["refused"] if r["what"] == "parser stopped"]
                problems = []
                if len(told) != 1 or not told[0]["hint"] or not told[0]["path"].replace(":", "").lower().endswith(want.split("\\", 1)[-1]):
                    problems.append(f"refused: {told}")
                if [r for r in report["refused"] if r not in told] != before["refused"]:
                    problems.append("something else is refused")
                if first and first[1] != forms:
                    problems.append("differs from " + first[0] + " in " + ", ".join(f for f in FORMS if first[1][f] != forms[f]))
                if not first:
                    first = (f"{how} with {jobs} threads", forms)
                if sum(len(c["damaged"]) for c in report["coverage"]) + len(report["refused"]) <= sum(len(c["damaged"]) for c in before["coverage"]) + len(before["refused"]):
                    problems.append("nothing is told as missing")
                print(f"{how:6} {when:5} {name}, {jobs} threads: {'; '.join(problems) or 'told, and the rest was read'}")
                bad += bool(problems)
    bad += broken_archive(program, evidence, folder)
    return 1 if bad else 0


def broken_archive(program, evidence, folder):
    """An archive beside a server's folder: it is left out as a whole, and the folder is read."""
    case = folder + "/case"
    shutil.copytree(evidence, case + "/EXCH01")
    with zipfile.ZipFile(case + "/more.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for i in range(2000):
            z.writestr(f"C/inetpub/logs/LogFiles/W3SVC1/u_ex21{i:04}.log", "#Fields: date time\r\n")
    first, bad = None, 0
    for how in ("segv", "hang"):
        code, _, forms = hunt(program, how, "deep", "more.zip", case, folder + "/out", 2)
        report = json.loads(forms["report.json"].replace('"run"', '"run": 0', 1))
        told = [r for r in report["refused"] if r["what"] == "parser stopped"]
        ok = len(told) == 1 and told[0]["path"].endswith("more.zip") and told[0]["hint"] and (not first or first == (code, forms))
        first = first or (code, forms)
        bad += not ok
        print(f"{how:6} deep  more.zip: {'told, and the folder was read' if ok else report['refused']}")
    return bad


if __name__ == "__main__":
    sys.exit(main())
