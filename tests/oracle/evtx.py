"""Event logs below SAMPLES: records and values of `afterpatch events` against libevtx (evtxexport -f xml). evtx.py PROGRAM SAMPLES [--list]

What differs is classed. The classes of EXPLAINED are known, with their reason; anything else fails the run.
"""
import collections
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as tree

EXPLAINED = {
    "file that libevtx does not read": "it gives up at the first record it cannot read: elements without a template",
    "record that libevtx does not give": "it ends its file there with an error: an entity in an attribute, or a damaged record or chunk",
    "digits of a time": "ours has the seven digits of a FILETIME as stored, libevtx cuts or pads",
    "element without a value": "libevtx leaves it out, as Windows does when it renders; ours says null",
    "null or empty": "ours tells a value that is not there (null) from an empty text; XML cannot",
    "white space at an end": "libevtx or its XML drops it; ours has the text as stored",
    "character XML cannot hold": "libevtx writes it all the same, or drops it; the XML parser does not take it",
    "size in hex": "libevtx writes SizeT as a decimal number, ours in hex, as Windows shows the process ids that are stored so",
    "RenderingInfo": "libevtx leaves out what the collecting machine added behind EventData",
    "damaged record in a chunk whose checksum does not hold": "the chunk was half written when the file was copied; what is whole of the record is given",
    "hex with zeros in front": "libevtx writes HexInt with its full width, ours as Windows shows it",
}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
SYSTEM = {
    ("Provider", "Name"): "provider", ("Provider", "Guid"): "provider_guid", ("Provider", "EventSourceName"): "source_name", ("EventID", None): "event_id",
    ("EventID", "Qualifiers"): "qualifiers", ("Version", None): "version", ("Level", None): "level", ("Task", None): "task", ("Opcode", None): "opcode",
    ("Keywords", None): "keywords", ("TimeCreated", "SystemTime"): "time", ("EventRecordID", None): "record_id", ("Correlation", "ActivityID"): "activity",
    ("Correlation", "RelatedActivityID"): "related_activity", ("Execution", "ProcessID"): "process", ("Execution", "ThreadID"): "thread",
    ("Channel", None): "channel", ("Computer", None): "computer", ("Security", "UserID"): "user",
}


def local(tag):
    return tag.split("}")[-1]


def fields(node, name, depth, out):
    """The rules of formats/evtx.h, over XML."""
    for child in node:
        tag = local(child.tag)
        is_data = tag in ("Data", "ComplexData")
        own = "" if is_data and not name and depth == 0 else (name + "." if name else "") + tag
        attrs = []
        for key, value in child.attrib.items():
            if is_data and key == "Name":
                own = (name + "." if name else "") + value
            else:
                attrs.append((key, value))
        for key, value in attrs:
            out.append((own + "@" + key, value))
        inner = len(out)
        fields(child, own, depth + 1, out)
        if (child.text or "").strip() or (len(out) == inner and not attrs):
            out.append((own, child.text or ""))


def of_xml(text):
    event = tree.fromstring(text)
    system, data = {}, []
    for section in event:
        tag = local(section.tag)
        if tag == "System":
            for child in section:
                for key in [None] + list(child.attrib):
                    field = SYSTEM.get((local(child.tag), key))
                    value = (child.text or "") if key is None else child.attrib[key]
                    if field and value:
                        system[field] = value
        else:
            name = "" if tag in ("EventData", "UserData") else tag
            for key, value in section.attrib.items():
                data.append((name + "@" + key, value))
            if (section.text or "").strip():
                data.append((name, section.text))
            fields(section, name, 0, data)
    return system, data


def of_json(row):
    data = []
    if isinstance(row["data"], list):
        data = [("", v) for v in row["data"]]
    else:
        for key, value in row["data"].items():
            for v in value if isinstance(value, list) else [value]:
                data.append(("" if key == "Data" else key, v))
    return row["system"], data


def kind(ours, theirs):
    """None: equal."""
    if ours == theirs:
        return None
    if ours is None or ours == "":
        return "null or empty" if not (theirs or "").strip() else "value"
    if re.match(r"^[12]\d\d\d-\d\d-\d\dT", ours) and re.match(r"^[12]\d\d\d-\d\d-\d\dT", theirs) and ours[:19] == theirs[:19]:
        return "digits of a time" if ours[19:].strip(".Z")[:6] == theirs[19:].strip(".Z")[:6] or not theirs[19:].strip(".Z") else "value"
    if ours.startswith("0x") and theirs.lower().startswith("0x") and int(ours, 16) == int(theirs, 16):
        return "hex with zeros in front"
    if ours.startswith("0x") and theirs.isdigit() and int(ours, 16) == int(theirs):
        return "size in hex"
    a, b = ours.replace("\r\n", "\n").replace("\r", "\n"), theirs.replace("\r\n", "\n").replace("\r", "\n")
    if a == b or a.strip() == b.strip():
        return "white space at an end" if a != b else None
    if CONTROL.search(a) or "\ufffd" in a or "\ufffd" in b:
        if re.sub(r"[^\x20-\x7e]", "", a) == re.sub(r"[^\x20-\x7e]", "", b):
            return "character XML cannot hold"
    return "value"


def group(data):
    """Equal names together, as one JSON object has them."""
    out = collections.OrderedDict()
    for name, value in data:
        out.setdefault("" if name == "Data" else name, []).append(value)
    return out


def main():
    program, samples, show = sys.argv[1], sys.argv[2], "--list" in sys.argv
    count, told = collections.Counter(), collections.defaultdict(list)

    def differs(what, where, detail=""):
        count[what] += 1
        if len(told[what]) < (1000000 if show else 5):
            told[what].append("%s %s" % (where, detail))

    files = sorted(os.path.join(d, f) for d, _, names in os.walk(samples) for f in names if f.lower().endswith(".evtx"))
    for path in files:
        short = os.path.relpath(path, samples)
        got = subprocess.run([program, "events", "--system", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        rows = [json.loads(line) for line in got.stdout.decode("utf-8").split("\n") if line]
        rows = [r for r in rows if not r.get("slack")]
        count["our records"] += len(rows)
        for r in rows:
            if "damaged" in r:
                differs("record that we call damaged" if r.get("checksum", True) else "damaged record in a chunk whose checksum does not hold", short, "%s: %s" % (r["record"], r["damaged"]))
        want = subprocess.run(["evtxexport", "-f", "xml", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = want.stdout.decode("utf-8", "replace")
        theirs = {}
        for part in re.findall(r"<Event[ >].*?</Event>", text, re.S):
            bad = CONTROL.search(part)
            try:
                system, data = of_xml(CONTROL.sub("\ufffd", part))
            except tree.ParseError:
                system, data = None, None
                number = re.search(r"<EventRecordID>(\d+)<", part)
                if number:
                    theirs.setdefault(number.group(1), []).append(None)
                continue
            theirs.setdefault(system.get("record_id", ""), []).append((system, data))
        count["records of libevtx"] += sum(len(v) for v in theirs.values())
        if rows and not theirs:
            differs("file that libevtx does not read", short, "%d records" % len(rows))
            count["records in files that libevtx does not read"] += len(rows)
            continue
        for r in rows:
            system, data = of_json(r)
            where = "%s record %d" % (short, r["record"])
            found = theirs.get(system.get("record_id", str(r["record"]))) or []
            if not found:
                differs("record that libevtx does not give", where)
                continue
            pair = found.pop(0)
            if pair is None:
                differs("character XML cannot hold", where)
                continue
            count["records compared"] += 1
            for key in sorted(set(system) | set(pair[0])):
                count["values compared"] += 1
                k = kind(system.get(key), pair[0].get(key, ""))
                if k:
                    differs(k, where, "%s: %r, libevtx %r" % (key, system.get(key), pair[0].get(key)))
            a, b = group(data), group(pair[1])
            for name in [n for n in a if n not in b and a[n] == [None]]:
                differs("element without a value", where, name)
                del a[name]
            rendered = [n for n in a if n.startswith("RenderingInfo") and n not in b]
            if rendered:
                differs("RenderingInfo", where)
                for name in rendered:
                    del a[name]
            if list(a) != list(b):
                differs("names", where, "%r, libevtx %r" % (list(a), list(b)))
                continue
            for name in a:
                if len(a[name]) != len(b[name]):
                    differs("number of values", where, "%s: %r, libevtx %r" % (name, a[name], b[name]))
                    continue
                for x, y in zip(a[name], b[name]):
                    count["values compared"] += 1
                    k = kind(x, y)
                    if k:
                        differs(k, where, "%s: %.200r, libevtx %.200r" % (name, x, y))
        for number, left in theirs.items():
            for _ in left:
                differs("record that we do not give", short, number)
    print("%d files" % len(files))
    for what in ("our records", "records of libevtx", "records compared", "values compared", "records in files that libevtx does not read"):
        print("%8d %s" % (count.pop(what, 0), what))
    unexplained = 0
    for what, n in sorted(count.items()):
        print("%8d %s: %s" % (n, what, EXPLAINED.get(what, "NOT EXPLAINED")))
        unexplained += what not in EXPLAINED
        if show or what not in EXPLAINED:
            for line in told[what]:
                print("           " + line.encode("ascii", "backslashreplace").decode())
    return 1 if unexplained or not files else 0


sys.exit(main())
