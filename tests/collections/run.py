#!/usr/bin/env python3
"""Collections as the collectors write them, hunted in place: the verdict must not depend on who carried the evidence.

    run.py AFTERPATCH LAB FOLDER PART...

PART: the name of a scenario (hunted in every layout), `rotating` (other scenarios, a layout each), `profiles` (what the usual profiles
leave out must be named), `servers` (several servers and several sources of one), `full` (every scenario in every layout; long).

What must hold for each: the exit code and the whole truth of the lab; the collector recognised; and every file that a hunt of the plain
folder read is read here too, under the same Windows path, with the same bytes. What a layout truly cannot say is in EXCEPTIONS, with the
reason; an exception that nothing needs any more fails the full run.
"""
import csv, json, os, re, shutil, subprocess, sys

SEED = "7"
HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA, DOCS = os.path.join(HERE, "..", "schema"), os.path.join(HERE, "..", "..", "docs")

# lab's layout: the layout that the report must name.
NAMED = {"velociraptor": "velociraptor", "velociraptor-server": "velociraptor", "velociraptor-store": "velociraptor", "kape": "kape", "kape-zip": "kape",
         "cylr": "cylr", "acquire": "acquire", "acquire-old": "acquire", "acquire-zip": "acquire", "orc": "orc", "orc-two": "orc", "uac": "uac",
         "tanium": "tanium"}
# Not hunted against the truth: one cannot be opened, one is for several servers.
APART = {"velociraptor-encrypted", "many-zip"}
ROTATING = ["shell-used", "scanner-only", "moved-roots", "coexistence", "two-groups", "exchange-2010", "mail-theft", "task-left", "msert-removed",
            "oab-download", "iis-only", "log-hole", "damaged", "shell-in-logs-only", "mitigated-only"]

# (layout, scenario, what `lab check` or this test says, why that cannot be known). Patterns are whole-line regular expressions.
EXCEPTIONS = [
    ("velociraptor.*", ".*", r"manifest: .*\\W3SVC2\\u_ex210210\.log .*", "read with the hole behind its end, which Windows had set aside: other bytes, the same lines"),
]

failures, used = [], set()


class Failed(Exception):
    pass


def need(ok, why):
    if not ok:
        raise Failed(why)


def run(*words, ok=(0,)):
    p = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    if p.returncode not in ok:
        raise Failed(f"{' '.join(map(str, words))}: exit {p.returncode}: {(p.stderr or p.stdout).decode('utf-8', 'replace')[-800:]}")
    return p


class Bench:
    def __init__(self, hunt, lab, folder):
        self.program, self.lab, self.folder = hunt, lab, folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.join(folder, "kept"))
        self.hunted = 0
        text = run(lab, "layouts").stdout.decode()
        self.layouts = [line.split()[0] for line in text.splitlines() if not line.startswith("--")]
        self.profiles = [line.split()[1] for line in text.splitlines() if line.startswith("--")]
        self.scenarios = [line.split()[0] for line in run(lab, "list").stdout.decode().splitlines()]

    def make(self, scenario, name=None, *options):
        out = os.path.join(self.folder, "made", name or scenario)
        if not os.path.exists(out):
            run(self.lab, "make", scenario, out, "--seed", SEED, *options)
        return out

    def pack(self, made, layout, *options):
        out = os.path.join(self.folder, "packed")
        shutil.rmtree(out, ignore_errors=True)
        return self.pack_into(out, made, layout, *options)

    def pack_into(self, out, made, layout, *options):
        evidence = made if layout == "many-zip" else os.path.join(made, "evidence")
        return run(self.lab, "pack", evidence, layout, out, *options).stdout.decode().splitlines()

    def hunt(self, sources, *options):
        """The exit code and the folder of the report."""
        out = os.path.join(self.folder, "report")
        shutil.rmtree(out, ignore_errors=True)
        p = run(self.program, "hunt", "--quiet", "--out", out, *options, *sources, ok=(0, 3, 4, 5, 6, 7))
        for folder in [out] + sorted(e.path for e in os.scandir(out) if e.is_dir()):
            if os.path.exists(os.path.join(folder, "report.json")):
                self.hunted += 1
                shutil.copy(os.path.join(folder, "report.json"), os.path.join(self.folder, "kept", f"{self.hunted:04}.json"))
        return p.returncode, out

    def valid(self):
        """Every report of this run against the schema, in one go."""
        kept = sorted(e.path for e in os.scandir(os.path.join(self.folder, "kept")))
        p = run("/usr/bin/python3", "-B", os.path.join(SCHEMA, "validate.py"), os.path.join(DOCS, "report.schema.json"), *kept, ok=(0, 1)) if kept else None
        return p.stdout.decode().splitlines()[:-1] if p else []

    def check(self, made, out):
        p = run(self.lab, "check", os.path.join(made, "truth.json"), os.path.join(out, "report.json"), ok=(0, 1))
        return [line for line in p.stdout.decode().splitlines() if not re.search(r": \d+ differences$", line)]


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def truth_of(made):
    return load(os.path.join(made, "truth.json"))


def manifest(out):
    """{windows path in small letters: {(bytes, sha256)}}"""
    ret = {}
    with open(os.path.join(out, "manifest.csv"), encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            ret.setdefault(row["path"].lower(), set()).add((row["bytes"], row["sha256"], row["family"]))
    return ret


def against(plain, packed):
    for path, rows in sorted(plain.items()):
        if path not in packed:
            yield f"manifest: {path} is not read"
        elif not rows & packed[path]:
            yield f"manifest: {path} is read as {sorted(packed[path])[:2]}, not {sorted(rows)[:2]}"


def refused(out):
    return {(r["path"].rsplit("!/", 1)[-1], r["what"]) for r in load(os.path.join(out, "report.json"))["refused"]}


def excused(layout, scenario, line):
    for i, (l, s, what, _) in enumerate(EXCEPTIONS):
        if re.fullmatch(l, layout) and re.fullmatch(s, scenario) and re.fullmatch(what, line, re.I):
            used.add(i)
            return True
    return False


def tell(name, problems):
    print(f"{'ok  ' if not problems else 'FAIL'} {name}", flush=True)
    for line in problems[:12]:
        print(f"     {line}")
    if len(problems) > 12:
        print(f"     ... and {len(problems) - 12} more")
    if problems:
        failures.append(name)


def guarded(name, work):
    try:
        tell(name, list(work()))
    except Failed as e:
        tell(name, [str(e)])
    except (OSError, KeyError, IndexError, ValueError, subprocess.TimeoutExpired) as e:
        tell(name, [f"{type(e).__name__}: {e}"])


# ---- one server, one layout ----

def equal(bench, made, truth, plain, told, layout, scenario):
    sources = bench.pack(made, layout)
    code, out = bench.hunt(sources)
    report = load(os.path.join(out, "report.json"))
    lines = bench.check(made, out) + list(against(plain, manifest(out)))
    if code != truth["exit_code"]:
        lines.insert(0, f"exit code {code}, the truth says {truth['exit_code']}")
    lines += [f"refused: {path}: {what}" for path, what in sorted(refused(out) - told)]
    want = NAMED.get(layout, "plain")
    for source in report["sources"]:
        if source["layout"] != want:
            lines.append(f"sources: {source['path']} is taken for {source['layout']}, not {want}")
        if layout not in ("plain", "plain-tar") and os.path.isfile(source["path"]) and source["kind"] != "collection":
            lines.append(f"sources: {source['path']} is called {source['kind']}")
    return [line for line in lines if not excused(layout, scenario, line)]


def scenario_part(bench, scenario, layouts):
    made = bench.make(scenario)
    truth = truth_of(made)
    _, out = bench.hunt([os.path.join(made, "evidence")])
    plain, told = manifest(out), refused(out)
    for layout in layouts:
        guarded(f"{scenario} {layout}", lambda: equal(bench, made, truth, plain, told, layout, scenario))
    if scenario == "untouched" and "velociraptor-encrypted" in bench.layouts:
        guarded(f"{scenario} velociraptor-encrypted", lambda: encrypted(bench, made, truth, plain, scenario))


def encrypted(bench, made, truth, plain, scenario):
    """Without the password nothing was seen, and that is said; with it, all is as if it had never been locked."""
    sources = bench.pack(made, "velociraptor-encrypted")
    report = os.path.join(bench.folder, "report")
    shutil.rmtree(report, ignore_errors=True)
    p = run(bench.program, "hunt", "--out", report, *sources, ok=(1,))
    said = p.stderr.decode("utf-8", "replace")
    need("data.zip: encrypted" in said and "X509" in said and "--password-file" in said, f"without a password: {said[-600:]}")
    secret = os.path.join(bench.folder, "password.txt")
    with open(secret, "w") as f:
        f.write("exchange\n")
    code, out = bench.hunt(sources, "--password-file", secret)
    lines = bench.check(made, out) + list(against(plain, manifest(out)))
    if code != truth["exit_code"]:
        lines.insert(0, f"with the password: exit code {code}, the truth says {truth['exit_code']}")
    return [line for line in lines if not excused("velociraptor-encrypted", scenario, line)]


# ---- profiles ----

# Profile: the collector, families that must be called not covered, families that must be whole (of an untouched server).
PROFILES = {
    "kape-triage": ("kape-zip", ["iis_front", "iis_back", "httpproxy", "web_roots", "iis_config"], []),
    "kape-server": ("kape", ["web_roots", "iis_config"], ["iis_front", "iis_back", "httpproxy"]),
    "kape-cve": ("kape-zip", ["iis_front", "iis_back", "httpproxy", "web_roots", "iis_config"], []),
    "kape-iis": ("kape", ["iis_front", "iis_back", "httpproxy", "web_roots"], []),
    "cylr-default": ("cylr", ["iis_back", "httpproxy", "web_roots", "iis_config"], ["iis_front"]),
    "acquire-default": ("acquire", ["iis_front", "iis_back", "httpproxy", "web_roots", "iis_config"], []),
    "orc-example": ("orc", ["iis_front", "iis_back", "httpproxy", "web_roots", "iis_config"], []),
}


def profile_quiet(bench, profile):
    layout, missing, whole = PROFILES[profile]
    code, out = bench.hunt(bench.pack(bench.make("untouched"), layout, "--profile", profile))
    report = load(os.path.join(out, "report.json"))
    campaign = report["campaigns"][0]
    cover = {c["family"]: c for c in report["coverage"]}
    if code != 3 or campaign["verdict"] != "not_covered":
        yield f"exit {code}, verdict {campaign['verdict']}"
    if campaign["door_open"]["state"] == "no":
        yield "the door is called closed"
    for family in missing:
        if family not in cover or cover[family]["covers_window"] == "full" or not cover[family]["how_to_get"]:
            yield f"{family}: {cover.get(family)}"
    for family in whole:
        if cover.get(family, {}).get("covers_window") != "full":
            yield f"{family} should be whole: {cover.get(family)}"
    if report["back_doors"]:
        yield f"back doors: {report['back_doors'][:2]}"
    told = " ".join(campaign["why"]) + " ".join(s["text"] for s in campaign["next_steps"])
    if "pages that IIS serves" not in told:
        yield f"nothing in why and next_steps speaks of the web roots: {told[:300]}"


def profile_victim(bench, profile, scenario):
    """What the profile left out may hide the intrusion. It never makes it undone."""
    layout, _, _ = PROFILES[profile]
    code, out = bench.hunt(bench.pack(bench.make(scenario), layout, "--profile", profile))
    report = load(os.path.join(out, "report.json"))
    campaign = report["campaigns"][0]
    if campaign["verdict"] in ("no_trace", "attempted") or code in (0, 4):
        yield f"exit {code}, verdict {campaign['verdict']}"
    if campaign["door_open"]["state"] == "no":
        yield "the door is called closed"
    # That story ends with the page answered 404: where the front end's log is there, it proves that the page is gone.
    if scenario != "shell-removed" or profile not in ("kape-server", "cylr-default"):
        yield from not_removed(report)
    if profile == "kape-server" and campaign["verdict"] != "back_door_used":
        yield f"all logs are there, and the verdict is {campaign['verdict']}"


def not_removed(report):
    for door in report["back_doors"]:
        if door["state"] == "removed":
            yield f"{door['path']} is called removed; its folder was not collected"
    if report["campaigns"][0]["back_door"]["state"] == "removed":
        yield "back_door.state removed"


def shadow_only(bench, layout, *live):
    """The page stands in a shadow copy; the live folder and the front end's log were not collected. Nobody knows what became of it."""
    sources = bench.pack(bench.make("shell-removed"), layout)
    for folder in live:
        shutil.rmtree(os.path.join(sources[0], folder))
    code, out = bench.hunt(sources)
    report = load(os.path.join(out, "report.json"))
    yield from not_removed(report)
    doors = {d["path"].lower(): d["state"] for d in report["back_doors"]}
    if doors.get("c:\\inetpub\\wwwroot\\aspnet_client\\kettle.aspx") != "unknown":
        yield f"back doors: {doors}"
    if report["campaigns"][0]["door_open"]["state"] == "no" or code == 0:
        yield f"exit {code}, the door is called {report['campaigns'][0]['door_open']['state']}"


def no_pages(bench, layout):
    """Logs, and of the web roots only web.config: that a page is not in the collection says nothing of the server."""
    code, out = bench.hunt(bench.pack(bench.make("shell-used"), layout, "--profile", "kape-server,kape-iis"))
    report = load(os.path.join(out, "report.json"))
    yield from not_removed(report)
    doors = {d["path"].lower(): d["state"] for d in report["back_doors"]}
    if doors.get("c:\\inetpub\\wwwroot\\aspnet_client\\larder.aspx") != "unknown" or code != 7:
        yield f"exit {code}, back doors: {doors}"
    for c in report["coverage"]:
        if c["family"] == "web_roots" and c["covers_window"] == "full":
            yield "the web roots are called covered"


def pages_taken_out(bench, layout):
    """The folder of the page was collected, but no page of any kind: whoever chose the files left pages out, on this server as on any."""
    sources = bench.pack(bench.make("shell-used"), layout)
    for folder, _, names in os.walk(sources[0]):
        for name in names:
            if re.search(r"\.(aspx|asax|ashx|asmx)$", name, re.I):
                os.unlink(os.path.join(folder, name))
    code, out = bench.hunt(sources)
    report = load(os.path.join(out, "report.json"))
    yield from not_removed(report)
    doors = {d["path"].lower(): d["state"] for d in report["back_doors"]}
    if doors.get("c:\\inetpub\\wwwroot\\aspnet_client\\larder.aspx") != "unknown":
        yield f"back doors: {doors}"
    for c in report["coverage"]:
        if c["family"] == "web_roots" and c["covers_window"] == "full":
            yield "the web roots are called covered"
    if code in (0, 4) or report["campaigns"][0]["door_open"]["state"] == "no":
        yield f"exit {code}, the door is called {report['campaigns'][0]['door_open']['state']}"


def profiles_part(bench):
    need(set(bench.profiles) == set(PROFILES), f"the lab's profiles are {bench.profiles}")
    for profile in PROFILES:
        guarded(f"profile {profile}: untouched", lambda: profile_quiet(bench, profile))
        for scenario in ("shell-used", "shell-removed"):
            guarded(f"profile {profile}: {scenario}", lambda: profile_victim(bench, profile, scenario))
    for layout in ("kape", "kape-zip", "velociraptor", "cylr", "orc"):
        guarded(f"web.config and no pages: {layout}", lambda: no_pages(bench, layout))
    for layout in ("kape", "velociraptor-store"):
        guarded(f"pages left out: {layout}", lambda: pages_taken_out(bench, layout))
    guarded("shadow copy only: kape", lambda: shadow_only(bench, "kape", "C/inetpub"))
    guarded("shadow copy only: velociraptor-store", lambda: shadow_only(bench, "velociraptor-store", "uploads/auto/C%3A/inetpub", "uploads/ntfs/%5C%5C.%5CC%3A/inetpub"))


# ---- several servers, several sources ----

def compare_servers(bench, made, sources, worst, folder_of=None):
    """made: {server: folder of the lab}. Each has its report, the summary its line, the exit code is the worst one's."""
    code, out = bench.hunt(sources)
    summary = load(os.path.join(out, "summary.json"))
    p = run("/usr/bin/python3", "-B", os.path.join(SCHEMA, "summary.py"), os.path.join(DOCS, "summary.schema.json"), "--real", os.path.join(out, "summary.json"), ok=(0, 1))
    lines = p.stdout.decode().splitlines() if p.returncode else []
    if code != worst or summary["worst"]["exit_code"] != worst:
        lines.append(f"exit code {code}, summary {summary['worst']}, expected {worst}")
    rows = {row["server"].upper(): row for row in summary["servers"]}
    if set(rows) != {name.upper() for name in made}:
        return lines + [f"servers: {sorted(rows)}, expected {sorted(made)}"]
    for name, where in made.items():
        row = rows[name.upper()]
        if row["failed"]:
            lines.append(f"{name}: {row['error']}")
            continue
        lines += [f"{name}: {line}" for line in bench.check(where, os.path.join(out, row["folder"]))]
        if row["verdict"] != truth_of(where)["verdict"]:
            lines.append(f"{name}: the summary says {row['verdict']}")
    return lines


def three(bench):
    return {"EXCH01": bench.make("shell-used"), "EXCH02": bench.make("untouched", "s2", "--server", "EXCH02"), "MBX-03": bench.make("scanner-only", "s3", "--server", "MBX-03")}


def fresh(bench, name):
    out = os.path.join(bench.folder, name)
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    return out


def servers_folder(bench):
    """A folder with a collection of each server, by different collectors."""
    made, out = three(bench), fresh(bench, "several")
    for (_, where), layout in zip(sorted(made.items()), ("cylr", "velociraptor", "acquire")):
        bench.pack_into(out, where, layout)
    shutil.rmtree(os.path.join(out, "beside"), ignore_errors=True)
    return compare_servers(bench, made, [out], 7)


def servers_operands(bench):
    made, out = three(bench), fresh(bench, "several")
    sources = [bench.pack_into(os.path.join(out, name), where, layout)[0] for (name, where), layout in zip(sorted(made.items()), ("kape", "tanium", "orc"))]
    return compare_servers(bench, made, sources, 7)


def servers_many_zip(bench):
    made, out = three(bench), fresh(bench, "many")
    for name, where in made.items():
        os.symlink(os.path.abspath(where), os.path.join(out, name))
    return compare_servers(bench, made, bench.pack(out, "many-zip"), 7)


def servers_same_bytes(bench):
    """The order in which sources are given changes nothing but the list of sources."""
    made, out = three(bench), fresh(bench, "several")
    sources = [bench.pack_into(os.path.join(out, name), where, "cylr")[0] for name, where in sorted(made.items())]
    told = []
    for order in (sources, sources[::-1]):
        _, report = bench.hunt(order)
        summary = load(os.path.join(report, "summary.json"))
        del summary["run"]
        told.append(json.dumps(summary))
    return [] if told[0] == told[1] else ["the summary depends on the order of the sources"]


def one_server_drives(bench):
    """Drives C, D and E in three zips: one report."""
    made, out = bench.make("moved-roots"), fresh(bench, "drives")
    sources = [bench.pack_into(os.path.join(out, d), made, "cylr", "--drive", d)[0] for d in "CDE"]
    code, report = bench.hunt(sources)
    if not os.path.exists(os.path.join(report, "report.json")):
        return [f"not one report: {sorted(os.listdir(report))}"]
    truth = truth_of(made)
    return bench.check(made, report) + ([] if code == truth["exit_code"] else [f"exit code {code}, the truth says {truth['exit_code']}"])


def one_server_unnamed(bench):
    """The same by hand, and no zip says whose it is: given one by one, as a folder, and with --server."""
    made, out = bench.make("moved-roots"), fresh(bench, "unnamed")
    sources = []
    for d in "CDE":
        sources.append(os.path.join(out, f"{d}.zip"))
        os.rename(bench.pack_into(os.path.join(bench.folder, "packed"), made, "plain-zip", "--drive", d)[0], sources[-1])
    for how, given in (("one by one", sources), ("a folder", [out]), ("--server", ["--server", "SRV-MSG-03"] + sources)):
        code, report = bench.hunt(given)
        if not os.path.exists(os.path.join(report, "report.json")):
            yield f"{how}: not one report: {sorted(os.listdir(report))}"
            continue
        yield from (f"{how}: {line}" for line in bench.check(made, report))
        if code != truth_of(made)["exit_code"]:
            yield f"{how}: exit code {code}"


def one_server_twice(bench):
    """Two collectors brought the same server: nothing counts twice."""
    made, out = bench.make("shell-used"), fresh(bench, "twice")
    sources = [bench.pack_into(os.path.join(out, layout), made, layout)[0] for layout in ("cylr", "acquire")]
    code, report = bench.hunt(sources)
    if not os.path.exists(os.path.join(report, "report.json")):
        return [f"not one report: {sorted(os.listdir(report))}"]
    return bench.check(made, report) + ([] if code == 7 else [f"exit code {code}"])


def named_in_another(bench):
    """One server's forged requests name another, and that one is among the evidence."""
    out = fresh(bench, "linked")
    made = {"EXCH01": bench.make("mail-theft"), "EXCH02": bench.make("untouched", "s2", "--server", "EXCH02")}
    sources = [bench.pack_into(os.path.join(out, name), where, "velociraptor")[0] for name, where in made.items()]
    lines = compare_servers(bench, made, sources, 5)
    summary = load(os.path.join(bench.folder, "report", "summary.json"))
    if not any("EXCH01" in json.dumps(link).upper() and "EXCH02" in json.dumps(link).upper() and link.get("hunted") for link in summary["links"]):
        lines.append(f"links: {summary['links']}")
    return lines


SAME = ["velociraptor", "orc-two", "nested-zip"]


def same_bytes(bench, layout):
    """The number of threads and the run change nothing but `run`."""
    sources, told = bench.pack(bench.make("shell-used"), layout), []
    for jobs in ("1", "3"):
        _, out = bench.hunt(sources, "--jobs", jobs)
        report = load(os.path.join(out, "report.json"))
        del report["run"]
        with open(os.path.join(out, "manifest.csv"), encoding="utf-8") as f:
            told.append((json.dumps(report), f.read()))
    for i, what in enumerate(("report.json", "manifest.csv")):
        if told[0][i] != told[1][i]:
            at = next(k for k, (a, b) in enumerate(zip(told[0][i], told[1][i])) if a != b)
            yield f"{what} differs: {told[0][i][max(0, at - 80):at + 80]} / {told[1][i][max(0, at - 80):at + 80]}"


def servers_part(bench):
    for layout in SAME:
        guarded(f"same bytes: {layout}", lambda: same_bytes(bench, layout))
    for work in (servers_folder, servers_operands, servers_many_zip, servers_same_bytes, one_server_drives, one_server_unnamed, one_server_twice, named_in_another):
        guarded(f"servers: {work.__name__}", lambda: work(bench))


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    bench = Bench(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3]))
    layouts = [name for name in bench.layouts if name not in APART]
    for part in sys.argv[4:]:
        if part == "rotating":
            for i, scenario in enumerate(ROTATING):
                scenario_part(bench, scenario, [layouts[(2 * i + 11 * (i % 2)) % len(layouts)]])
        elif part == "profiles":
            profiles_part(bench)
        elif part == "servers":
            servers_part(bench)
        elif part == "full":
            for scenario in bench.scenarios:
                scenario_part(bench, scenario, layouts)
            for i, (layout, scenario, what, _) in enumerate(EXCEPTIONS):
                if i not in used:
                    failures.append(f"nothing needs the exception {layout} {scenario} {what}")
                    print(f"FAIL {failures[-1]}")
        elif ":" in part:                       # one scenario, one layout: for work on it
            scenario_part(bench, *[part.split(":")[0], part.split(":")[1].split(",")])
        else:
            scenario_part(bench, part, layouts)
    guarded(f"schema: {bench.hunted} reports", bench.valid)
    print(f"{len(failures)} failed")
    if not failures:
        shutil.rmtree(bench.folder, ignore_errors=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
