#!/usr/bin/env python3
"""The readers of `survey import` against Python's csv, json and xml and jq, on the same made-up files in the same run.

    bench.py BUILD [MB]

Both sides read every row and look at its build; ours also goes on to the verdict. Times are of the processor, of one core."""
import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

KINDS = [("csv", 300), ("shodan", 150), ("zgrab", 150), ("censys", 150), ("masscan", 150), ("nmap", 150)]
HEADER = re.compile(r"X-OWA-Version: *([0-9.]+)")


def python_csv(path):
    with open(path, newline="") as f:
        return sum(1 for row in csv.DictReader(f) if tuple(int(n) for n in row["version"].split(".")))


def python_json(path):
    n = 0
    with open(path) as f:
        for line in f:
            record = json.loads(line)
            n += bool(HEADER.search(record.get("data", "") if isinstance(record.get("data"), str) else "")) or 1
    return n


def python_array(path):
    with open(path) as f:
        return sum(1 for record in json.load(f) if record["ports"])


def python_xml(path):
    n = 0
    for _, element in ElementTree.iterparse(path):
        if element.tag == "host":
            n += 1
            element.clear()
    return n


def used(who):
    r = resource.getrusage(who)
    return r.ru_utime + r.ru_stime


def main():
    build = sys.argv[1]
    tool = os.path.join(build, "surveyimport")
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    failed = False
    print(f"{'file':10} {'ours':>10} {'wanted':>10} {'Python':>10} {'jq':>10}   MB/s of one core, {size} MB each")
    with tempfile.TemporaryDirectory(dir=build) as folder:
        for kind, wanted in KINDS:
            path = os.path.join(folder, kind)
            with open(path, "wb") as f:
                subprocess.run([tool, "make", kind, str(size)], stdout=f, check=True)
            best = 0.0
            for _ in range(3):
                out = subprocess.run([tool, "read", path], stdout=subprocess.PIPE, check=True, text=True).stdout
                best = max(best, float(re.search(r": ([0-9]+) MB/s", out).group(1)))
            reader = {"csv": python_csv, "masscan": python_array, "nmap": python_xml}.get(kind, python_json)
            bytes_n = os.path.getsize(path)
            before = used(resource.RUSAGE_SELF)
            reader(path)
            python = bytes_n / 1e6 / max(used(resource.RUSAGE_SELF) - before, 1e-9)
            jq = None
            if kind in ("shodan", "zgrab", "censys", "masscan"):
                before = used(resource.RUSAGE_CHILDREN)
                try:
                    subprocess.run(["jq", "-c", ".. | .ip? // empty" if kind != "shodan" else ".ip_str", path], stdout=subprocess.DEVNULL, check=True)
                    jq = bytes_n / 1e6 / (used(resource.RUSAGE_CHILDREN) - before)
                except FileNotFoundError:
                    pass
            failed |= best < wanted
            print(f"{kind:10} {best:10.0f} {wanted:10} {python:10.0f} {'-' if jq is None else format(jq, '10.0f'):>10}   {out.split(' rows')[0].split(', ')[-1]} rows{'' if best >= wanted else '  TOO SLOW'}", flush=True)
            os.remove(path)
    return 1 if failed else 0


sys.exit(main())
