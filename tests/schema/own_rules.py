#!/usr/bin/python3
"""own_rules.py PROGRAM WORK: what a hit of somebody's own rule says, in every form of the report.

It names the rule's title, author and references; it is for review and leaves the verdict as it was, unless the rule's custom fields say otherwise.
"""
import html
import json
import os
import shutil
import subprocess
import sys

import stix as forms

LOG = ("#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2021-03-05 09:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port "
       "cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n"
       "2021-03-05 09:00:01 192.0.2.10 GET /one/first.html - 443 - 198.51.100.7 Mozilla/5.0 - 200 0 0 15\n"
       "2021-03-05 09:00:02 192.0.2.10 GET /two/second.html - 443 - 198.51.100.8 Mozilla/5.0 - 200 0 0 15\n")
REVIEW = """title: Somebody asked for the first page
id: 5f1c0a52-0b0e-4d0a-9a55-0d6f1f6f0001
description: The first page was asked for.
author: 'A. Writer, "the second" & <b>others</b>'
references: ['https://example.test/a?b=1&c=2', 'https://example.test/second']
logsource: {category: webserver}
detection: {s: {cs-uri-stem: '/one/*'}, condition: s}
level: critical
"""
SAYS = """title: Somebody asked for the second page
author: B. Writer
references: ['https://example.test/third']
logsource: {category: webserver}
detection: {s: {cs-uri-stem: '/two/*'}, condition: s}
level: high
afterpatch: {sign: forged, axis: exploitation, state: attempted, confidence: 0.75, why: '{client} asked for {url}'}
"""
PAGE = """rule words_of_a_page {
    meta: author = "C. Writer" reference = "https://example.test/fourth" description = "harmless words"
    strings: $a = "words that harm nobody"
    condition: $a
}
"""


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def hunt(program, work, name, rules):
    folder, out = os.path.join(work, name + "-rules"), os.path.join(work, name)
    os.makedirs(folder)
    for file, text in rules.items():
        put(os.path.join(folder, file), text)
    more = ["--rules", folder] if rules else []
    code = subprocess.run([program, "hunt", "--quiet"] + more + ["--out", out, os.path.join(work, "C")], stdout=subprocess.DEVNULL).returncode
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        return out, code, json.load(f)


def text_of(out, file):
    with open(os.path.join(out, file), encoding="utf-8") as f:
        return f.read()


def states(report):
    return [(c["verdict"], [c[a]["state"] for a in ("exposure", "exploitation", "back_door", "use", "theft")]) for c in report["campaigns"]]


def one(report, detector):
    found = [f for f in report["findings"] if f["detector"] == detector]
    return found[0] if len(found) == 1 else {"axis": "%d findings" % len(found), "severity": "", "title": "", "why": "", "confidence": 0}


def main():
    program, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    put(os.path.join(work, "C", "inetpub", "logs", "LogFiles", "W3SVC1", "u_ex210305.log"), LOG.replace("\n", "\r\n"))
    put(os.path.join(work, "C", "inetpub", "wwwroot", "aspnet_client", "page.aspx"), "<p>words that harm nobody</p>\n")
    _, code0, plain = hunt(program, work, "plain", {})
    out, code1, review = hunt(program, work, "review", {"first.yml": REVIEW, "page.yar": PAGE})
    both, _, says = hunt(program, work, "says", {"first.yml": REVIEW, "second.yml": SAYS})
    bad = []

    def need(what, ok):
        if not ok:
            bad.append(what)

    first, page = one(review, "sigma:user/first"), one(review, "yara/words_of_a_page")
    second = one(says, "sigma:user/second")
    need("the rule's title is the finding's", first["title"] == "Somebody asked for the first page")
    need("author and references are told", "Rule by A. Writer, \"the second\" &" in first["why"] and "https://example.test/a?b=1&c=2; https://example.test/second" in first["why"])
    need("the rule's level is kept", first["severity"] == "critical")
    need("without custom fields it is for review", first["axis"] is None and page["axis"] is None)
    need("a YARA rule's author and reference are told", "C. Writer" in page["why"] and "https://example.test/fourth" in page["why"])
    need("review moves nothing", states(review) == states(plain) and code0 == code1)
    need("custom fields decide", second["axis"] == "exploitation" and second["axis_state"] == "attempted" and second["confidence"] == 0.75)
    need("custom fields move their axis", says["campaigns"][0]["exploitation"]["state"] == "attempted" and states(says) != states(plain))
    need("the rule's own sentence, then whose it is", second["why"].startswith("198.51.100.8 asked for /two/second.html") and "Rule by B. Writer. See https://example.test/third." in second["why"])

    for where, report in ((out, review), (both, says)):
        page_text = text_of(where, "report.html")
        notes = {o["abstract"]: o["content"] for o in json.loads(text_of(where, "stix.json"))["objects"] if o["type"] == "note"}
        lines = [json.loads(line) for line in text_of(where, "ecs.ndjson").splitlines()]
        for f in report["findings"]:
            if not f["detector"].startswith(("sigma:user/", "yara/")):
                continue
            name = f["detector"]
            need("%s in report.html" % name, html.escape(f["title"]) in page_text and f["title"] in html.unescape(page_text) and f["why"] in html.unescape(page_text))
            need("%s in stix.json" % name, f["title"] in notes.get(name, "") and f["why"] in notes.get(name, "") and ("For review" in notes[name]) == (f["axis"] is None))
            need("%s in l2t.csv" % name, name in text_of(where, "l2t.csv") or f["time"] is None)
            rules = [o for o in lines if o.get("rule", {}).get("id") == name]
            need("%s in ecs.ndjson" % name, len(rules) == 1 and rules[0]["rule"]["name"] == f["title"] and rules[0]["event"]["kind"] == ("event" if f["axis"] is None else "alert"))
            if name == "sigma:user/first":
                need("author and reference in ecs.ndjson", rules[0]["rule"].get("author") == ['A. Writer, "the second" & <b>others</b>'] and rules[0]["rule"].get("ruleset") == "user" and
                     rules[0]["rule"].get("reference", "").startswith("https://example.test/a") and rules[0]["rule"].get("uuid") == "5f1c0a52-0b0e-4d0a-9a55-0d6f1f6f0001")
        need("no markup of a rule in report.html", "<b>others" not in page_text)
        need("no indicator of somebody's rule in stix.json", "asked for the" not in "".join(
            o["pattern"] for o in json.loads(text_of(where, "stix.json"))["objects"] if o["type"] == "indicator"))
        bad.extend(forms.folder(where))
    for what in bad:
        print("own_rules: not so: %s" % what)
    print("%d faults" % len(bad))
    return bad != []


if __name__ == "__main__":
    sys.exit(main())
