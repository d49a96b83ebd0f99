#!/usr/bin/python3
"""case_views.py PROGRAM SCHEMA WORK: every --json of `afterpatch case` against docs/case.schema.json, with names that must be inert in every field.

A first day through the front door, then the store's texts are overwritten with hostile ones, and everything is looked at again: as JSON it validates, and no byte that a terminal
would obey leaves the program in any form.
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys

import stix

try:
    import jsonschema
except ImportError:
    sys.exit("case_views.py: python3-jsonschema is missing; install the packages that ./check lists")

HOSTILE = "\x1b]0;x\x07<b onload=x>&\"'`$(id)\\=cmd|' /C calc'!A0\r\nBcc: x\u202e,;"
DAY = [
    "campaign proxylogon", "campaign", "campaign other --begun 2024-02-01",
    *("add %s vulnerable --new --by partner --grade C --at 2021-03-05 --campaign proxylogon" % h for h in ("mail.bakery.example", "owa.bakery.example", "mail.union.example", "192.0.2.9")),
    "update",
    "decide link mail.bakery.example register vat:AT123456789 --name Bakery --sector retail --country AT --reason r",
    "decide link owa.bakery.example register vat:AT987654321 --name Mill --reason r",
    "decide provider exchange_name union.example --reason r",
    "add 192.0.2.9 back-door --grade A --reason r --campaign proxylogon", "add mail.union.example letter --campaign proxylogon", "force mail.union.example dismissed --reason r --campaign proxylogon",
    "update",
]
LOOK = [
    "campaign", "list --campaign proxylogon", "list --campaign proxylogon --all", "show 1", "show 2 --history", "show 3", "show 4", "why 1", "why mail.bakery.example",
    "why mail.bakery.example owa.bakery.example", "why exchange_name bakery.example", "why exchange_name union.example", "review", "audit", "audit 1", "show 1 --evidence",
    "intruders --campaign proxylogon", "intruders 71", "intruders 71 --server mail.bakery.example", "intruders 71 --card", "intruders 72",
]
# Two groups, one on every server, and somebody alone; no report of these tests would make them.
INTRUDERS = """
INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) SELECT 71, min(campaign), count(*), count(*), 1614729600000000, 1614902400000000 FROM case_server;
INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) SELECT id, campaign, id = 72, 1, NULL, NULL FROM (SELECT 72 AS id UNION SELECT 73), (SELECT campaign FROM case_server LIMIT 1);
INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) SELECT campaign, asset, 900 + asset, 1, 71, 1614729600000000 FROM case_server;
INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) SELECT 9000 + asset, 900 + asset, campaign, 0, 1, 2, 'a-word', NULL FROM case_server;
INSERT INTO case_mark (intruder, at, kind, value, sessions, servers, all_sessions) VALUES (71, 0, 2, 'a-word', 4, 4, 4), (72, 0, 7, 'x', 2, 1, 2);
"""
TABLES = {       # what no program of ours wrote the words of
    "case_org": "name sector size", "case_server": "name product build", "case_state": "reason who why", "case_review": "one other why", "case_source": "name organisation",
    "case_fact": "reason who", "case_audit": "who about detail", "case_ruling": "who why", "case_edge": "detail", "case_campaign": "title",
    "case_mark": "value", "case_feature": "value",
}
bad = []


def run(program, store, words, json_out=False):
    command = [program, "case"] + words.split() + ["--store", store]
    if words.split()[0] in ("add", "decide", "force", "nonce", "release", "update") or words.startswith("campaign "):
        command += ["--who", "berta"]
    if json_out:
        command.append("--json")
    p = subprocess.run(command, capture_output=True)
    if p.returncode:
        sys.exit("%s: %d %s" % (words, p.returncode, p.stderr.decode(errors="replace")))
    if any(b < 32 and b != 10 or b == 127 for b in p.stdout) or "\u202e" in p.stdout.decode():
        bad.append("%s: a byte that a terminal would obey" % words)
    return p.stdout.decode()


def look(program, store, check, hostile):
    seen = set()
    for words in LOOK:
        if hostile and words.startswith("why exchange_name"):
            continue
        run(program, store, words)
        value = json.loads(run(program, store, words, True))
        error = next(check.iter_errors(value), None)
        if error:
            # Of many views only that one is meant.
            deep = [e for e in (error.context or []) if e.absolute_path and list(e.absolute_path)[0] not in ("view", "about")] or [error]
            bad.append("%s: %s" % (words, "; ".join("%s: %s" % (e.json_path, e.message[:200]) for e in deep[:3])))
        seen.add((value["view"], value.get("about")))
    return seen


def exports(program, store):
    """STIX and MISP of casework by the same rules as those of a hunt (stix.py)."""
    stix.SCO.setdefault("network-traffic", (["protocols"], ["dst_ref", "dst_port"], ["dst_port", "dst_ref", "protocols"]))
    stix.PAIRS.update({"ip-dst": {"Network activity"}, "target-org": {"Targeting data"}, "target-location": {"Targeting data"}})
    for words in ("", "--victims --to CERT"):
        bundle = json.loads(run(program, store, "export --as stix --campaign proxylogon --who berta " + words))
        kinds = {o["id"]: o["type"] for o in bundle["objects"]}
        if len(kinds) != len(bundle["objects"]) or ("sighting" if words else "intrusion-set") not in kinds.values():
            bad.append("export --as stix %s: an id twice, or nothing in it" % words)
        bad.extend("export --as stix %s: %s: %s" % (words, o["id"], fault) for o in bundle["objects"] for fault in stix.one_object(o, kinds))
        events = json.loads(run(program, store, "export --as misp --campaign proxylogon --who berta " + words))["response"]
        if not events:
            bad.append("export --as misp %s: no event" % words)
        for document in events:
            faults = set(stix.misp(document))
            if not words:      # a hunt's event is nobody else's; a group's is for the community
                faults.discard("analysis, threat_level_id or distribution")
            bad.extend("export --as misp %s: %s" % (words, f) for f in faults)


def main():
    program, schema, work = sys.argv[1:4]
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    store = os.path.join(work, "s.db")
    with open(schema, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    for words in DAY:
        run(program, store, words)
    for words in ("decide owner exchange_name union.example --reason r --update", "release mail.union.example --reason r --update --campaign proxylogon", "add 192.0.2.9 offline --update --campaign proxylogon"):
        value = json.loads(run(program, store, words, True))
        if "update" not in value or not check.is_valid(value):
            bad.append("%s: no update, or not by the schema" % words)
    db = sqlite3.connect(store)
    db.executescript(INTRUDERS)
    db.commit()
    seen = look(program, store, check, False)
    key = db.execute("SELECT id FROM case_key LIMIT 1").fetchone()[0]
    db.execute("INSERT OR REPLACE INTO case_provider (key, org, how, name) VALUES (?, 0, 0, 'MSP')", [key])
    db.execute("INSERT OR IGNORE INTO case_operates (key, asset, org) SELECT ?, asset, org FROM case_server", [key])
    db.commit()
    for words in ("nonce 1", "add 1 answered", "list --provider msp --campaign proxylogon"):
        value = json.loads(run(program, store, words, True))
        bad.extend("%s: %s" % (words, e.message[:200]) for e in check.iter_errors(value))
        seen.add((value["view"], value.get("about")))
    for table, columns in TABLES.items():
        db.execute("UPDATE %s SET %s" % (table, ", ".join("%s = ?" % c for c in columns.split())), [HOSTILE] * len(columns.split()))
    db.commit()
    db.close()
    seen |= look(program, store, check, True)
    exports(program, store)
    for view in ("list", "provider", "show", "review", "audit", "campaigns", "nonce", "recorded", "intruders", "intruder", "intruder_why", "intruder_card"):
        if not any(view == v for v, _ in seen):
            bad.append("no view %s was looked at" % view)
    for about in ("server", "case", "two", "key"):
        if ("why", about) not in seen:
            bad.append("no why about %s was looked at" % about)
    if check.is_valid({"view": "list"}) or check.is_valid({"view": "audit", "total": -1, "deeds": []}):
        bad.append("the schema takes anything")
    print("\n".join(bad) or "%d kinds of views validate" % len(seen))
    return bool(bad)


sys.exit(main())
