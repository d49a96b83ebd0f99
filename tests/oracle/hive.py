"""Hives below SAMPLES: keys, values and times of `afterpatch registry` against libregf and hivex. hive.py PROGRAM SAMPLES [--list]

Both libraries read a hive as it is stored, so --stored is compared with them. A folder that holds a Recovered* beside a dirty hive with logs (as the
test data of yarp does) tells what Windows itself made of the logs: our replayed view has to equal it.
"""
import collections
import json
import os
import signal
import subprocess
import sys

try:
    import pyregf
except ImportError:
    pyregf = None
try:
    import hivex
except ImportError:
    hivex = None

TEXT = {"REG_SZ", "REG_EXPAND_SZ", "REG_LINK"}
LIMIT_S = 60


class Late(Exception):
    pass


def late(_sig, _frame):
    raise Late()


def wide(data):
    return data.decode("utf-16-le", "replace")


def cut(data):
    """Text up to its NUL, by pairs of bytes."""
    for i in range(0, len(data) - 1, 2):
        if data[i] == 0 and data[i + 1] == 0:
            return data[:i]
    return data[:len(data) // 2 * 2]


def plain(kind, data):
    """The data as our lines have it."""
    if data is None:
        return None
    if kind in (1, 2):
        return wide(cut(data))
    if kind == 4 and len(data) >= 4:
        return int.from_bytes(data[:4], "little")
    if kind == 5 and len(data) >= 4:
        return int.from_bytes(data[:4], "big")
    if kind == 11 and len(data) >= 8:
        return int.from_bytes(data[:8], "little")
    if kind == 6:
        return wide(data[:len(data) // 2 * 2])
    if kind == 7:
        out, item = [], b""
        pairs = [data[i:i + 2] for i in range(0, len(data) - 1, 2)]
        at = 0
        while at < len(pairs):
            if pairs[at] == b"\0\0":
                if item == b"":
                    break
                out.append(wide(item))
                item = b""
            else:
                item += pairs[at]
            at += 1
        if item:
            out.append(wide(item))
        return out
    return data.hex()


NAMES = ["REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_LINK", "REG_MULTI_SZ", "REG_RESOURCE_LIST",
         "REG_FULL_RESOURCE_DESCRIPTOR", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD"]


def kind_name(kind):
    return NAMES[kind] if kind < len(NAMES) else kind


def ours(program, path, stored=True):
    got = subprocess.run([program, "registry"] + (["--stored"] if stored else []) + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if got.returncode:
        return None, got.stderr.decode("utf-8", "replace")
    keys = collections.OrderedDict()
    for line in got.stdout.decode("utf-8").splitlines():
        row = json.loads(line)
        keys.setdefault(row["key"], (row["written"], []))[1].extend((v["name"], v["type"], v["data"]) for v in row["values"])
    return keys, got.stderr.decode("utf-8", "replace")


def of_regf(path):
    f = pyregf.file()
    f.open(path)
    keys = collections.OrderedDict()
    todo = [(f.get_root_key(), "")]
    while todo:
        key, name = todo.pop()
        values = []
        for i in range(key.get_number_of_values()):
            try:
                v = key.get_value(i)
                values.append((v.get_name() or "", kind_name(v.get_type()), plain(v.get_type(), v.get_data() or b"")))
            except OSError:
                values.append(("?", "?", None))
        keys.setdefault(name, (key.get_last_written_time_as_integer(), []))[1].extend(values)
        children = []
        for i in range(key.get_number_of_sub_keys()):
            try:
                sub = key.get_sub_key(i)
                children.append((sub, (name + "\\" if name else "") + (sub.get_name() or "")))
            except OSError:
                keys["?%d\\%s" % (i, name)] = (0, [])
        todo.extend(reversed(children))
    return keys


def of_hivex(path):
    h = hivex.Hivex(path)
    keys = collections.OrderedDict()
    todo = [(h.root(), "")]
    while todo:
        node, name = todo.pop()
        values = []
        for v in h.node_values(node):
            kind, data = h.value_value(v)
            values.append((h.value_key(v), kind_name(kind), plain(kind, data)))
        keys.setdefault(name, (h.node_timestamp(node), []))[1].extend(values)
        children = [(c, (name + "\\" if name else "") + h.node_name(c)) for c in h.node_children(node)]
        todo.extend(reversed(children))
    return keys


# Differences that are known, with their reason; anything else fails the run.
EXPLAINED = {
    "small data in its own place": "libregf of 2020 reads data of one to three bytes that stands in the value itself from the wrong end; hivex and Windows do not",
    "text without its end": "libregf goes on behind the end of a text that has none, or takes one sign more; ours and hivex end where the data ends",
    "text behind the end": "libregf and hivex show what stands behind the NUL of a text, ours ends there as Windows does",
    "name with a NUL": "ours and hivex give the name as stored, libregf ends at the NUL",
    "key below two others": "one cell is listed twice: ours reads it once and says so, the libraries read it twice, or without end",
    "name longer than its place": "ours gives what is there and says so, libregf refuses the key",
    "half of a pair of surrogates": "ours writes U+FFFD, libregf refuses the name",
    "letters of one byte": "libregf takes names of one byte a letter for Windows-1252; ours and hivex for the first 256 characters of Unicode, as Windows does",
    "key with an empty name or a backslash": "paths are joined with backslashes: such names cannot be told apart by path",
}


def reason(name, key, x, y, notes):
    if "\\" in key.strip("\\") and key.split("\\")[-1] == "" or key == "" or key.startswith("\\"):
        return "key with an empty name or a backslash"
    if "\0" in key:
        return "name with a NUL"
    if any("\x80" <= c <= "\x9f" for c in key):
        return "letters of one byte"
    if "\ufffd" in key or (y is None and "\ufffd" in str(x)):
        return "half of a pair of surrogates"
    return None


def value_reason(mine, theirs):
    if isinstance(mine[2], str) and isinstance(theirs[2], str):
        if mine[1] not in TEXT and len(mine[2]) == len(theirs[2]) <= 6 and (set(theirs[2]) <= {"0"} or mine[2].endswith(theirs[2].rstrip("0"))):
            return "small data in its own place"
        if mine[1] in TEXT and theirs[2].startswith(mine[2].rstrip("\ufffd")):
            return "text without its end"
        if mine[1] in TEXT and mine[2].startswith(theirs[2]):
            return "text behind the end"
    return None


def compare(a, b, notes=""):
    """Counts: keys of ours and theirs, keys missing on either side, values that differ, and why as far as it is known."""
    n = collections.Counter()
    why = collections.Counter()
    n["ours"], n["theirs"] = len(a), len(b)
    shown = []
    only_a, only_b = a.keys() - b.keys(), b.keys() - a.keys()
    for side, keys in (("only ours", only_a), ("only theirs", only_b)):
        for key in keys:
            known = reason("", key, key, None, notes)
            if not known and key.startswith("?"):
                known = "name longer than its place" if "name of a key" in notes else "half of a pair of surrogates"
            if not known and side == "only theirs" and "below two others" in notes:
                known = "key below two others"
            if not known and "name of a key" in notes:
                known = "name longer than its place"
            if not known and any("\0" in k for k in only_a):
                known = "name with a NUL"
            if not known and any(k.startswith("\\") or k == "" for k in only_a):
                known = "key with an empty name or a backslash"
            if not known and any("\x80" <= c <= "\x9f" for k in only_a for c in k):
                known = "letters of one byte"
            why[known or "UNKNOWN"] += 1
            n["key " + side] += 1
            shown.append((known or "UNKNOWN", side, key))
    for key in a.keys() & b.keys():
        x, y = a[key][1], b[key][1]
        n["values"] += len(x)
        if x == y:
            continue
        for mine, theirs in zip(x, y):
            if mine != theirs:
                known = value_reason(mine, theirs)
                if not known and "\ufffd" in str(mine[0]):
                    known = "half of a pair of surrogates"
                why[known or "UNKNOWN"] += 1
                n["values differ"] += 1
                shown.append((known or "UNKNOWN", key, str((mine, theirs))[:300]))
        if len(x) != len(y):
            why["UNKNOWN"] += 1
            n["values differ"] += abs(len(x) - len(y))
            shown.append(("UNKNOWN", key, "%d and %d values" % (len(x), len(y))))
    shown.sort(key=lambda row: row[0] != "UNKNOWN")
    return n, shown, why


def hives(top):
    for folder, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                head = f.read(512)
            if head[:4] == b"regf" and head[28:32] == b"\0\0\0\0":
                yield path


def main():
    program, top = sys.argv[1], sys.argv[2]
    listed = "--list" in sys.argv
    signal.signal(signal.SIGALRM, late)
    total, reasons = collections.Counter(), collections.Counter()
    failed = 0
    readers = [(n, r) for n, r, have in (("libregf", of_regf, pyregf), ("hivex", of_hivex, hivex)) if have]
    for path in hives(top):
        short = os.path.relpath(path, top)
        mine, said = ours(program, path)
        notes = "; ".join(line.split("note: ", 1)[1].rsplit(": ", 1)[0] for line in said.splitlines() if "note: " in line)
        total["hives"] += 1
        if mine is None:
            total["not read by ours"] += 1
        for name, read in readers:
            try:
                signal.alarm(LIMIT_S)
                theirs = read(path)
                signal.alarm(0)
            except Late:
                total[name + ": no end in %d s" % LIMIT_S] += 1
                print("%-45s %-8s no end in %d s, ours %s keys" % (short, name, LIMIT_S, "no" if mine is None else len(mine)))
                continue
            except Exception as why:            # the libraries raise what they like
                signal.alarm(0)
                total[name + ": refused" + (", ours too" if mine is None else "")] += 1
                print("%-45s %-8s refused (%s), ours %s keys %s" % (short, name, str(why).strip().splitlines()[-1][-60:], "no" if mine is None else len(mine), notes))
                continue
            if mine is None:
                total[name + ": read, ours not"] += 1
                failed += 1
                print("%-45s %-8s %d keys, ours none: %s" % (short, name, len(theirs), said.strip()[:120]))
                continue
            n, shown, why = compare(mine, theirs, notes)
            reasons.update({name + ": " + k: v for k, v in why.items()})
            failed += why["UNKNOWN"] > 0
            same = not (n["key only ours"] or n["key only theirs"] or n["values differ"])
            total[name + (": equal" if same else ": different")] += 1
            total[name + ": values compared"] += n["values"]
            if not same:
                print("%-45s %-8s %s %s" % (short, name, dict(n), notes))
                for row in shown[:20 if listed else 2]:
                    print("    ", *row)
        recovered = [r for r in os.listdir(os.path.dirname(path)) if r.startswith("Recovered")]
        if recovered and not os.path.basename(path).startswith("Recovered"):
            want, _ = ours(program, os.path.join(os.path.dirname(path), recovered[0]))
            got, said = ours(program, path, stored=False)
            n, shown, _ = compare(got, want)
            same = not (n["key only ours"] or n["key only theirs"] or n["values differ"])
            total["replayed: " + ("equal to Windows" if same else "different from Windows")] += 1
            failed += not same
            print("%-45s replayed %s: %s" % (short, "equals what Windows recovered" if same else "differs", dict(n)))
            for row in shown[:5 if not same else 0]:
                print("    ", *row)
    for key in sorted(total):
        print("%6d  %s" % (total[key], key))
    for key in sorted(reasons):
        print("%6d  different, %s (%s)" % (reasons[key], key, EXPLAINED.get(key.split(": ", 1)[1], "no reason known")))
    return 1 if failed or not total["hives"] else 0


if __name__ == "__main__":
    sys.exit(main())
