#!/usr/bin/env python3
"""compare.py HITS WORK [RULES]: the adapter's hits equal those of the `yara` program on the same files.

Rules and files are made here, from a fixed seed, of words that mean nothing. With RULES, a folder of somebody's rules, these as well: all at once, on files
that hold the strings of each rule file, written below WORK and removed afterwards. What of RULES is refused here and compiled by `yara` is listed.
Exit code 77: there is no `yara` program.
"""
import os
import random
import re
import shutil
import subprocess
import sys

WORDS = ["apple", "Barley", "cedar", "Dune", "ember", "fjord", "Gravel", "heron", "Inlet", "juniper"]
EXTERNALS = ["filename", "filepath", "extension", "filetype", "md5", "owner"]


def string(r, name):
    w = r.choice(WORDS)
    return r.choice([
        '%s = "%s"' % (name, w),
        '%s = "%s" nocase' % (name, w.upper()),
        '%s = "%s" wide ascii' % (name, w),
        '%s = "%s" fullword' % (name, w),
        '%s = "%s" xor(1-255)' % (name, w),
        '%s = "%s" base64' % (name, w + w),
        '%s = { %s [0-4] %s }' % (name, w[:3].encode().hex(), w[3:].encode().hex()),
        '%s = { %s ?? %s }' % (name, w[:2].encode().hex(), w[3:].encode().hex()),
        '%s = /%s{1,4}[a-z ]{0,6}%s/' % (name, w[0], r.choice(WORDS)[:3]),
        '%s = /(%s|%s)[0-9]+/i' % (name, w, r.choice(WORDS)),
    ])


def condition(r, n):
    s = "$s%d" % r.randrange(n)
    return r.choice([
        s, "#s0 > %d" % r.randrange(4), s + " at 0", s + " in (0..%d)" % r.randrange(1, 300), "any of them", "all of them",
        "%d of them" % r.randrange(1, n + 1), "not " + s, "@s0[1] < %d" % r.randrange(400), "for any i in (1..#s0) : (@s0[i] > %d)" % r.randrange(200),
        "filesize > %d and %s" % (r.randrange(500), s), 'filename contains "%s"' % r.choice("abc123"), 'extension == ".aspx" and ' + s,
        'filetype == "EXE"', "uint16(0) == 0x5a4d or " + s, "!s0 > 5", 'hash.md5(0, filesize) != "" and ' + s, "math.entropy(0, filesize) > 4 and " + s,
        "pe.is_pe or " + s, "for all of them : ( # > 0 )",
    ])


def rules(r, folder):
    for i in range(40):
        with open(os.path.join(folder, "f%02d.yar" % i), "w") as f:
            f.write('import "hash"\nimport "math"\nimport "pe"\n')
            for k in range(r.randrange(1, 6)):
                n = r.randrange(1, 5)
                body = "\n".join("    " + string(r, "$s%d" % j) for j in range(n))
                kind = r.choice(["", "", "", "private "])
                used = " and ".join("#s%d >= 0" % j for j in range(n))
                f.write("%srule r%d : tag {\n  strings:\n%s\n  condition: %s and (%s)\n}\n" % (kind, k, body, used, condition(r, n)))


def files(r, folder):
    made = []
    for i in range(60):
        parts = [r.choice([b"MZ", b"", b"<%", b"PK\x03\x04", b"\0\0"])]
        for _ in range(r.randrange(40)):
            w = r.choice(WORDS)
            parts.append(r.choice([
                w.encode(), w.upper().encode(), w.encode("utf-16le"), bytes(b ^ r.randrange(1, 256) for b in w.encode()), w[:3].encode() + b"--" + w[3:].encode(),
                b" ", b"\r\n", str(r.randrange(1000)).encode(), w.encode() + str(i).encode(), bytes(r.randrange(256) for _ in range(8)),
            ]))
        path = os.path.join(folder, "%s%d%s" % (r.choice("abcxyz"), i, r.choice([".aspx", ".txt", ".exe", ""])))
        with open(path, "wb") as f:
            f.write(b"".join(parts))
        made.append(path)
    return made


def filetype(head):
    for mark, name in ((b"PK\x03\x04", "ZIP"), (b"<%", "JSP"), (b"MZ", "EXE"), (b"GIF", "GIF"), (b"#!", "Script")):
        if head.startswith(mark):
            return name
    return ""


def by_yara(program, rule_files, path):
    """{(rule file, rule)} on one file, or None and why."""
    value = externals(path)
    call = [program, "-w", "-e"] + [x for n in EXTERNALS for x in ("-d", "%s=%s" % (n, value[n]))]
    call += ["n%d:%s" % (i, f) for i, f in enumerate(rule_files)] + [path]
    done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return None, done.stderr
    names = [line.split(" ")[0].split(":", 1) for line in done.stdout.splitlines()]
    return {(rule_files[int(space[1:])], rule) for space, rule in names}, ""


def externals(path):
    head = open(path, "rb").read(8)
    return {"filename": os.path.basename(path), "filepath": os.path.dirname(path), "extension": os.path.splitext(path)[1], "filetype": filetype(head), "md5": "", "owner": ""}


def by_us(hits, rule_file, samples):
    """{path: {(rule file, rule)}}, and why it is refused."""
    done = subprocess.run([hits, rule_file] + samples, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("hits: %d %s" % (done.returncode, done.stderr[-2000:]))
    found = {}
    for line in done.stdout.splitlines():
        _, rule, path = line.split(" ", 2)
        found.setdefault(path, set()).add((rule_file, rule))
    return found, "".join(line for line in done.stderr.splitlines() if line.startswith("refused "))


def compare(program, hits, folder, samples):
    """How many hits both have; ends the run when they differ."""
    good, ours, total = [], {}, 0
    for top, _, names in sorted(os.walk(folder)):
        for full in (os.path.join(top, n) for n in sorted(names) if n.endswith((".yar", ".yara"))):
            found, refused = by_us(hits, full, samples)
            if not refused:
                good.append(full)
                for path in found:
                    ours.setdefault(path, set()).update(found[path])
            elif by_yara(program, [full], samples[0])[0] is not None and "module" not in refused:
                sys.exit("%s: yara takes it, and here: %s" % (full, refused))
    for path in samples:
        theirs, why = by_yara(program, good, path)
        if theirs is None:
            sys.exit("yara: %s" % why)
        if theirs != ours.get(path, set()):
            sys.exit("%s: yara alone %s, here alone %s" % (path, sorted(theirs - ours.get(path, set())), sorted(ours.get(path, set()) - theirs)))
        total += len(theirs)
    return total


ESCAPE = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b'"': b'"', b"\\": b"\\"}


def strings_of(text):
    """The plain and hexadecimal strings of a rule file that hold no wildcard."""
    for m in re.finditer(rb'\$\w*\s*=\s*"((?:[^"\\\n]|\\.)*)"([^\n]*)', text):
        plain = re.sub(rb"\\(x[0-9a-fA-F]{2}|.)", lambda e: bytes([int(e.group(1)[1:], 16)]) if len(e.group(1)) == 3 else ESCAPE.get(e.group(1), e.group(1)), m.group(1))
        yield plain.decode("latin-1").encode("utf-16le") if b"wide" in m.group(2) and b"ascii" not in m.group(2) else plain
    for m in re.finditer(rb"\$\w*\s*=\s*\{([0-9a-fA-F\s]+)\}", text):
        digits = re.sub(rb"\s", b"", m.group(1))
        if len(digits) % 2 == 0:
            yield bytes.fromhex(digits.decode())


def samples_of(names, folder):
    """One file for each rule file: its strings, behind the head that it asks for."""
    made = []
    for i, full in enumerate(names):
        text = open(full, "rb").read()
        body = list(strings_of(text))
        if body:
            program = b"5a4d" in text.lower() and i % 2 == 0
            made.append(os.path.join(folder, "s%04d%s" % (i, ".exe" if program else ".aspx")))
            with open(made[-1], "wb") as f:
                f.write((b"MZ" if program else b"") + b"\n".join(body) + b"\n")
    return made


def collection(program, hits, folder, work):
    names = [os.path.join(top, n) for top, _, ns in sorted(os.walk(folder)) for n in sorted(ns) if n.endswith((".yar", ".yara"))]
    samples = samples_of(names, work)
    done = subprocess.run([hits, folder] + samples, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit("hits: %d %s" % (done.returncode, done.stderr[-2000:]))
    ours, refused, untold = {}, {}, {}
    for line in done.stdout.splitlines():
        name, rule, path = re.match(r"(.*) (\S+) (\S+)$", line).groups()
        ours.setdefault(path, set()).add((name, rule))
    for line in done.stderr.splitlines():
        m = re.match(r"refused (.*?\.yara?): (.*)", line)
        if m:
            refused[m.group(1)] = m.group(2)
        m = re.match(r"(.*): (\d+) more hits than are told$", line)
        if m:                                    # a page that hits more than anybody reads: the number counts
            untold[m.group(1)] = int(m.group(2))
    print(done.stderr.splitlines()[-1])
    relative = {n: os.path.relpath(n, folder) for n in names}
    for n in names:
        if relative[n] in refused:
            alone = by_yara(program, [n], samples[0])[0] is not None
            print("refused   %s: %s%s" % (relative[n], refused[relative[n]], " (yara compiles it)" if alone else ""))
    good = [n for n in names if relative[n] not in refused]
    given = [x for n in EXTERNALS for x in ("-d", n + "=")]
    compiled = os.path.join(work, "compiled")
    subprocess.run(["yarac", "-w"] + given + ["n%d:%s" % (i, n) for i, n in enumerate(good)] + [compiled], check=True, stderr=subprocess.DEVNULL)
    total = faults = 0
    every = set()
    for path in samples:
        call = [program, "-w", "-e", "-C"] + [x for k, v in externals(path).items() for x in ("-d", "%s=%s" % (k, v))] + [compiled, path]
        lines = subprocess.run(call, stdout=subprocess.PIPE, check=True, text=True, errors="replace").stdout.splitlines()
        theirs = {(relative[good[int(space[1:])]], rule) for space, rule in (line.split(" ")[0].split(":", 1) for line in lines)}
        mine = ours.get(path, set())
        if mine - theirs or len(theirs) != len(mine) + untold.get(path, 0):
            faults += 1
            print("FAILED    %s: yara alone %s, here alone %s" % (path, sorted(theirs - mine)[:5], sorted(mine - theirs)[:5]))
        total, every = total + len(theirs & mine), every | theirs
    print("yara      %d of %d rule files used, %d files looked at; %d rules hit; %d hits in both by name, %d more by number; %d faults" % (
        len(good), len(names), len(samples), len(every), total, sum(untold.values()), faults))
    return faults


def main():
    hits, work = sys.argv[1], sys.argv[2]
    program = shutil.which("yara")
    if not program:
        print("no `yara` program: nothing to compare with")
        sys.exit(77)
    shutil.rmtree(work, ignore_errors=True)
    for name in ("rules", "files"):
        os.makedirs(os.path.join(work, name))
    r = random.Random(4)
    rules(r, os.path.join(work, "rules"))
    samples = files(r, os.path.join(work, "files"))
    n = compare(program, hits, os.path.join(work, "rules"), samples)
    if n < 500:
        sys.exit("only %d hits: the test has lost its teeth" % n)
    print("%d hits, the same in both" % n)
    if len(sys.argv) > 3:
        os.makedirs(os.path.join(work, "strings"))
        bad = collection(program, hits, sys.argv[3], os.path.join(work, "strings"))
        shutil.rmtree(work)
        sys.exit(bad != 0)


if __name__ == "__main__":
    main()
