"""`afterpatch contact look` as it is shipped, against servers at real ports: lookup_lab.py PROGRAM DIR.

It runs in a network of its own that has nothing but a loopback with one public address: nothing can leave. Where the system allows no such network CTest says "Skipped".
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM, DIR = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
AT = "9.9.9.9"


def skip(why):
    print("left out: " + why)
    sys.exit(77)


if len(sys.argv) == 3:
    if not shutil.which("unshare") or not shutil.which("openssl"):
        skip("unshare or openssl is missing")
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0:
        skip("no network of one's own is allowed here")
    os.execvp("unshare", ["unshare", "-rn", sys.executable, "-B", __file__, PROGRAM, DIR, "inside"])

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:        # lo up, and the address on it
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))
    fcntl.ioctl(s, 0x8916, struct.pack("16sHH4s8x", b"lo:0", socket.AF_INET, 0, socket.inet_aton(AT)))

shutil.rmtree(DIR, ignore_errors=True)
os.makedirs(DIR)
os.chdir(DIR)
servers = subprocess.Popen([sys.executable, "-B", HERE + "/lookup_servers.py", DIR, AT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert servers.stdout.readline().split() == ["53", "443", "43"], "the servers do not start"


def run(*words, code=0):
    r = subprocess.run([PROGRAM, *words], capture_output=True, text=True, env={"PATH": os.environ["PATH"], "USER": "ada", "HOME": DIR, "https_proxy": "http://127.0.0.1:9", "ASAN_OPTIONS": "detect_leaks=0"})
    assert r.returncode == code, "%s: %d\n%s%s" % (" ".join(words), r.returncode, r.stdout, r.stderr)
    return r.stdout


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
servers.stdin.close()
servers.wait()
print("looked up: 1 case, %d questions seen by the servers" % len(log))
