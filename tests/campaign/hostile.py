"""Hostile text in every field that a stranger fills: what comes out must be inert, whatever the form."""
import csv
import html.parser
import io
import json
import os
import re
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


EVIL = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "\x1b[2J\x1b]0;owned\x07", "a\r\nBcc: x@evil.example", "'; DROP TABLE case_case; --",
        "../../../../etc/passwd", "\u202egnp.exe", "%s%n%s%n", "javascript:alert(1)", "\x9b31m", "</td></tr></table><h1>x", "\t=1+1", "x" * 70000, "", "-1", "99999999999999999999", "2021-13-45", "\ud800"]


def leaves(node, path=()):
    if isinstance(node, dict):
        for k, v in node.items():
            yield from leaves(v, path + (k,))
    elif isinstance(node, list):
        for i, v in enumerate(node):
            yield from leaves(v, path + (i,))
    else:
        yield path


def with_leaf(node, path, value):
    copy = json.loads(json.dumps(node))
    at = copy
    for k in path[:-1]:
        at = at[k]
    at[path[-1]] = value
    return copy


def mutants(paths, out, most):
    """Files of each kind in which one field after the other is hostile: a row or an object for each; of reports a file for each."""
    made = []

    def put(name, data):
        made.append(os.path.join(out, name))
        with open(made[-1], "wb") as f:
            f.write(data)
    seen = set()
    for path in paths:
        base = os.path.basename(path)
        kind = re.sub(r"[\d-]+", "", base)
        if not os.path.getsize(path) or (kind in seen and "report" not in kind):
            continue
        seen.add(kind)
        with open(path, "rb") as f:
            data = f.read()
        if base.endswith(".csv"):
            rows = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline="")))
            text_ = io.StringIO(newline="")
            w = csv.writer(text_, quoting=csv.QUOTE_ALL)
            w.writerow(rows[0])
            for i in range(len(rows[0])):
                for k, e in enumerate(EVIL):
                    row = list(rows[1 + k % (len(rows) - 1)])
                    row[i:i + 1] = [e]
                    w.writerow(row)
            put("mutant-" + base, text_.getvalue().encode("utf-8", "replace"))
        elif base.endswith(".xml"):
            text_ = data.decode()
            head, rest = text_.split("<host ", 1)
            host = "<host " + rest.split("</host>")[0] + "</host>"
            hosts = []
            for k, m in enumerate(re.finditer(r'="([^"]*)"|>([^<>\n]+)<', host)):
                e = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800]", "?", EVIL[k % len(EVIL)]).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
                g = 1 if m.group(1) is not None else 2
                hosts.append(host[:m.start(g)] + e + host[m.end(g):])
            put("mutant-" + base, (head + "\n".join(hosts) + "\n</nmaprun>\n").encode())
        elif "report" in base:
            if sum("mutant-s" in m for m in made) >= most:
                continue
            try:
                report = json.loads(data)
            except ValueError:
                continue
            paths_ = list(leaves(report))
            for i in range(0, len(paths_), max(1, len(paths_) // max(1, most // 2))):
                put(f"mutant-{base[:-12]}-{i:04d}.report.json", json.dumps(with_leaf(report, paths_[i], EVIL[i % len(EVIL)])).encode("utf-8", "replace"))
        else:
            lines = data.splitlines()
            one = json.loads(lines[0].rstrip(b",")) if lines[0][:1] == b"{" else json.loads(data)[0]
            objects = [json.dumps(with_leaf(one, p, EVIL[(i + k) % len(EVIL)])) for i, p in enumerate(leaves(one)) for k in range(3)]
            put("mutant-" + base, ("\n".join(objects) + "\n").encode("utf-8", "replace"))
    return made


FORMS = {"": text, "json": json_, "jsonl": json_, "csv": csv_, "html": html_, "txt": text}


def looked_at(what, data, form, note):
    why = FORMS[form](data)
    if why:
        note(f"{what}: {why}")
    return not why


def part(run, _made, _store, args, goal, note, canonical, same):
    made = run.folder + "/made-hostile"
    run.make(made, hostile=True)
    engine(run, made, stores.Sqlite(run.folder, "hostile"), goal, note)
    if stores.Postgres.cluster:
        engine(run, made, stores.Postgres("hostile"), goal, note)


def engine(run, made, store, goal, note):
    store.empty()
    good = seen = 0
    label = f"hostile, {store.name}: "

    def check(what, data, form=""):
        nonlocal good, seen
        seen += 1
        good += looked_at(what, data, form, note)

    run.call("case", "campaign", "--store", store.where, "--who", "lab", "proxylogon")
    said = [run.call("survey", "import", "--store", store.where, *run.scans(made), code=(0, 1)),
            run.call("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *run.tables(made), code=(0, 1)),
            run.call("case", "update", "--store", store.where, "--at", "2021-03-30T23:59:59Z", "--who", "=cmd|' /C calc'!A0")]
    reports = run.hunts(made, store, made + "/sent")
    said += [run.call("case", "import", "--json", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *reports[:20], code=(0, 1)),
             run.call("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "\x1b[31mlab", *reports, code=(0, 1)),
             run.call("case", "update", "--store", store.where, "--at", "2021-03-30T23:59:59Z", "--who", "lab")]
    # One field after the other, in files of every kind.
    out = tempfile.mkdtemp(prefix="mutants.", dir=run.folder)
    scans = mutants(run.scans(made), out, 0)
    others = mutants(run.tables(made), out, 0)
    hunts = mutants(reports, out, 16 if run.size == "check" else 400)
    said += [run.call("survey", "import", "--store", store.where, *scans, code=(0, 1)),
             run.call("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *others, code=(0, 1)),
             run.call("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *hunts, code=(0, 1)),
             run.call("case", "update", "--store", store.where, "--at", "2021-03-30T23:59:59Z", "--who", "lab")]
    reports += others + hunts
    for i, done in enumerate(said):
        check(f"what import and update say ({i})", done.stdout, "json" if i == 3 else "")
        check(f"what import and update say ({i}), errors", done.stderr)
    # Each file is whole; each row is taken, known or refused with its reason.
    files = store.rows("SELECT name, whole, rows_n, taken, known, refused FROM case_file")
    unfinished = [f[0] for f in files if not f[1]]
    mute = store.rows("SELECT count(*) FROM case_refused WHERE why = ''")[0][0]
    some = [f for f in run.tables(made) + reports if os.path.getsize(f)]
    # What is no file of any kind is not recorded; it is told on the terminal.
    aloud = b"".join(done.stdout + done.stderr for done in said).decode("utf-8", "replace")
    known = {f[0] for f in files}
    silent = [f for f in some if os.path.basename(f) not in known and os.path.basename(f) not in aloud]
    goal(label + "files", f"{len(some)}: {len(some) - len(known)} of no kind, {len(silent)} untold, {len(unfinished)} not whole, {mute} rows without a reason", not silent and not unfinished and not mute,
         "each refusal says why")
    if run.size != "check":
        note(f"{len(scans) + len(others) + len(hunts)} files with one hostile field after the other; {store.rows('SELECT count(*) FROM case_refused')[0][0]} rows refused")
    cases = [r[0] for r in store.rows(f"SELECT case_id FROM case_state ORDER BY urgency DESC, case_id LIMIT {1 if run.size == 'check' else 40}")]
    names = [f"2021-{c:06d}" for c in cases]
    views = [["case", "list"], ["case", "review"], ["case", "intruders"], ["case", "audit"], ["status"]] + [["case", "show", n] for n in names] + [["case", "why", n] for n in names[:1]]
    for view in views:
        for form in ("", "json"):
            done = run.call(*view, *(["--json"] if form else []), "--store", store.where, check=False)
            if done.returncode not in (0, 1):
                goal(label + " ".join(view), f"exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:120]}", False, "an answer")
            else:
                check(" ".join(view + [form]), done.stdout, form)
            check(" ".join(view) + ", errors", done.stderr)
    more = [(["status", "--csv"], "csv"), (["status", "--html", "-"], "html"), (["status", "--public"], ""), (["status", "--public", "--json"], "json"), (["status", "--public", "--html", "-"], "html"),
            (["case", "list", "--all", "--json"], "json"), (["case", "intruders", "--json"], "json"), (["survey", "status", "--group", "ProxyLogon"], ""), (["survey", "export"], "json"), (["case", "privacy", "export", names[0], "--who", "lab"], "json")]
    for form, reads in (("idf", "json"), ("shadowserver", "csv"), ("csv", "csv"), ("stix", "json"), ("misp", "json")):
        more.append((["case", "export", "--as", form, "--to", "=1+1 \x1b[31m", "--who", "lab"] if form not in ("stix", "misp") else ["case", "export", "--as", form, "--who", "lab"], reads))
        if form in ("stix", "misp"):
            more.append((["case", "export", "--as", form, "--victims", "--to", "a partner", "--who", "lab"], reads))
    for view, form in more:
        done = run.call(*view, "--store", store.where, check=False)
        if done.returncode == 0:
            check(" ".join(view), done.stdout, form)
        else:
            goal(label + " ".join(view), f"exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:160]}", False, "an answer")
    goal(label + "outputs", f"{good} of {seen} inert", good == seen, "all")
    store.empty()
