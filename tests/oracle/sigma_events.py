#!/usr/bin/python3
"""sigma_events.py PROGRAM LAB BENCH DIR WORK: rules of a published collection for Windows event logs fire on records written for each, and on no twin.

For every rule below DIR whose log source is one of ours a record is derived from the rule itself (sigma_rule.py): fields that satisfy its condition, and twins
that satisfy all of it but one part, or what it excludes as well. The lab writes them as an event log (lab evtx), and what the engine says of each record
(evtbench --met) is compared with an evaluation straight from the specification. Rules for MSExchange Management are then hunted with all the rest, and
report.json has to name each of them with the record that was written for it.

    FAILED    what differs
    untried   (with --untried) a rule from which no record can be derived, and why

Needs Debian's python3-yaml.
"""
import collections
import itertools
import json
import os
import re
import shutil
import subprocess
import sys

try:
    import yaml
except ImportError:
    sys.exit("sigma_events.py: python3-yaml is missing")
from sigma_fire import composed
from sigma_rule import Rule, Unsupported, rule_files

SYSMON, POWERSHELL = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-PowerShell/Operational"
DEFENDER = "Microsoft-Windows-Windows Defender/Operational"
CATEGORY = {"process_creation": (SYSMON, 1), "file_change": (SYSMON, 2), "network_connection": (SYSMON, 3), "process_termination": (SYSMON, 5), "driver_load": (SYSMON, 6),
            "image_load": (SYSMON, 7), "create_remote_thread": (SYSMON, 8), "raw_access_thread": (SYSMON, 9), "process_access": (SYSMON, 10), "file_event": (SYSMON, 11),
            "registry_event": (SYSMON, 13), "registry_add": (SYSMON, 12), "registry_delete": (SYSMON, 12), "registry_set": (SYSMON, 13), "registry_rename": (SYSMON, 14),
            "create_stream_hash": (SYSMON, 15), "pipe_created": (SYSMON, 17), "wmi_event": (SYSMON, 20), "dns_query": (SYSMON, 22), "file_delete": (SYSMON, 23),
            "clipboard_capture": (SYSMON, 24), "process_tampering": (SYSMON, 25), "file_block_executable": (SYSMON, 27), "file_executable_detected": (SYSMON, 29),
            "ps_module": (POWERSHELL, 4103), "ps_script": (POWERSHELL, 4104), "ps_classic_start": ("Windows PowerShell", 400),
            "ps_classic_provider_start": ("Windows PowerShell", 600)}
SERVICE = {"security": "Security", "system": "System", "application": "Application", "msexchange-management": "MSExchange Management", "powershell": POWERSHELL,
           "powershell-classic": "Windows PowerShell", "taskscheduler": "Microsoft-Windows-TaskScheduler/Operational", "windefend": DEFENDER, "sysmon": SYSMON,
           "bits-client": "Microsoft-Windows-Bits-Client/Operational", "wmi": "Microsoft-Windows-WMI-Activity/Operational",
           "terminalservices-localsessionmanager": "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
           "applocker": "Microsoft-Windows-AppLocker/EXE and DLL", "codeintegrity-operational": "Microsoft-Windows-CodeIntegrity/Operational",
           "appxdeployment-server": "Microsoft-Windows-AppXDeploymentServer/Operational", "firewall-as": "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
           "dns-server": "DNS Server", "ntlm": "Microsoft-Windows-NTLM/Operational", "capi2": "Microsoft-Windows-CAPI2/Operational", "openssh": "OpenSSH/Operational",
           "lsa-server": "Microsoft-Windows-LSA/Operational", "security-mitigations": "Microsoft-Windows-Security-Mitigations/Kernel Mode",
           "smbclient-security": "Microsoft-Windows-SmbClient/Security", "printservice-admin": "Microsoft-Windows-PrintService/Admin"}
# Answered out of other fields, which the rule's own record would have to spell.
MADE = {"md5", "sha1", "sha256", "imphash", "taskcommand", "hostapplication", "targetkey", "targetvalue", "hash", "message"}
HEAD = {"eventid": "event_id", "channel": "channel", "provider_name": "provider", "computer": "computer", "level": "level"}
LEVEL = {"critical": 1, "error": 2, "warning": 3, "information": 4, "verbose": 5}
COMPUTER, ROOM = "EXCH01.bakery.example", 30000


def same(name):
    return re.sub(r"[ _]", "", name).lower()


class Record:
    def __init__(self, head, data):
        self.head, self.data = head, data

    def field(self, name):
        if name.lower() in HEAD:
            value = self.head[HEAD[name.lower()]]
            own = [v for k, v in self.data.items() if same(k) == "channel" == name.lower()] if isinstance(self.data, dict) else []
            return [str(value)] + [k for k, v in LEVEL.items() if name.lower() == "level" and v == value] + own
        if isinstance(self.data, list):
            return [d for d in self.data if same(name) == "data"]
        return [v for k, v in self.data.items() if same(k) == same(name)]

    def raws(self):
        return ["\n".join(v for v in (self.data if isinstance(self.data, list) else self.data.values()) if v)]


def source(rule):
    if rule.category:
        return CATEGORY.get(rule.category, (None, None)) if not rule.service else (None, None)
    return SERVICE.get(rule.service), 0


def records(atoms, rule):
    channel, number = source(rule)
    head = {"channel": channel, "event_id": number or 1, "provider": "Lab", "computer": COMPUTER, "level": 4}
    field, keywords, unnamed = {}, [], False
    for a in atoms:
        if a.field is None:
            keywords.append(a)
        elif a.field.lower() in MADE:
            raise Unsupported("%s is made of other fields" % a.field)
        elif a.value is None or "exists" in a.mods:
            if "exists" in a.mods and a.value:
                field.setdefault(a.field, [])
        else:
            field.setdefault(a.field, []).append(a)
    texts = {}
    for name, list_ in field.items():
        numbers = [a for a in list_ if {"gt", "gte", "lt", "lte"} & set(a.mods)]
        if numbers:
            texts[name] = [str(int(float(numbers[0].value)) + (1 if "gt" in numbers[0].mods else -1 if "lt" in numbers[0].mods else 0))]
        else:
            texts[name] = list(itertools.islice(composed([a for a in list_ if "neq" not in a.mods]), 6)) if list_ else ["x"]
    for name in [n for n in texts if n.lower() in HEAD]:
        value = texts.pop(name)[0]
        key   = HEAD[name.lower()]
        if key == "channel" and value != channel:             # of a log that was cleared
            texts["Channel"] = [value]
            continue
        value = str(LEVEL.get(value.lower(), value)) if key == "level" else value
        head[key] = int(value) if key in ("event_id", "level") and value.isdigit() else value
    if number and rule.category not in ("registry_event", "pipe_created", "wmi_event", "file_delete"):
        head["event_id"] = number
    unnamed = bool(keywords) or any(same(n) == "data" for n in texts)
    most = max([len(v) for v in texts.values()] + [1])
    for i in range(most):
        data = {n: v[min(i, len(v) - 1)] for n, v in texts.items()}
        if not unnamed:
            yield Record(dict(head), data or {"Other": "x"})
            continue
        plain = [v for n, v in data.items() if same(n) == "data"]
        if len(plain) != len(data):
            for word in itertools.islice(composed(keywords), 3) if keywords else []:
                yield Record(dict(head), dict(data, Other=word))
            continue
        for word in itertools.islice(composed(keywords), 6) if keywords else [None]:
            yield Record(dict(head), plain + ([word] if word else []))


def made(rule, ways, want):
    why = "no record was found that it fits"
    for way in ways:
        try:
            for r in records(way, rule):
                if sum(len(str(v)) for v in (r.data if isinstance(r.data, list) else r.data.values())) < ROOM and rule.fits(r) == want:
                    return r, way, ""
        except Unsupported as e:
            why = str(e)
    return None, None, why


def rows_of(rule):
    good, way, why = made(rule, rule.ways(200), True)
    if not good:
        return [], why
    out = [("fits", good)]
    excluded, _, _ = made(rule, rule.ways_filtered(60), False)
    if excluded:
        out.append(("excluded", excluded))
    for i, atom in enumerate(way):
        twin, _, _ = made(rule, [way[:i] + way[i + 1:]], False)
        if twin and len(out) < 4:
            out.append(("without %s" % (atom.field or "keyword"), twin))
    return out, ""


def load(folder):
    rules, untried = [], []
    for file, content in rule_files(folder):
        if file.startswith(("unsupported/", "deprecated/", "tests/")) or not re.search(r"^detection:", content, re.M) or not re.search(r"^ *product: *windows", content, re.M):
            continue
        for doc in yaml.safe_load_all(content):
            if not doc or "logsource" not in doc or doc["logsource"].get("product") != "windows":
                continue
            try:
                rule = Rule(file, doc)
                if source(rule)[0]:
                    rules.append(rule)
            except Unsupported as e:
                untried.append((file, str(e)))
    return rules, untried


def row(n, r):
    when = "2021-03-05T%02d:%02d:%02d.0000000Z" % (9 + n // 3600, n // 60 % 60, n % 60)
    return json.dumps(dict(r.head, record=n + 1, time=when, data=r.data), ensure_ascii=False)


def written(lab, work, name, records_):
    lines, log = os.path.join(work, name + ".jsonl"), os.path.join(work, name + ".evtx")
    with open(lines, "w", encoding="utf-8", errors="replace") as f:
        f.writelines(row(n, r) + "\n" for n, r in enumerate(records_))
    subprocess.run([lab, "evtx", lines, log], check=True)
    return log


def main():
    args = [a for a in sys.argv[1:] if a != "--untried"]
    program, lab, bench, folder, work = args[:5]
    rules, untried = load(folder)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    all_ = []
    for rule in rules:
        rows, why = rows_of(rule)
        if not rows:
            untried.append((rule.file, why))
        all_ += [(what, rule, r) for what, r in rows]
    log = written(lab, work, "records", [r for _, _, r in all_])
    by_file = {}
    for rule in rules:
        by_file.setdefault(rule.file, []).append(rule)
    met = collections.defaultdict(set)
    done = subprocess.run([bench, "--rules", folder, "--met", log], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        number, _, file = line.partition("\t")
        for f in (file, os.path.relpath(file, folder)):
            if f in by_file:
                met[int(number) - 1].add(f)
    listed = subprocess.run([program, "rules", "check", folder], capture_output=True, text=True).stdout
    refused = {m.group(1) for m in re.finditer(r"^refused +(.+?\.ya?ml): ", listed, re.M)}
    failed = fired = tried = twins = pairs = 0
    for n, (what, rule, r) in enumerate(all_):
        if rule.file in refused:
            continue
        tried, twins = tried + (what == "fits"), twins + (what != "fits")
        fired += what == "fits" and rule.file in met[n]
        if what == "fits" and rule.file not in met[n]:
            print("FAILED    %s: does not fire on %s" % (rule.file, row(n, r)[:600]))
            failed += 1
        for file in met[n]:
            pairs += 1
            if not any(other.fits(r) for other in by_file[file]) and source(by_file[file][0])[0] == r.head["channel"]:
                print("FAILED    %s: fires (%s of %s) on %s" % (file, what, rule.file, row(n, r)[:600]))
                failed += 1
    ours = [(what, rule, r) for what, rule, r in all_ if rule.service == "msexchange-management"]
    failed += hunted(program, lab, folder, work, ours)
    for file, why in sorted(set(untried)) if "--untried" in sys.argv else []:
        print("untried   %s: %s" % (file, why))
    print("events    %d of %d records written for %d rules fire (%d rules untried, %d refused), %d twins, %d matches checked, %d faults"
          % (fired, tried, len(rules), len(set(untried)), len(refused & set(by_file)), twins, pairs, failed))
    return failed != 0 or fired == 0


def hunted(program, lab, folder, work, ours):
    """The rules for Exchange's own log once more, as an operator uses them: each record and twin hunted alone."""
    failed = named = 0
    for i, (what, rule, r) in enumerate(ours):
        server = os.path.join(work, "hunt", str(i))
        logs = os.path.join(server, "C", "Windows", "System32", "winevt", "Logs")
        os.makedirs(logs)
        os.rename(written(lab, work, "one", [r]), os.path.join(logs, "MSExchange Management.evtx"))
        out = os.path.join(server, "out")
        subprocess.run([program, "hunt", "--quiet", "--rules", os.path.dirname(os.path.join(folder, rule.file)), "--out", out, os.path.join(server, "C")], capture_output=True)
        with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
            found = [f for f in json.load(f)["findings"] if f["detector"].endswith("/" + os.path.splitext(os.path.basename(rule.file))[0])]
        good = what != "fits" or (len(found) == 1 and found[0]["title"] == rule.title.strip() and found[0]["evidence"][0]["record"] == 1)
        if not good or (what != "fits" and found):
            print("FAILED    %s: %s, hunted: %s" % (rule.file, what, [f["title"] for f in found]))
            failed += 1
        named += what == "fits" and good
    if ours:
        print("hunted    %d of %d rules for MSExchange Management name the record written for them, %d twins are left alone"
              % (named, sum(w == "fits" for w, _, _ in ours), sum(w != "fits" for w, _, _ in ours)))
    return failed


if __name__ == "__main__":
    sys.exit(main())
