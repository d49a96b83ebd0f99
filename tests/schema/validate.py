#!/usr/bin/python3
"""Validates report.json files against docs/report.schema.json, and what a schema cannot say.

    validate.py SCHEMA REPORT...      checks each report
    validate.py SCHEMA --self         checks that broken reports are refused, using the first REPORT after --self as the sound one

Needs Debian's python3-jsonschema (4.10 or later). Its absence is a failure, never a skip.
"""
import copy
import json
import re
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("validate.py: python3-jsonschema is missing; install the packages that ./check lists")


def no_twins(pairs):
    seen = {}
    for name, value in pairs:
        if name in seen:
            raise ValueError("the name %r stands twice in one object" % name)
        seen[name] = value
    return seen


def no_constant(text):
    raise ValueError("%s is no JSON number" % text)


def load(path):
    with open(path, encoding="utf-8", errors="strict") as f:
        return json.load(f, object_pairs_hook=no_twins, parse_constant=no_constant)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def cited(value, key=None):
    """Every finding id that something points to."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("findings", "because") and isinstance(item, list) and all(isinstance(i, str) for i in item):
                yield from item
            elif name == "finding" and item:
                yield item
            else:
                yield from cited(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from cited(item, key)


def beyond_schema(r):
    """Cross references and order: the contract's words that a schema has no keyword for."""
    ids = [f["id"] for f in r["findings"]]
    sessions = {s["id"] for s in r["sessions"]}
    intruders = {i["id"] for i in r["intruders"]}
    if len(set(ids)) != len(ids):
        yield "two findings have one id"
    for missing in sorted(set(cited(r)) - set(ids)):
        yield "%s is cited and is not in findings" % missing
    for thing in r["back_doors"] + r["sessions"]:
        if thing["intruder"] and thing["intruder"] not in intruders:
            yield "intruder %s is not in intruders" % thing["intruder"]
    for thing in r["findings"] + r["timeline"]:
        if thing.get("session") and thing["session"] not in sessions:
            yield "session %s is not in sessions" % thing["session"]
    for f in r["findings"]:
        for e in f["evidence"]:
            if e["source"] is not None and e["source"] >= len(r["sources"]):
                yield "%s cites source %d of %d" % (f["id"], e["source"], len(r["sources"]))
    families = [c["family"] for c in r["coverage"]]
    if len(set(families)) != len(families):
        yield "a family stands twice in coverage"
    for name in ("iis_front", "iis_back", "httpproxy", "ecp_server", "ecp_activity", "oab_generator", "ews", "autodiscover", "cmdlet",
                 "evtx_security", "evtx_system", "evtx_application", "evtx_management", "evtx_powershell", "evtx_defender", "evtx_sysmon",
                 "evtx_tasks", "registry", "web_roots", "temp_aspnet", "mft", "usn", "tasks", "iis_config", "transport_agents"):
        if name not in families:
            yield "coverage says nothing of %s" % name
    times = [t["time"] for t in r["timeline"]]
    if times != sorted(times, key=lambda t: (t[:19], t[19:].rstrip("Z"))):
        yield "the timeline is not in order"
    for c in r["campaigns"]:
        if c["verdict"] == "no_trace" and any(c[a]["covered"] == "no" for a in ("exploitation",)):
            yield "no_trace is said where exploitation is not covered"
        if c["verdict"] in ("back_door", "back_door_used") and not (r["back_doors"] or r["ways_back"]):
            yield "%s without a back door or way back" % c["verdict"]
    for text in strings(r):
        if re.search(r"<%|<script[^>]*runat", text, re.I):
            yield "script text in the report: %r" % text[:60]


def faults(validator, report):
    found = ["%s: %s" % ("/".join(map(str, e.absolute_path)) or "report", e.message[:200]) for e in validator.iter_errors(report)]
    return found or list(beyond_schema(report))


def put(report, path, value):
    at = report
    for step in path[:-1]:
        at = at[step]
    if value is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = value


# What must be refused: a test of the schema itself. `full` fixture only.
BROKEN = [
    (("schema",), "afterpatch-report/2"),
    (("run", "started"), "2021-03-12 10:00:00"),
    (("run", "started"), "2021-03-12T10:00:00+01:00"),
    (("case", "tlp"), "AMBER"),
    (("campaigns", 0, "verdict"), "compromised"),
    (("campaigns", 0, "window", "from"), KeyError),
    (("campaigns", 0, "exposure", "state"), "present"),
    (("campaigns", 0, "exploitation", "covered"), "none"),
    (("campaigns", 0, "use", "re_entered"), KeyError),
    (("campaigns", 0, "exploitation", "findings"), ["F7777"]),
    (("back_doors", 0, "state"), "gone"),
    (("back_doors", 0, "use", "state"), "unused"),
    (("back_doors", 0, "sha256"), "abc"),
    (("back_doors", 0, "intruder"), "I9"),
    (("ways_back", 0, "state"), "present"),
    (("ways_back", 1, "state"), "exposed"),
    (("findings", 0, "severity"), "urgent"),
    (("findings", 0, "confidence"), 1.5),
    (("findings", 0, "axis"), "backdoor"),
    (("findings", 1, "id"), "F0001"),
    (("findings", 1, "evidence", 0, "line"), 0),
    (("findings", 1, "evidence", 0, "source"), 5),
    (("coverage", 0), KeyError),
    (("coverage", 0, "covers_window"), "yes"),
    (("timeline", 0, "time"), None),
    (("omitted", "timeline"), KeyError),
    (("other_servers", 0, "name"), None),
    (("sessions", 0, "id"), "1"),
    (("refused",), KeyError),
]


def main(arguments):
    own = "--self" in arguments
    arguments = [a for a in arguments if a != "--self"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    schema = load(arguments[0])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    bad = 0
    for path in arguments[1:]:
        found = faults(validator, load(path))
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
    print("%d report(s) checked%s, %d fault(s)" % (len(arguments) - 1, ", %d broken ones tried" % len(BROKEN) if own else "", bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
