"""Imports and updates are killed at random moments, go on, and what stands in the store then is what stands there without."""
import os
import random
import signal
import subprocess
import time

import stores

# What was recorded, by numbers that are made of what a row says: a row that is lost or doubled shows here.
LEDGER = {"case_subject": "id", "case_link": "id", "case_entry": "id", "case_mx": "id", "case_contact": "id", "case_fact": "id", "case_feature": "id", "case_source": "id",
          "case_refused": "file, line, why", "case_door": "file, campaign, way, at", "case_report": "file, campaign, grade", "case_file": "id, whole, rows_n, refused"}


def recorded(store):
    out = {t: sorted(map(str, store.rows(f"SELECT {columns} FROM {t}"))) for t, columns in LEDGER.items()}
    out["survey"] = sorted(map(str, store.rows("SELECT file, line, observed_us, detector, count(*) FROM survey_fact GROUP BY file, line, observed_us, detector")))
    out["broken"] = [str(store.rows("SELECT count(*) FROM survey_broken")[0][0])]
    return out


def kill_once(run, command, after):
    """True: it was still running. What it started ends with it."""
    p = subprocess.Popen([run.program, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=run.environ, start_new_session=True)
    time.sleep(after)
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
        p.stderr.close()
        return True
    code, said = p.returncode, p.stderr.read().decode("utf-8", "replace")
    p.stderr.close()
    if code not in (0, 1):
        if "writ" not in said:                 # a worker of the one before has not ended yet
            raise SystemExit(f"campaign: after a kill, {' '.join(command[:4])}: exit code {code}: {said[-1500:]}")
        time.sleep(0.2)
    return False


def go_on(run, command):
    for _ in range(40):
        done = run.call(*command, check=False)
        said = done.stderr.decode("utf-8", "replace")
        if done.returncode in (0, 1):
            return
        if "writ" not in said:
            raise SystemExit(f"campaign: after a kill, {' '.join(command[:4])}: exit code {done.returncode}: {said[-1500:]}")
        time.sleep(0.1)
    raise SystemExit("campaign: the writer's lock did not go with its process")


def rounds(run, made, clean, took, store, kills, chance, goal, note, canonical, same):
    at = ["--at", "2021-03-30T23:59:59Z", "--who", "lab"]
    case_import = ["case", "import", "--campaign", "proxylogon", "--who", "lab"]

    def stages(s):
        """Each command, and what makes it: hunts can be written when the cases have numbers."""
        yield lambda: ["survey", "import", "--store", s.where, *run.scans(made)]
        yield lambda: case_import + ["--store", s.where, *run.tables(made)]
        yield lambda: ["case", "update", "--store", s.where, *at]
        yield lambda: case_import + ["--store", s.where, *run.hunts(made, s, made + "/sent-" + s.name)]
        yield lambda: ["case", "update", "--store", s.where, *at]

    took = list(took or [])
    if not took:
        clean.empty()
        run.call("case", "campaign", "--store", clean.where, "--who", "lab", "proxylogon")
        for stage in stages(clean):
            command = stage()
            from_ = time.monotonic()
            run.call(*command, code=(0, 1))
            took.append(time.monotonic() - from_)
    want, board = recorded(clean), canonical(clean)
    fell = 0
    while fell < kills:
        store.empty()
        run.call("case", "campaign", "--store", store.where, "--who", "lab", "proxylogon")
        for i, stage in enumerate(stages(store)):
            command = stage()
            for _ in range(max(1, min(10, (kills - fell + 4 - i) // (5 - i) if fell < kills else 0))):
                if fell < kills:
                    fell += kill_once(run, command, chance.uniform(0, took[i]))
            go_on(run, command)
        got = recorded(store)
        off = [t for t in want if want[t] != got[t]]
        if off:
            for t in off[:4]:
                a, b = set(want[t]), set(got[t])
                note(f"{t}: {len(want[t])} rows, {len(got[t])} after kills; lost {sorted(a - b)[:2]}, new {sorted(b - a)[:2]}")
            goal(f"kills, {store.name}: recorded", "differs: " + ", ".join(off), False, "equal")
            return
        note(f"{store.name}: {fell} kills so far")
        now = canonical(store)
        if now != board:
            same(f"kills, {store.name}: board", board, now)
            return
    goal(f"kills, {store.name}", f"{fell} kills, nothing lost or doubled", True, "equal")


def part(run, made, store, args, goal, note, canonical, same):
    """What the figures were worked out on is the undisturbed run, where it is small enough."""
    chance = random.Random(args.seed * 7919)
    clean, took = (store, run.took) if run.took and not run.full else (stores.Sqlite(run.folder, "clean"), None)
    if run.full:                               # two hundred rounds of a large one would take days
        made = run.folder + "/made-kills"
        run.make(made, size="check")
    rounds(run, made, clean, took, stores.Sqlite(run.folder, "killed"), args.kills, chance, goal, note, canonical, same)
    if stores.Postgres.cluster:
        rounds(run, made, stores.Postgres("clean"), None, stores.Postgres("killed"), args.kills, chance, goal, note, canonical, same)
