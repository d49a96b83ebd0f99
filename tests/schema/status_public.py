#!/usr/bin/python3
"""status_public.py PROGRAM STATUS_WORLD SCHEMA WORK: what `afterpatch status --public` writes, against docs/public.schema.json and against itself, day after day.

Its CSV, its page and its JSON say the same; a low end and its high end are one five; medians and the wave change with the end of a week only; a second publication differs by ten organisations or not at
all in them; and no word of the team's store is in any of it.
"""
import csv
import datetime
import io
import json
import os
import shutil
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("status_public.py: python3-jsonschema is missing; install the packages that ./check lists")

bad = []


def call(*args):
    p = subprocess.run(args, capture_output=True)
    if p.returncode:
        sys.exit("%s: %d %s" % (" ".join(args[1:]), p.returncode, p.stderr.decode(errors="replace")))
    return p.stdout.decode()


def fives(value, where=""):
    """Every object with both ends, wherever it stands."""
    if isinstance(value, dict):
        if {"low", "high"} <= set(value) and isinstance(value["low"], int) and value["high"] != value["low"] + 4:
            bad.append("%s: %s is no five" % (where, value))
        for k, v in value.items():
            fives(v, "%s.%s" % (where, k))
    elif isinstance(value, list):
        for v in value:
            fives(v, where)


def parity(document, table):
    """Medians and the wave as rows."""
    rows = {(r["campaign"], r["by"], r["value"], r["count"]): r for r in table if r["by"] in ("median", "wave")}
    n = 0
    for k in document["campaigns"]:
        for m in k["medians"]:
            r = rows[k["campaign"], "median", m["from"], m["to"]]
            n += 1
            if (r["low"], r["high"], r["suppressed"], r["unit"]) != ("" if m["low_hours"] is None else str(m["low_hours"]), "" if m["high_hours"] is None else str(m["high_hours"]), "" if m["told"] else "withheld", "hours") or \
               m["told"] and r["day"] != m["as_of"]:
                bad.append("CSV and JSON differ: %s, %s" % (r, m))
        for b in (k["wave"] or {"weeks": []})["weeks"]:
            r = rows[k["campaign"], "wave", b["to"], k["wave"]["of"]]
            n += 1
            if (r["day"], r["low"], r["high"]) != (b["from"], str(b["low"]), str(b["high"])):
                bad.append("CSV and JSON differ: %s, %s" % (r, b))
    if n != len(rows):
        bad.append("CSV has %d rows of medians and the wave, JSON %d" % (len(rows), n))


def wave_alone(k):
    """Weeks follow each other, begin and end with one that is told, and phases are sums of theirs."""
    w = k["wave"]
    if not w:
        return
    day = datetime.date.fromisoformat
    for one, other in zip(w["weeks"], w["weeks"][1:]):
        if day(other["from"]) - day(one["to"]) != datetime.timedelta(1):
            bad.append("a gap after %s" % one)
    if not w["weeks"][0]["low"] or not w["weeks"][-1]["low"] or sum(w["phases_at_least"].values()) != sum(b["low"] for b in w["weeks"]):
        bad.append("%s: its ends, or its sums" % k["campaign"])


def main():
    program, world, schema, work = sys.argv[1:5]
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    with open(schema, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    told = moved = 0
    for cases, days, campaigns, hostile in ((30, 20, 1, []), (500, 80, 2, ["hostile"]), (900, 46, 1, [])):
        store = os.path.join(work, "s%d.db" % cases)
        call(world, store, str(cases), str(days), str(campaigns), *hostile)
        was = None
        for back in range(days - 1, -1, -1):
            if cases == 500 and back % 5:
                continue
            at = datetime.date(2021, 2, 20) + datetime.timedelta(days - 1 - back)
            text = call(program, "status", "--public", "--json", "--at", at.isoformat(), "--store", store)
            document = json.loads(text)
            for error in check.iter_errors(document):
                bad.append("%d cases, %s: %s: %s" % (cases, at, error.json_path, error.message[:200]))
            fives(document)
            for k in document["campaigns"]:
                wave_alone(k)
                told += sum(m["told"] for m in k["medians"]) + (k["wave"] is not None)
            now = [(k["medians"], k["wave"], k["servers"]) for k in document["campaigns"]]
            if cases != 500 and was is not None and now != was:
                moved += 1
                if at.isoweekday() != 7:
                    bad.append("%d cases: medians, the wave or servers moved on %s, no end of a week" % (cases, at))
            was = now
            if "NAMED" in text or "cmd" in text or "<script" in text:
                bad.append("%d cases, %s: a word of the team's" % (cases, at))
        parity(document, list(csv.DictReader(io.StringIO(call(program, "status", "--public", "--csv", "--store", store)))))
        page = call(program, "status", "--public", "--html", "-", "--store", store)
        for k in document["campaigns"]:
            for b in (k["wave"] or {"weeks": []})["weeks"]:
                if b["low"] and "%d to %d" % (b["low"], b["high"]) not in page:
                    bad.append("the page lacks %s" % b)
    if told < 150 or moved < 4:
        bad.append("only %d medians and waves, moved %d times" % (told, moved))
    for line in bad[:20]:
        print("status_public: " + line)
    print("status_public: %d medians and waves told, which moved %d times; %d faults" % (told, moved, len(bad)))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
