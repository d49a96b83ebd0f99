"""Who had to be told, when, by which way and how much: from the laboratory's truth alone; and what the store, the mail server and the desk's folder say."""
import collections
import csv
import datetime
import email.utils
import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "campaign"))
import truth as lab_truth

PARTNER = 5                # of the laboratory's sources
DAY = 86400 * 10**6
START = 1614556800 * 10**6
STATES = ["planned", "queued", "claimed", "handing_over", "unknown", "refused", "accepted", "bounced_soft", "delivered", "auto_replied", "bounced_hard", "complaint", "acknowledged", "wrong_recipient", "declined",
          "suppressed", "cancelled"]
HANDING, UNKNOWN, REFUSED, SUPPRESSED, CANCELLED = (STATES.index(n) for n in ("handing_over", "unknown", "refused", "suppressed", "cancelled"))
STAGES = ["first", "remind1", "remind2", "escalate", "backdoor", "relapsed", "closing"]
CHANNELS = ["email", "phone", "post", "portal", "csirt"]
AUDIENCES = ["technical", "management", "provider", "csirt"]
WHY = ["planned", "no_contact", "answered", "clean", "waiting", "unverified", "suppressed", "stopped", "human", "dormant", "said", "desk", "taken", "source", "patched"]
Notice = collections.namedtuple("Notice", "id case stage channel audience finding contact minimal state message_id date not_before wave token")
ADDRESS = re.compile(r"\b198\.(?:18|19)\.\d{1,3}\.\d{1,3}\b|2001:db8:[0-9a-f:]+")


def notices(store):
    return [Notice(*r) for r in store.rows("SELECT id, case_id, stage, channel, audience, finding, contact, minimal, state, message_id, date_us, not_before_us, wave, token FROM notify_notice ORDER BY id")]


def board(store):
    """What must be the same on both engines, notice by notice; times by the hour, for one is faster than the other."""
    hour = 3600 * 10**6
    return {(n.case, STAGES[n.stage], CHANNELS[n.channel], AUDIENCES[n.audience], n.contact, n.date // hour): (n.minimal, STATES[n.state], n.finding, n.not_before // hour, n.message_id) for n in notices(store)}


def servers(store, truth):
    """Case -> the laboratory's servers that the board has in it."""
    out = collections.defaultdict(list)
    for ip, case in store.rows(f"SELECT {store.hex('ip')}, case_id FROM case_server WHERE case_id <> 0"):
        if ip in truth.by_ip:
            out[case].append(truth.by_ip[ip])
    return out


def partner_rows(made):
    """(address, second of the row) -> the day whose file it came with: a partner tells some days late."""
    out = {}
    for path in sorted(glob.glob(made + "/scans/partner-*.csv")):
        day = (datetime.date.fromisoformat(os.path.basename(path)[8:18]) - datetime.date(2021, 3, 1)).days
        with open(path, newline="", encoding="utf-8", errors="replace") as f:
            for row in csv.reader(f):
                try:
                    at = datetime.datetime.strptime(row[0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
                    out.setdefault((row[1], int(at.timestamp())), day)
                except (ValueError, IndexError):
                    pass
    return out


def scanned(run):
    """Organisations of which a scan that has come has the domain beside one of their servers' addresses: of such links the laboratory knows no day."""
    out = set()
    for path in sorted(glob.glob(run.made + "/scans/*")):
        day = re.search(r"(\d{4}-\d\d-\d\d)", os.path.basename(path))
        if not day or "scan_exchange" in path or (datetime.date.fromisoformat(day[1]) - datetime.date(2021, 3, 1)).days >= run.steps[-1]:
            continue
        with open(path, encoding="utf-8", errors="replace") as f:
            for line in f:
                ip = re.search(r'"ip(?:_str)?":"([^"]+)"|^[^,"]*,([0-9a-f.:]+),443,', line)
                line = re.sub(r'"hostnames":\[[^\]]*\]', "", line)                  # reverse names
                server = run.truth.by_ip.get(lab_truth.ip_hex(ip[1] or ip[2])) if ip else None
                if server is not None and run.contacts[run.truth.server[server]["org"]]["domain"] in line:
                    out.add(run.truth.server[server]["org"])
    return out


class World:
    """The truth beside the board: cases whose servers are all one organisation's are asked in full; of a mixed one only what holds for everybody."""

    def __init__(self, run):
        self.run, self.t = run, run.truth
        self.servers = servers(run.store, self.t)
        self.board = {}                        # notice -> the board when it was decided
        for (_, _, after, before), board in zip(run.plans, run.boards):
            self.board.update({n.id: board for n in after if n.id not in before})
        self.org = {}
        for case, list_ in self.servers.items():
            orgs = {self.t.server[i]["org"] for i in list_}
            if len(orgs) == 1:
                self.org[case] = orgs.pop()
        split = collections.Counter(self.org.values())
        # Of one that is known by its reverse name alone, or by another's certificate, nobody may say that these people are the owner's.
        named = dict(run.store.rows("SELECT c.id, o.name FROM case_case c JOIN case_org o ON o.org = c.org"))
        self.other = {case for case, org in self.org.items() if int((re.findall(r"(?: |org)(\d+)\b", named.get(case) or "") or [org])[-1]) != org}
        size, seen = collections.Counter(s["org"] for s in self.t.server), scanned(run)
        self.whole = {case for case, org in self.org.items() if case not in self.other and (run.contacts[org]["tied"] < run.steps[-1] or org in seen) and split[org] == 1 and len(self.servers[case]) == size[org]}
        self.arrived = partner_rows(run.made)
        self.by_domain = {c["domain"]: c for c in run.contacts}
        self.owner = collections.defaultdict(set)
        for c in run.contacts:
            for a in (c["list"], c["abuse"]):
                if a:
                    self.owner[a].add(c["org"])

    def bits(self, server, step):
        m = self.t.mask(server, step - 1)
        return {b for i, b in enumerate(self.t.bits) if m >> i & 1}

    def verified(self, case, step):
        first = {}
        for i in self.servers[case]:
            for source, us in self.t.server[i]["affected"].items():
                if source == PARTNER and self.arrived.get((self.t.server[i]["ip"], us // 10**6), -1) >= step:
                    continue
                who = {3: "own", 4: "own"}.get(source, source)
                first[who] = min(first.get(who, us), us)
        return sum(us < START + step * DAY for us in first.values()) > 1

    def finding(self, case, step):
        """back door, vulnerable, or nothing that anybody has to be told of."""
        bits = [self.bits(i, step) for i in self.servers[case]]
        return "door" if any("backdoored" in b for b in bits) else "vulnerable" if any("exposed" in b for b in bits) else None

    def path(self, address, step):
        """none: takes no mail. bad: the intruder may read it, or nobody knows. good. None: the truth does not say."""
        c = self.by_domain.get(address.split("@")[1])
        if not c:
            return None
        doubt = [self.bits(i, step) for i in c["mx"]]
        if any(b & {"exposed", "backdoored"} for b in doubt):
            return "bad"
        if c["mail"] == "null":
            return "none" if not doubt else None
        if any("clean" not in b for b in doubt):
            return None
        return "bad" if c["mail"] == "unknown" and not doubt else None if doubt else "good"

    def addresses(self, org):
        c = self.run.contacts[org]
        return [a for a in (None if c["opted_out"] else c["list"], c["abuse"]) if a]


def arrived(run, world, list_, goal):
    ids = collections.Counter(m.id for m in run.sink.mail)
    mail = {n.message_id: n for n in list_ if n.channel == 0}
    gone = {i for i, n in mail.items() if n.state > UNKNOWN and n.state not in (REFUSED, SUPPRESSED, CANCELLED)}
    goal("messages, each once", f"{len(run.sink.mail)}, {sum(v - 1 for v in ids.values())} twice", all(v == 1 for v in ids.values()) and run.sink.mail, "none twice")
    goal("Message-IDs at the sink", f"{len(set(ids) - gone)} more, {len(gone - set(ids))} fewer than the outbox's {len(gone)}", set(ids) == gone, "equal")
    told = collections.Counter((m.rcpt, mail[m.id].stage, m.at_us // DAY if mail[m.id].audience > 1 else 0) for m in run.sink.mail if m.id in mail)
    goal("a stage to one recipient", f"{sum(v > 1 for v in told.values())} got one twice", all(v == 1 for v in told.values()), "once; a desk that many share once a day")
    wrong = [m for m in run.sink.mail if m.id in mail and (m.rcpt != mail[m.id].contact or not m.sender.startswith("b+" + mail[m.id].token + "@"))]
    goal("envelopes", f"{len(wrong)} wrong", not wrong, "the notice's contact and token")
    settled = [n for n in list_ if n.state == UNKNOWN]
    goal("in doubt at the end", f"{len(settled)}, {run.sink.cuts} answers were cut off", not settled, "none")
    return mail


def contents(run, world, mail, goal, report=print):
    """Minimal ones: nothing of the servers. Others: their own servers, and nobody else's."""
    leaks, strangers, empty, broken, minimal = [], [], [], [], 0
    ips = [s["ip"] for s in world.t.server]
    also = collections.defaultdict(set)
    for notice, case in run.store.rows("SELECT notice, case_id FROM notify_also"):
        also[notice].add(case)
    for m in run.sink.mail:
        n = mail.get(m.id)
        if not n:
            continue
        text = m.text()
        cases = {n.case} | also[n.id]
        own = {ips[i] for c in cases for i in world.board[n.id].get(c, ())}
        found = set(ADDRESS.findall(text))
        if m.message.defects or m.message["Message-ID"] is None or m.message["Date"] is None or len(m.message.get_all("To", [])) != 1:
            broken.append(m)
        if n.minimal:
            minimal += 1
            hosts = [h for h in re.findall(r"\bs\d+\.[a-z0-9.-]+\.example\b", text)]
            if found or hosts or re.search(r"\.aspx|CVE-\d|[0-9a-f]{40}|Exchange|web ?shell", text, re.I) or any(p.get_filename() not in (None, "signature.asc") for p in m.parts()):
                leaks.append((n, sorted(found)[:2], hosts[:2]))
        else:
            if found - own:
                strangers.append((n, sorted(found - own)[:3]))
            if not found & own:
                empty.append(n)
    for what, list_ in (("tells in a minimal one", leaks), ("tells of others' servers", strangers)):
        for x in list_[:3]:
            report(f"    {what}: {STAGES[x[0].stage]} of case {x[0].case} to {x[0].contact}: {x[1:]}")
    goal("minimal messages", f"{minimal}, {len(leaks)} with an indicator", not leaks and minimal, "none")
    goal("other victims' servers", f"{len(strangers)} messages name them", not strangers, "none")
    goal("whole messages", f"{len(empty)} without their servers, {len(broken)} not well formed", not empty and not broken, "none")


def recipients(run, world, list_, goal, report=print):
    """Each notice goes to somebody of its case, and by a way that is right for it."""
    wrong, path, checked = [], [], 0
    for step, (at, said, after, before) in zip(run.steps, run.plans):
        for n in after:
            if n.id in before or n.channel != 0 or n.audience > 1:
                continue
            orgs = {world.t.server[i]["org"] for i in world.board[n.id].get(n.case, ())}
            if not orgs & world.owner.get(n.contact, set()):
                wrong.append(n)
            want = world.path(n.contact, step)
            checked += want is not None
            if want == "none" or (want == "bad" and not n.minimal) or (want == "good" and n.minimal):
                path.append((n, want, step))
    for n in wrong[:3]:
        report(f"    not theirs: case {n.case} {n.contact}")
    for n, want, step in path[:5]:
        report(f"    {n.contact}, minimal {n.minimal}: the way is {want} on day {step}")
    goal("recipients", f"{len(wrong)} that are not the organisation's", not wrong, "none")
    goal("what the intruder may read", f"{len(path)} of {checked} wrong", not path, "none")


def completeness(run, world, list_, goal, report=print):
    """At each plan: every verified victim is told, was told before, or is listed with a reason that is true."""
    told = collections.defaultdict(set)
    for n in list_:
        told[n.case].add(n.stage)
    for notice, case, stage in run.store.rows("SELECT notice, case_id, stage FROM notify_also"):
        told[case].add(stage)
    for case, from_ in run.store.rows("SELECT case_id, from_case FROM case_heir"):
        told[case] |= told.get(from_, set())
    why = {case: WHY[w] if w < len(WHY) else str(w) for case, w in run.store.rows("SELECT case_id, why FROM notify_plan")}
    step = run.steps[-1]
    silent, lied, early, victims, tally = [], [], [], 0, collections.Counter()
    for case in world.servers:
        finding = world.finding(case, step)
        if not world.verified(case, step):
            if told[case] and case in world.whole:
                early.append(case)
            continue
        if not finding and not told[case]:
            continue
        victims += 1
        reason = why.get(case)
        tally["told" if told[case] else reason] += 1
        if not told[case] and (reason is None or reason in ("planned", "waiting", "said", "dormant", "unverified")):
            silent.append((case, reason))
        if case in world.whole and not told[case]:
            c = run.contacts[world.org[case]]
            reachable = [a for a in world.addresses(world.org[case]) if world.path(a, step) in ("good", "bad")] or c["phone"] or c["post"]
            if reason in ("no_contact", "suppressed") and reachable:
                lied.append((case, reason, c["domain"]))
    for case, reason in silent[:5]:
        report(f"    nobody told case {case}, and why is {reason}")
    for x in lied[:5]:
        report(f"    case {x[0]} ({x[2]}) is listed as {x[1]}, and somebody can be reached")
    goal("victims", f"{victims}: " + ", ".join(f"{k} {v}" for k, v in tally.most_common()), victims > 0, "told, or listed with the reason")
    goal("victims told or listed", f"{len(silent)} neither", not silent, "none neither")
    goal("reasons", f"{len(lied)} wrong", not lied, "true")
    goal("told before two said so", f"{len(early)}", not early, "none")
    return tally


def rounds(run, world, list_, goal, report=print):
    """Of a case: a stage once by each way; a back door by telephone and, a day later, by letter where there is one; nothing after a person's answer."""
    twice, missing, late = [], [], []
    live = [n for n in list_ if n.state not in (SUPPRESSED, CANCELLED)]
    keys = collections.defaultdict(list)
    for n in live:
        keys[n.case, n.stage, n.channel, n.audience].append(n)
    dead = {STATES.index(s) for s in ("bounced_hard", "refused", "complaint", "wrong_recipient", "declined")}
    for k, group in keys.items():
        if sum(n.state not in dead for n in group) > 1 and k[3] < 2:
            twice.append(k)
    steps = dict(zip((p[0] for p in run.plans), run.steps))
    for case in world.whole:
        c = run.contacts[world.org[case]]
        doors = [s for s in run.steps if (s > c["tied"] or s == run.steps[-1]) and world.verified(case, s) and world.finding(case, s) == "door"]
        mine = [n for n in live if n.case == case]
        # Who answered is a person's now; and where somebody says "not ours", a person looks before anybody else is told.
        if not doors or any(STATES[n.state] in ("acknowledged", "wrong_recipient") for n in mine):
            continue
        if c["phone"] and not any(n.channel == 1 for n in mine):
            missing.append((case, "telephone", c["domain"]))
        later = [s for s in doors if s > doors[0]]
        if c["post"] and len(later) > 0 and not any(n.channel == 2 for n in mine):
            missing.append((case, "letter", c["domain"]))
    events = collections.defaultdict(list)
    for notice, at, to in run.store.rows("SELECT notice, at_us, step FROM notify_event ORDER BY id"):
        if STATES[to] == "acknowledged":
            events[notice].append(at)
    acknowledged = {}
    for n in list_:
        for at in events.get(n.id, ()):
            if n.audience < 2:
                acknowledged[n.case] = min(acknowledged.get(n.case, at), at)
    was_door = {n.case for n in list_ if n.finding in (1, 2, 3)}
    for n in live:
        at = acknowledged.get(n.case)
        if at and n.date > at and n.audience < 2 and n.finding == 0:
            late.append(n)
    for k in twice[:5]:
        report(f"    case {k[0]}: {STAGES[k[1]]} by {CHANNELS[k[2]]} twice")
    for x in missing[:5]:
        report(f"    case {x[0]} ({x[2]}) has a back door and no {x[1]}")
    for n in late[:5]:
        report(f"    case {n.case} had answered, and got {STAGES[n.stage]} to {n.contact}")
    goal("a stage by one way", f"{len(twice)} cases have one twice", not twice, "once")
    goal("back doors", f"{len(missing)} without the call or the letter that there could be", not missing, "none")
    goal("after an answer", f"{len(late)} notices", not late, "none")


def desk(run, list_, goal):
    """Letters and sheets: a file each, once, and nothing else in the folder."""
    for channel, name, end in ((2, "post", ".pdf"), (1, "phone", ".txt")):
        files = [f for f in glob.glob(f"{run.paper}/{name}/*") if f.endswith(end)]
        rest = [f for f in glob.glob(f"{run.paper}/{name}/*") if not f.endswith(end) and os.path.basename(f) != "index.csv"]
        sent = [n for n in list_ if n.channel == channel and n.state > HANDING and n.state not in (SUPPRESSED, CANCELLED)] + [n for n in list_ if n.channel == channel and n.state == HANDING]
        again = [n for n in list_ if n.channel == channel and n.state in (0, 1) and n.id in run.outcomes]      # nobody answered: it is queued again
        ids = {n.id for n in sent + again}
        empty = [f for f in files if os.path.getsize(f) < 100]
        goal("letters" if channel == 2 else "call sheets", f"{len(files)} files of {len(ids)} notices, {len(empty)} empty, {len(rest)} strange", len(files) == len(ids) and not empty and not rest, "one each")


def figures(run, world, list_, goal):
    """The program's own figures of its notices, against the rows, the sink and the desk."""
    said = sum(p[1]["notices"] for p in run.plans)
    goal("notices that the plans say they decided", f"{said} of {len(list_)}, {run.kills} plans were killed", said == len(list_) or (run.kills and said < len(list_)), "all but those of plans that died")
    show = json.loads(run.call("notify", "show", "--store", run.store.where, "--json"))
    states = dict(collections.Counter(STATES[n.state] for n in list_))
    goal("notify show, states", ", ".join(f"{k} {v}" for k, v in sorted(show["states"].items(), key=lambda x: -x[1])), show["states"] == states, "the rows'")
    goal("notify show, cases", f"{sum(show['cases'].values())} of {len(world.servers)}", sum(show["cases"].values()) >= len({n.case for n in list_}), "every open case")
    # Notified: a mail that was taken, a letter posted, a call that somebody took; to them, or to whoever has their line or runs their servers. What a CSIRT got is relayed.
    out = {STATES.index(s) for s in ("accepted", "bounced_soft", "delivered", "auto_replied", "bounced_hard", "complaint", "acknowledged", "wrong_recipient", "declined")}
    told = {n.case for n in list_ if n.state in out and n.audience < 2}
    gone = {n.id for n in list_ if n.state in out and n.audience == 2}
    told |= {case for notice, case in run.store.rows("SELECT notice, case_id FROM notify_also") if notice in gone}
    status = json.loads(run.call("status", "--store", run.store.where, "--json"))
    now = status["campaigns"][0]["now"]["organisations"]
    told |= {case for case, from_ in run.store.rows("SELECT case_id, from_case FROM case_heir") if from_ in told}
    org = dict(run.store.rows("SELECT id, org FROM case_case"))
    verified = {org[c] for c in told if c in world.servers and world.verified(c, run.steps[-1])}
    goal("status: organisations notified", f"{now['notified']}", now["notified"] == len(verified), f"{len(verified)}")


def check(run, goal, full=False):
    run.steps = run.steps if hasattr(run, "steps") else []
    w = World(run)
    list_ = notices(run.store)
    goal("cases of one organisation", f"{len(w.org)} of {len(w.servers)}, {len(w.whole)} whole, {len(w.other)} by another's name", len(w.org) >= 0.9 * len(w.servers), ">= 90 %")
    mail = arrived(run, w, list_, goal)
    contents(run, w, mail, goal)
    recipients(run, w, list_, goal)
    completeness(run, w, list_, goal)
    rounds(run, w, list_, goal)
    desk(run, list_, goal)
    figures(run, w, list_, goal)
