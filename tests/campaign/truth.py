"""What the laboratory knows of its campaign, and how near casework came to it. docs/casework-proof.md says what is compared."""
import collections
import csv
import datetime
import ipaddress
import json
import os


def choose2(n):
    return n * (n - 1) // 2


def pairs_of(labels):
    """(got, truth) of each item: precision and recall of pairs, and the adjusted Rand index (Hubert and Arabie 1985)."""
    cell, row, column = collections.Counter(labels), collections.Counter(g for g, _ in labels), collections.Counter(t for _, t in labels)
    both, got, truth, n = sum(map(choose2, cell.values())), sum(map(choose2, row.values())), sum(map(choose2, column.values())), choose2(len(labels))
    expected = got * truth / n if n else 0
    most = (got + truth) / 2
    return {"precision": both / got if got else 1.0, "recall": both / truth if truth else 1.0, "ari": (both - expected) / (most - expected) if most > expected else 1.0, "pairs": truth}


def ip_hex(text):
    a = ipaddress.ip_address(text)
    return (b"\0" * 10 + b"\xff\xff" + a.packed if a.version == 4 else a.packed).hex()


class Truth:
    def __init__(self, folder):
        with open(os.path.join(folder, "truth.json")) as f:
            self.plan = json.load(f)
        self.days = self.plan["days"]
        self.first_day = (datetime.date.fromisoformat(self.plan["first_day"]) - datetime.date(1970, 1, 1)).days
        self.bits = self.plan["bits"]
        self.server = []
        self.by_ip = {}
        with open(os.path.join(folder, "servers.csv")) as f:
            for r in csv.DictReader(f):
                spans = [tuple(map(int, s.split(":"))) for s in r["spans"].split()]
                self.server.append({"ip": r["ip"], "org": int(r["org"]), "told": r["told"] == "1", "shared": r["shared"] == "1", "country": r["country"], "spans": spans,
                                    "first": tuple(int(r[k]) if r.get(k) else None for k in ("placed", "used", "entered")),
                                    "affected": dict((int(a), int(b)) for a, b in (x.split(":") for x in r["affected"].split()))})
                self.by_ip[ip_hex(r["ip"])] = int(r["server"])
        with open(os.path.join(folder, "reports.csv")) as f:
            self.report = {r["file"]: r for r in csv.DictReader(f)}
        self.visit = {}
        with open(os.path.join(folder, "visits.csv")) as f:
            for r in csv.DictReader(f):
                self.visit[r["file"], int(r["session"])] = ((int(r["server"]), int(r["session"])), int(r["intruder"]))

    def mask(self, server, day):
        last = 0
        for d, bits in self.server[server]["spans"]:
            if d > day:
                break
            last = bits
        return last


# The figures that the laboratory knows, by their names in case_figure, with the bit of its truth; and how those of an organisation follow from its servers.
FIGURES = {"exposed": "exposed", "patched": "patched", "backdoored": "backdoored", "patched_backdoored": "patched_backdoored", "backdoored_ever": "backdoored_ever", "re_entered": "reentered",
           "moved_on": "moved_on", "mail_stolen": "mail_stolen", "hunted": "hunted", "clean": "clean", "ever_clean": "ever_clean", "relapsed": "relapsed", "missed": "missed"}
COUNTS = ["candidates", "verified", "exposed", "patched", "backdoored", "patched_backdoored", "backdoored_ever", "re_entered", "moved_on", "mail_stolen", "notified", "answered", "hunted", "clean",
          "ever_clean", "relapsed", "missed", "forced", "dormant", "closed"]
BY = ["all", "country", "address_country", "sector", "size"]
UNITS = ["servers", "organisations"]
ALL_OF_ORGANISATION = {"patched", "hunted"}        # of all its servers; everything else of one at least
NOT_OF_ORGANISATION = {"clean"}                    # asks for time and rescans besides (state.h, rule 6)


class Board:
    """What casework says: its tables, read as they are."""

    def __init__(self, store):
        self.store = store
        h = store.hex
        self.server = store.rows(f"SELECT asset, org, case_id, {h('ip')}, country, shared FROM case_server ORDER BY asset")
        self.org = {r[0]: r[1:] for r in store.rows("SELECT org, country, sector, size, provider FROM case_org")}
        self.figure = store.rows("SELECT by_what, value, unit, what, day, n FROM case_figure WHERE by_what <= 4 AND unit <= 1 ORDER BY by_what, value, unit, what, day")
        self.first = store.rows("SELECT what, asset, day FROM case_first")
        self.visit = store.rows("SELECT f.name, v.session, v.intruder FROM case_visit v JOIN case_file f ON f.id = v.file")


def grouping(truth, board):
    """Servers whose owner somebody tells: are pairs of one organisation together?"""
    labels, assets, unknown = [], collections.Counter(), 0
    for asset, org, case, ip, country, shared in board.server:
        at = truth.by_ip.get(ip)
        if at is None:
            unknown += 1
            continue
        assets[at] += 1
        if truth.server[at]["told"]:
            labels.append((org if org else -asset, truth.server[at]["org"]))
    score = pairs_of(labels)
    score.update(servers=len(board.server), unknown=unknown, doubled=sum(n > 1 for n in assets.values()), absent=len(truth.server) - len(assets))
    return score


def intruders(truth, board):
    """Sessions of visits, each once however many reports tell of it."""
    got, extra = {}, 0
    for name, session, intruder in board.visit:
        if (name, session) in truth.visit:
            got.setdefault(truth.visit[name, session], intruder)
        else:
            extra += 1
    labels = [(intruder, of) for (_, of), intruder in got.items()]
    score = pairs_of(labels)
    score.update(sessions=len(labels), absent=len(set(truth.visit.values())) - len(labels), extra=extra, groups=len({g for g, _ in labels}))
    return score


def figures(truth, board, report=print, most=12):
    """Each series of each stratum, day by day. Strata are the program's own: whether a server is whose it should be is asked elsewhere."""
    want = collections.defaultdict(lambda: collections.defaultdict(int))      # (by, value, unit, what) -> day -> change
    bits = {name: 1 << i for i, name in enumerate(truth.bits)}
    names = [(name, bits[bit]) for name, bit in FIGURES.items()]
    members = collections.defaultdict(list)
    for asset, org, case, ip, country, shared in board.server:
        at = truth.by_ip.get(ip)
        if at is not None:
            members[org].append((at, country))

    def step(key, day, change):
        want[key][day] += change

    for org, list_ in members.items():
        country, sector, size = board.org.get(org, ("", "", "", 0))[:3]
        own = [(0, ""), (1, country), (3, sector), (4, size)]
        # Verified: the first moment at which two organisations had said that one of the servers is affected. One team's own scans are one.
        first = {}
        for at, _ in members[org]:
            for source, us in truth.server[at]["affected"].items():
                who = {3: "own", 4: "own"}.get(source, source)
                first[who] = min(first.get(who, us), us)
        times = sorted(first.values())
        verified = times[1] // 86400000000 - truth.first_day if len(times) > 1 else None
        if verified is None:
            continue
        days = sorted({verified} | {d for at, _ in list_ for d, _ in truth.server[at]["spans"] if d > verified})
        before = [0] * len(list_)
        was = collections.Counter()
        for d in days:
            now = collections.Counter()
            any_, all_ = 0, -1
            for i, (at, cc) in enumerate(list_):
                m = truth.mask(at, d) | 1 << 30
                before[i] = m
                any_ |= m
                all_ &= m
            for i, (at, cc) in enumerate(list_):
                for name, bit in names + [("verified", 1 << 30)]:
                    if before[i] & bit:
                        for by, value in own + [(2, cc)]:
                            now[by, value, 0, name] += 1
            for name, bit in names + [("verified", 1 << 30)]:
                if name in NOT_OF_ORGANISATION:
                    continue
                if (all_ if name in ALL_OF_ORGANISATION else any_) & bit:
                    for by, value in own:
                        now[by, value, 1, name] += 1
                if name in ALL_OF_ORGANISATION:
                    if all_ & bit:
                        for cc in {c for _, c in list_}:
                            now[2, cc, 1, name] += 1
                else:
                    for cc in {c for i, (_, c) in enumerate(list_) if any_ & bit}:
                        now[2, cc, 1, name] += 1
            for key in set(now) | set(was):
                if now[key] != was[key]:
                    step(key, d, now[key] - was[key])
            was = now
    got = collections.defaultdict(dict)
    for by, value, unit, what, day, n in board.figure:
        if what < len(COUNTS):
            got[by, value or "", unit, COUNTS[what]][day - truth.first_day] = n
    wrong = checked = 0
    for by in range(len(BY)):
        values = {k[1] for k in list(want) + list(got) if k[0] == by}
        for value in sorted(values):
            for unit in range(2):
                for name in list(FIGURES) + ["verified"]:
                    if unit == 1 and name in NOT_OF_ORGANISATION:
                        continue
                    key = (by, value, unit, name)
                    w = g = 0
                    for day in range(truth.days):
                        w += want[key].get(day, 0)
                        g = got[key].get(day, g)
                        checked += 1
                        if w != g:
                            wrong += 1
                            if wrong <= most:
                                report(f"    {BY[by]}={value!r} {UNITS[unit]} {name}, day {day}: {g}, and the truth is {w}")
    sums = {name: [0] * truth.days for name in FIGURES}
    for name in FIGURES:
        n = 0
        for day in range(truth.days):
            n += want[0, "", 0, name].get(day, 0)
            sums[name][day] = n
    return checked, wrong, sums


def wave(truth, board):
    """First back door, first use, first entry of each hunted server: how many are as they should be, of how many."""
    at = {asset: truth.by_ip.get(ip) for asset, org, case, ip, country, shared in board.server}
    got = {(at[asset], what): day for what, asset, day in board.first}
    want = {(i, what): day for i, s in enumerate(truth.server) for what, day in enumerate(s["first"]) if day is not None}
    return sum(got.get(k) == d for k, d in want.items()), len(set(want) | set(got))


def picture(truth, sums, status):
    """`status --json`: its figures of servers on each day, and of the last, against the truth."""
    campaign = status["campaigns"][0]
    wrong = n = 0
    days = campaign["days"]["servers"]
    for name in FIGURES:
        now = 0
        series = {(datetime.date.fromisoformat(d["from"]) - datetime.date(1970, 1, 1)).days - truth.first_day: d[name] for d in days}
        for day in range(truth.days):
            now = series.get(day, now)
            n += 1
            wrong += now != sums[name][day]
        n += 1
        wrong += campaign["now"]["servers"][name] != sums[name][-1]
    return n, wrong


# ---- what is told to everybody ----

def day_of(text):
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def median(waits):
    """Kaplan and Meier, the plainest way: (hours, arrived) in, the first time at which half or fewer wait; None: never."""
    left = 1.0
    for t in sorted({h for h, arrived in waits if arrived}):
        here = sum(h >= t for h, _ in waits)
        left *= 1 - sum(arrived and h == t for h, arrived in waits) / here
        if left <= 0.5 + 1e-9:
            return t
    return None


def within(told, value):
    return (value is None or value >= told["low_hours"]) if told["high_hours"] is None else value is not None and told["low_hours"] <= value < told["high_hours"]


def patch_times(truth, board):
    """Of each verified organisation when it was verified, and the day from which on all its servers are patched, by the laboratory."""
    bit = 1 << truth.bits.index(FIGURES["patched"])
    members = collections.defaultdict(list)
    for asset, org, case, ip, country, shared in board.server:
        if ip in truth.by_ip:
            members[org].append(truth.by_ip[ip])
    for org, list_ in members.items():
        first = {}
        for at in list_:
            for source, us in truth.server[at]["affected"].items():
                who = {3: "own", 4: "own"}.get(source, source)
                first[who] = min(first.get(who, us), us)
        times = sorted(first.values())
        if len(times) < 2:
            continue
        patched = None
        for day in sorted({d for at in list_ for d, _ in truth.server[at]["spans"]}):
            whole = all(truth.mask(at, day) & bit for at in list_)
            patched = (patched if patched is not None else day) if whole else None
        yield times[1], patched


def public_medians(truth, board, document, exact):
    """Each that is told against the team's own on that day; that of patches also against the laboratory's, to the day on which they were made. exact: day -> `status --json --at`."""
    n = wrong = 0
    for m in document["campaigns"][0]["medians"]:
        if not m["told"]:
            continue
        since = "from_verified" if m["from"] == "verified" else "from_the_step_before"
        value = exact(m["as_of"])["campaigns"][0]["hours"][m["to"]][since]["median_hours"]
        n += 1
        wrong += not within(m, value)
        if (m["from"], m["to"]) != ("verified", "patched"):
            continue
        end = (day_of(m["as_of"]) + 1) * 24
        spread = []
        for late in (0, 24):
            waits = []
            for verified, patched in patch_times(truth, board):
                from_ = verified / 3.6e9
                to = None if patched is None else (patched + truth.first_day) * 24 + late
                if from_ < end:
                    there = to is not None and to - late < end
                    waits.append((max(0, (to if there else end) - from_), there))
            spread.append(median(waits))
        n += 1
        low, high = (float("inf") if x is None else x for x in spread)
        wrong += not (high >= m["low_hours"] and (m["high_hours"] is None or low < m["high_hours"]))
    return n, wrong


def public_wave(truth, board, document):
    """Each week's five against the laboratory's first days; hunts of the days after the last week may be missing in it."""
    w = document["campaigns"][0]["wave"]
    if not w:
        return 0, 0
    what = ("placed", "used", "entered").index(w["of"])
    verified = {r[0] for r in board.store.rows("SELECT org FROM case_state WHERE stage >= 3")}
    late = {r[0] for r in board.store.rows("SELECT a.asset FROM case_report r JOIN case_asset a ON a.subject = r.subject WHERE r.hunted_us >= %d" % ((day_of(w["as_of"]) + 1) * 86400000000))}
    first, sure = {}, {}
    for asset, org, case, ip, country, shared in board.server:
        at = truth.by_ip.get(ip)
        day = truth.server[at]["first"][what] if at is not None else None
        if org not in verified or day is None:
            continue
        first[org] = min(first.get(org, day), day)
        sure[org] = sure.get(org, True) and asset not in late
    n = wrong = 0
    for b in w["weeks"]:
        here = [org for org, day in first.items() if day_of(b["from"]) <= day <= day_of(b["to"])]
        n += 1
        wrong += not (b["low"] <= len(here) and b["high"] >= sum(sure[org] for org in here))
    return n, wrong
