"""Hostile text in every field that a stranger fills: what comes out must be inert, whatever the form."""
import csv
import html.parser
import io
import json
import os
import re
import shutil
import tempfile

import stores

# Bytes that a terminal obeys, and characters that turn the order of others around.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"^[\s]*[=+\-@]")
NUMBER = re.compile(r"^[+\-]?\d+(\.\d+)?$")


def decoded(data):
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as e:
        return "", f"not UTF-8 at byte {e.start}: {data[max(0, e.start - 20):e.start + 20]!r}"


def text(data):
    s, why = decoded(data)
    m = why is None and CONTROL.search(s.replace("\r\n", "\n"))
    return why or (f"a raw {m.group()!r}: {s[max(0, m.start() - 30):m.end() + 30]!r}" if m else None)


def json_(data):
    s, why = decoded(data)
    if why:
        return why
    m = re.search("[\x00-\x09\x0b-\x1f\x7f]", s)
    if m:
        return f"a raw {m.group()!r}: {s[max(0, m.start() - 30):m.end() + 30]!r}"
    try:
        json.loads(s)
        return None
    except ValueError as first:
        try:
            for line in s.splitlines():
                json.loads(line)
            return None
        except ValueError:
            return f"no JSON: {first}"


def csv_(data):
    s, why = decoded(data)
    if why:
        return why
    for row in csv.reader(io.StringIO(s, newline="")):
        for cell in row:
            if FORMULA.match(cell) and not NUMBER.match(cell):
                return f"a formula: {cell[:60]!r}"
            if CONTROL.search(cell.replace("\r", "").replace("\n", "").replace("\t", "")):
                return f"a control byte in a cell: {cell[:60]!r}"
    return None


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.bad = None
        self.inside = None

    def handle_starttag(self, tag, attrs):
        self.inside = tag if tag in ("script", "style") else None
        if tag in ("iframe", "object", "embed", "base", "form", "link") or (tag == "meta" and dict(attrs).get("http-equiv", "").lower() == "refresh"):
            self.bad = self.bad or f"<{tag}>"
        if tag == "script" and dict(attrs).get("src"):
            self.bad = self.bad or "a script from elsewhere"
        for name, value in attrs:
            value = (value or "").strip().lower()
            if name.startswith("on") or (name in ("href", "src", "action", "xlink:href") and re.match(r"(javascript|data|vbscript):", value)):
                self.bad = self.bad or f"<{tag} {name}={value[:40]!r}>"

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside and re.search(r"alert\(1\)|onerror|evil\.example|calc|DROP TABLE", data):
            self.bad = self.bad or f"a stranger's text within <{self.inside}>: {data[:60]!r}"


def html_(data):
    s, why = decoded(data)
    if why:
        return why
    m = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", s)
    if m:
        return f"a raw {m.group()!r}"
    page = Page()
    page.feed(s)
    page.close()
    return page.bad


FORMS = {"": text, "json": json_, "jsonl": json_, "csv": csv_, "html": html_, "txt": text}


def looked_at(run, what, data, form, goal, note):
    why = FORMS[form](data)
    if why:
        note(f"{what}: {why}")
    return not why


def part(run, _made, _store, args, goal, note, canonical, same):
    made = run.folder + "/made-hostile"
    run.make(made, hostile=True)
    store = stores.Sqlite(run.folder, "hostile")
    store.empty()
    good = seen = 0

    def check(what, data, form=""):
        nonlocal good, seen
        seen += 1
        good += looked_at(run, what, data, form, goal, note)

    run.call("case", "campaign", "--store", store.where, "--who", "lab", "proxylogon")
    said = [run.call("survey", "import", "--store", store.where, *run.scans(made), code=(0, 1)),
            run.call("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *run.tables(made), code=(0, 1)),
            run.call("case", "update", "--store", store.where, "--at", "2021-03-30T23:59:59Z", "--who", "=cmd|' /C calc'!A0")]
    reports = run.hunts(made, store, made + "/sent")
    said += [run.call("case", "import", "--json", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *reports[:20], code=(0, 1)),
             run.call("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "\x1b[31mlab", *reports, code=(0, 1)),
             run.call("case", "update", "--store", store.where, "--at", "2021-03-30T23:59:59Z", "--who", "lab")]
    for i, done in enumerate(said):
        check(f"what import and update say ({i})", done.stdout, "json" if i == 3 else "")
        check(f"what import and update say ({i}), errors", done.stderr)
    # Each file is whole; each row is taken, known or refused with its reason.
    files = store.rows("SELECT name, whole, rows_n, taken, known, refused FROM case_file")
    unfinished = [f[0] for f in files if not f[1]]
    mute = store.rows("SELECT count(*) FROM case_refused WHERE why = ''")[0][0]
    some = [f for f in run.tables(made) + reports if os.path.getsize(f)]
    goal("hostile: files", f"{len(files)} of {len(some)}, {len(unfinished)} not whole, {mute} rows refused without a reason", len(files) == len(some) and not unfinished and not mute,
         "all whole, each refusal says why")
    cases = [r[0] for r in store.rows("SELECT case_id FROM case_state ORDER BY urgency DESC, case_id LIMIT 4")]
    names = [f"2021-{c:06d}" for c in cases]
    views = [["case", "list"], ["case", "review"], ["case", "intruders"], ["case", "audit"], ["status"]] + [["case", "show", n] for n in names] + [["case", "why", n] for n in names[:1]]
    for view in views:
        for form in ("", "json"):
            done = run.call(*view, *(["--json"] if form else []), "--store", store.where, check=False)
            if done.returncode not in (0, 1):
                goal("hostile: " + " ".join(view), f"exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:120]}", False, "an answer")
            else:
                check(" ".join(view + [form]), done.stdout, form)
            check(" ".join(view) + ", errors", done.stderr)
    out = tempfile.mkdtemp(prefix="out.", dir=run.folder)
    for form in ("csv", "html", "json"):
        path = os.path.join(out, "status." + form)
        done = run.call("status", "--store", store.where, "--" + form, path, check=False)
        if os.path.exists(path):
            with open(path, "rb") as f:
                check("status --" + form, f.read(), form)
    for verb in (["case", "export"],):
        for form in ("csv", "idf", "stix", "misp"):
            done = run.call(*verb, "--store", store.where, "--format", form, check=False)
            if done.returncode == 0:
                check(" ".join(verb + [form]), done.stdout, "csv" if form == "csv" else "json")
    shutil.rmtree(out, ignore_errors=True)
    goal("hostile: outputs", f"{good} of {seen} inert", good == seen, "all")
    store.empty()
