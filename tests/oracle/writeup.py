#!/usr/bin/python3
"""A published victim's log lines (helsecert/2021-march-exchange, README.md, 2021-03-11) as evidence.

The page quotes rows of HttpProxy, ECP Server and IIS logs with most columns left out. This script puts them back into logs
with just those columns, hunts them, and compares with what the page says happened: sessions obtained (241), settings written and
reset, script text planted, the page asked for (200) and gone later (302), and never used.
"""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys

program, page, work = sys.argv[1], pathlib.Path(sys.argv[2]).read_text("utf-8"), pathlib.Path(sys.argv[3])
blocks = re.findall(r"```[a-z]*\n(.*?)```", page, re.S)
logging = work / "C" / "Program Files" / "Microsoft" / "Exchange Server" / "V15" / "Logging"
iis = work / "C" / "inetpub" / "logs" / "LogFiles" / "W3SVC1"
for d in (logging / "HttpProxy" / "Ecp", logging / "ECP" / "Server", iis):
    d.mkdir(parents=True)

proxy = next(b for b in blocks if '"AnchorMailbox"' in b)
rows = list(csv.reader(io.StringIO("\n".join(l for l in proxy.splitlines() if l.startswith('"')))))
with open(logging / "HttpProxy" / "Ecp" / "HttpProxy_2021030306-1.LOG", "w", newline="\r\n") as f:
    f.write("#Software: Microsoft Exchange Server\n#Log-type: HttpProxy Logs\n#Fields: " + ",".join(rows[0]) + "\n")
    csv.writer(f, lineterminator="\n").writerows(rows[1:])

ecp = next(b for b in blocks if "Set-OabVirtualDirectory" in b)
with open(logging / "ECP" / "Server" / "ECPServer20210303-1.LOG", "w", newline="\r\n") as f:
    f.write("#Software: Microsoft Exchange Server\n#Log-type: ECP Server Log\n#Fields: TimeStamp,ServerName,EventId,EventData\n")
    for line in ecp.splitlines():
        if re.match(r"\d{4}-", line):
            time, data = line.split(",", 1)
            f.write(time + ',servernavn,ECP.Request,"' + data + ';S:URL=/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory"\n')

lines = [l for b in blocks for l in b.splitlines() if re.match(r"\d{4}-\d\d-\d\d \d\d:", l)]
with open(iis / "u_ex210305.log", "w", newline="\r\n") as f:
    f.write("#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port "
            "cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n")
    f.write("\n".join(sorted(lines)) + "\n")

out = work / "report"
subprocess.run([program, "hunt", "--quiet", "--out", out, work / "C"], check=False)
report = json.loads((out / "report.json").read_text())
campaign = report["campaigns"][0]
found = {}
for x in report["findings"]:
    found[x["detector"]] = found.get(x["detector"], 0) + x["count"]
doors = {d["path"].rsplit("\\", 1)[-1].lower(): d for d in report["back_doors"]}
door = doors.get("redirsuiteserverproxy.aspx", {})
keys = {d["key"] for d in report["back_doors"]} | {k for i in report["intruders"] for k in i["keys"]}

wanted = [
    ("exploitation succeeded", campaign["exploitation"]["state"] == "succeeded"),
    ("two sessions by 241", found.get("sigma:proxylogon/httpproxy-session") == 2),
    ("SetObject answered 200", found.get("sigma:proxylogon/httpproxy-setobject") == 2),
    ("one reset answered 200", found.get("sigma:proxylogon/httpproxy-reset") == 1),
    ("script planted twice", found.get("sigma:proxylogon/ecp-set-script") == 2),
    ("the clean-up is shown", found.get("sigma:proxylogon/ecp-clean-up", 0) >= 2),
    ("mailbox look-ups are shown", found.get("sigma:proxylogon/httpproxy-autodiscover") == 2),
    ("the planted key is named", "klk123456" in keys),
    ("the page is a back door", bool(door)),
    ("asked for 5 times with 200", door.get("use", {}).get("requests") == 5),
    ("reached, not used", door.get("use", {}).get("reached") is True and door["use"]["state"] != "used"),
    ("no use on the axis", campaign["use"]["state"] == "none_seen"),
    ("no script text in the report", "Page_Load" not in json.dumps(report)),
]
bad = [name for name, ok in wanted if not ok]
for name in bad:
    print("  not as published:", name)
if bad:
    print("  verdict", campaign["verdict"], "| found", json.dumps(found, sort_keys=True), "| doors", json.dumps(report["back_doors"])[:600])
sys.exit(1 if bad else 0)
