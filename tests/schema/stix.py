#!/usr/bin/python3
"""Checks the forms for other tools: stix.json, misp.json, ecs.ndjson and l2t.csv of each folder.

    stix.py DIR...          checks each folder
    stix.py --self DIR...   and that broken forms are refused, made from those of the first folder

Written from the standards, not from the program: STIX 2.1 (required properties, ids, references, times, value rules, deterministic ids of
observables), the MISP core format, ECS 9.0 and plaso's l2tcsv. Only Python's own library is needed.
"""
import copy
import datetime
import ipaddress
import json
import os
import re
import sys
import uuid

from validate import load, strings

OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
ID = re.compile(r"^([a-z0-9]+(?:-[a-z0-9]+)*)--([0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$")
TIME = re.compile(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z$")
MILLIS = re.compile(r"\.\d{3}Z$")
SHA256 = re.compile(r"^[0-9a-f]{64}$")

# type: required properties beyond the common ones, and the optional ones that we may write.
SDO = {
    "attack-pattern": (["name"], ["description", "kill_chain_phases", "aliases"]),
    "course-of-action": (["name"], ["description"]),
    "identity": (["name"], ["description", "roles", "identity_class", "sectors", "contact_information"]),
    "indicator": (["pattern", "pattern_type", "valid_from"], ["name", "description", "indicator_types", "pattern_version", "valid_until"]),
    "intrusion-set": (["name"], ["description", "aliases", "first_seen", "last_seen", "goals"]),
    "malware": (["is_family"], ["name", "description", "malware_types", "first_seen", "last_seen", "sample_refs", "capabilities"]),
    "note": (["content", "object_refs"], ["abstract", "authors"]),
    "observed-data": (["first_observed", "last_observed", "number_observed", "object_refs"], []),
    "report": (["name", "published", "object_refs"], ["description", "report_types"]),
    "vulnerability": (["name"], ["description"]),
    "relationship": (["relationship_type", "source_ref", "target_ref"], ["description", "start_time", "stop_time"]),
    "sighting": (["sighting_of_ref"], ["description", "first_seen", "last_seen", "count", "observed_data_refs", "where_sighted_refs", "summary"]),
}
SDO_COMMON = ["created_by_ref", "revoked", "labels", "confidence", "lang", "external_references", "object_marking_refs", "granular_markings", "extensions"]
SCO = {
    "directory": (["path"], ["ctime", "mtime", "atime"], ["path"]),
    "file": ([], ["hashes", "size", "name", "ctime", "mtime", "atime", "parent_directory_ref"], ["hashes", "name", "extensions", "parent_directory_ref"]),
    "ipv4-addr": (["value"], [], ["value"]),
    "ipv6-addr": (["value"], [], ["value"]),
    "url": (["value"], [], ["value"]),
}
SCO_COMMON = ["object_marking_refs", "granular_markings", "defanged", "extensions"]
TLP = {"clear": "94868c89-83c2-464b-929b-a1a8aa3c8487", "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
       "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003", "red": "e828b379-4e03-4974-9ac4-e53a884c97c1"}
# The standard's table of relationships, as far as we use it; related-to, derived-from and duplicate-of are always possible.
RELATIONS = {
    ("indicator", "indicates"): {"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"},
    ("indicator", "based-on"): {"observed-data"},
    ("intrusion-set", "targets"): {"identity", "location", "vulnerability"},
    ("intrusion-set", "uses"): {"attack-pattern", "infrastructure", "malware", "tool"},
    ("malware", "targets"): {"identity", "infrastructure", "location", "vulnerability"},
    ("course-of-action", "mitigates"): {"attack-pattern", "indicator", "malware", "tool", "vulnerability"},
}
VOCABULARY = {
    "identity_class": {"individual", "group", "system", "organization", "class", "unspecified"},
    "indicator_types": {"anomalous-activity", "anonymization", "benign", "compromised", "malicious-activity", "attribution", "unknown"},
    "malware_types": {"backdoor", "webshell", "remote-access-trojan", "dropper", "rootkit", "unknown", "ransomware"},
    "pattern_type": {"stix", "pcre", "sigma", "snort", "suricata", "yara"},
    "report_types": {"attack-pattern", "campaign", "identity", "indicator", "intrusion-set", "malware", "observed-data", "threat-actor", "threat-report", "tool", "vulnerability"},
}
PATTERN = re.compile(r"^\[(file:hashes\.'SHA-256' = '[0-9a-f]{64}'|ipv[46]-addr:value = '[0-9a-fA-F.:]+')\]$")
URL = re.compile(r"^https?://[A-Za-z0-9.-]+(/(%[0-9A-F]{2}|[A-Za-z0-9._~!$&'()*+,;=:@/-])*)?$")


def instant(text):
    return datetime.datetime.strptime(re.sub(r"\.\d+Z$", "Z", text), "%Y-%m-%dT%H:%M:%SZ"), re.sub(r"^[^.]*", "", text)


def references(o):
    for name, value in o.items():
        if name.endswith("_ref"):
            yield name, value
        elif name.endswith("_refs"):
            for item in value:
                yield name, item


def canonical(value):
    """RFC 8785 for what our observables hold: strings and objects of them."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def observable(o):
    required, optional, contributing = SCO[o["type"]]
    name = {k: o[k] for k in contributing if k in o}
    if o["id"] != "%s--%s" % (o["type"], uuid.uuid5(OBSERVABLES, canonical(name))):
        yield "the id does not follow from the contents"
    if o["type"] in ("ipv4-addr", "ipv6-addr"):
        try:
            if ipaddress.ip_address(o["value"]).version != int(o["type"][3]):
                yield "the address is of the other kind"
        except ValueError:
            yield "%r is no address" % o["value"]
    if o["type"] == "url" and not URL.match(o["value"]):
        yield "%r is no URL" % o["value"]
    if o["type"] == "file":
        if not ("hashes" in o or "name" in o):
            yield "a file needs a name or a hash"
        for kind, value in o.get("hashes", {}).items():
            if kind != "SHA-256" or not SHA256.match(value):
                yield "hash %s = %r" % (kind, value)


def domain(o, kinds):
    t = o["type"]
    for name in ("created", "modified"):
        if not MILLIS.search(str(o.get(name))):
            yield "%s wants three digits: %r" % (name, o.get(name))
    if t == "relationship":
        source, target = kinds.get(o["source_ref"]), kinds.get(o["target_ref"])
        if target not in RELATIONS.get((source, o["relationship_type"]), ()):
            yield "%s %s %s is not in the standard's table" % (source, o["relationship_type"], target)
    if t == "sighting":
        if kinds.get(o["sighting_of_ref"]) not in set(SDO) - {"relationship", "sighting"}:
            yield "a sighting of no domain object"
        if any(kinds.get(r) not in ("identity", "location") for r in o.get("where_sighted_refs", [])):
            yield "sighted at no identity"
        if any(kinds.get(r) != "observed-data" for r in o.get("observed_data_refs", [])):
            yield "observed_data_refs that are none"
        if not (isinstance(o.get("count", 0), int) and 0 <= o.get("count", 0) <= 999999999):
            yield "count %r" % o["count"]
    if t == "observed-data":
        if not (type(o["number_observed"]) is int and 1 <= o["number_observed"] <= 999999999):
            yield "number_observed %r" % o["number_observed"]
        if any(kinds.get(r) not in SCO for r in o["object_refs"]):
            yield "observes what is no observable"
    if t == "malware":
        if type(o["is_family"]) is not bool:
            yield "is_family %r" % o["is_family"]
        if any(kinds.get(r) not in ("file", "artifact") for r in o.get("sample_refs", [])):
            yield "a sample that is no file"
    if t == "indicator":
        if o["pattern_type"] == "stix" and not PATTERN.match(o["pattern"]):
            yield "pattern %r" % o["pattern"]
        if o["pattern_type"] == "sigma" and not re.search(r"^detection:", o["pattern"], re.M):
            yield "a Sigma pattern without detection"
    if "confidence" in o and not (type(o["confidence"]) is int and 0 <= o["confidence"] <= 100):
        yield "confidence %r" % o["confidence"]
    for early, late in (("created", "modified"), ("first_seen", "last_seen"), ("first_observed", "last_observed"), ("valid_from", "valid_until")):
        if early in o and late in o and instant(o[early]) > instant(o[late]):
            yield "%s is after %s" % (early, late)
    for e in o.get("external_references", []):
        if not e.get("source_name") or not ({"description", "url", "external_id"} & set(e)):
            yield "an external reference says nothing"
        if e.get("source_name") == "cve" and not re.match(r"^CVE-\d{4}-(0\d{3}|[1-9]\d{3,})$", e.get("external_id", "")):
            yield "CVE %r" % e.get("external_id")


def marking(o):
    level = o.get("extensions", {}).get("extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d", {})
    if level.get("extension_type") != "property-extension" or o["id"] != "marking-definition--%s" % TLP.get(level.get("tlp_2_0")):
        yield "no TLP 2.0 marking"
    if o.get("created") != "2022-10-01T00:00:00.000Z" or o.get("name") != "TLP:%s" % str(level.get("tlp_2_0")).upper() or "modified" in o:
        yield "the marking is not the published one"


def one_object(o, kinds):
    t = o.get("type")
    m = ID.match(str(o.get("id")))
    if not m or m.group(1) != t:
        yield "id %r" % o.get("id")
    if o.get("spec_version") != "2.1":
        yield "spec_version %r" % o.get("spec_version")
    if t == "marking-definition":
        yield from marking(o)
        return
    if t in SDO:
        required, optional = SDO[t]
        required, optional = required + ["created", "modified"], optional + SDO_COMMON
    elif t in SCO:
        required, optional = SCO[t][0], SCO[t][1] + SCO_COMMON
    else:
        yield "type %r" % t
        return
    missing = [k for k in required if k not in o]
    for k in missing:
        yield "%s is missing" % k
    for k in sorted(set(o) - set(required) - set(optional) - {"type", "spec_version", "id"}):
        yield "property %s is not of this type" % k
    for k, v in o.items():
        if v is None or v == [] or v == {}:
            yield "%s is empty" % k
        if k in ("created", "modified", "published", "valid_from", "valid_until", "first_seen", "last_seen", "first_observed", "last_observed", "ctime", "mtime"):
            if not isinstance(v, str) or not TIME.match(v):
                yield "%s %r is no time" % (k, v)
                return
        if k in ("name", "content", "pattern", "abstract", "description", "value", "path") and not isinstance(v, str):
            yield "%s is no text" % k
        if k.endswith("_refs") and (not isinstance(v, list) or len(set(v)) != len(v)):
            yield "%s is no list of different ids" % k
            return
    for k in ("name", "value", "path", "content"):
        if o.get(k) == "":
            yield "%s is empty" % k
    if missing:
        return
    for name, ref in references(o):
        if ref not in kinds:
            yield "%s leads out of the bundle: %s" % (name, ref)
    if kinds.get(o.get("created_by_ref"), "identity") != "identity":
        yield "created by no identity"
    if any(kinds.get(r) != "marking-definition" for r in o.get("object_marking_refs", [])):
        yield "marked by no marking"
    if kinds.get(o.get("parent_directory_ref"), "directory") != "directory":
        yield "a parent that is no directory"
    yield from observable(o) if t in SCO else domain(o, kinds)
    for k, words in VOCABULARY.items():
        values = o.get(k, [])
        for v in [values] if isinstance(values, str) else values:
            if v not in words:                   # open vocabularies: no fault
                print("note: %s: %s is not in the open vocabulary: %s" % (o["id"], k, v))


def stix(b):
    if b.get("type") != "bundle" or not ID.match(str(b.get("id"))) or not b["id"].startswith("bundle--") or set(b) != {"type", "id", "objects"}:
        yield "no bundle"
        return
    kinds = {}
    for o in b["objects"]:
        if o.get("id") in kinds:
            yield "%s stands twice" % o["id"]
        kinds[o.get("id")] = o.get("type")
    for o in b["objects"]:
        for fault in one_object(o, kinds):
            yield "%s: %s" % (o.get("id"), fault)
    types = list(kinds.values())
    for wanted in ("marking-definition", "identity", "note", "report"):
        if wanted not in types:
            yield "there is no %s" % wanted
    abstracts = {o.get("abstract") for o in b["objects"] if o["type"] == "note"}
    if not {"Verdict", "Coverage"} <= abstracts:
        yield "verdict or coverage is not noted"
    for o in b["objects"]:
        if o["type"] == "report":
            told = set(o.get("object_refs", []))
            for i, kind in kinds.items():
                if kind not in ("report", "marking-definition") and i not in told:
                    yield "the report does not list %s" % i


PAIRS = {
    "ip-src": {"Network activity", "Payload delivery", "External analysis"},
    "user-agent": {"Network activity", "Payload delivery", "Artifacts dropped", "Persistence mechanism", "External analysis"},
    "uri": {"Network activity"},
    "sha256": {"Payload delivery", "Artifacts dropped", "Payload installation", "External analysis"},
    "filename": {"Payload delivery", "Artifacts dropped", "Payload installation", "Persistence mechanism", "External analysis"},
    "target-machine": {"Targeting data"},
    "vulnerability": {"Payload delivery", "Payload installation", "External analysis"},
    "text": {"Other", "Internal reference", "Antivirus detection", "External analysis", "Artifacts dropped"},
    "comment": {"Other"},
}
MAY_DETECT = {"ip-src", "sha256"}
SEEN = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$")
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


def no_numbers(value, where):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield "%s is a number; MISP wants text" % where
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from no_numbers(v, where + "/" + k)
    elif isinstance(value, list):
        for i, v in enumerate(value):
            yield from no_numbers(v, "%s/%d" % (where, i))


def misp_attribute(a, inside):
    for k in ("uuid", "type", "category", "value", "to_ids", "timestamp", "distribution") + (("object_relation",) if inside else ()):
        if k not in a:
            yield "attribute without %s" % k
            return
    if a["category"] not in PAIRS.get(a["type"], ()):
        yield "%s does not belong to %s" % (a["type"], a["category"])
    if type(a["to_ids"]) is not bool:
        yield "to_ids %r" % a["to_ids"]
    if a["to_ids"] and a["type"] not in MAY_DETECT:
        yield "%s must not detect" % a["type"]
    if not a["value"].strip() or len(a["value"]) > 65535:
        yield "%s has no fit value" % a["type"]
    if a["type"] == "sha256" and not SHA256.match(a["value"]):
        yield "sha256 %r" % a["value"]
    if a["type"] == "ip-src":
        try:
            ipaddress.ip_address(a["value"])
        except ValueError:
            yield "ip-src %r" % a["value"]
    for k in ("first_seen", "last_seen"):
        if k in a and not SEEN.match(a[k]):
            yield "%s %r" % (k, a[k])
    if "first_seen" in a and a["first_seen"] > a.get("last_seen", a["first_seen"]):
        yield "first_seen is after last_seen"


def misp(document):
    e = document.get("Event")
    if not isinstance(e, dict):
        yield "no Event"
        return
    yield from no_numbers(e, "Event")
    for k in ("uuid", "info", "date", "timestamp", "publish_timestamp", "published", "distribution", "analysis", "threat_level_id", "Orgc", "Attribute"):
        if k not in e:
            yield "no %s" % k
            return
    if not 0 < len(e["info"]) < 256 or re.search(r"[\r\n]", e["info"]):
        yield "info %r" % e["info"]
    if not re.match(r"^\d{4}-\d\d-\d\d$", e["date"]) or not re.match(r"^\d+$", str(e["timestamp"])) or e["published"] is not False or e["publish_timestamp"] != "0":
        yield "date, timestamp or published"
    if e["analysis"] not in ("0", "1", "2") or e["threat_level_id"] not in ("1", "2", "3", "4") or e["distribution"] != "0":
        yield "analysis, threat_level_id or distribution"
    if not e["Orgc"].get("name") or not UUID.match(e["Orgc"].get("uuid", "")):
        yield "Orgc"
    if not any(t["name"].startswith("tlp:") for t in e.get("Tag", [])):
        yield "no TLP tag"
    attributes = [(a, False) for a in e["Attribute"]]
    for o in e.get("Object", []):
        for k in ("uuid", "name", "meta-category", "template_uuid", "template_version", "timestamp", "distribution", "Attribute"):
            if k not in o:
                yield "object without %s" % k
                return
        if not o["Attribute"]:
            yield "an empty object"
        attributes += [(a, True) for a in o["Attribute"]]
    for a, inside in attributes:
        yield from misp_attribute(a, inside)
    ids = [e["uuid"]] + [o["uuid"] for o in e.get("Object", [])] + [a["uuid"] for a, _ in attributes]
    if len(set(ids)) != len(ids) or not all(UUID.match(i) for i in ids):
        yield "an id stands twice, or is none"


ECS_TOP = {"@timestamp", "ecs", "event", "message", "rule", "host", "source", "file", "log", "threat", "vulnerability", "observer", "organization", "tags", "afterpatch"}
ECS_EVENT = {"kind", "category", "type", "id", "module", "dataset", "action", "outcome", "severity", "reason", "start", "end", "hash"}
CATEGORY = {   # allowed event.type of each event.category
    "web": {"access", "error", "info"}, "file": {"access", "change", "creation", "deletion", "info"},
    "configuration": {"access", "change", "creation", "deletion", "info"}, "intrusion_detection": {"allowed", "denied", "info"},
    "malware": {"info"}, "threat": {"indicator"},
}


def ecs_line(o):
    if set(o) - ECS_TOP:
        yield "fields %s" % sorted(set(o) - ECS_TOP)
    if not TIME.match(str(o.get("@timestamp"))) or o.get("ecs", {}).get("version") != "9.0.0" or not isinstance(o.get("message"), str):
        yield "no @timestamp, ecs.version or message"
    e = o.get("event", {})
    if set(e) - ECS_EVENT or e.get("kind") not in ("alert", "event", "state") or not e.get("module") or not str(e.get("dataset")).startswith("afterpatch."):
        yield "event %r" % sorted(e)
    allowed = set()
    for c in e.get("category", []):
        allowed |= CATEGORY.get(c, set())
    if not e.get("category") or not set(e["category"]) <= set(CATEGORY) or not e.get("type") or not set(e["type"]) <= allowed:
        yield "category %r, type %r" % (e.get("category"), e.get("type"))
    if e.get("outcome", "unknown") not in ("success", "failure", "unknown") or not isinstance(e.get("severity", 0), int):
        yield "outcome or severity"
    if e.get("dataset") == "afterpatch.finding" and ("rule" not in o or "severity" not in e):
        yield "a finding without its rule"
    if set(o.get("rule", {})) - {"id", "name", "ruleset", "version", "author", "reference", "uuid"} or not isinstance(o.get("rule", {}).get("author", []), list):
        yield "rule %r" % o["rule"]
    if not isinstance(o.get("vulnerability", {}).get("id", ""), str) or set(o.get("log", {})) - {"file"}:
        yield "vulnerability or log"
    for a in [o.get("source", {}).get("ip")] + o.get("host", {}).get("ip", []):
        if a is not None:
            try:
                ipaddress.ip_address(a)
            except ValueError:
                yield "address %r" % a


def ecs(text):
    if not text.endswith("\n"):
        yield "the last line has no end"
    ids, kinds = [], []
    for n, line in enumerate(text.split("\n")[:-1], 1):
        try:
            o = json.loads(line)
        except ValueError as why:
            yield "line %d: %s" % (n, why)
            return
        if not isinstance(o, dict):
            yield "line %d is no object" % n
            return
        for fault in ecs_line(o):
            yield "line %d: %s" % (n, fault)
        ids.append(o.get("event", {}).get("id"))
        kinds.append(o.get("event", {}).get("dataset"))
    if len(set(ids)) != len(ids):
        yield "an event.id stands twice"
    if kinds.count("afterpatch.verdict") != 1 or "afterpatch.coverage" not in kinds:
        yield "no verdict or no coverage"


HEAD = "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,format,extra"


def l2t(text):
    lines = text.split("\n")
    if lines[0] != HEAD or lines[-1] != "":
        yield "head or last line"
    order = []
    for n, line in enumerate(lines[1:-1], 2):
        cells = line.split(",")
        if len(cells) != 17:
            yield "line %d has %d columns" % (n, len(cells))
            continue
        if not re.match(r"^(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/\d{4}$", cells[0]) or not re.match(r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$", cells[1]):
            yield "line %d: time %s %s" % (n, cells[0], cells[1])
        if cells[2] != "UTC" or len(cells[3]) != 4 or cells[11] != "2" or "" in cells or '"' in line or re.search(r"[\x00-\x1f\x7f]", line):
            yield "line %d: %r" % (n, line[:120])
        if any(c[0] in "=+@" or (c[0] == "-" and c != "-") for c in cells if c):
            yield "line %d: a cell begins as a formula" % n
        order.append((cells[0][6:] + cells[0][:5], cells[1]))
    if order != sorted(order):
        yield "the rows are not in order"


def read(path):
    with open(path, encoding="utf-8", errors="strict", newline="") as f:
        return f.read()


FORMS = [("stix.json", stix, load), ("misp.json", misp, load), ("ecs.ndjson", ecs, read), ("l2t.csv", l2t, read)]


def folder(path):
    for name, check, how in FORMS:
        try:
            document = how(os.path.join(path, name))
        except (OSError, ValueError) as why:
            yield "%s: %s" % (name, why)
            continue
        for fault in check(document):
            yield "%s: %s" % (name, fault)
        for text in [document] if isinstance(document, str) else strings(document):
            if re.search(r"<%|<script[^>]*runat", text, re.I):
                yield "%s: script text: %r" % (name, text[:60])


def of(bundle, kind):
    return next(o for o in bundle["objects"] if o["type"] == kind)


def drop(o, k):
    del o[k]


BROKEN_STIX = [
    lambda b: b.update(type="bundles"),
    lambda b: b["objects"].append(copy.deepcopy(of(b, "note"))),
    lambda b: drop(of(b, "malware"), "is_family"),
    lambda b: of(b, "malware").update(sample_refs=[of(b, "note")["id"]]),
    lambda b: of(b, "identity").update(created="2021-03-12T10:00:00Z"),
    lambda b: of(b, "note").update(created="2021-03-12 10:00:00.000"),
    lambda b: of(b, "note").update(object_refs=["file--00000000-0000-4000-8000-000000000000"]),
    lambda b: of(b, "note").update(colour="red"),
    lambda b: of(b, "ipv4-addr").update(value="198.51.100.999"),
    lambda b: of(b, "directory").update(path="C:\\elsewhere"),
    lambda b: of(b, "relationship").update(relationship_type="hates"),
    lambda b: of(b, "observed-data").update(number_observed=0),
    lambda b: of(b, "sighting").update(where_sighted_refs=[of(b, "note")["id"]]),
    lambda b: of(b, "indicator").update(pattern="file:hashes"),
    lambda b: of(b, "report").update(object_refs=of(b, "report")["object_refs"][1:]),
    lambda b: of(b, "marking-definition").update(created="2022-10-02T00:00:00.000Z"),
    lambda b: of(b, "intrusion-set").update(last_seen="2001-01-01T00:00:00.000Z"),
]
BROKEN_MISP = [
    lambda e: e.update(timestamp=1615543200),
    lambda e: e.update(published="false"),
    lambda e: e.update(info="a\nb"),
    lambda e: e["Attribute"][0].update(category="Payload delivery"),
    lambda e: e["Attribute"][0].update(to_ids=True),
    lambda e: e["Attribute"][0].update(value=" "),
    lambda e: e["Attribute"][1].update(uuid=e["Attribute"][0]["uuid"]),
    lambda e: drop(e["Object"][0], "template_uuid"),
    lambda e: e.update(Tag=[]),
]
BROKEN_TEXT = [
    (ecs, "ecs.ndjson", lambda t: t[:-1]),
    (ecs, "ecs.ndjson", lambda t: t.replace('"@timestamp"', '"time"', 1)),
    (ecs, "ecs.ndjson", lambda t: t.replace('"kind": "alert"', '"kind": "alarm"', 1)),
    (ecs, "ecs.ndjson", lambda t: t.replace('"type": ["info"]', '"type": ["access"]', 1)),
    (ecs, "ecs.ndjson", lambda t: t + t.split("\n")[0] + "\n"),
    (l2t, "l2t.csv", lambda t: t.replace(",UTC,", ",UTC,,", 1)),
    (l2t, "l2t.csv", lambda t: t.replace("/2021,", "/21,", 1)),
    (l2t, "l2t.csv", lambda t: t.replace(",UTC,....,", ',UTC,....,"', 1)),
    (l2t, "l2t.csv", lambda t: t.replace(",UTC,....,", ",UTC,....,=", 1)),
]


def self_test(path):
    sound = load(os.path.join(path, "stix.json"))
    for i, spoil in enumerate(BROKEN_STIX):
        broken = copy.deepcopy(sound)
        spoil(broken)
        if not list(stix(broken)):
            yield "stix %d" % i
    sound = load(os.path.join(path, "misp.json"))
    for i, spoil in enumerate(BROKEN_MISP):
        broken = copy.deepcopy(sound)
        spoil(broken["Event"])
        if not list(misp(broken)):
            yield "misp %d" % i
    for i, (check, name, spoil) in enumerate(BROKEN_TEXT):
        if not list(check(spoil(read(os.path.join(path, name))))):
            yield "%s %d" % (name, i)


def main(arguments):
    own = "--self" in arguments
    arguments = [a for a in arguments if a != "--self"]
    if not arguments:
        sys.exit(__doc__)
    bad = 0
    for path in arguments:
        found = list(folder(path))
        for line in found[:20]:
            print("%s: %s" % (path, line))
        bad += bool(found)
    if own:
        for line in self_test(arguments[0]):
            print("accepted although broken: %s" % line)
            bad += 1
    print("%d folder(s) checked, %d fault(s)" % (len(arguments), bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
