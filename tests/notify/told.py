#!/usr/bin/env python3
"""The laboratory's campaign told in full: told.py PROGRAM LAB FOLDER [--size check|small|full] [--seed N] [--pg] [--days N,N,...]

A simulated month: what comes in each day, `case update`, `notify plan`, a second person's approval, `notify send` to a mail server on loopback, letters and calls, what people answer, `notify read`,
`notify settle`. Then against the truth: every victim told once a stage or listed with the reason why not; nobody told twice; nothing in a mail that the intruder may read; both engines alike.

The program's clock is moved by libfaketime (package faketime); without it CTest says "Skipped" (77). Nothing leaves loopback.
"""
import argparse
import collections
import csv
import datetime
import glob
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "campaign"))
import stores
import told_truth
import truth as lab_truth
import world

DAY, HOUR = 86400 * 10**6, 3600 * 10**6
START = 1614556800 * 10**6                     # 2021-03-01
SIZES = {"check": (40, 110, 40, 2), "small": (300, 900, 240, 5), "full": (20000, 60000, 3000, 12)}
DESK = {"check": 6, "small": 25, "full": 100}          # letters and calls of a day of which the desk says what became of them; the others are still with it
STEPS = {"check": [6, 9], "small": [3, 4, 5, 6, 8, 10, 13, 17, 22, 28], "full": [4, 6, 9, 14, 21]}
FAKE = [f for f in glob.glob("/usr/lib/*/faketime/libfaketime.so.1")]
failures, table = [], []


def goal(name, value, ok, want):
    table.append((name, value, want, ok))
    if not ok:
        failures.append(f"{name}: {value}, wanted {want}")


class Run:
    def __init__(self, args, made, store, folder):
        self.program, self.made, self.store, self.folder, self.size = args.program, made, store, folder, args.size
        self.truth = lab_truth.Truth(made)
        self.contacts = [json.loads(line) for line in open(made + "/contacts.jsonl")]
        os.makedirs(folder, exist_ok=True)
        self.maildir, self.log, self.paper = folder + "/reply", folder + "/mail.log", folder + "/desk"
        self.sink = world.Sink(self.log, cut=37)
        self.took = collections.Counter()
        self.answered = 0                      # of sink.mail: whose answers were delivered
        self.outcomes = {}                     # notice -> what the desk said
        self.plans, self.boards, self.refused = [], [], False
        self.plan_kills, self.kills, self.planned, self.chance = args.kills, 0, 0.3, random.Random(args.seed)
        self.now = START
        self.settings = folder + "/notify.yaml"
        with open(self.settings, "w") as f:
            f.write(f"""team:
  name: National CERT Example
  address: notify@cert.example
  domain: cert.example
  bounce: bounce.cert.example
  reply: reply.cert.example
  prefix: CERT-EX
  official: https://cert.example/
  phone_page: https://cert.example/contact
  privacy: https://cert.example/privacy
  postal: [National CERT Example, 1 Sample Street, 1010 Sampletown]
  language: de
  country: AT
mta:
  host: 127.0.0.1:{self.sink.port}
  hello: mx.cert.example
  log: {self.log}
desk:
  recipients_a_day: 100000
rates:
  all: 1000000
  provider: 1000000
  domain: 1000000
inbox:
  maildir: {self.maildir}
""")

    def call(self, *args, code=(0,), what=None):
        """The program at the simulated moment."""
        from_ = time.monotonic()
        done = subprocess.run([self.program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environ())
        self.took[what or " ".join(args[:2])] += time.monotonic() - from_
        self.now += 60 * 10**6                 # each command takes a minute of the simulated day
        self.sink.now_us = self.now
        if done.returncode not in code:
            raise SystemExit(f"told: {' '.join(args[:8])}...: exit code {done.returncode}: {done.stdout.decode('utf-8', 'replace')[-600:]} {done.stderr.decode('utf-8', 'replace')[-2000:]}")
        return done.stdout.decode("utf-8", "replace")

    def environ(self):
        return {**os.environ, "LD_PRELOAD": FAKE[0], "FAKETIME": "@" + world.stamp(self.now).strftime("%Y-%m-%d %H:%M:%S"), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1", "TZ": "UTC",
                   "TERM": "dumb", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0:allocator_may_return_null=1"}

    def verb(self, name, *args, who="ada", code=(0,)):
        return self.call("notify", name, "--store", self.store.where, "--who", who, *args, code=code)

    # ---- a day ----

    def rows_of(self, name, column, first, last, out):
        """Rows of a table that lie in these days, as a file of their own."""
        with open(f"{self.made}/casework/{name}") as f:
            r = csv.reader(f)
            head = next(r)
            at = head.index(column)
            rows = [row for row in r if first <= day_of(row[at][:10]) < last]
        if not rows:
            return []
        path = f"{self.folder}/in/{last:02d}-{name}"
        with open(path, "w", newline="") as f:
            w = csv.writer(f)
            w.writerow(head)
            w.writerows(rows)
        return [path]

    def come_in(self, first, last):
        """Files of the days first..last-1."""
        def dated(pattern):
            return [p for p in sorted(glob.glob(self.made + pattern)) if first <= day_of(re.search(r"2021-03-\d\d", os.path.basename(p))[0]) < last and os.path.getsize(p)]
        os.makedirs(self.folder + "/in", exist_ok=True)
        scans = dated("/scans/*")
        if scans:
            self.call("survey", "import", "--store", self.store.where, *scans, code=(0, 1))
        tables = dated("/casework/idf-*.jsonl") + self.rows_of("tips.csv", "when", first, last, "tips") + self.rows_of("statements.csv", "when", first, last, "statements")
        tables += [p for p in sorted(glob.glob(self.made + "/casework/links-*.csv")) if first <= int(re.search(r"links-(\d+)", p)[1]) < last]
        if first == 0:
            tables += [f"{self.made}/casework/{n}.csv" for n in ("register", "constituency", "mx")] + sorted(glob.glob(self.made + "/contacts/*.csv"))
        if tables:
            self.call("case", "import", "--store", self.store.where, "--campaign", "proxylogon", "--who", "lab", *tables, code=(0, 1))

    def hunts(self, first, last):
        """Reports of these days; by then the cases have numbers."""
        names = [n for n, r in self.truth.report.items() if first <= int(r["day"]) < last]
        if not names:
            return
        board = self.store.rows(f"SELECT {self.store.hex('ip')}, case_id FROM case_server WHERE case_id <> 0")
        case_of = {self.truth.by_ip[ip]: case for ip, case in board if ip in self.truth.by_ip}
        nonces, out = {}, []
        os.makedirs(self.folder + "/in", exist_ok=True)

        def name(server):
            return f"2021-{case_of.get(server, 999999):06d}"

        def nonce(server):
            case = case_of.get(server, 999999)
            text = "".join("abcdefghijklmnopqrstuvwxyz234567"[b & 31] for b in hashlib.sha256(f"nonce {case}".encode()).digest()[:26])
            nonces[hashlib.sha256(case.to_bytes(8, "big") + text.encode()).digest()] = case
            return text
        for n in sorted(names):
            with open(f"{self.made}/reports/{n}", "rb") as f:
                data = f.read()
            data = re.sub(rb"CASE-OF-(\d+)", lambda m: name(int(m[1])).encode(), data)
            data = re.sub(rb"NONCE-OF-(\d+)", lambda m: nonce(int(m[1])).encode(), data)
            out.append(f"{self.folder}/in/{n}")
            with open(out[-1], "wb") as f:
                f.write(data)
        self.store.run("INSERT INTO case_nonce (hash, case_id, issued_us, until_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", [(h, case, START - 90 * DAY, START + 3650 * DAY) for h, case in nonces.items()])
        self.call("case", "import", "--store", self.store.where, "--campaign", "proxylogon", "--who", "lab", *out, code=(0, 1), what="case import, reports")

    def update(self):
        self.call("case", "update", "--store", self.store.where, "--who", "lab")

    def people_answer(self):
        """What comes back for mail that arrived since the last time."""
        by_address = {}
        for c in self.contacts:
            for address, kind in ((c["list"], c["answer"]), (c["abuse"], c["abuse_answer"])):
                if address:
                    by_address.setdefault(address, kind)
        for m in self.sink.mail[self.answered:]:
            kind = by_address.get(m.rcpt, "silence")
            text = world.answer(kind, m, self.now)
            self.answered += 1
            if text:
                world.deliver(self.maildir, self.answered, text)
        if glob.glob(self.maildir + "/new/*"):
            self.verb("read", "--settings", self.settings, code=(0, 1))
            for notice, in self.store.rows("SELECT DISTINCT notice FROM notify_inbox WHERE notice <> 0 AND excerpt LIKE '%This server is not ours%'"):
                if not self.outcomes.get(notice):
                    self.outcomes[notice] = "wrong-recipient"
                    self.verb("settle", "--settings", self.settings, "--reason", "they say so", str(notice), "wrong-recipient", who="eve")

    def desk(self):
        """Letters and calls: written once; then a person says what became of them."""
        for channel, outcomes in (("post", ["posted"]), ("phone", ["reached-technical", "voicemail", "no-answer", "reached-other", "voicemail"])):
            self.verb("send", "--settings", self.settings, "--channel", channel, "--out", f"{self.paper}/{channel}", code=(0, 1))
            rows = self.store.rows(f"SELECT id, case_id FROM notify_notice WHERE channel = {2 if channel == 'post' else 1} AND state = {told_truth.HANDING} ORDER BY id")
            for notice, case in rows[:DESK[self.size]]:
                word = outcomes[case % len(outcomes)]
                self.outcomes[notice] = word
                self.verb("settle", "--settings", self.settings, "--reason", "R-" + str(notice % 10**6), str(notice), word, who="eve")

    def approve(self):
        """Who made a wave cannot approve it, nor can one approve what was not shown; a second person does. What a plan left that was killed waits like any other."""
        for wave in json.loads(self.call("notify", "show", "--store", self.store.where, "--json"))["waves"]:
            number = str(wave["wave"])
            shown = json.loads(self.call("notify", "show", "--store", self.store.where, "--json", number))
            if not self.refused:
                self.verb("approve", "--yes", shown["hash"], number, who="ada", code=(2,))
                self.verb("approve", "--yes", "0" * 64, number, who="grace", code=(2,))
                self.refused = True
            self.verb("approve", "--yes", shown["hash"], number, who="grace")

    def kill_plan(self):
        """A plan dies while it decides: what it committed is there once, and the next one goes on."""
        command = ["notify", "plan", "--store", self.store.where, "--who", "ada", "--settings", self.settings, "--campaign", "proxylogon"]
        p = subprocess.Popen([self.program, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environ(), start_new_session=True)
        time.sleep(self.chance.uniform(0, 1) * self.planned)
        if p.poll() is None:
            os.killpg(p.pid, signal.SIGKILL)
            self.kills += 1
        p.wait()

    def tell(self):
        at = self.now
        before = {r[0] for r in self.store.rows("SELECT id FROM notify_notice")} if self.plans else set()
        for _ in range(self.plan_kills):
            self.kill_plan()
        from_ = time.monotonic()
        said = json.loads(self.verb("plan", "--settings", self.settings, "--campaign", "proxylogon", "--json"))
        self.planned = max(0.1, time.monotonic() - from_)
        self.plans.append((at, said, told_truth.notices(self.store), before))
        self.boards.append(told_truth.servers(self.store, self.truth))     # a later update may group otherwise
        self.approve()
        self.verb("send", "--settings", self.settings, code=(0, 1))
        self.desk()
        self.now += 20 * 60 * 10**6            # what is in doubt may not be found absent before this
        self.verb("settle", "--settings", self.settings, code=(0, 1))

    def month(self, steps):
        last, self.steps = 0, steps
        self.call("case", "campaign", "--store", self.store.where, "--who", "lab", "proxylogon")
        for step in steps:
            self.now = self.sink.now_us = START + step * DAY + 9 * HOUR
            self.come_in(last, step)
            if last == 0:
                self.update()
                self.look()
            self.hunts(last, step)
            self.update()
            self.tell()
            self.now += 3 * HOUR
            self.people_answer()
            self.update()
            last = step

    def look(self):
        """What registries say: from files."""
        self.call("contact", "look", "--store", self.store.where, "--who", "ada", "--from", self.made + "/contacts/rdap.jsonl", code=(0, 1))


def day_of(text):
    return (datetime.date.fromisoformat(text) - datetime.date(2021, 3, 1)).days


def whole(args, made, store, folder, steps):
    run = Run(args, made, store, folder)
    try:
        run.month(steps)
    finally:
        run.sink.stop()
    return run


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("lab")
    p.add_argument("folder")
    p.add_argument("--size", default="check", choices=sorted(SIZES))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--pg", action="store_true")
    p.add_argument("--days")
    p.add_argument("--kills", type=int, default=1, help="before each plan so many die while they decide")
    args = p.parse_args()
    if not FAKE:
        print("skipped: libfaketime is not installed (package faketime)")
        return 77
    made, steps = args.folder + "/made", [int(d) for d in args.days.split(",")] if args.days else STEPS[args.size]
    shutil.rmtree(args.folder, ignore_errors=True)
    os.makedirs(args.folder)
    sizes = SIZES[args.size]
    subprocess.run([args.lab, "campaign", made, "--seed", str(args.seed), "--organisations", str(sizes[0]), "--servers", str(sizes[1]), "--hunts", str(sizes[2]), "--intruders", str(sizes[3])],
                   check=True, stdout=subprocess.DEVNULL)
    lite = stores.Sqlite(args.folder, "told")
    run = whole(args, made, lite, args.folder + "/sqlite", steps)
    told_truth.check(run, goal, full=args.size == "full")
    if args.pg:
        try:
            stores.Postgres.cluster = stores.Cluster()
        except FileNotFoundError as e:
            print(f"  PostgreSQL is left out: {e}")
        if stores.Postgres.cluster:
            try:
                other = whole(args, made, stores.Postgres("told"), args.folder + "/postgresql", steps)
                told_truth.check(other, lambda name, *rest: goal("PostgreSQL: " + name, *rest), full=args.size == "full")
                a, b = told_truth.board(run.store), told_truth.board(other.store)
                off = [k for k in set(a) | set(b) if a.get(k) != b.get(k)]
                for k in sorted(off, key=str)[:5]:
                    print(f"    {k}: {a.get(k)} with SQLite, {b.get(k)} with PostgreSQL")
                goal("the engines", f"{len(off)} of {len(a)} notices differ", not off and a, "none")
            finally:
                stores.Postgres.cluster.stop()
    width = max(len(t[0]) for t in table)
    for name, value, want, ok in table:
        print(f"  {'ok ' if ok else 'NOT'} {name:<{width}}  {value}   ({want})")
    print("  seconds: " + ", ".join(f"{k} {v:.1f}" for k, v in run.took.most_common(9)))
    for f in failures:
        print("FAILED " + f)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
