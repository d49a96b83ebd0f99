#!/usr/bin/python3
"""sigma_fire.py PROGRAM DIR WORK: rules of a published collection fire on lines written for each, and on no line that they do not fit.

For every rule of category webserver or proxy below DIR a request is derived from the rule itself (sigma_rule.py): values that satisfy its condition, and
twins that satisfy all of it but one part, or what it excludes as well. They become rows of an IIS log and, for rules of category proxy, of an Exchange
HttpProxy log, among ordinary ones; the program hunts both with all the rules, and what report.json says is compared with an evaluation of every rule
on every row straight from the specification. A finding must carry the rule's title, author and reference, and be for review.

    FAILED    what differs
    untried   a rule from which no row can be derived, and why

Needs Debian's python3-yaml.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from urllib.parse import unquote_to_bytes

try:
    import yaml
except ImportError:
    sys.exit("sigma_fire.py: python3-yaml is missing")
from sigma_rule import Atom, Rule, Unsupported, rule_files

IIS = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Cookie) cs(Referer) cs-host cs-content-type sc-status sc-substatus sc-win32-status time-taken"
PROXY = ("DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,"
         "AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,UrlQuery,GenericErrors")
# Names that rules use, and the part of a request that each is.
WHOLE, URL = {"c-uri", "cs-uri"}, {"cs-uri-query", "c-uri-query"}
PART = {"cs-uri-stem": "stem", "c-uri-stem": "stem", "c-uri-path": "stem", "cs-method": "method", "sc-status": "status", "cs-username": "user", "c-ip": "ip", "src_ip": "ip",
        "cs-user-agent": "agent", "c-useragent": "agent", "cs(user-agent)": "agent", "cs-referer": "referer", "cs-cookie": "cookie", "cs-host": "host", "r-dns": "host",
        "dst_ip": "server", "cs-content-type": "content", "c-uri-extension": "extension"}
DEFAULT = {"method": "GET", "stem": "/", "query": "", "status": "200", "user": "", "ip": "", "agent": "Mozilla/5.0", "referer": "", "cookie": "", "host": "mail.example.test",
           "server": "192.0.2.10", "content": ""}


def decoded(s):
    return unquote_to_bytes(s).decode("utf-8", "surrogateescape")


class Record:
    """One request as a log has it. `plain`: values with their blanks."""

    def __init__(self, plain, proxy):
        self.proxy, v = proxy, dict(plain)
        self.value = v
        if not proxy:                             # IIS writes a blank as '+', and the query as it came
            for k in ("stem", "agent", "referer", "cookie", "user", "host", "content"):
                v[k] = v[k].replace(" ", "+")
            v["query"] = v["query"].replace(" ", "%20")
        else:                                     # HttpProxy writes a blank for a comma
            v["agent"] = v["agent"].replace(",", " ")
        if any(c in s for s in v.values() for c in "\r\n\t") or (proxy and any('"' in s for s in v.values())) or (not proxy and " " in "".join(v.values())):
            raise Unsupported("a value that no row can hold")

    def field(self, name):
        v, name = self.value, name.lower()
        if name in WHOLE | URL:
            both = v["stem"] + ("?" + v["query"] if v["query"] else "")
            have = [both] + ([v["query"], v["stem"]] if name in URL else [])
            return have + ([] if self.proxy else [decoded(h) for h in have])
        part = PART.get(name)
        if part == "extension":
            last = v["stem"].rsplit("/", 1)[-1]
            return [last.rsplit(".", 1)[1] if "." in last else ""]
        if part is None or (self.proxy and part in ("referer", "cookie", "server", "content")):
            return []
        if part == "agent" and self.proxy:
            return [v[part], re.sub(r"(?<=.) (?= )", ",", v[part])]
        return [v[part], v[part].replace("+", " ")] if part in ("agent", "cookie") else [v[part]]

    def row(self, n):
        v = self.value
        when = (9 + n // 3600, n // 60 % 60, n % 60)
        if self.proxy:
            cells = {"DateTime": "2021-03-05T%02d:%02d:%02d.000Z" % when, "RequestId": "00000000-0000-4000-8000-%012x" % n, "MajorVersion": "15", "MinorVersion": "1",
                     "BuildVersion": "2106", "RevisionVersion": "2", "Protocol": "Owa", "UrlHost": v["host"], "UrlStem": v["stem"], "AuthenticatedUser": v["user"],
                     "UserAgent": v["agent"], "ClientIpAddress": v["ip"], "ServerHostName": "EXCH01", "HttpStatus": v["status"], "Method": v["method"], "UrlQuery": v["query"]}
            return ",".join('"%s"' % c if "," in c else c for c in (cells.get(k, "") for k in PROXY.split(",")))
        cells = ["2021-03-05", "%02d:%02d:%02d" % when, v["server"], v["method"], v["stem"], v["query"], "443", v["user"], v["ip"], v["agent"], v["cookie"], v["referer"], v["host"],
                 v["content"], v["status"], "0", "0", "15"]
        return " ".join(c or "-" for c in cells)

    def raws(self):
        """The row, and for IIS the row with its blanks."""
        row = self.row(0)
        return [row] if self.proxy else [row, row.replace("%20", "+").replace("+", " ")]


def composed(atoms):
    """Texts that all of `atoms` may fit."""
    exact = [a for a in atoms if not {"contains", "startswith", "endswith", "re"} & set(a.mods) and a.field is not None]
    if exact:
        yield from sorted({a.example() for a in exact}, key=len, reverse=True)
        return
    start = [a.example() for a in atoms if "startswith" in a.mods]
    end = [a.example() for a in atoms if "endswith" in a.mods]
    middle = []
    for a in atoms:
        if "startswith" not in a.mods and "endswith" not in a.mods and a.example() not in middle:
            middle.append(a.example())
    for order in (middle, middle[::-1]):
        for glue in ("", "/", "&", "x", " "):
            yield max(start, key=len, default="") + glue.join(order) + max(end, key=len, default="")


def urls(whole, stems, extension):
    """(stem, query) in which the composed texts stand."""
    for s in list(composed(stems))[:6] if stems else [None]:
        for u in list(composed(whole))[:10] if whole else [""]:
            tail = "." + extension if extension else ""
            if s is not None:
                yield s, u.lstrip("?")
                if u.startswith(s):
                    yield s, u[len(s):].lstrip("?")
                yield s + u, ""
            path, mark, query = u.partition("?")
            yield (path if path.startswith("/") or "://" in path else "/" + path) + tail, query
            if extension:
                yield path if path.endswith(tail) else path + tail, query
                yield "/x" + tail, u
            yield u, ""
            yield "/x", u.lstrip("?")
            yield "/x" + tail, "a=" + u


def records(atoms, proxy, ip):
    """Requests in which the atoms may hold, sparse ones first; the caller looks whether they do."""
    for more in ({}, {"referer": "https://mail.example.test/owa/", "cookie": "a=b", "user": "LAB\\anna"}):
        yield from records_from(dict(DEFAULT, ip=ip, **more), atoms, proxy)


def records_from(plain, atoms, proxy):
    part, whole, keywords = {}, [], []
    for a in atoms:
        name = a.field.lower() if a.field else None
        if a.value is None or "exists" in a.mods:
            plain.update({PART[name]: ""} if name in PART and a.value is None else {})
            continue
        if name is None:
            keywords.append(a)
        elif name in WHOLE | URL:
            whole.append(a)
        elif name in PART:
            part.setdefault(PART[name], []).append(a)
        else:
            raise Unsupported("no column for %s" % a.field)
    for k, list_ in part.items():
        if k not in ("stem", "extension"):
            numbers = [a for a in list_ if {"gt", "gte", "lt", "lte"} & set(a.mods)]
            plain[k] = str(int(float(numbers[0].value)) + (1 if "gt" in numbers[0].mods else -1 if "lt" in numbers[0].mods else 0)) if numbers else next(composed(list_))
    extension = part["extension"][0].example() if "extension" in part else ""
    for stem, query in urls(whole + keywords, part.get("stem", []), extension):
        for where in ("url", "agent") if keywords and not whole and "agent" not in part else ("url",):
            try:
                yield Record(dict(plain, stem=stem or "/", query=query) if where == "url" else dict(plain, agent=next(composed(keywords))), proxy)
            except Unsupported:
                continue


def made(rule, ways, proxy, want, ip):
    """The first request on which the rule fits as wanted, and what it was made of."""
    why = "no request was found that it fits"
    for way in ways:
        try:
            for r in records(way, proxy, ip):
                if rule.fits(r) == want:
                    return r, way, ""
        except Unsupported as e:
            why = str(e)
    return None, None, why


def rows_of(rule, proxy, ip):
    """[(what, record)]: one that fits, then twins that do not; and why there is none."""
    good, way, why = made(rule, rule.ways(), proxy, True, ip)
    if not good:
        return [], why
    out = [("fits", good)]
    excluded, _, _ = made(rule, rule.ways_filtered(), proxy, False, ip)
    if excluded:
        out.append(("excluded", excluded))
    for i, atom in enumerate(way):
        twin, _, _ = made(rule, [way[:i] + way[i + 1:]], proxy, False, ip)
        if twin and len(out) < 6:
            out.append(("without %s" % (atom.field or "keyword"), twin))
    return out, ""


def load(folder):
    rules, untried = [], []
    for file, content in rule_files(folder):
        if file.startswith("unsupported/") or not re.search(r"^ *category: *(webserver|proxy) *$", content, re.M) or not re.search(r"^detection:", content, re.M):
            continue
        for doc in yaml.safe_load_all(content):
            try:
                if (doc["logsource"].get("service") or doc["logsource"].get("product")) is None:
                    rules.append(Rule(file, doc))
            except Unsupported as e:
                untried.append((file, str(e)))
    return rules, untried


def squeezed(s):
    return re.sub(r"[^0-9a-z]+", "", str(s).lower())


def told(finding, rule):
    """What the finding leaves out of what the rule says of itself."""
    why, doc = squeezed(finding["why"]), rule.doc
    if finding["title"] != rule.title.strip():
        yield "title %r" % finding["title"]
    if doc.get("author") and squeezed(str(doc["author"]).split("<")[0][:150]) not in why:
        yield "no author"
    if doc.get("references") and squeezed(str(doc["references"][0]).split("<")[0][:250]) not in why:
        yield "no reference"
    if finding["axis"] is not None:
        yield "axis %s" % finding["axis"]


def main():
    program, folder, work = sys.argv[1:4]
    rules, untried = load(folder)
    shutil.rmtree(work, ignore_errors=True)
    iis = os.path.join(work, "C", "inetpub", "logs", "LogFiles", "W3SVC1")
    proxies = os.path.join(work, "C", "Program Files", "Microsoft", "Exchange Server", "V15", "Logging", "HttpProxy", "Owa")
    os.makedirs(iis)
    os.makedirs(proxies)
    logs = {False: [("", None, Record(dict(DEFAULT, ip="2001:db8::1"), False))], True: [("", None, Record(dict(DEFAULT, ip="2001:db8::1"), True))]}
    for rule in rules:
        for proxy in (False, True) if rule.category == "proxy" else (False,):
            rows, why = rows_of(rule, proxy, "")
            if not rows:
                untried.append((rule.file, ("HttpProxy: " if proxy else "IIS: ") + why))
            for what, r in rows:                  # a client of its own for each, so that nothing is folded together
                if not r.value["ip"]:
                    r.value["ip"] = "2001:db8::%x" % (len(logs[proxy]) + 16 + 0x1000 * proxy)
                logs[proxy].append((what, rule, r))
    head = {False: "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2021-03-05 09:00:00\n#Fields: " + IIS,
            True: PROXY + "\n#Software: Microsoft Exchange Server\n#Version: 15.01.2106.002\n#Log-type: HttpProxy Logs\n#Date: 2021-03-05T09:00:00.000Z\n#Fields: " + PROXY}
    path = {False: os.path.join(iis, "u_ex210305.log"), True: os.path.join(proxies, "HttpProxy_2021030509-1.LOG")}
    first = {}
    for proxy in path:
        lines = head[proxy].split("\n")
        first[proxy] = len(lines) + 1             # the line of row 0
        lines += [r.row(n) for n, (_, _, r) in enumerate(logs[proxy])]
        with open(path[proxy], "w", encoding="utf-8", errors="surrogateescape", newline="\r\n") as f:
            f.write("\n".join(lines) + "\n")
    out = os.path.join(work, "report")
    done = subprocess.run([program, "hunt", "--quiet", "--rules", folder, "--out", out, os.path.join(work, "C")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if not os.path.exists(os.path.join(out, "report.json")):
        sys.exit("hunt: exit code %d: %s" % (done.returncode, done.stderr[-2000:]))
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        report = json.load(f)

    name = {}
    for rule in rules:
        name.setdefault("sigma:user/" + str(rule.doc.get("name") or os.path.splitext(os.path.basename(rule.file))[0]), []).append(rule)
    failed, got = 0, {}
    for f in report["findings"]:
        for rule in name.get(f["detector"], []):
            for e in f["evidence"]:
                proxy = "HttpProxy" in (e["path"] if "path" in e else report["sources"][e["source"]]["path"])
                got.setdefault((proxy, e["line"] - first[proxy]), {})[rule.file] = f
    tried = fired = twins = pairs = 0
    for proxy in logs:
        for n, (what, of, r) in enumerate(logs[proxy]):
            have, where = got.get((proxy, n), {}), "HttpProxy" if proxy else "IIS"
            for rule in rules:
                if proxy and rule.category != "proxy":
                    if rule.file in have:
                        print("FAILED    %s: fires on a log that is none of its own: %s" % (rule.file, r.row(n)))
                        failed += 1
                    continue
                want, pairs = rule.fits(r), pairs + 1
                if want and rule.file not in have:
                    print("FAILED    %s: does not fire in %s on: %s" % (rule.file, where, r.row(n)))
                    failed += 1
                elif not want and rule.file in have:
                    print("FAILED    %s: fires in %s (%s) on: %s" % (rule.file, where, what if rule is of else "a row of another rule", r.row(n)))
                    failed += 1
                elif want:
                    for fault in told(have[rule.file], rule):
                        print("FAILED    %s: %s" % (rule.file, fault))
                        failed += 1
            tried, twins = tried + (what == "fits"), twins + (what not in ("", "fits"))
            fired += what == "fits" and of.file in have
    for file, why in sorted(set(untried)):
        print("untried   %s: %s" % (file, why))
    print("fired     %d of %d rows written for %d rules fire, %d twins, %d pairs of rule and row compared, %d faults" % (fired, tried, len(rules), twins, pairs, failed))
    return failed != 0 or fired == 0


if __name__ == "__main__":
    sys.exit(main())
