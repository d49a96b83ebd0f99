"""A recorded attack, published as lines of JSON, as event logs again: which stage gives which finding? otrf.py PROGRAM LAB DIR WORK

DIR holds *.json of OTRF's Security-Datasets for ProxyLogon (proxylogon_ssrf_rce_poc, a laboratory server of 2021-03-14): one object a line, fields of EventData
beside those of System, and the rendered message. The lab writes them as one log a channel (lab evtx), and a hunt reads nothing but these. Records without named
fields become items: the message, or, of MSExchange Management, the cmdlet and its parameters that its message is made of.

The stages are those that the data themselves tell of. Each must give a finding; what the verdict makes of it all is printed below the table.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

HEAD = {"SourceName", "ProviderGuid", "Level", "Keywords", "Channel", "Hostname", "TimeCreated", "@timestamp", "EventID", "Message", "Task", "Version", "Opcode", "RecordNumber"}
STAGES = [
    ("forged request to the admin centre (Application 4)", r"control-panel-forged$", None),
    ("script written into a virtual directory (MSExchange Management 1)", r"mgmt-set-script$", None),
    ("the directory reset, first half (MSExchange Management 1)", r"mgmt-remove-force$", None),
    ("page dropped over the server's own share (Security 5145)", r"page-by-own-share$", "ohyeah.aspx"),
    ("page dropped (Sysmon 11)", r"(file-by-remote|exchange-writes-page)$", "ohyeah.aspx"),
    ("command under the web server's worker (Sysmon 1, 4688)", r"(proc-web-worker-recon|exchange-worker-shell)$", "whoami"),
]


def items(d):
    m = re.match(r"Cmdlet \w+\. Cmdlet (\S+), parameters (.*)\.$", d.get("Message") or "", re.S)
    if d["Channel"] == "MSExchange Management" and m:
        return [m.group(1), m.group(2)]
    return [d["Message"]] if d.get("Message") else []


def row(d):
    data = {k: "" if v is None else str(v) for k, v in d.items() if k not in HEAD}
    when = re.sub(r"(\.\d{3})Z$", r"\g<1>0000Z", d["TimeCreated"])
    return {"time": when, "channel": d["Channel"], "provider": d["SourceName"], "event_id": int(d["EventID"]), "computer": d["Hostname"],
            "level": int(d["Level"]) if str(d["Level"]).isdigit() else 4, "data": data or items(d)}


def main():
    program, lab, folder, work = sys.argv[1:5]
    logs = os.path.join(work, "C", "Windows", "System32", "winevt", "Logs")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(logs)
    channel, n = {}, 0
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path, encoding="utf-8") as f:
            for line in f:
                d = json.loads(line)
                channel.setdefault(d["Channel"], []).append(row(d))
                n += 1
    for name, rows in channel.items():
        lines = os.path.join(work, "rows.jsonl")
        with open(lines, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(dict(r, record=i + 1), ensure_ascii=False) + "\n" for i, r in enumerate(rows))
        subprocess.run([lab, "evtx", lines, os.path.join(logs, name.replace("/", "%4") + ".evtx")], check=True)
    out = os.path.join(work, "out")
    subprocess.run([program, "hunt", "--quiet", "--out", out, os.path.join(work, "C")], stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        report = json.load(f)
    missed = 0
    for stage, rule, text in STAGES:
        found = sorted({"%s (%s)" % (f["detector"].split(":")[-1], f["severity"]) for f in report["findings"]
                        if re.search(rule, f["detector"]) and (not text or text in json.dumps(f))})
        missed += not found
        print("%-68s %s" % (stage, ", ".join(found) or "MISSED"))
    c = report["campaigns"][0]
    print("%d records of %d channels: verdict %s, exploitation %s, back door %s, use %s; pages: %s" % (
        n, len(channel), c["verdict"], c["exploitation"]["state"], c["back_door"]["state"], c["use"]["state"],
        ", ".join("%s (%s, %s)" % (b["path"].rsplit("\\", 1)[-1], b["state"], b["use"]["state"]) for b in report["back_doors"]) or "none"))
    return 1 if missed or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
