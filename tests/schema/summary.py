#!/usr/bin/python3
"""Validates summary.json files against docs/summary.schema.json, and what a schema cannot say.

    summary.py SCHEMA [--self] [--real] SUMMARY...

    --self   broken copies of the first one must be refused
    --real   the folders of the servers stand beside each file

Needs Debian's python3-jsonschema. Its absence is a failure, never a skip.
"""
import copy
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from validate import jsonschema, load, put      # noqa: E402

ORDER = ["no_trace", "attempted", "not_covered", "exploited", "back_door", "back_door_used", "beyond_server"]
CODE = {"no_trace": 0, "not_covered": 3, "attempted": 4, "exploited": 5, "back_door": 6, "back_door_used": 7, "beyond_server": 7}


def fold(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text).encode()


def beyond_schema(s, folder):
    names = [r["server"] for r in s["servers"]]
    if [fold(n) for n in names] != sorted(fold(n) for n in names):
        yield "the servers are not in the order of names"
    folders = [r["folder"].lower() for r in s["servers"] if r["folder"]]
    if len(set(folders)) != len(folders):
        yield "two servers share a folder"
    worst = max((r["verdict"] for r in s["servers"]), key=ORDER.index, default="not_covered")
    if s["worst"] != {"verdict": worst, "exit_code": CODE[worst]}:
        yield "the worst is %r, told is %r" % (worst, s["worst"])
    for l in s["links"]:
        if l["from"] not in names or (l["server"] is not None and l["server"] not in names) or l["hunted"] != (l["server"] is not None and not any(r["failed"] for r in s["servers"] if r["server"] == l["server"])):
            yield "a link that the rows do not bear out: %r" % l
    for c in s["shared_clients"]:
        for name in c["servers"]:
            if not any(c["client"] in r["clients"] for r in s["servers"] if r["server"] == name):
                yield "%s was not seen on %s" % (c["client"], name)
    # Beside a real hunt each folder holds its report, and both say the same.
    for r in s["servers"]:
        report = os.path.join(folder, r["folder"] or "", "report.json") if folder else None
        if not report or r["failed"]:
            continue
        if not os.path.exists(report):
            yield "%s has no report.json" % r["folder"]
            continue
        with open(report, encoding="utf-8") as f:
            c = json.load(f)["campaigns"][0]
        if (c["verdict"], c["door_open"]["state"]) != (r["verdict"], r["door_open"]):
            yield "%s: the report says %s, the summary %s" % (r["server"], c["verdict"], r["verdict"])


def faults(validator, summary, folder=None):
    found = ["%s: %s" % ("/".join(map(str, e.absolute_path)) or "summary", e.message[:200]) for e in validator.iter_errors(summary)]
    return found or list(beyond_schema(summary, folder))


BROKEN = [
    (("schema",), "afterpatch-summary/2"), (("worst", "verdict"), "no_trace"), (("worst", "exit_code"), 3), (("servers", 0, "verdict"), "bad"),
    (("servers", 0, "folder"), "../x"), (("servers", 0, "folder"), ".x"), (("servers", 0, "folder"), "EXCH03"), (("servers", 0, "counts", "findings"), -1),
    (("servers", 0, "error"), "x"), (("servers", 3, "error"), None), (("servers", 3, "verdict"), "no_trace"), (("servers", 0, "server"), "zz"), (("servers", 0, "first"), "yesterday"),
    (("links", 0, "hunted"), False), (("links", 0, "from"), "nobody"), (("shared_clients", 0, "servers"), ["EXCH01"]), (("shared_clients", 0, "client"), "x"),
    (("omitted", "links"), KeyError), (("case", "tlp"), "AMBER"),
]


def main(arguments):
    own, real = "--self" in arguments, "--real" in arguments
    arguments = [a for a in arguments if not a.startswith("--")]
    if len(arguments) < 2:
        sys.exit(__doc__)
    schema, bad = load(arguments[0]), 0
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for path in arguments[1:]:
        found = faults(validator, load(path), os.path.dirname(path) if real else None)
        for line in found[:20]:
            print("%s: %s" % (path, line))
        bad += bool(found)
    if own:
        sound = load(arguments[1])
        for where, value in BROKEN:
            broken = copy.deepcopy(sound)
            put(broken, where, value)
            if not faults(validator, broken):
                print("accepted although broken: %s = %r" % ("/".join(map(str, where)), "absent" if value is KeyError else value))
                bad += 1
    print("%d summary file(s) checked%s, %d fault(s)" % (len(arguments) - 1, ", %d broken ones tried" % len(BROKEN) if own else "", bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
