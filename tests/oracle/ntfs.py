#!/usr/bin/env python3
"""NTFS images of a folder (or one made here) listed by imgls and by the Sleuth Kit: the same files, streams, sizes and bytes.

usage: ntfs.py IMGLS DIR_OR_IMAGE...    needs fls and icat; files ending in .raw, .img, .dd, .001 and .E01 are taken (.gz: unpacked first by hand)
Differences of a known class are counted, others are printed and end with 1.
"""
import hashlib
import os
import re
import subprocess
import sys

# NTFS's own files that either side leaves out, or shows in its own way.
OWN = re.compile(r"^/?(\$(AttrDef|BadClus|Bitmap|Boot|LogFile|MFT|MFTMirr|Secure|UpCase|Volume)(:.*)?|\$Extend/.*|\$OrphanFiles.*)$")


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def ours(imgls, image):
    live, deleted = {}, 0
    for line in run(imgls, image).decode("utf-8", "replace").splitlines()[1:]:
        kind, earlier, size, _mtime, _btime, digest, path = line.split(" ", 6)
        path = re.sub(r"^/[A-Z]/?", "", path)
        if kind != "f" or OWN.match(path):
            continue
        if earlier == "0":
            live[path] = (int(size), digest)
        else:
            deleted += 1
    return live, deleted


def offset(image):
    """Of the one NTFS partition, as the Sleuth Kit finds it; empty for a volume."""
    for line in run("mmls", image).decode("utf-8", "replace").splitlines():
        m = re.match(r"^\d+:\s+[\d:]+\s+(\d+)\s+\d+\s+\d+\s+(NTFS|Basic data partition|Microsoft basic data).*", line)
        if m and run("fsstat", "-o", m.group(1), "-t", image).startswith(b"ntfs"):
            return ["-o", m.group(1)]
    return []


def theirs(image):
    """fls -u lists what is not deleted; icat gives the bytes."""
    out, at = {}, offset(image)
    for line in run("fls", *at, "-r", "-p", "-u", image).decode("utf-8", "replace").splitlines():
        m = re.match(r"^(./.) (\d+-\d+-\d+):\t(.*)$", line)
        if not m or m.group(1)[0] not in "r-" or OWN.match(m.group(3)):
            continue
        data = run("icat", *at, image, m.group(2))
        out[m.group(3)] = (len(data), hashlib.sha256(data).hexdigest())
    return out


def main():
    imgls, bad, images = sys.argv[1], 0, []
    for x in sys.argv[2:]:
        images += [os.path.join(d, f) for d, _, fs in os.walk(x) for f in fs] if os.path.isdir(x) else [x]
    for image in sorted(i for i in images if re.search(r"\.(raw|img|dd|001|E01)$", i)):
        mine, deleted = ours(imgls, image)
        other = theirs(image)
        if not mine and not other:
            continue
        missing, more = sorted(set(other) - set(mine)), sorted(set(mine) - set(other))
        differ = sorted(p for p in set(mine) & set(other) if mine[p] != other[p])
        print(f"{image}: {len(mine)} files, {len(missing)} only theirs, {len(more)} only ours, {len(differ)} differ; {deleted} deleted ones still whole")
        for name, paths in (("only theirs", missing), ("only ours", more), ("differ", differ)):
            for p in paths[:5]:
                print(f"    {name}: {p} {mine.get(p)} {other.get(p)}")
        bad += len(missing) + len(more) + len(differ)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
