#!/usr/bin/env python3
"""A user's rules in whole hunts: run.py AFTERPATCH LAB CRASH WORK_DIR

The report is the same with and without the cache of compiled rules, whatever state that is in; nothing but it is written outside --out; rules that were
made to cost time or memory are refused in words, soon, and the others go on.
"""
import json, os, shutil, stat, subprocess, sys, time

program, lab, crash, work = sys.argv[1:5]
faults = 0


def check(ok, what):
    global faults
    if not ok:
        faults += 1
        print("rules:", what)


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def sigma(detection, title="A rule"):
    return f"title: {title}\nlogsource:\n    category: webserver\ndetection:\n{detection}\n    condition: sel\nlevel: high\n"


shutil.rmtree(work, ignore_errors=True)
os.makedirs(work)
os.chmod(work, 0o700)
rules, home, evidence = (os.path.join(work, n) for n in ("rules", "home", "evidence"))
os.makedirs(home, 0o700)
subprocess.run([lab, "make", "shell-used", evidence, "--megabytes", "1"], check=True, stdout=subprocess.DEVNULL)
evidence = os.path.join(evidence, "evidence")
put(f"{rules}/pages.yar", 'rule a_page { meta: author = "A. Writer" condition: extension == ".aspx" }')
put(f"{rules}/deep/er/two.yara", 'rule two { strings: $a = "Page" nocase condition: $a }')
put(f"{rules}/bad.yar", "rule bad { condition: nosuch }")
put(f"{rules}/web.yml", sigma("    sel:\n        cs-method: POST\n        cs-uri-stem|contains: '.aspx'", "A posted page"))
put(f"{rules}/odd.yml", sigma("    sel:\n        cs-uri-stem|nosuch: x"))
environment = dict(os.environ, XDG_CACHE_HOME=home)


def tree(top):
    return sorted(os.path.join(d, f) for d, _, fs in os.walk(top) for f in fs)


def hunt(name, *more, program=program):
    out = os.path.join(work, "out-" + name)
    r = subprocess.run([program, "hunt", "--jobs", "2", "--rules", rules, "--out", out, *more, evidence], env=environment, capture_output=True, timeout=300)
    if not os.path.exists(f"{out}/report.json"):
        check(False, f"{name}: no report, exit code {r.returncode}: {r.stderr.decode(errors='replace')[:400]}")
        return None
    with open(f"{out}/report.json") as f:
        report = json.load(f)
    del report["run"]
    return r.returncode, report


# ---- the cache ----
plain = hunt("plain", "--no-rule-cache")
check(tree(home) == [], "--no-rule-cache wrote into the cache folder")
before = tree(evidence)
cold = hunt("cold")
files = tree(home)
check(len(files) == 1 and files[0].startswith(f"{home}/afterpatch/") and files[0].endswith(".kept"), f"one file is kept, not {files}")
check(cold == plain, "the report differs when the rules are kept")
if files:
    check(stat.S_IMODE(os.stat(files[0]).st_mode) == 0o600 and stat.S_IMODE(os.stat(f"{home}/afterpatch").st_mode) == 0o700, "modes of the cache")
    first = open(files[0], "rb").read()
    check(hunt("warm") == plain, "the report differs when the rules come from the cache")
    check(open(files[0], "rb").read() == first, "a file that fits was written anew")
    for name, bytes_ in (("cut", first[: len(first) // 2]), ("flipped", first[:400] + bytes([first[400] ^ 1]) + first[401:]), ("empty", b"")):
        open(files[0], "wb").write(bytes_)
        check(hunt(name) == plain, f"the report differs after a file of the cache was {name}")
        check(open(files[0], "rb").read()[:40] == first[:40] and os.path.getsize(files[0]) == len(first), f"a file that was {name} is not made again")
    os.chmod(f"{home}/afterpatch", 0o777)
    check(hunt("open") == plain, "the report differs when others may write to the cache")
    os.chmod(f"{home}/afterpatch", 0o700)
check(tree(evidence) == before, "something was written into the evidence")
if plain:
    told = {r["file"] for r in plain[1]["rules"]["refused"]}
    check(plain[1]["rules"]["sigma"] == 1 and plain[1]["rules"]["yara"] == 2 and told == {"bad.yar", "odd.yml"}, f"the report tells of its rules: {plain[1]['rules']}")
    detectors = {f["detector"] for f in plain[1]["findings"]}
    check("yara/a_page" in detectors, "a YARA rule of the user's found its page")

# ---- compiled rules that bring their reader down ----
fallen = hunt("fallen", program=crash)
if fallen:
    told = {r["file"]: r["why"] for r in fallen[1]["rules"]["refused"]}
    check("brought their reader down" in told.get("pages.yar", "") and fallen[1]["rules"]["yara"] == 0, f"the report tells that no YARA rule was used: {told}")
    check(fallen[0] == plain[0] and fallen[1]["rules"]["sigma"] == 1, "the hunt goes on without them")

# ---- hostile rules ----
bad = os.path.join(work, "hostile")
long_words = "".join(f"            - 'word{i}x'\n" for i in range(30000))
hostile = {
    "nested.yml": (sigma("    sel:\n        cs-uri-query|re: '(a+)+$'"), "for ever"),
    "twice.yml": (sigma("    sel:\n        cs-uri-query|re: '^(a|a)+$'"), "for ever"),
    "dots.yml": (sigma("    sel:\n        cs-uri-query|re: '(.*x)+y'"), "for ever"),
    "words.yml": (sigma("    sel:\n        cs-uri-query|re: '^(\\w|\\d)*!'"), "for ever"),
    "long.yml": (sigma("    sel:\n        cs-uri-query|re: '" + "|".join(f"w{i}" for i in range(3000)) + "'"), "at most 4096"),
    "many.yml": (sigma("    sel:\n        cs-uri-query|contains:\n" + long_words), "more than 20000"),
    "deep.yml": ("title: x\ndetection: " + "[" * 2000 + "]" * 2000, ""),
    "anchors.yml": ("a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\ntitle: x\n", ""),
    "heavy.yar": ("rule a { strings:\n" + "".join(f'$s{i} = "abc{i}def" xor\n' for i in range(4000)) + "condition: any of them }", "search entries"),
    "count.yar": ("rule a { strings: $a = /ab(c{1,90000}d){1,90000}/ condition: $a }", ""),
    "nest.yar": ("rule a { condition: " + "(" * 200000 + "true" + ")" * 200000 + " }", ""),
    "not.yar": ("rule a { condition: " + "not " * 300000 + "true }", ""),
}
for name, (text, _) in hostile.items():
    put(f"{bad}/{name}", text)
put(f"{bad}/good.yar", "rule good { condition: true }")
put(f"{bad}/good.yml", sigma("    sel:\n        cs-uri-query|re: '^(cmd|exec)=[a-z]+(%20[a-z]+)*$'"))
begun = time.monotonic()
r = subprocess.run([program, "rules", "check", bad], env=environment, capture_output=True, timeout=280)
said = r.stdout.decode(errors="replace").splitlines()
check(r.returncode == 1, f"exit code {r.returncode}: {r.stderr.decode(errors='replace')[:300]}")
for name, (_, why) in hostile.items():
    line = next((s for s in said if s.startswith("refused") and f" {name}" in s), "")
    check(line and why in line, f"{name} is refused in words: {line[:300] or [s for s in said if name in s]}")
for name in ("good.yar", "good.yml"):
    check(any(s.startswith("works") and f" {name}" in s for s in said), f"{name} works beside them")
print(f"rules: {len(hostile)} hostile rule files in {time.monotonic() - begun:.1f} s, {faults} fault(s)")
sys.exit(faults != 0)
