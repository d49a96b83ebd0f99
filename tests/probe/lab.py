"""The probe against real servers on loopback: lab.py PROGRAM DIR [long].

The servers' own logs say whether every limit held: who was asked, how often, how fast, with what. In between the probe is killed (SIGKILL) at random moments and begun
again. Without "long": some 330 addresses in a few seconds. With it: 50,000 and more, five minutes, and what a probe costs beside curl and nmap.
The program is the one that is shipped, with its hard limits; there is no other.
"""
import bisect
import collections
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import servers  # noqa: E402

AGENT_URL, MAIL = "https://scan.cert.example/", "scan@cert.example"
PATHS = {"/owa/", "/ews/exchange.asmx", "/autodiscover/autodiscover.xml", "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application"}
failures = []


def check(ok, what):
    if not ok:
        failures.append(what)
        print("FAILED: " + what, flush=True)


class Probe:
    def __init__(self, program, directory, port, options):
        self.dir, self.state = directory, os.path.join(directory, "state")
        self.command = [program, "survey", "probe", "--scope", os.path.join(directory, "scope.txt"), "--opt-out", os.path.join(directory, "opt-out.txt"),
                        "--contact-url", AGENT_URL, "--contact-mail", MAIL, "--lab", "--port", str(port), "--state", self.state,
                        "--out", os.path.join(directory, "seen.jsonl")] + options
        self.cpu, self.runs = 0.0, 0

    def start(self):
        self.runs += 1
        self.process = subprocess.Popen(self.command, stdout=open(os.path.join(self.dir, "stdout.txt"), "wb"), stderr=open(os.path.join(self.dir, "stderr.txt"), "ab"))

    def reap(self):
        if self.process.returncode is None:                 # alive() may have seen its end already
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu += usage.ru_utime + usage.ru_stime
        return self.process.returncode

    def alive(self):
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if pid == 0:
            return True
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu += usage.ru_utime + usage.ru_stime
        return False

    def asks(self):
        try:
            with open(os.path.join(self.state, "journal"), "rb") as f:
                return f.read().count(b"\nask ")
        except FileNotFoundError:
            return 0

    def told(self):
        """What it printed at its end, by words."""
        got = {}
        with open(os.path.join(self.dir, "stdout.txt")) as f:
            for line in f:
                number, _, words = line.strip().partition("  ")
                if number.isdigit():
                    got[words] = int(number)
        return got


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def until_quiet(probe, want, seconds, quiet):
    """Until so many were asked, or nobody more for `quiet` seconds."""
    end, last, changed = time.time() + seconds, -1, time.time()
    while time.time() < end and probe.alive():
        n = probe.asks()
        if n != last:
            last, changed = n, time.time()
        if n >= want or time.time() - changed > quiet:
            return
        time.sleep(0.1)


def kill_and_begin_again(probe, times, least, most, rng):
    kills = 0
    for _ in range(times):
        probe.start()
        time.sleep(rng.uniform(least, most))
        if not probe.alive():
            break
        os.kill(probe.process.pid, signal.SIGKILL)
        probe.reap()
        kills += 1
    return kills


def stop_file(probe):
    name = os.path.join(probe.state, "stop")
    open(name, "w").close()
    check(probe.reap() == 0, "exit code %s" % probe.process.returncode)
    os.unlink(name)


# ---- what the logs must say ----

def journal(probe):
    """[(time, address)] of all that were going to be asked, and the addresses of whom an outcome is known."""
    asks, got = [], set()
    with open(os.path.join(probe.state, "journal")) as f:
        for line in f:
            word = line.split()
            if word[0] == "ask" and len(word) == 3 and line.endswith("\n"):
                asks.append((int(word[1]) / 1e6, word[2]))
            elif word[0] == "got" and line.endswith("\n"):
                got.add(word[2])
    return asks, got


def check_rates(rows, asks, limits, as_of):
    """By the probe's own journal no two are closer than a limit allows; by the servers' log no second has more than that, give or take the time that lies between the two."""
    first = {row[1]: row[0] for row in rows if row[3] == 1}
    lag = [first[a] - t for t, a in asks if a in first]
    jitter = max(lag) - min(min(lag), 0) if lag else 0
    print("  from the journal to the servers' log: %.0f ms at the most, %.0f ms on average" % (1000 * max(lag), 1000 * sum(lag) / len(lag)))
    for name, rate, key in (("in all", limits[0], lambda a: ""), ("of a /24", limits[1], lambda a: a.rsplit(".", 1)[0]), ("of an AS", limits[2], as_of)):
        places = []
        for source in (asks, [(t, a) for a, t in first.items()]):
            times = collections.defaultdict(list)
            for t, a in source:
                if key(a) is not None:
                    times[key(a)].append(t)
            places.append(times)
            for at in times.values():
                at.sort()
        closest = min((y - x for at in places[0].values() for x, y in zip(at, at[1:])), default=9.0)
        worst = max((bisect.bisect_left(at, t + 1.0) - i for at in places[1].values() for i, t in enumerate(at)), default=0)
        print("  %s: %.1f ms between two at least, %.1f allowed; at most %d in a second of the log, %g allowed; %d places" %
              (name, 1000 * closest, 1000 / rate, worst, rate, len(places[0])))
        check(closest >= 1 / rate - 0.0005, "rate %s: %.1f ms" % (name, 1000 * closest))
        check(worst <= rate * (1 + jitter) + 1, "rate %s: %d in a second of the log" % (name, worst))


def check_requests(rows, in_scope, opted_out):
    by_address, connections = collections.Counter(), collections.defaultdict(set)
    for at, address, connection, number, request, status, agent, sender, secrets, sni in rows:
        by_address[address] += 1
        connections[address].add(connection)
        check(in_scope(address), "outside the scope: " + address)
        check(address not in opted_out, "opted out: " + address)
        method, path, version = request.split(" ")
        check(method == "GET" and version == "HTTP/1.1", "request: " + request)
        logon = "/owa/auth/logon.aspx?url=https%%3a%%2f%%2f%s%%2fowa%%2f&reason=0" % ("%%5b%s%%5d" % address if ":" in address else address)
        check(path in PATHS or path == logon, "path: " + request)
        check(agent.startswith("afterpatch/") and AGENT_URL in agent and MAIL in agent and sender == MAIL, "who asks: %s, %s" % (agent, sender))
        check(secrets in ("", "--"), "cookie or login: " + secrets)
    most = max(by_address.values(), default=0)
    twice = [a for a, c in connections.items() if len(c) > 1]
    print("  %d requests to %d addresses, at most %d each; %d addresses with a second connection" % (len(rows), len(by_address), most, len(twice)))
    check(most <= 2, "more than two requests")
    check(not twice, "asked twice: %s" % twice[:5])
    return by_address


def check_missing(missing, asks, outcomes, kills):
    """Whom the servers have not seen was under way when the probe was killed: in the journal, without an outcome. Nobody was forgotten."""
    under_way = {a for _, a in asks} - outcomes
    print("  %d kills; %d addresses were under way then, and %d of them had not got their request" % (kills, len(under_way), len(missing)))
    check(missing <= under_way, "not asked: %s" % sorted(missing - under_way)[:9])
    check(len(asks) == len({a for _, a in asks}), "twice in the journal")


EXPECTED = {  # last digit: (build, means, flag that must be there)
    0: ("15.1.2176.9", "header", "exchange"), 1: ("15.0.1395", "page_path", "exchange"), 2: ("15.1.2375.17", "manifest", "exchange"),
    3: ("15.2.986.14", "header", "exchange"), 4: (None, None, "version_hidden"), 5: (None, None, "not_exchange"), 6: (None, None, "version_hidden"),
    7: ("15.1.2176.9", "header", "exchange"), 8: ("15.0.1395", "page_path", "exchange"), 9: (None, None, "not_exchange"),
}


def check_seen(path, kinds_of):
    seen = collections.Counter()
    builds = collections.Counter()
    with open(path) as f:
        for line in f:
            o = json.loads(line)
            if "ip" not in o:
                continue
            seen[o["ip"]] += 1
            kind = kinds_of(o["ip"])
            if kind is None:
                continue
            build, means, flag = EXPECTED[kind]
            check(o["reach"] == "answered" and o.get("build") == build and (means is None or o.get("means") == means) and flag in o["flags"],
                  "observation of %s: %s" % (o["ip"], line.strip()[:300]))
            # Nobody vouches for the laboratory's certificate: its O is not taken.
            check("cert_org" not in o and "self_signed" in o["flags"] and o.get("cert_name") == "EX01" and "ex01.corp.example" in o["names"] and len(o["cert_sha256"]) == 64, "certificate of " + o["ip"])
            builds[build] += 1
    check(max(seen.values(), default=0) <= 1, "two observations of one address")
    print("  %d observations; builds: %s" % (len(seen), ", ".join("%s %d" % (b, n) for b, n in sorted(builds.items(), key=str))))
    return seen


def check_odd(odd, seen_path):
    seen = {}
    with open(seen_path) as f:
        for line in f:
            o = json.loads(line)
            seen[o.get("ip")] = o
    for what, (server, reach, requests) in odd.items():
        o = seen.get(server.address)
        check(len(server.connections) <= 1, "%s: %d connections" % (what, len(server.connections)))
        check(len(server.requests) == requests, "%s: %d requests" % (what, len(server.requests)))
        if server.connections:
            check((o is None) == (reach is None) and (o is None or o["reach"] == reach), "%s: %s" % (what, o and o["reach"]))
    print("  odd servers: %d, each as it should be read" % len(odd))


# ---- the two forms ----

def prepare(directory, slow):
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    port = servers.free_port()
    nginx = servers.Nginx(os.path.join(directory, "nginx"), port)
    os.makedirs(os.path.join(directory, "odd"))
    return port, nginx, servers.odd_servers(os.path.join(directory, "odd"), port, slow)


def scope_text(lines):
    return "authority: Lab, order 1 of today\nvalid-from: 2020-01-01\nvalid-until: 2999-12-31\n" + "\n".join(lines) + "\n"


def short(program, directory):
    rng = random.Random(os.environ.get("SEED", "7"))
    port, nginx, odd = prepare(directory, False)
    try:
        nets = ["127.1.%d.%d/31" % (i, 2 * (i % 120)) for i in range(130)] + ["::1"] * servers.has_six()
        asked = {"127.1.%d.%d" % (i, 2 * (i % 120) + k) for i in range(130) for k in range(2)} | ({"::1"} if servers.has_six() else set())
        out = {"127.1.7.15", "127.1.9.18", "127.1.9.19"}
        write(os.path.join(directory, "scope.txt"), scope_text(nets))
        write(os.path.join(directory, "opt-out.txt"), "127.1.7.15 2026-01-01 T1\n127.1.9.18/31 2026-01-02 T2\nout.example.org 2026-01-03 T3\n")
        probe = Probe(program, directory, port, ["--rate", "200", "--rate-net", "2", "--seed", "11"])
        kills = kill_and_begin_again(probe, 4, 0.25, 0.7, rng)
        probe.start()
        until_quiet(probe, len(asked) - len(out), 60, 3.0)
        time.sleep(0.2)
        stop_file(probe)
        rows = nginx.requests()
        asks, outcomes = journal(probe)
        got = check_requests(rows, lambda a: a in asked, out)
        check_missing(asked - out - set(got), asks, outcomes, kills)
        check_rates(rows, asks, (200, 2, 20), lambda a: None)
        check_seen(os.path.join(directory, "seen.jsonl"), lambda ip: int(ip[-1]) if (ip.startswith("127.1.") and not ip.endswith("77")) or ip == "::1" else None)
        write(os.path.join(directory, "scope.txt"), scope_text([s.address for s, _, _ in odd.values()]))
        probe.start()
        check(probe.reap() == 0, "exit code %s" % probe.process.returncode)
        check_odd(odd, os.path.join(directory, "seen.jsonl"))
        # Who has been asked today is not asked again, by whatever scope file.
        write(os.path.join(directory, "scope.txt"), scope_text(nets[:10]))
        probe.start()
        check(probe.reap() == 0 and probe.told().get("addresses asked", 0) <= kills, "the next run: %s" % probe.told())
        # A second probe with the same memory is refused while the first one runs; SIGTERM ends the first.
        write(os.path.join(directory, "scope.txt"), scope_text(["127.3.0.0/24"]))
        probe.start()
        time.sleep(0.6)
        second = subprocess.run(probe.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        check(second.returncode == 1 and b"another probe" in second.stderr, "two at once: %r" % second.stderr[:200])
        os.kill(probe.process.pid, signal.SIGTERM)
        check(probe.reap() == 0 and 1 <= probe.told().get("addresses asked", 0) <= 5, "SIGTERM: %s" % probe.told())
        samples = os.listdir(os.path.join(probe.state, "samples")) if os.path.isdir(os.path.join(probe.state, "samples")) else []
        check("README" in samples and len(samples) >= 2, "samples: %s" % samples)
    finally:
        nginx.close()
        for server, _, _ in odd.values():
            server.close()


def long(program, directory):
    rng = random.Random(os.environ.get("SEED"))
    port, nginx, odd = prepare(directory, True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    try:
        # 196 networks of 256: at 2 a second each and 200 in all the rate in all is what counts.
        nets = ["127.1.0.0/17", "127.1.128.0/18", "127.1.192.0/22", "127.2.0.0/26"]
        total = 196 * 256
        out = {"127.1.%d.%d" % (i, k) for i in range(0, 196, 7) for k in range(16, 24)}
        write(os.path.join(directory, "scope.txt"), scope_text(nets))
        write(os.path.join(directory, "opt-out.txt"), "".join("127.1.%d.16/29 2026-01-01 T%d\n" % (i, i) for i in range(0, 196, 7)) + "out.example.org 2026-01-03 T3\n")
        write(os.path.join(directory, "asn.csv"), "network,asn\n127.1.0.0/22,64500\n127.1.4.0/22,64501\n")
        probe = Probe(program, directory, port, ["--rate", "200", "--rate-net", "2", "--rate-asn", "5", "--asn", os.path.join(directory, "asn.csv")])
        began = time.time()
        kills = kill_and_begin_again(probe, 12, 0.5, 12, rng)
        probe.start()
        # In the middle of it somebody opts out.
        late_at = time.time() + 60
        time.sleep(60)
        late = {"127.1.%d.%d" % (n, i) for n in (100, 101) for i in range(256)}
        with open(os.path.join(directory, "opt-out.txt"), "a") as f:
            f.write("127.1.100.0/23 2026-11-23 T9\n")
        late_at = time.time() + 1.5
        until_quiet(probe, total + 64, 1800, 12)
        os.kill(probe.process.pid, signal.SIGINT)
        check(probe.reap() == 0, "exit code %s" % probe.process.returncode)
        print("  %.0f s, %d runs" % (time.time() - began, probe.runs))
        rows = nginx.requests()
        asks, outcomes = journal(probe)
        def in_scope(a):
            n = [int(x) for x in a.split(".")]
            return n[:2] == [127, 1] and n[2] < 196 or n[:3] == [127, 2, 0] and n[3] < 64
        got = check_requests(rows, in_scope, out)
        check(all(r[0] < late_at for r in rows if r[1] in late), "asked after it opted out")
        busy = sum(a.startswith("127.2.") for a in got)
        check(busy <= 10, "%d of a network that has too much to do" % busy)
        missing = {"127.1.%d.%d" % (n, i) for n in range(196) for i in range(256)} - out - late - set(got)
        print("  %d addresses opted out in time" % len(late - set(got)))
        check_missing(missing, asks, outcomes, kills)
        asn = {"127.1.%d" % i: i // 4 for i in range(8)}
        check_rates(rows, asks, (200, 2, 5), lambda a: asn.get(a.rsplit(".", 1)[0]))
        check_seen(os.path.join(directory, "seen.jsonl"), lambda ip: int(ip[-1]) if ip.startswith("127.1.") and not ip.endswith("77") else None)
        asked = len(got)
        write(os.path.join(directory, "scope.txt"), scope_text([s.address for s, _, _ in odd.values()]))
        used = probe.cpu
        probe.start()
        until_quiet(probe, 1 << 30, 30, 18)
        os.kill(probe.process.pid, signal.SIGTERM)
        probe.reap()
        check_odd(odd, os.path.join(directory, "seen.jsonl"))
        print("  CPU of the probe: %.3f ms for each of %d addresses (%d requests)" % (1000 * used / asked, asked, len(rows)))
        cost(program, directory, port)
    finally:
        nginx.close()
        for server, _, _ in odd.values():
            server.close()


def children():
    u = resource.getrusage(resource.RUSAGE_CHILDREN)
    return u.ru_utime + u.ru_stime


def cost(program, directory, port):
    """CPU of the probe, curl and nmap for one address of the same servers, with one request each."""
    n = 600
    write(os.path.join(directory, "scope.txt"), scope_text(["127.5.%d.%d" % (i % 200, 10 * (1 + i // 200)) for i in range(n)]))
    probe = Probe(program, directory, port, ["--rate", "200", "--rate-net", "2"])
    probe.state += "-cost"
    probe.command[probe.command.index("--state") + 1] = probe.state
    probe.start()
    check(probe.reap() == 0 and probe.told().get("requests") == n, "the probe, one request each: %s" % probe.told())
    print("  CPU of the probe, one request each: %.3f ms, journal, log and its start included" % (1000 * probe.cpu / n))
    if shutil.which("curl"):
        before, n = children(), 100
        for i in range(n):
            subprocess.run(["curl", "-sk", "-o", "/dev/null", "-D", "/dev/null", "https://127.4.0.%d:%d/owa/" % (i + 1, port)], check=False)
        print("  CPU of curl, one address a call: %.3f ms" % (1000 * (children() - before) / n))
        before = children()
        subprocess.run(["curl", "-sk", "--parallel", "--parallel-max", "20", "-s"] + sum([["-o", "/dev/null", "https://127.4.1.%d:%d/owa/" % (i + 1, port)] for i in range(200)], []), stderr=subprocess.DEVNULL, check=False)
        print("  CPU of curl, 200 addresses in one call: %.3f ms each" % (1000 * (children() - before) / 200))
    if shutil.which("nmap"):
        before = children()
        subprocess.run(["nmap", "-Pn", "-n", "-p", str(port), "--script", "ssl-cert,http-title", "--script-args", "http.useragent=lab", "127.4.2.0/25"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        print("  CPU of nmap (ssl-cert, http-title): %.3f ms each of 128" % (1000 * (children() - before) / 128))


def main():
    if not (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx")) or not shutil.which("openssl"):
        print("skipped: no nginx here")
        return 77
    program, directory = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    (long if sys.argv[3:] == ["long"] else short)(program, directory)
    print("probe lab: %s" % ("%d failures" % len(failures) if failures else "every limit held"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
