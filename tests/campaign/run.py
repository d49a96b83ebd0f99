#!/usr/bin/env python3
"""The campaign in the laboratory through the program: run.py PROGRAM LAB FOLDER [--size check|small|full] [--seed N] [--pg] [--parts a,b,...] [--kills N]

    figures    import, update; whose each server is, who was where, every figure of every day: against the truth
    speed      how long views and the campaign's figures take
    order      the same files in another order
    engines    PostgreSQL against SQLite, board by board (--pg)
    kills      imports and updates are killed at random moments, and go on
    hostile    hostile text in every field, forged reports; every output looked at
"""
import argparse
import collections
import glob
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stores
import truth as lab_truth

AT = "2021-03-30T23:59:59Z"
NOW_US = 1617148799000000
failures = []
table = []


def note(text):
    print("  " + text, flush=True)


def goal(name, value, ok, want):
    table.append((name, value, want, ok))
    if not ok:
        failures.append(f"{name}: {value}, wanted {want}")


class Run:
    def __init__(self, args):
        self.program, self.lab, self.folder = args.program, args.lab, args.folder
        self.full, self.size = args.size == "full", args.size
        self.seed = args.seed
        self.took = []                         # seconds of the five commands of a whole run
        self.environ = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=1:allocator_may_return_null=1"), "TERM": "dumb"}

    def call(self, *args, code=(0,), check=True):
        done = subprocess.run([self.program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environ)
        if check and done.returncode not in code:
            print(done.stdout.decode("utf-8", "replace")[-1500:])
            raise SystemExit(f"campaign: {' '.join(args[:6])}...: exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-3000:]}")
        return done

    def timed(self, *args, **how):
        """Seconds by the clock, megabytes at the highest and seconds of a core, of the process and those that it started."""
        from_ = time.monotonic()
        p = subprocess.Popen([self.program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environ)
        out, err = p.stdout.read(), p.stderr.read()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode not in how.get("code", (0,)):
            raise SystemExit(f"campaign: {' '.join(args[:6])}...: exit code {p.returncode}: {out.decode('utf-8', 'replace')[-500:]} {err.decode('utf-8', 'replace')[-3000:]}")
        return time.monotonic() - from_, usage.ru_maxrss // 1024, usage.ru_utime + usage.ru_stime

    def make(self, folder, hostile=False, size=None):
        sizes = (30, 80, 20, 3) if hostile else {"check": (60, 160, 70, 2), "small": (300, 900, 240, 5), "full": (20000, 60000, 3000, 12)}[size or self.size]
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([self.lab, "campaign", folder, "--seed", str(self.seed), "--organisations", str(sizes[0]), "--servers", str(sizes[1]), "--hunts", str(sizes[2]), "--intruders", str(sizes[3]),
                        "--hostile", str(int(hostile))],
                       check=True, stdout=subprocess.DEVNULL)

    # ---- a whole campaign ----

    def scans(self, made):
        return sorted(glob.glob(made + "/scans/*"))

    def tables(self, made):
        return sorted(glob.glob(made + "/casework/*"))

    def begin(self, made, store, shuffled=None):
        """Scans and tables in, and a first update: then cases are there."""
        scans, tables = self.scans(made), self.tables(made)
        if shuffled:
            shuffled.shuffle(scans)
            shuffled.shuffle(tables)
        times = {}
        self.call("case", "campaign", "--store", store.where, "--who", "lab", "proxylogon")
        times["survey import"] = self.timed("survey", "import", "--store", store.where, *scans, code=(0, 1))
        times["case import, tables"] = self.timed("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *tables, code=(0, 1))
        times["case update, first"] = self.timed("case", "update", "--store", store.where, "--at", AT, "--who", "lab")
        return times

    def hunts(self, made, store, out):
        """Cases have numbers now: each hunt gets its case's, and the nonce that it was given."""
        t = lab_truth.Truth(made)
        board = store.rows(f"SELECT {store.hex('ip')}, case_id FROM case_server WHERE case_id <> 0")
        case_of = {t.by_ip[ip]: case for ip, case in board if ip in t.by_ip}
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        nonces = {}

        def name(server):
            return f"2021-{case_of.get(server, 999999):06d}"

        def nonce(server):
            case = case_of.get(server, 999999)
            digest = hashlib.sha256(f"nonce {self.seed} {case}".encode()).digest()
            text = "".join("abcdefghijklmnopqrstuvwxyz234567"[b & 31] for b in digest[:26])
            nonces[hashlib.sha256(case.to_bytes(8, "big") + text.encode()).digest()] = case
            return text
        for path in sorted(glob.glob(made + "/reports/*")):
            with open(path, "rb") as f:
                data = f.read()
            data = re.sub(rb"CASE-OF-(\d+)", lambda m: name(int(m[1])).encode(), data)
            data = re.sub(rb"NONCE-OF-(\d+)", lambda m: nonce(int(m[1])).encode(), data)
            with open(os.path.join(out, os.path.basename(path)), "wb") as f:
                f.write(data)
        # As `case nonce` would have written them in March 2021; the machine's clock says another year.
        store.run("INSERT INTO case_nonce (hash, case_id, issued_us, until_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                  [(store.blob(h) if hasattr(store, "blob") else h, case, 1609459200000000, 4102444800000000) for h, case in nonces.items()])
        return sorted(glob.glob(out + "/*"))

    def finish(self, store, reports, shuffled=None):
        if shuffled:
            shuffled.shuffle(reports)
        times = {}
        times["case import, reports"] = self.timed("case", "import", "--store", store.where, "--campaign", "proxylogon", "--who", "lab", *reports, code=(0, 1))
        times["case update, whole"] = self.timed("case", "update", "--store", store.where, "--at", AT, "--who", "lab")
        return times

    def whole(self, made, store, shuffled=None):
        times = self.begin(made, store, shuffled)
        times.update(self.finish(store, self.hunts(made, store, made + "/sent-" + store.name), shuffled))
        return times


# ---- parts ----

def compare(run, made, store, label=""):
    t = lab_truth.Truth(made)
    board = lab_truth.Board(store)
    g, i = lab_truth.grouping(t, board), lab_truth.intruders(t, board)
    least = {"full": 0.99, "small": 0.97, "check": 0.9}[run.size]                     # in a small campaign one large house is several per cent of all pairs
    goal(label + "servers known", f"{g['servers']}, {g['absent']} absent, {g['doubled']} twice, {g['unknown']} unknown", not g["absent"] and not g["doubled"] and not g["unknown"], f"{len(t.server)}")
    goal(label + "grouping, precision", f"{g['precision']:.4f}", g["precision"] >= least, f">= {least}")
    goal(label + "grouping, recall", f"{g['recall']:.4f}", g["recall"] >= least, f">= {least}")
    index = 0.95 if run.full else 0.6                      # of few sessions one pair of groups is a fifth, and two that borrowed each other's shells look like one
    goal(label + "intruders, adjusted Rand index", f"{i['ari']:.4f} over {i['sessions']} sessions, {i['groups']} groups", i["ari"] >= index and not i["absent"], f">= {index}, none absent")
    if i["absent"] or i["extra"]:
        note(f"sessions absent {i['absent']}, not in the truth {i['extra']}")
    grades = {r[0]: "?DCBA"[r[1]] if r[1] else "" for r in store.rows("SELECT f.name, r.grade FROM case_report r JOIN case_file f ON f.id = r.file")}
    wrong = [(n, grades.get(n, ""), r["grade"]) for n, r in t.report.items() if grades.get(n, "") != r["grade"]]
    for w in wrong[:8]:
        note(f"{w[0]} ({t.report[w[0]]['proof']}): grade {w[1] or 'none'}, and should be {w[2] or 'none'}")
    goal(label + "reports graded", f"{len(t.report) - len(wrong)} of {len(t.report)}", not wrong, "all")
    checked, off, sums = lab_truth.figures(t, board, note)
    goal(label + "figures", f"{checked - off} of {checked} equal", not off, "all")
    right, of = lab_truth.wave(t, board)
    goal(label + "the wave, server by server", f"{right} of {of} equal", right == of, "all")
    checked, off = lab_truth.picture(t, sums, json.loads(run.call("status", "--json", "--store", store.where).stdout))
    goal(label + "status --json", f"{checked - off} of {checked} equal", not off, "all")
    everybody = json.loads(run.call("status", "--public", "--json", "--store", store.where).stdout)
    checked, off = lab_truth.public_medians(t, board, everybody, lambda day: json.loads(run.call("status", "--json", "--at", day, "--store", store.where).stdout))
    goal(label + "status --public: medians", f"{checked - off} of {checked} hold", not off and (checked >= 2 or run.size == "check"), "all, two at least")
    checked, off = lab_truth.public_wave(t, board, everybody)
    goal(label + "status --public: weeks of the wave", f"{checked - off} of {checked} hold", not off and (checked or run.size == "check"), "all")
    listed = json.loads(run.call("case", "list", "--all", "--json", "--store", store.where).stdout)
    cases = store.rows("SELECT count(*), sum(servers), sum(backdoored) FROM case_state")[0]
    told = (len(listed["cases"]), sum(c["servers"]["all"] for c in listed["cases"]), sum(c["servers"]["backdoored"] for c in listed["cases"]))
    goal(label + "case list --json: cases, servers, back doors", f"{told}", told == tuple(cases) and told[1] == len(t.server), f"{tuple(cases)}")


def part_figures(run, made, store):
    times = run.whole(made, store)
    run.took = [x[0] for x in times.values()]
    for name, (seconds, megabytes, core) in times.items():
        note(f"{name:24} {seconds:8.1f} s, {core:6.1f} s of a core, {megabytes:5d} MB at the highest")
    total, core = (sum(x[i] for x in times.values()) for i in (0, 2))
    note(f"{'together':24} {total:8.1f} s, {core:6.1f} s of a core; store {store.size() >> 20} MB")
    n = store.rows("SELECT count(*) FROM survey_observation")[0][0] + store.rows("SELECT count(*) FROM case_link")[0][0]
    note(f"{n} observations and links")
    if run.full:
        # Of a core, because other work on the machine is no fault of this one; by the clock beside it.
        goal("whole run", f"{core / 60:.1f} min of a core, {total / 60:.1f} by the clock", core < 600, "minutes")
        seconds, _, core = times["case update, whole"]
        goal("update of all", f"{core:.1f} s of a core, {seconds:.1f} by the clock; {n} observations", core < 30, "< 30 s")
    compare(run, made, store)


def part_speed(run, made, store, engine=""):
    cases = [r[0] for r in store.rows("SELECT case_id FROM case_state ORDER BY servers DESC, case_id LIMIT 3")] + \
            [r[0] for r in store.rows("SELECT case_id FROM case_state ORDER BY case_id LIMIT 3")]
    views = [["case", "list"], ["case", "list", "--json"], ["case", "review"], ["case", "intruders"], ["status"], ["status", "--json"], ["case", "audit"]]
    views += [["case", "show", f"2021-{c:06d}"] for c in cases] + [["case", "why", f"2021-{c:06d}"] for c in cases[:2]]
    worst = collections.defaultdict(lambda: (0.0, 0.0))
    for view in views:
        best = (9e9, 9e9)
        for _ in range(7 if run.full else 2):
            # The processor's time, which a busy machine does not make longer; and the clock's beside it.
            before, from_ = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            done = run.call(*view, "--store", store.where, check=False)
            wall, after = time.monotonic() - from_, resource.getrusage(resource.RUSAGE_CHILDREN)
            best = min(best, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
        if done.returncode:
            note(f"{' '.join(view)}: exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:160]}")
            failures.append(" ".join(view))
        name = "status" if view[0] == "status" else " ".join(view[:2])
        worst[name] = max(worst[name], best)
    for name, (seconds, wall) in worst.items():
        limit = 0.2 if name == "status" else 0.05
        # A server's work is in nobody's account but the clock's.
        goal(f"view: {name}{engine}", f"{seconds * 1000:.0f} ms of a core, {wall * 1000:.0f} ms by the clock", (wall if engine else seconds) < limit or not run.full, f"< {limit * 1000:.0f} ms")


def canonical(store):
    """The board without numbers that depend on the order of arrival: servers are their addresses, organisations and groups their members."""
    h = store.hex
    ip_of = {r[0]: r[1] for r in store.rows(f"SELECT asset, {h('ip')} FROM case_server")}
    org, who = collections.defaultdict(list), collections.defaultdict(list)
    servers = store.rows(f"SELECT asset, org, {h('ip')}, name, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us, clean, was_clean, suspicion, hunted, "
                         "re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us, hunted_us, relapses, missed, first_seen_us, last_seen_us, confidence, shared FROM case_server")
    for r in servers:
        org[r[1]].append(r[2] or "")
    name_of = {k: min(v) + f"+{len(v)}" for k, v in org.items()}
    out = {"server": sorted((tuple("" if v is None else str(v) for v in r[2:]) + (name_of[r[1]],)) for r in servers)}
    out["org"] = sorted((name_of.get(r[0], "?"),) + tuple("" if v is None else str(v) for v in r[1:]) for r in store.rows("SELECT org, name, name_from, sector, size, country, confidence, servers, provider FROM case_org"))
    out["state"] = sorted((name_of.get(r[0], "?"),) + tuple("" if v is None else str(v) for v in r[1:]) for r in store.rows(
        "SELECT org, stage, derived, forced, needs, servers, vulnerable, patched, backdoored, patched_backdoored, hunted, clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, patched_us, "
        "hunted_us, clean_us, changed_us, urgency, why FROM case_state"))
    out["figure"] = sorted(tuple(str(v if v is not None else "") for v in r) for r in store.rows("SELECT by_what, value, unit, what, day, n FROM case_figure"))
    for table, columns in (("wait", "from_step, to_step, day, band, arrived, n"), ("wave", "what, known, day, n")):
        out[table] = sorted(tuple(map(str, r)) for r in store.rows(f"SELECT {columns} FROM case_{table}"))
    for name, session, intruder in store.rows("SELECT f.name, v.session, v.intruder FROM case_visit v JOIN case_file f ON f.id = v.file"):
        who[intruder].append((name, session))
    out["visit"] = sorted(tuple(map(str, sorted(v))) for v in who.values())
    out["first"] = sorted((str(r[0]), ip_of.get(r[1]) or "", str(r[2])) for r in store.rows("SELECT what, asset, day FROM case_first"))
    out["review"] = sorted(tuple(str(v if v is not None else "") for v in r[:5]) + ((ip_of.get(r[5]) or ""), str(r[6])) for r in store.rows("SELECT what, key_kind, key_value, one, other, asset, assets FROM case_review"))
    return out


def same(name, one, other):
    bad = []
    for k in one:
        if one[k] != other[k]:
            a, b = set(one[k]), set(other[k])
            bad.append(f"{k} ({len(a - b)}/{len(b - a)} of {len(one[k])})")
            for x, y in list(zip(sorted(a - b), sorted(b - a)))[:2]:
                note(f"{k}: {str(x)[:300]}\n       {' ' * len(k)}{str(y)[:300]}")
    goal(name, "equal" if not bad else "differs: " + ", ".join(bad), not bad, "equal")


def part_order(run, made, store):
    other = stores.Sqlite(run.folder, "order")
    other.empty()
    run.whole(made, other, random.Random(run.seed))
    same("another order of files", canonical(store), canonical(other))
    other.empty()


def part_engines(run, made, store):
    other = stores.Postgres("campaign")
    times = run.whole(made, other)
    for name, (seconds, megabytes, core) in times.items():
        note(f"PostgreSQL, {name:24} {seconds:8.1f} s, {core:6.1f} s of a core, {megabytes:5d} MB at the highest")
    note(f"PostgreSQL, store {other.size() >> 20} MB")
    part_speed(run, made, other, ", PostgreSQL")
    same("PostgreSQL against SQLite", canonical(store), canonical(other))
    # Numbers too: the same files in the same order.
    for t, columns in (("case_server", "asset, org, case_id"), ("case_org", "org"), ("case_case", "id, org"), ("case_review", "id"), ("case_visit", "asset, session, intruder"), ("case_edge", "asset, key, kind, weight")):
        a, b = (sorted(s.rows(f"SELECT {columns} FROM {t}")) for s in (store, other))
        if a != b:
            goal(f"numbers of {t}", f"{len(set(a) ^ set(b))} rows differ", False, "equal")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("lab")
    p.add_argument("folder")
    p.add_argument("--size", choices=["check", "small", "full"], default="small")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--pg", action="store_true")
    p.add_argument("--parts", default="figures,speed,order,kills,hostile")
    p.add_argument("--kills", type=int, default=4)
    p.add_argument("--keep", action="store_true")
    args = p.parse_args()
    run = Run(args)
    os.makedirs(args.folder, exist_ok=True)
    parts = args.parts.split(",")
    if args.pg and "figures" in parts:
        parts.append("engines")
    made = args.folder + "/made"
    store = stores.Sqlite(args.folder)
    store.empty()
    run.make(made)
    if args.pg:
        try:
            stores.Postgres.cluster = stores.Cluster()
        except FileNotFoundError as e:
            print(f"campaign: PostgreSQL is left out: {e}")
            parts = [x for x in parts if x != "engines"]
    try:
        for part in ("figures", "speed", "order", "engines", "kills", "hostile"):
            if part in parts:
                print(f"{part}:", flush=True)
                if part in ("kills", "hostile"):
                    __import__(part).part(run, made, store, args, goal, note, canonical, same)
                else:
                    globals()["part_" + part](run, made, store)
    finally:
        if stores.Postgres.cluster:
            stores.Postgres.cluster.stop()
    print()
    for name, value, want, ok in table:
        print(f"{'ok  ' if ok else 'MISS'} {name:36} {value:48} {want}")
    if not args.keep:
        shutil.rmtree(args.folder, ignore_errors=True)
    for f in failures:
        print("campaign: " + f)
    sys.exit(bool(failures))


main()
