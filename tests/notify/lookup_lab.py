"""`afterpatch contact look` as it is shipped, against servers at real ports: lookup_lab.py PROGRAM CRASHING DIR.

It runs in a network of its own that has nothing but a loopback with one public address: nothing can leave. Where the system allows no such network CTest says "Skipped".
CRASHING is the program with a file that brings its reader down (tests/guard/crash.c). What courier and worker hold is read from /proc while a question is under way.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM, CRASHING, DIR = (os.path.abspath(p) for p in sys.argv[1:4])
AT = "9.9.9.9"


def skip(why):
    print("left out: " + why)
    sys.exit(77)


if len(sys.argv) == 4:
    if not shutil.which("unshare") or not shutil.which("openssl"):
        skip("unshare or openssl is missing")
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0:
        skip("no network of one's own is allowed here")
    sys.path.insert(0, HERE + "/../campaign")
    import stores
    try:
        cluster = stores.Cluster()                     # out here: it refuses to be root
    except FileNotFoundError as e:
        print("without PostgreSQL: %s" % e)
        cluster = None
    try:
        sys.exit(subprocess.run(["unshare", "-rn", sys.executable, "-B", __file__, PROGRAM, CRASHING, DIR, "postgresql:///postgres?host=%s&user=postgres" % cluster.dir if cluster else "none"]).returncode)
    finally:
        if cluster:
            cluster.stop()

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:        # lo up, and the address on it
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))
    fcntl.ioctl(s, 0x8916, struct.pack("16sHH4s8x", b"lo:0", socket.AF_INET, 0, socket.inet_aton(AT)))

shutil.rmtree(DIR, ignore_errors=True)
os.makedirs(DIR)
os.chdir(DIR)
servers = subprocess.Popen([sys.executable, "-B", HERE + "/lookup_servers.py", DIR, AT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert servers.stdout.readline().split() == ["53", "443", "43"], "the servers do not start"


ENV = {"PATH": os.environ["PATH"], "USER": "ada", "HOME": DIR, "https_proxy": "http://127.0.0.1:9", "ASAN_OPTIONS": "detect_leaks=0", "PGPASSWORD": "a secret"}


def run(*words, code=0, program=(PROGRAM,)):
    r = subprocess.run([*program, *words], capture_output=True, text=True, env=ENV)
    assert r.returncode == code, "%s: %d\n%s%s" % (" ".join(words), r.returncode, r.stdout, r.stderr)
    return r.stdout if program == (PROGRAM,) else r.stdout + r.stderr


def asked():
    lines = open("log").read().splitlines() if os.path.exists("log") else []
    if lines:
        os.remove("log")
    return lines


def event(ip, host):
    return json.dumps({"__type": "Event", "feed.name": "test", "feed.provider": "CERT Example", "feed.accuracy": 95.0, "time.source": "2021-03-06T14:02:11+00:00",
                       "time.observation": "2021-03-06T15:30:00+00:00", "classification.taxonomy": "intrusions", "classification.type": "system-compromise",
                       "classification.identifier": "exchange-server-webshell", "source.ip": ip, "source.port": 443, "source.fqdn": host, "source.asn": 64500, "extra.version": "15.1.2106"})


with open("idf.json", "w") as f:
    f.write(event("9.9.8.7", "mail.bakery.example") + "\n")
with open("notify.yaml", "w") as f:
    f.write("team:\n  name: CERT Example\n  address: notify@cert.example\n  domain: cert.example\n  bounce: bounce.cert.example\n  reply: reply.cert.example\n  phone_page: https://cert.example/phone\n"
            "  official: https://cert.example/\n  privacy: https://cert.example/privacy\n  prefix: CERT-EX\n  postal: [CERT Example, 1 Road]\n  language: en\nmta:\n  host: 127.0.0.1:25\n  hello: cert.example\n")
STORE = ["--store", "s.db"]
LOOK = ["contact", "look", "--all", *STORE, "--dns", AT + ":53", "--ca", "ca.pem", "--rdap", "https://rdap.example/"]
run("case", "import", *STORE, "--campaign", "proxylogon", "idf.json")
run("case", "update", *STORE)

# Offline nothing leaves; online a case is looked up whole.
assert "is not in the cache" in run(*LOOK) and asked() == []
got = json.loads(run(*LOOK, "--online", "--whois", "--json"))
log = asked()
assert got["sums"]["failed"] == 0 and got["sums"]["contacts"] >= 10 and got["sums"]["mx"] >= 4, got
gets = [(l.split()[1], float(l.split()[-1])) for l in log if l.startswith("get ")]
assert [h for h, _ in gets] == ["bakery.example", "rdap.example", "rdap.example", "other-rdap.example"], gets
assert all("afterpatch/" in l and "(CERT Example) notify@cert.example - " in l for l in log if l.startswith("get ")), log
# One question a second a host, also between two questions of one case.
for i, (host, when) in enumerate(gets):
    for other, later in gets[i + 1:]:
        assert other != host or later - when >= 0.9, gets
# The ladder, and where its mail goes.
show = json.loads(run("contact", "show", "2021-000001", *STORE, "--all", "--json"))
best = {c["address"]: c for c in show["contacts"]}
assert best["security@bakery.example"]["rung"] == 3 and best["security@bakery.example"]["grade"] == "B" and best["security@bakery.example"]["path"] == "compromised", best
assert best["abuse@bakery.example"]["rung"] == 5 and best["abuse@registrar.example"]["rung"] == 11, best
# It has somebody to tell now: --all leaves it out. Named, the cache answers.
got = json.loads(run(*LOOK, "--online", "--json"))
assert got["cases"] == [] and got["skipped"] == 1 and asked() == []
got = json.loads(run("contact", "look", "2021-000001", *STORE, "--json"))
assert got["sums"]["asked"] == 0 and got["sums"]["cached"] > 3 and asked() == [], got


# --- what each process holds, while a question is under way: the servers sleep ---

def field(pid, name):
    return next(l.split(None, 1)[1].strip() for l in open("/proc/%d/status" % pid) if l.startswith(name + ":"))


def below(pid):
    kids = [int(p) for p in os.listdir("/proc") if p.isdigit() and os.path.exists("/proc/%s/status" % p) and field(int(p), "PPid") == str(pid)]
    return kids + [k for kid in kids for k in below(kid)]


def opened(pid):
    return {int(f): os.readlink("/proc/%d/fd/%s" % (pid, f)) for f in os.listdir("/proc/%d/fd" % pid)}


def internet():
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        found |= {"socket:[%s]" % l.split()[9] for l in open("/proc/net/" + name).read().splitlines()[1:]}
    return found


def asleep(*words):
    """The program at a question that nobody answers, its courier, and its worker."""
    servers.send_signal(signal.SIGSTOP)
    p = subprocess.Popen([PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV)
    for _ in range(500):
        time.sleep(0.02)
        all_ = [k for k in below(p.pid) if os.path.exists("/proc/%d/status" % k)]
        courier = [k for k in all_ if field(k, "Name") == "courier" and field(k, "Seccomp") == "2"]
        worker = [k for k in all_ if field(k, "Name") != "courier" and field(k, "Seccomp") == "2"]
        if courier and worker and set(opened(courier[0]).values()) & internet():
            return p, courier[0], worker[0]
    raise AssertionError("no courier is at work: " + p.stderr.read())


with open("more.json", "w") as f:
    f.write(event("9.9.8.7", "mail.bakery.example") + "\n" + event("9.9.8.66", "mail.archive.example") + "\n" + event("2001:4860::66", "mail.signed.example") + "\n")
run("case", "import", *STORE, "--campaign", "proxylogon", "more.json")
run("case", "update", *STORE)
AGAIN = ["contact", "look", "2021-000001", "mail.archive.example", *LOOK[3:], "--online", "--again", "--json"]
p, courier, worker = asleep(*AGAIN)
held, store = opened(courier), os.path.join(DIR, "s.db")
assert [held[i] for i in range(3)] == ["/dev/null"] * 3 and all(v.startswith("socket:") for k, v in held.items() if k > 2), held
assert field(courier, "NoNewPrivs") == "1" and set(open("/proc/%d/environ" % courier, "rb").read()) <= {0}
held = opened(worker)
assert store in held.values() and not set(held.values()) & internet(), held
for pid in [p.pid] + [k for k in below(p.pid) if k not in (courier, worker)]:      # those that are not in a sandbox read nothing and ask nobody
    assert store not in opened(pid).values() and not set(opened(pid).values()) & internet(), opened(pid)
# Ctrl-C: after the question under way, in order; nobody is left behind.
everybody = [p.pid, *below(p.pid)]
p.send_signal(signal.SIGINT)
out, err = p.communicate(timeout=60)
got = json.loads(out)
assert p.returncode == 0 and got["left"] >= 1 and not err, (p.returncode, out, err)
assert not [k for k in everybody if os.path.exists("/proc/%d" % k)]
servers.send_signal(signal.SIGCONT)
# A courier that is killed: that question is broken, and told; the next ones are answered.
p, courier, worker = asleep(*AGAIN)
os.kill(courier, signal.SIGKILL)
servers.send_signal(signal.SIGCONT)
out, err = p.communicate(timeout=60)
got = json.loads(out)
assert p.returncode == 0 and got["left"] == 0 and got["sums"]["contacts"] >= 0, (out, err)
assert any("the process that asks the network died at" in n for n in got["cases"][0]["notes"]), got
# A worker that is killed: another goes on, with a courier of its own.
p, courier, worker = asleep(*[w for w in AGAIN if w != "--json"])
os.kill(worker, signal.SIGKILL)
servers.send_signal(signal.SIGCONT)
out, err = p.communicate(timeout=60)
assert p.returncode == 0 and "2 of 2 cases" in out and "taken up again" in err, (out, err)

# --- what brings its reader down is left out, and told; the rest is looked up ---

SPLIT = "inetnum: 9.9.8.0 - 9.9.8.15\nnetname: BAKERY\nabuse-c: AB\n\nrole: Desk\nnic-hdl: AB\nabuse-mailbox: %s@bakery.example\n"
for name in ("first", "bad", "last"):
    with open(name + ".db", "w") as f:
        f.write(SPLIT % name)
out = run("contact", "look", *STORE, "--from", "first.db,bad.db,last.db", code=1, program=(CRASHING, "segv", "any", "bad.db"))
assert out.count("first.db: 1 contacts") == 1 and out.count("last.db: 1 contacts") == 1 and "bad.db: " not in out.replace("twice and was left out: bad.db", "").split("note")[0], out
assert out.count("brought its reader down twice and was left out: bad.db") == 1, out
os.makedirs("iana", exist_ok=True)
for name in ("ipv4", "ipv6"):
    with open("iana/%s.json" % name, "w") as f:
        f.write('{"services":[[["9.0.0.0/8"],["https://rdap.example/"]]]}')
run("case", "update", *STORE)
CASES = ["mail.signed.example", "mail.archive.example"]
online = [w for w in LOOK[3:] if w not in ("--rdap", "https://rdap.example/")] + ["--online", "--again", "--bootstrap", "iana"]
out = run("contact", "look", *CASES, *online, code=1, program=(CRASHING, "segv", "any", "ipv6.json"))
assert "left out" in out and "1 of 2 cases" in out, out
out = run("contact", "look", *CASES, *online, "--json", code=1, program=(CRASHING, "segv", "any", "ipv6.json"))
got = json.loads(out[:out.rindex("}") + 1][out.index("{"):])
assert len(got["cases"]) == 2 and "left out" in got["cases"][0]["notes"][-1] and got["left"] == 1, got

# --- PostgreSQL: the connection is open, and nothing else ---

if sys.argv[4] != "none":
    PG = ["--store", sys.argv[4]]
    run("case", "import", *PG, "--campaign", "proxylogon", "idf.json", "more.json")
    run("case", "update", *PG)
    words = ["contact", "look", "--all", *PG, *LOOK[5:], "--online"]
    p, courier, worker = asleep(*words)
    assert all(v.startswith("socket:") for k, v in opened(courier).items() if k > 2) and not set(opened(worker).values()) & internet()
    assert b"postgresql" not in open("/proc/%d/cmdline" % courier, "rb").read()
    servers.send_signal(signal.SIGCONT)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 0 and "3 of 3 cases" in out and not err, (out, err)
    best = {c["address"]: c for c in json.loads(run("contact", "show", "mail.bakery.example", *PG, "--all", "--json"))["contacts"]}
    assert best["abuse@bakery.example"]["rung"] == 5, best

servers.stdin.close()
servers.wait()
print("looked up: 1 case, %d questions seen by the servers" % len(log))
