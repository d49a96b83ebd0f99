#!/usr/bin/env python3
"""`survey import` from end to end: import_files.py PROGRAM SURVEYIMPORT FOLDER

    oracle    what Python's own readers find in made-up scans (address, build, time) is what --dry-run prints, in the same order
    packed    the same file plain, gz, xz, zip and in UTF-16 gives the same observations; a cut gz gives those before the cut
    huge      one line of JSON that no memory should hold costs that line
    store     the same file twice changes nothing; an import that is killed at any moment and begun again loses and doubles nothing
"""
import csv
import gzip
import io
import json
import lzma
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
import zipfile

PROGRAM, MAKER, FOLDER = sys.argv[1], sys.argv[2], sys.argv[3]


def fail(text):
    print("import: " + text)
    sys.exit(1)


def run(*args, code=0):
    done = subprocess.run([PROGRAM, "survey", "import", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != code:
        fail(f"{args}: exit code {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def observed(path, *args, code=0):
    rows = [json.loads(line) for line in run("--dry-run", *args, path, code=code).splitlines()]
    return [(r["ip"], r.get("port", 0), r.get("build", ""), r.get("observed_at", "")) for r in rows if "broken" not in r]


def make(kind, mb):
    path = os.path.join(FOLDER, kind + (".csv" if kind == "csv" else ".xml" if kind == "nmap" else ".json"))
    with open(path, "wb") as f:
        subprocess.run([MAKER, "make", kind, str(mb)], stdout=f, check=True)
    return path


def stamp(text):
    text = text.replace(" ", "T").rstrip("Z").rstrip("0") if "." in text else text.replace(" ", "T").rstrip("Z")
    return text + "Z"


def epoch(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))


def by_python(kind, path):
    if kind == "csv":
        with open(path, newline="") as f:
            return [(r["ip"], int(r["port"]), r["version"], stamp(r["timestamp"])) for r in csv.DictReader(f)]
    if kind == "nmap":
        hosts = ElementTree.parse(path).getroot().iter("host")
        return [(h.find("address").get("addr"), 443, h.find(".//elem[@key='build']").text, epoch(h.get("endtime"))) for h in hosts]
    if kind == "masscan":
        with open(path) as f:
            return [(r["ip"], 443, "", epoch(r["timestamp"])) for r in json.load(f) if "service" in r["ports"][0]]
    found = []
    with open(path) as f:
        for r in map(json.loads, f):
            if kind == "shodan":
                found.append((r["ip_str"], 443, re.search(r"X-OWA-Version: ([0-9.]+)", r["data"]).group(1), r["timestamp"] + "Z"))
            elif kind == "zgrab":
                module = r["data"]["http"]
                unknown = {h["key"]: h["value"][0] for h in module["result"]["response"]["headers"]["unknown"]}
                found.append((r["ip"], 443, unknown["x_owa_version"], module["timestamp"]))
            else:
                for s in r["host"]["services"]:
                    build = s["endpoints"][0]["http"]["headers"]["X-OWA-Version"]["headers"][0] if "endpoints" in s else ""
                    found.append((r["host"]["ip"], s["port"], build, s["scan_time"]))
    return found


def oracle():
    for kind in ("csv", "shodan", "zgrab", "censys", "masscan", "nmap"):
        path = make(kind, 1)
        want, got = by_python(kind, path), observed(path)
        if want != got:
            first = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
            fail(f"{kind}: Python has {len(want)}, ours {len(got)}; first difference at {first}: {want[first:first + 1]} {got[first:first + 1]}")


def packed():
    path = make("shodan", 1)
    with open(path, "rb") as f:
        data = f.read()
    want = observed(path)
    forms = {"gz": gzip.compress(data, 1), "xz": lzma.compress(data, preset=0)}
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("sub/banners.json", data)
    forms["zip"] = box.getvalue()
    forms["utf16"] = data.decode().encode("utf-16")
    for form, content in forms.items():
        with open(path + "." + form, "wb") as f:
            f.write(content)
        if observed(path + "." + form) != want:
            fail(f"{form}: not the same observations")
    with open(path + ".cut.gz", "wb") as f:
        f.write(forms["gz"][:len(forms["gz"]) // 2])
    got = observed(path + ".cut.gz", code=1)
    if not got or got != want[:len(got)] or len(got) < len(want) // 4:
        fail(f"a cut gz: {len(got)} of {len(want)}")


def huge():
    """40 MB without a line end; the issue's 1 GB differs in nothing but its time."""
    path = make("shodan", 1)
    with open(path, "rb") as f:
        lines = f.read().splitlines(keepends=True)[:10]
    with open(path, "wb") as f:
        f.writelines(lines[:5])
        f.write(b'{"ip_str":"192.0.2.1","data":"')
        for _ in range(40):
            f.write(b"x" * 1000000)
        f.write(b'"}\n')
        f.writelines(lines[5:])
    done = subprocess.run([PROGRAM, "survey", "import", "--dry-run", "--json", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    sums = json.loads(done.stderr)
    if (sums["observations"], sums["broken"]) != (10, 1) or sums["reasons"][0]["first_line"] != 6:
        fail(f"a huge line: {sums}")


def facts(store):
    with sqlite3.connect(store) as db:
        tables = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("survey_observation", "survey_broken")}
        lines = [r[0] for r in db.execute("SELECT line FROM survey_observation ORDER BY 1")]
    return tables, lines


def store():
    path = make("csv", 4)
    with open(path, "a") as f:
        for i in range(500):
            f.write(f'"2999-01-01 00:00:00","192.0.2.{i % 250}",443,,,,,,,,,,,,\n')
    clean = os.path.join(FOLDER, "clean.db")
    run("--store", clean, path)
    want = facts(clean)
    if want[0]["survey_broken"] != 500 or want[0]["survey_observation"] < 15000:
        fail(f"the clean import: {want[0]}")
    if "already known" not in run("--store", clean, path) or facts(clean) != want:
        fail("the same file twice changed the store")
    random.seed(7)
    killed = os.path.join(FOLDER, "killed.db")
    kills = 0
    for _ in range(6):
        p = subprocess.Popen([PROGRAM, "survey", "import", "--store", killed, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(random.uniform(0.05, 0.5))
        if p.poll() is None:
            os.killpg(p.pid, signal.SIGKILL)
            kills += 1
        p.wait()
    time.sleep(0.3)                                         # the worker has a group of its own, and ends with its supervisor
    run("--store", killed, path)
    if facts(killed) != want:
        fail(f"after {kills} kills: {facts(killed)[0]}, not {want[0]}")
    print(f"import: {kills} kills, {want[0]['survey_observation']} observations, none lost, none twice")


def main():
    subprocess.run(["rm", "-rf", FOLDER], check=True)
    os.makedirs(FOLDER)
    for part in (oracle, packed, huge, store):
        part()
    subprocess.run(["rm", "-rf", FOLDER], check=True)
    print("import: as expected")


main()
