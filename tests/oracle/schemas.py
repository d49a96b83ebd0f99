#!/usr/bin/python3
"""schemas.py SCHEMAS FOLDER...: stix.json, misp.json, ecs.ndjson and l2t.csv of each FOLDER against what their publishers publish.

SCHEMAS holds copies of these repositories, or of the files named, at any depth; a part that is missing is named and left out:

    oasis-open/cti-stix2-json-schemas   schemas/                               every object and the bundle
    MISP/PyMISP                         pymisp/data/{schema,describeTypes}.json   the event; categories and types of attributes
    MISP/misp-objects                   objects/*/definition.json              templates of objects
    elastic/ecs                         generated/ecs/ecs_flat.yml             fields, their types, allowed values
    log2timeline/plaso                  docs/.../Output-format-l2tcsv.md       the columns

Needs Debian's python3-jsonschema and python3-yaml.
"""
import datetime
import ipaddress
import json
import pathlib
import re
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
try:
    import jsonschema
    import yaml
except ImportError as why:
    sys.exit("schemas.py: %s" % why)


def read(path):
    return json.loads(path.read_text("utf-8"))


def errors(schema, value, store=None):
    kind = jsonschema.validators.validator_for(schema)
    own = schema.get("$id", schema.get("id", ""))
    resolver = jsonschema.RefResolver(own, schema, store=dict(store or {}, **{own: schema}))      # nothing is fetched
    for e in kind(schema, resolver=resolver, format_checker=jsonschema.FormatChecker()).iter_errors(value):
        yield "%s: %s" % ("/".join(map(str, e.absolute_path)) or "it", e.message[:200])


class Stix:
    file = "stix.json"

    def __init__(self, root):
        bundle = next(root.rglob("schemas/common/bundle.json"))
        top = bundle.parent.parent
        self.store = {read(p)["$id"]: read(p) for p in top.rglob("*.json")}
        self.bundle = read(bundle)
        self.of = {p.stem: read(p) for folder in ("sdos", "sros", "observables", "common") for p in (top / folder).glob("*.json")}

    def faults(self, path):
        b = read(path)
        for o in b["objects"]:
            if o["type"] not in self.of:
                yield "no schema for %s" % o["type"]
                continue
            for fault in errors(self.of[o["type"]], o, self.store):
                yield "%s: %s" % (o["id"], fault)
        for fault in errors(self.bundle, dict(b, objects=b["objects"][:3]), self.store):     # each object was looked at above
            yield fault
        self.n = len(b["objects"])


class Misp:
    file = "misp.json"

    def __init__(self, root):
        types = next(root.rglob("describeTypes.json"))
        self.schema = read(types.parent / "schema.json")
        self.pairs = read(types)["result"]["category_type_mappings"]
        self.template = {t["uuid"]: t for t in map(read, root.rglob("objects/*/definition.json"))}

    def faults(self, path):
        e = read(path)["Event"]
        objects = e.get("Object", [])
        inner = [a for o in objects for a in o["Attribute"]]
        # The published schema is older than objects: their attributes are looked at as if they stood in the event.
        flat = dict(e, Attribute=e["Attribute"] + [{k: v for k, v in a.items() if k != "object_relation"} for a in inner])
        flat.pop("Object", None)
        known = set(self.schema["defs"]["attribute"]["properties"])
        for a in flat["Attribute"]:
            for late in ("first_seen", "last_seen"):                                          # likewise
                if late not in known:
                    a.pop(late, None)
        yield from errors(self.schema, {"Event": flat})
        for a in e["Attribute"] + inner:
            if a["type"] not in self.pairs.get(a["category"], ()):
                yield "%s is no type of %s" % (a["type"], a["category"])
        for o in objects:
            t = self.template.get(o["template_uuid"])
            if not t:
                if self.template:
                    yield "no template %s" % o["template_uuid"]
                continue
            if (o["name"], o["meta-category"]) != (t["name"], t["meta-category"]) or int(o["template_version"]) > t["version"]:
                yield "object %s, %s, version %s; the template has %s" % (o["name"], o["meta-category"], o["template_version"], t["version"])
            relations = [a["object_relation"] for a in o["Attribute"]]
            for a in o["Attribute"]:
                if t["attributes"].get(a["object_relation"], {}).get("misp-attribute") != a["type"]:
                    yield "object %s: %s is no %s" % (o["name"], a["object_relation"], a["type"])
            for r in set(relations):
                if relations.count(r) > 1 and not t["attributes"].get(r, {}).get("multiple"):
                    yield "object %s: %s stands twice" % (o["name"], r)
            if any(r not in relations for r in t.get("required", [])) or (t.get("requiredOneOf") and not set(relations) & set(t["requiredOneOf"])):
                yield "object %s lacks what its template requires" % o["name"]
        self.n = len(e["Attribute"]) + len(inner)


def is_ip(v):
    try:
        return bool(ipaddress.ip_address(v))
    except ValueError:
        return False


def is_date(v):
    try:
        return bool(datetime.datetime.fromisoformat(v.replace("Z", "+00:00")))
    except ValueError:
        return bool(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$", v))


TEXT = {"keyword", "wildcard", "match_only_text", "text", "constant_keyword"}


class Ecs:
    file = "ecs.ndjson"

    def __init__(self, root):
        self.field = yaml.load(next(root.rglob("ecs_flat.yml")).read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def one(self, name, value):
        f = self.field.get(name)
        if f is None:
            yield "%s is no field" % name
            return
        if isinstance(value, list) != ("array" in f.get("normalize", [])):
            yield "%s: %s" % (name, "no list" if not isinstance(value, list) else "a list")
        for v in value if isinstance(value, list) else [value]:
            t = f["type"]
            good = (isinstance(v, str) and t in TEXT) or (t == "ip" and is_ip(v)) or (t == "date" and is_date(v)) or (type(v) is int and t in ("long", "integer")) or \
                   (isinstance(v, (int, float)) and t in ("float", "scaled_float")) or (isinstance(v, bool) and t == "boolean")
            if not good:
                yield "%s: %r is no %s" % (name, v, t)
            if isinstance(v, str) and t == "keyword" and len(v) > f.get("ignore_above", 1 << 20):
                self.long.add(name)
            allowed = {a["name"]: a for a in f.get("allowed_values", [])}
            if allowed and v not in allowed:
                yield "%s: %r is not allowed" % (name, v)

    def line(self, o):
        def walk(value, name):
            if name == "afterpatch":
                return
            if isinstance(value, dict):
                for k, v in value.items():
                    yield from walk(v, name + "." + k if name else k)
            else:
                yield from self.one(name, value)
        yield from walk(o, "")
        kinds = {a["name"]: a for a in self.field["event.category"]["allowed_values"]}
        expected = {t for c in o["event"].get("category", []) for t in kinds.get(c, {}).get("expected_event_types", [])}
        for t in o["event"].get("type", []):
            if t not in expected:
                yield "event.type %s is not expected of %s" % (t, o["event"]["category"])
        if o["event"].get("kind") not in {a["name"] for a in self.field["event.kind"]["allowed_values"]}:
            yield "event.kind"

    def faults(self, path):
        self.long, self.n = set(), 0
        for self.n, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for fault in self.line(json.loads(line)):
                yield "line %d: %s" % (self.n, fault)
        if self.long:
            yield "longer than is indexed: %s" % ", ".join(sorted(self.long))


class L2t:
    file = "l2t.csv"

    def __init__(self, root):
        page = next(root.rglob("Output-format-l2tcsv.md")).read_text("utf-8")
        self.head = re.search(r"```\n(date,.*)\n```", page).group(1)

    def faults(self, path):
        lines = path.read_text("utf-8").split("\n")
        self.n = len(lines) - 2
        if lines[0] != self.head or lines[-1]:
            yield "head or last line"
        for n, line in enumerate(lines[1:-1], 2):
            c = dict(zip(self.head.split(","), line.split(",")))
            if line.count(",") != 16 or "" in c.values():
                yield "line %d: %d columns, or one is empty" % (n, line.count(",") + 1)
                continue
            try:
                datetime.datetime.strptime(c["date"] + c["time"], "%m/%d/%Y%H:%M:%S")
            except ValueError:
                yield "line %d: time %s %s" % (n, c["date"], c["time"])
            if c["timezone"] != "UTC" or not re.match(r"^[M.][A.][C.][B.]$", c["MACB"]) or c["version"] != "2" or not re.match(r"^[A-Z]+$", c["source"]):
                yield "line %d: %s" % (n, line[:120])


def main(arguments):
    root, folders, bad, kinds = pathlib.Path(arguments[0]), [pathlib.Path(a) for a in arguments[1:]], 0, []
    for kind in (Stix, Misp, Ecs, L2t):
        try:
            kinds.append(kind(root))
        except StopIteration:
            print("skipped   %s: its schemas are not below %s" % (kind.file, root))
    for k in kinds:
        faults = n = 0
        for folder in folders:
            told = {}
            for fault in k.faults(folder / k.file):
                faults += 1
                told.setdefault(re.sub(r"^line \d+: ", "", fault), fault)
            for fault in list(told.values())[:8]:
                print("FAILED    %s/%s: %s" % (folder.name, k.file, fault))
            n += k.n
        print("%-9s %s: %d folders, %d objects, %d faults" % ("FAILED" if faults else "valid", k.file, len(folders), n, faults))
        bad += faults
    return bad != 0 or not kinds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
