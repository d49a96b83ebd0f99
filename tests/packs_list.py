"""docs/event-rules.md lists every rule for event logs. packs_list.py ROOT [--write]: checks, or writes the tables anew between its marks."""
import os
import re
import sys

TEXT_LOGS = {"iis", "httperr", "exchange-httpproxy", "exchange-ecp-server", "exchange-ecp-activity", "exchange-oabgenerator", "exchange-ews", "exchange-autodiscover", "exchange-cmdlet"}
BEGIN, END = "<!-- rules: written by tests/packs_list.py --write -->", "<!-- end of rules -->"


def field(text, key):
    m = re.search(r"^ *%s: *(.*)$" % key, text, re.M)
    v = m.group(1).strip() if m else ""
    return v[1:-1].replace("''", "'") if v[:1] == "'" and v[-1:] == "'" else v


def refs(text):
    m = re.search(r"^references:\n((?:    - .*\n)+)", text, re.M)
    return [r.strip()[2:].strip().strip("'").replace("''", "'") for r in m.group(1).splitlines()] if m else []


def says(text):
    meaning = text[text.index("\nafterpatch:"):]
    thing, way, axis, state = field(meaning, "thing"), field(meaning, "way"), field(meaning, "axis"), field(meaning, "state")
    if axis:
        return "%s: %s" % (axis.replace("_", " "), state.replace("_", " "))
    if way and thing in ("", "planted"):
        return "**planted** " + way.replace("_", " ")
    if thing and thing != "note":
        return "**%s**%s" % (thing.replace("_", " "), " " + way.replace("_", " ") if way else "")
    return "note" if thing else field(meaning, "sign") or "review"


def rules(root, pack):
    folder = os.path.join(root, "packs", pack, "rules")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = f.read()
        source = field(text, "category") or field(text, "service")
        if source and source not in TEXT_LOGS and "\ncorrelation:" not in text:
            yield name[:-4], field(text, "title"), source, says(text), refs(text)


def tables(root):
    out, notes = [], []
    for pack in ("windows", "proxylogon"):
        out += ["", "### packs/" + pack, "", "| rule | log | finds | says | source |", "|---|---|---|---|---|"]
        for name, title, source, what, where in rules(root, pack):
            for r in where:
                if r not in notes:
                    notes.append(r)
            out.append("| `%s` | %s | %s | %s | %s |" % (name, source, title.replace("|", "\\|"), what, ", ".join(str(notes.index(r) + 1) for r in where)))
    out += ["", "### Sources", ""] + ["%d. %s" % (i + 1, n) for i, n in enumerate(notes)] + [""]
    return "\n".join(out)


def main():
    root, path = sys.argv[1], os.path.join(sys.argv[1], "docs", "event-rules.md")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    head, rest = text.split(BEGIN, 1)
    want = head + BEGIN + "\n" + tables(root) + "\n" + END + rest.split(END, 1)[1]
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as f:
            f.write(want)
    elif want != text:
        print("docs/event-rules.md does not list the rules as they are: python3 tests/packs_list.py . --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
