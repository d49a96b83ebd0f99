#!/usr/bin/env python3
"""Archives that somebody made on purpose, hunted with the real program; prints what was said of each.

    archives.py AFTERPATCH LAB FOLDER [CASE...]

Each archive also holds a small true story made by the lab: a page, and the log rows that show how it came and that it was used. Whatever is
refused beside it, the story is read to its end: the exit code is 7 and every finding of the plain folder is there. What must be said, and of
what, stands with each case. For all of them hold: a schema-valid report, no control characters on the terminal, no markup in the page, no
formula in a table, bounds on memory and time, and nothing written outside --out (listed before and after; traced with strace for one).
"""
import csv, hashlib, io, json, lzma, os, re, shutil, struct, subprocess, sys, time, zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../schema"))
import run
import summary
import validate
from makers import *
from run import Failed, ODD, Page, W3C, need, row

MEMORY_MAX, SECONDS_MAX = 320 << 20, 20
SANITIZED = False
WEB, IIS = "C/inetpub/wwwroot/aspnet_client/", "C/inetpub/logs/LogFiles/W3SVC1/"
ACCEPTED = (0, 3, 4, 5, 6, 7)
OWNED = b"<%@ Page %><html>afterpatch-owned</html>"
TRUE = {}                              # the true story: name in the archive to bytes
SHELL = ""                             # its page
CASES = {}


def case(about, said=(), exit=7, whole=True, args=(), stderr="", seconds=None):
    """said: (part of the path, part of what is said of it). whole: every finding of the plain folder must be there."""
    def note(make):
        CASES[make.__name__] = dict(make=make, about=about, said=said, exit=exit, whole=whole, args=args, stderr=stderr, seconds=seconds, after=None)
        return make
    return note


def after(name):
    """A look at the report of one case, beyond what all have in common."""
    def note(check):
        CASES[name]["after"] = check
        return check
    return note


def write(here, name, data):
    path = os.path.join(here, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def story():
    return Zip().tree(TRUE)


def finish(here, z, name="evidence.zip", **more):
    return write(here, name, z.done(**more))


# ---- controls: the same story in every container ----

@case("a zip with nothing wrong")
def control_zip(here):
    return finish(here, story())


for suffix in PACK:
    def make(here, suffix=suffix):
        return write(here, "evidence.tar" + suffix, PACK[suffix](tar(TRUE)))
    make.__name__ = "control_tar" + suffix.replace(".", "_")
    case("a tar" + suffix + " with nothing wrong")(make)


@case("a 7z with nothing wrong")
def control_7z(here):
    return write(here, "evidence.7z", seven(TRUE))


# ---- names ----

TRAVERSAL = ["../../../../tmp/afterpatch-owned.aspx", "a/../../afterpatch-owned.aspx", WEB + "../../../../afterpatch-owned.aspx", "..\\..\\afterpatch-owned.aspx",
             "\\\\server\\share\\afterpatch-owned.aspx", "\\\\?\\C:\\afterpatch-owned.aspx", "//server/share/afterpatch-owned.aspx", "C:afterpatch-owned.aspx"]


@case("names that climb out: ../, ..\\, UNC, device, drive", said=[("..", "unsafe name"), ("server", "network or device"), ("C:afterpatch", "drive")])
def names_traversal_zip(here):
    z = story()
    for name in TRAVERSAL:
        z.add(name, OWNED)
    return finish(here, z)


@case("the same in a tar", said=[("..", "unsafe name"), ("server", "network or device")])
def names_traversal_tar(here):
    return write(here, "evidence.tar", tar(TRUE, b"".join(tar_file(n, OWNED) for n in TRAVERSAL)))


@case("the same in a 7z", said=[("..", "unsafe name")])
def names_traversal_7z(here):
    return write(here, "evidence.7z", seven(dict(TRUE, **{n: OWNED for n in TRAVERSAL})))


@case("absolute names and drive names are names of the tree, nothing more")
def names_absolute(here):
    z = story()
    for name in ("/etc/cron.d/afterpatch-owned", "\\temp\\afterpatch-owned.aspx", "C:\\inetpub\\wwwroot\\aspnet_client\\owned-too.aspx", "/"):
        z.add(name, OWNED)
    return finish(here, z)


@case("a NUL in a name", said=[("x.aspx", "NUL")])
def names_nul(here):
    z = story()
    z.add(WEB.encode() + b"x.aspx\0.txt", OWNED)
    return finish(here, z)


@case("a path that goes 10,000 folders deep", said=[("deep", "too deep")])
def names_deep(here):
    z = story()
    z.add("deep/" * 10000 + "x.aspx", OWNED)
    return finish(here, z)


@case("the same in a tar, by a pax header", said=[("deep", "too deep")])
def names_deep_tar(here):
    return write(here, "evidence.tar", tar(TRUE, tar_file(b"deep/" * 10000 + b"x.aspx", OWNED)))


@case("names of 65,535 bytes", said=[("AAAA", "too long")])
def names_long(here):
    z = story()
    z.add(WEB + "A" * (65535 - len(WEB)), OWNED)
    z.add("A" * 65535, OWNED)
    return finish(here, z)


@case("names of devices: CON, NUL.aspx, COM1 are read and told", said=[("NUL.aspx", "device"), ("CON", "device"), ("COM1", "device")])
def names_device(here):
    z = story()
    for name in ("CON", "NUL.aspx", "COM1.aspx", "lpt9", "AUX.log"):
        z.add(WEB + name, OWNED)
    return finish(here, z)


@case("dots and blanks at the end, an alternate stream: pages that Windows would serve by another name")
def names_windows(here):
    z = story()
    for name in ("a.aspx.", "b.aspx ", "c.aspx. . .", "d.aspx:stream", "e.txt:f.aspx", "g.aspx::$DATA", "h::$INDEX_ALLOCATION/x.aspx"):
        z.add(WEB + name, OWNED)
    return finish(here, z)


@case("CP437, broken UTF-8 with and without its flag, overlong forms")
def names_encoding(here):
    z = story()
    z.add(WEB.encode() + b"\x81ber.aspx", OWNED)
    for name in (b"bad\xff\xfe.aspx", b"\xc0\xae\xc0\xae/x.aspx", b"\xed\xa0\x80.aspx", b"\xf4\x90\x80\x80.aspx"):
        z.add(WEB.encode() + name, OWNED, flags=UTF8)
        z.add(WEB.encode() + b"plain-" + name, OWNED, flags=0)
    return finish(here, z)


@after("names_encoding")
def check_encoding(report, out):
    with open(os.path.join(out, "manifest.csv"), encoding="utf-8") as f:
        need("\u00fcber.aspx" in f.read(), "a CP437 name is not read as one")


@case("a second name in an extra field, for readers that believe it", said=[("..", "unsafe name")])
def names_second(here):
    z = story()
    for name, second in (("C/harmless.txt", b"../../afterpatch-owned.aspx"), ("C/other.txt", b"C/inetpub/wwwroot/aspnet_client/second.aspx")):
        z.add(name, OWNED, extra=struct.pack("<2HBI", 0x7075, 5 + len(second), 1, zlib.crc32(name.encode())) + second)
    return finish(here, z)


@after("names_second")
def check_second(report, out):
    with open(os.path.join(out, "manifest.csv"), encoding="utf-8") as f:
        text = f.read()
    need("second.aspx" in text, "the name in the extra field is not the one that counts")


@case("terminal escapes, markup, formulas and turned text in names and in log text")
def names_texts(here):
    z, text = story(), ""
    for i, s in enumerate(ODD):
        t = s.replace(" ", "+")
        text += row(at=f"2021-03-03 11:{i:02d}:00", uri=f"/aspnet_client/{t}.aspx", query=t, method="POST", agent=t)
        z.add(WEB + s.replace("/", "_").replace("\\", "_") + ".aspx", run_page(s))
        z.add(s.replace("/", "_") + "/../x", OWNED)
    z.add(IIS + "u_ex210304.log", (W3C + text).encode("utf-8", "surrogateescape"))
    return finish(here, z, "evil\x1b[31m=cmd.zip")


def run_page(s):
    return b"<%@ Page %><% Response.Write(1) %>" + s.encode()


@case("one name three times, contents differ: all are read and told apart")
def names_twice(here):
    z = Zip()
    z.add(SHELL, b"<html>nothing here</html>")
    z.tree(TRUE)
    z.add(SHELL, b"<html>nor here</html>")
    z.add(SHELL.upper().replace("C/INETPUB/WWWROOT", "C/inetpub/wwwroot"), b"<html>other case</html>")
    return finish(here, z)


@case("the same in a tar")
def names_twice_tar(here):
    return write(here, "evidence.tar", tar_file(SHELL, b"<html>nothing here</html>") + tar(TRUE, tar_file(SHELL, b"<html>nor here</html>")))


@after("names_twice")
def check_twice(report, out, n=4):
    with open(os.path.join(out, "manifest.csv"), encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["path"].lower().endswith(os.path.basename(SHELL).lower())]
    need(len(rows) == n and len({r["sha256"] for r in rows}) == n, "%d of %d files of one name are in the manifest" % (len(rows), n))


@after("names_twice_tar")
def check_twice_tar(report, out):
    check_twice(report, out, 3)


@case("a file and a folder of one name")
def names_file_and_folder(here):
    z = story()
    z.add(WEB + "both", OWNED)
    z.add(WEB + "both/", b"")
    z.add(WEB + "both/x.aspx", OWNED)
    z.add(SHELL + "/inner.aspx", OWNED)
    return finish(here, z)


# ---- links ----

@case("a zip's symbolic links out of the tree, and files behind them", said=[("up", "leads out"), ("root", "leads out")])
def links_zip(here):
    z = story()
    z.link(WEB + "up", b"../../../../../../etc/passwd")
    z.link(WEB + "root", b"/etc/passwd")
    z.link("out", b"/tmp")
    z.add("out/afterpatch-owned.aspx", OWNED)
    z.link(WEB + "self.aspx", b"self.aspx")
    return finish(here, z)


@case("a tar's symbolic and hard links out of the tree, a device and a pipe", said=[("up.aspx", "leads out"), ("hard.aspx", "leads out")])
def links_tar(here):
    evil = (tar_file(WEB + "up.aspx", kind=b"2", link=b"../../../../../../etc/passwd") + tar_file(WEB + "hard.aspx", kind=b"1", link=b"../../../../../../etc/shadow") +
            tar_file(WEB + "inside.aspx", kind=b"1", link=SHELL.encode()[:100]) + tar_file("out", kind=b"2", link=b"/tmp") + tar_file("out/afterpatch-owned.aspx", OWNED) +
            tar_file("dev/null.aspx", kind=b"3") + tar_file("dev/pipe.aspx", kind=b"6") + tar_file("dev/odd.aspx", OWNED, kind=b"Z"))
    return write(here, "evidence.tar", tar(TRUE, evil))


# ---- bombs ----

@case("1 GB of zeros in 1 MB, as a log", said=[("zeros.log", "ratio")])
def bomb_ratio(here):
    z = story()
    packed, crc, size = zeros(1024)
    z.add(IIS + "zeros.log", packed=packed, crc=crc, size=size)
    return finish(here, z)


@case("the same, and the directory says it is small", said=[("zeros.log", "size")])
def bomb_lies(here):
    z = story()
    packed, crc, size = zeros(1024)
    z.add(IIS + "zeros.log", packed=packed, crc=crc, size=1000)
    return finish(here, z)


@case("the same in a tar.zst of 40 KB", said=[("zeros.log", "ratio")])
def bomb_zst(here):
    head = tar(TRUE)[:-1024] + tar_header((IIS + "zeros.log").encode(), 1 << 30)
    return write(here, "evidence.tar.zst", zstd_frame(head, [(b"\0", (1 << 30) + 1024)]))


@case("overlapping members: 3,000 names for one stream of 50 MB", said=[("", "overlap")])
def bomb_overlap(here):
    z = story()
    packed, crc, size = zeros(50, b"x")
    at = z.add(IIS + "first.log", packed=packed, crc=crc, size=size)
    for i in range(3000):
        z.add(IIS + f"u_ex{i:06d}.log", packed=packed, crc=crc, size=size, offset=at, local=False)
    return finish(here, z)


@case("a zip in a zip in a zip, 50 deep", said=[("inner.zip", "depth")])
def bomb_depth(here):
    inner = story().done()
    for i in range(50):
        z = Zip()
        z.add("inner.zip", inner, STORE)
        inner = z.done()
    z = story()
    z.add("inner.zip", inner, STORE)
    return finish(here, z)


@case("a tar.gz in a tar.gz, 20 deep", said=[("inner.tar.gz", "depth")])
def bomb_tar_depth(here):
    inner = PACK[".gz"](tar(TRUE))
    for i in range(20):
        inner = PACK[".gz"](tar({"inner.tar.gz": inner}))
    return write(here, "evidence.tar.gz", PACK[".gz"](tar(dict(TRUE, **{"inner.tar.gz": inner}))))


@case("a folder: the server's drive, and archives beside it that lie, break off and burst", said=[("deep.zip", "depth"), ("filler2.bin", "truncated"), ("zeros.log", "ratio"), ("x.rar", "RAR")])
def bomb_folder(here):
    top = os.path.join(here, "folder")
    for name, data in TRUE.items():
        run.put(top, name, data)
    inner = b"x"
    for i in range(9):
        z = Zip()
        z.add("deep.zip", inner, STORE)
        inner = z.done()
    run.put(top, "deep.zip", inner)
    run.put(top, "cut.tar.gz", broken("tar.gz", 1))
    z, (packed, crc, size) = Zip(), zeros(1024)
    z.add(IIS + "zeros.log", packed=packed, crc=crc, size=size)
    run.put(top, "bomb.zip", z.done())
    run.put(top, "x.rar", b"Rar!\x1A\x07\x01\0" + filler(3000))
    run.put(top, WEB + "mine.zip", broken("zip", 1))
    return top


@case("16 zips in each of 16 zips in each of 16 zips", said=[("wide.zip", "depth")])
def bomb_wide(here):
    leaf = Zip()
    leaf.add("C/inetpub/wwwroot/x.aspx", OWNED)
    inner = leaf.done()
    for _ in range(3):
        z = Zip()
        for i in range(16):
            z.add(f"{i}.zip", inner)
        inner = z.done()
    z = story()
    z.add("wide.zip", inner)
    return finish(here, z)


@case("100 archives in one, each with 30 logs")
def bomb_streams(here):
    inner, rows = Zip(), (W3C + row() * 6000).encode()
    packed = deflate(rows)
    for i in range(30):
        inner.add(IIS + f"u_ex2103{i + 1:02d}.log", packed=packed, crc=zlib.crc32(rows), size=len(rows))
    body = inner.done()
    z = story()
    for i in range(100):
        z.add(f"part{i}.zip", body)
    return finish(here, z)


@case("600,000 members", said=[("", "too many")])
def bomb_count(here):
    z = story()
    body, central, at = [], [], len(z.body)
    for i in range(600000):
        name = b"%x" % i
        body.append(struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, DOS_TIME, DOS_DATE, 0, 0, 0, len(name), 0) + name)
        central.append(struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, DOS_TIME, DOS_DATE, 0, 0, 0, len(name), 0, 0, 0, 0, 0, at) + name)
        at += len(body[-1])
    z.body += b"".join(body)
    z.central += b"".join(central)
    z.count += 600000
    end = zip64_end(z.count, len(z.central), len(z.body), here=len(z.body) + len(z.central))
    return finish(here, z, zip64=end)


@case("1,500 logs of 60 MB, each in 60 KB: none by itself beyond the ratio that is asked", said=[("", "ratio")])
def bomb_many(here):
    z = story()
    packed, crc, size = zeros(60, b"x")
    for i in range(1500):
        z.add(IIS + f"u_ex{i:06d}.log", packed=packed, crc=crc, size=size)
    return finish(here, z)


@case("the same in a tar.zst of 1 MB", said=[("", "ratio")])
def bomb_many_zst(here):
    data = zstd_frame(tar(TRUE)[:-1024])
    for i in range(1500):
        data += zstd_frame(tar_header((IIS + f"u_ex{i:06d}.log").encode(), 60 << 20), [(b"x", 60 << 20)])
    return write(here, "evidence.tar.zst", data + zstd_frame(b"\0" * 1024))


@case("more than the spool takes", said=[("zz1.log", "spool")], args=["--limits", "spool=600K"])
def bomb_spool(here):
    logs = {IIS + f"zz{i}.log": W3C.encode() + filler(500000) for i in range(3)}
    return write(here, "evidence.tar.gz", PACK[".gz"](tar(dict(TRUE, **logs))))


@case("a limit of the operator's own", said=[("", "too many")], args=["--limits", "members=40"])
def bomb_limit(here):
    z = story()
    for i in range(60):
        z.add(f"z{i}.txt", b"x")
    return finish(here, z)


# ---- numbers that lie ----

@case("stated sizes too small and too large, a wrong checksum", said=[("small.aspx", "size"), ("large.aspx", "size"), ("crc.aspx", "checksum")])
def lie_sizes(here):
    z, page = story(), b"<%@ Page %>" + b"x" * 5000
    z.add(WEB + "small.aspx", page, size=100)
    z.add(WEB + "large.aspx", page, size=100000)
    z.add(WEB + "crc.aspx", page, crc=0x12345678)
    return finish(here, z)


@case("a packed size beyond the end, an offset beyond the end, an offset into another member", said=[("packed.aspx", "truncated"), ("beyond.aspx", "beyond the end"), ("elsewhere.aspx", "no member begins")])
def lie_offsets(here):
    z, page = story(), b"<%@ Page %>" + b"x" * 5000
    z.add(WEB + "packed.aspx", page, packed_size=0x7FFFFFF0)
    z.add(WEB + "beyond.aspx", page, offset=0x7FFFFFF0)
    z.add(WEB + "elsewhere.aspx", page, offset=7)
    return finish(here, z)


@case("local and central names differ: the directory counts", said=())
def lie_local_name(here):
    z = story()
    z.add(WEB + "central.aspx", OWNED, local_name=b"../../etc/passwd")
    return finish(here, z)


@case("zip64: sizes of 8 EiB and more", said=[("huge.aspx", "")])
def lie_zip64(here):
    z = story()
    for name, size, packed in (("huge.aspx", (1 << 63) - 1, 100), ("huger.aspx", (1 << 64) - 1, (1 << 64) - 1)):
        extra = struct.pack("<2H2Q", 1, 16, size, packed)
        z.add(WEB + name, OWNED, size=0xFFFFFFFF, packed_size=0xFFFFFFFF, extra=extra, version=45)
    return finish(here, z)


@case("zip64: a directory of 2^40 entries that is not there", said=[("evidence.zip", "without its directory")])
def lie_zip64_end(here):
    z = story()
    return finish(here, z, zip64=zip64_end(1 << 40, 1 << 60, 1 << 61, 1 << 62), count=0xFFFF, at=0xFFFFFFFF)


@case("the end record says that the directory is elsewhere", said=[("evidence.zip", "not where")])
def lie_directory(here):
    return finish(here, story(), at=100)


@case("fewer members stated than there are", said=[("evidence.zip", "damaged directory")])
def lie_count(here):
    return finish(here, story(), count=3)


@case("no directory at all: read from the local headers", said=[("evidence.zip", "directory")])
def cut_directory(here):
    return finish(here, story(), central=False, end=False)


@case("something in front: a self-extracting archive", said=[("evidence.zip", "in front")])
def lie_prefix(here):
    return finish(here, story(), prefix=b"MZ\x90\0\3\0" + b"\0\x90" * 35000)


@case("the same, with offsets that do not know of it", said=[("evidence.zip", "in front")])
def lie_prefix_unknown(here):
    return finish(here, story(), prefix=b"MZ\x90\0\3\0" + b"\0\x90" * 35000, shift=False)


@case("a comment that holds another zip", said=[("evidence.zip", "more than one directory")])
def lie_comment(here):
    other = Zip()
    other.add("C/other.aspx", OWNED)
    return finish(here, story(), comment=other.done())


@case("a tar whose pax header has 100 MB", said=[("", "")], whole=True)
def lie_pax(here):
    body = b"1 path=" + b"A" * (100 << 20)
    head = tar_header(b"PaxHeader", len(body), b"x")
    data = tar(TRUE)[:-1024] + head + padded(body) + tar_file(WEB + "x.aspx", OWNED) + b"\0" * 1024
    return write(here, "evidence.tar.gz", gzip.compress(data, 1, mtime=0))


@case("a GNU long name of 1 GB", said=[("evidence.tar", "")])
def lie_long_name(here):
    return write(here, "evidence.tar", tar(TRUE)[:-1024] + tar_header(b"././@LongLink", 1 << 30, b"L") + filler(100000))


@case("long names and pax headers in rows, each for the next, none for a file", said=())
def lie_headers(here):
    rows = b"".join(tar_header(b"././@LongLink", 20, b"L") + padded(b"C/long%014d" % i) + pax({b"path": b"C/pax%d" % i, b"size": b"99999999999999999999"}) for i in range(2000))
    return write(here, "evidence.tar", rows + tar_file("C/x.txt", b"x") + tar(TRUE))


@case("a sparse file of a tar that claims 8 EiB", said=[("sparse.log", "")])
def lie_sparse(here):
    size = ((1 << 63) - 1).to_bytes(12, "big")
    size = b"\x80" + size[1:]
    sparse = bytearray(tar_header((IIS + "sparse.log").encode(), 512, b"S", magic=b"ustar  \0"))
    struct.pack_into("12s12s", sparse, 386, b"00000000000\0", b"00000001000\0")
    sparse[483:495] = size
    sparse[148:156] = b" " * 8
    sparse[148:156] = b"%06o\0 " % sum(sparse)
    return write(here, "evidence.tar", tar(TRUE)[:-1024] + bytes(sparse) + b"x" * 512 + tar_file(WEB + "y.aspx", OWNED) + b"\0" * 1024)


@case("a tar member of 8 EiB, and a negative one", said=[("", "")], whole=True)
def lie_tar_size(here):
    evil = tar_header((WEB + "neg.aspx").encode(), 0, number=b"\xff" * 12) + tar_header((WEB + "big.aspx").encode(), (1 << 63) - 1)
    return write(here, "evidence.tar", tar(TRUE)[:-1024] + evil + b"x" * 4096)


@case("a 7z that states 2^40 files", whole=False, exit=ACCEPTED + (1,))
def lie_7z_count(here):
    return write(here, "evidence.7z", seven(TRUE, count=1 << 40))


@case("a 7z whose members are larger than stated", whole=False, exit=ACCEPTED + (1,))
def lie_7z_sizes(here):
    return write(here, "evidence.7z", seven(TRUE, sizes=[1 << 50] * len(TRUE)))


# ---- broken off ----

def filler(n):
    return hashlib.shake_128(b"filler").digest(n)


def broken(form, third):
    files = dict(TRUE)
    for i in range(8):
        files[f"C/Windows/Temp/filler{i}.bin"] = filler(400000 + 4000 * i)
    whole = Zip().tree(files).done() if form == "zip" else seven(files) if form == "7z" else PACK[form[3:]](tar(files))
    return whole[:len(whole) * third // 3]


for form in ["zip", "7z"] + ["tar" + s for s in PACK]:
    for third in (1, 2):
        def make(here, form=form, third=third):
            return write(here, "evidence." + form, broken(form, third))
        make.__name__ = f"cut_{form.replace('.', '_')}_{third}"
        if form == "7z":                # its directory is at the end: nothing can be known
            case(f"a 7z that ends after {third} of 3 parts", exit=(1,), whole=False, stderr="unreadable archive")(make)
        else:
            case(f"a {form} that ends after {third} of 3 parts", said=[("", "")])(make)


@case("broken archives inside a whole one", said=[("cut.zip", ""), ("cut.7z", ""), ("hidden.7z", "encrypted"), ("rubbish.zip", ""), ("old.rar", "RAR")])
def cut_inside(here):
    z = story()
    z.add("cut.zip", broken("zip", 2), STORE)
    z.add("cut.7z", broken("7z", 2), STORE)
    z.add("hidden.7z", seven(TRUE, hidden=True), STORE)
    z.add("empty.zip", Zip().done(), STORE)
    z.add("rubbish.zip", b"PK\3\4" + filler(3000), STORE)
    z.add("old.rar", b"Rar!\x1A\x07\x01\0" + filler(3000), STORE)
    return finish(here, z)


@case("an archive with nothing in it", exit=(1,), whole=False)
def cut_empty(here):
    return write(here, "evidence.zip", Zip().done())


@case("a file of no bytes that is called a zip", exit=(1,), whole=False)
def cut_nothing(here):
    return write(here, "evidence.zip", b"")


@case("rubbish between the members of a tar: what follows is found", said=[("evidence.tar", "")])
def cut_middle_tar(here):
    parts = [tar_file(n, d) for n, d in TRUE.items()]
    return write(here, "evidence.tar", tar_file("C/first.txt", b"x") + filler(5120) + b"".join(parts[:3]) + tar_header(b"C/bad.txt", 100, sum_ok=False) + padded(filler(100)) +
                 b"".join(parts[3:]) + b"\0" * 1024)


@case("a zip whose first half is lost: its directory names what is gone", said=[("evidence.zip", "beginning"), ("filler0", "truncated")])
def cut_front_zip(here):
    files = {f"C/Windows/Temp/filler{i}.bin": filler(100000) for i in range(4)}
    whole = Zip().tree(files).tree(TRUE).done()
    return write(here, "evidence.zip", whole[250000:])


@case("the first sector of a zip is zeros", whole=False, said=[("", "no member begins")])
def cut_sector_zip(here):
    whole = bytearray(Zip().tree({"C/first.txt": filler(600)}).tree(TRUE).done())
    whole[:512] = bytes(512)
    return write(here, "evidence.zip", whole)


@case("one bad byte in a directory of a zip", whole=False, said=[("evidence.zip", "damaged directory")])
def cut_record_zip(here):
    whole = bytearray(Zip().tree(TRUE).tree({f"C/z{i}.txt": b"x" for i in range(10)}).done())
    at = -1
    for _ in range(len(TRUE) + 3):
        at = whole.index(b"PK\1\2", at + 1)
    whole[at + 1] = 0
    return write(here, "evidence.zip", whole)


# ---- locked, unknown, misnamed ----

@case("locked members: traditional and AES", said=[("locked.aspx", "encrypted"), ("aes.aspx", "encrypted")])
def locked_zip(here):
    z = story()
    z.add(WEB + "locked.aspx", OWNED, password=b"infected")
    z.add(WEB + "aes.aspx", b"", 99, flags=ENCRYPTED, packed=filler(60), size=40, crc=0, extra=struct.pack("<2HH2sBH", 0x9901, 7, 2, b"AE", 3, 8), version=51)
    return finish(here, z)


@case("everything locked", said=[("larder.aspx", "encrypted")], exit=3, whole=False)
def locked_all(here):
    z = Zip()
    for name, data in TRUE.items():
        z.add(name, data[:3000], password=b"infected")
    return finish(here, z)


@case("the same, with its password", whole=True, args=["--password-file", "password"])
def locked_open(here):
    write(here, "password", b"infected\n")
    z = Zip()
    for name, data in TRUE.items():
        z.add(name, data, password=b"infected")
    return finish(here, z)


@case("a 7z with an encrypted directory", exit=(1,), whole=False, stderr="encrypted")
def locked_7z(here):
    return write(here, "evidence.7z", seven(TRUE, hidden=True))


@case("methods that nobody reads here", said=[("m97.aspx", "method"), ("m6.aspx", "method"), ("m1000.aspx", "method")])
def odd_method(here):
    z = story()
    for m in (97, 6, 1000):
        z.add(WEB + f"m{m}.aspx", OWNED, m, packed=filler(50))
    return finish(here, z)


@case("bzip2 inside a zip is read")
def odd_bzip2(here):
    z = Zip()
    for name, data in TRUE.items():
        z.add(name, data, 12, version=46)
    return finish(here, z)


@case("a stream that is no deflate stream", said=[("noise.aspx", "")])
def odd_stream(here):
    z = story()
    z.add(WEB + "noise.aspx", b"x" * 1000, packed=filler(500))
    return finish(here, z)


@case("a tar that is called .zip")
def odd_tar_as_zip(here):
    return write(here, "evidence.zip", tar(TRUE))


@case("a tar.gz in two members, with rubbish behind", said=())
def odd_gz_members(here):
    data = tar(TRUE)
    half = len(data) // 2
    return write(here, "evidence.tar.gz", PACK[".gz"](data[:half]) + PACK[".gz"](data[half:]) + filler(5000))


@case("a zip that is called .tar.gz")
def odd_zip_as_tar(here):
    return write(here, "evidence.tar.gz", story().done())


@case("backslashes between the folders, as old .NET writes them")
def odd_backslash(here):
    z = Zip()
    for name, data in TRUE.items():
        z.add(name.replace("/", "\\"), data)
    return finish(here, z)


@case("a data descriptor behind each member, sizes of 0 in front")
def odd_descriptor(here):
    z = Zip()
    for name, data in TRUE.items():
        at = len(z.body)
        z.add(name, data, flags=8)
        struct.pack_into("<3I", z.body, at + 14, 0, 0, 0)
        z.body += struct.pack("<4s3I", b"PK\7\x08", zlib.crc32(data), len(deflate(data)), len(data))
    return finish(here, z)


# ---- collectors that lie ----

def velociraptor(uploads, extra=None):
    z = Zip()
    z.add("client_info.json", b'{"Hostname":"EXCH01","Fqdn":"exch01.bakery.example","OS":"windows"}')
    z.add("uploads.json", uploads)
    for name, data in TRUE.items():
        z.add("uploads/auto/C%3A/" + name[2:], data)
    for name, data in (extra or {}).items():
        z.add(name, data)
    return z


def upload(path, components, **more):
    return json.dumps(dict({"vfs_path": path, "_Components": components, "file_size": 10, "uploaded_size": 10, "Type": ""}, **more)).encode() + b"\n"


@case("Velociraptor: uploads.json names paths that climb out", whole=True)
def side_uploads(here):
    lies = b""
    for name in TRUE:
        parts = name[2:].split("/")
        lies += upload("C:\\..\\..\\Windows\\" + parts[-1], ["uploads", "auto", "C:"] + parts)
    lies += upload("\\\\server\\share\\x", ["uploads", "..", "..", "x"]) + upload("C:\\x", ["uploads", "auto", "C:", "..", "x"]) + b"{\n[[[[\nnull\n\xff\xfe\n"
    return finish(here, velociraptor(lies, {"uploads/auto/C%3A/inetpub/%2E%2E%5C%2E%2E/x.aspx": OWNED, "uploads/auto/C%3A/%2E%2E/x.aspx": OWNED,
                                            "uploads/auto/C%3A/a%2Fb.aspx": OWNED, "uploads/auto/C%3A/a%00b.aspx": OWNED}), "Collection-EXCH01.zip")


@case("Velociraptor: one line of JSON with 200 MB", whole=True)
def side_line(here):
    z = velociraptor(b"", {})
    z2 = Zip()
    z2.add("client_info.json", b'{"Hostname":"EXCH01"}')
    packed, crc, size = zeros(200, b"[")
    z2.add("uploads.json", packed=packed, crc=crc, size=size)
    for name, data in TRUE.items():
        z2.add("uploads/auto/C%3A/" + name[2:], data)
    return finish(here, z2, "Collection-EXCH01.zip")


@case("Velociraptor: sparse ranges that overlap, are negative and reach 16 EiB", whole=True)
def side_sparse(here):
    idx = {"ranges": [{"file_offset": 0, "original_offset": (1 << 63) - 1, "file_length": 5, "length": (1 << 63) - 1}, {"file_offset": 0, "original_offset": 0, "file_length": 5, "length": 5},
                      {"file_offset": -5, "original_offset": 3, "file_length": 1 << 60, "length": -1}] * 1000}
    up = upload("C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210309.log", ["uploads", "auto", "C:", "inetpub", "logs", "LogFiles", "W3SVC1", "u_ex210309.log"])
    up += upload("C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210309.log", ["uploads", "auto", "C:", "inetpub", "logs", "LogFiles", "W3SVC1", "u_ex210309.log.idx"], Type="idx")
    base = "uploads/auto/C%3A/inetpub/logs/LogFiles/W3SVC1/u_ex210309.log"
    return finish(here, velociraptor(up, {base: W3C.encode(), base + ".idx": json.dumps(idx).encode()}), "Collection-EXCH01.zip")


@case("Velociraptor: the locked container, its key with somebody else", exit=(1,), whole=False, stderr="encrypted")
def side_locked(here):
    z = Zip()
    z.add("metadata.json", b'{"Scheme":"X509","EncryptedPass":"AAAA"}')
    z.add("data.zip", story().done()[:4000], STORE, password=b"unknown")
    return finish(here, z, "Collection-EXCH01.zip")


@case("DFIR-ORC: GetThis.csv that goes in circles", whole=True)
def side_orc(here):
    z = story()
    rows = "ComputerName,VolumeID,ParentFRN,FRN,FullName,SampleName,SizeInBytes,MD5,SHA1,FindMatch,ContentType,SampleCollectionDate,CreationDate\r\n"
    for i in range(2000):
        rows += f"EXCH01,0x1,0x1,0x1,\\..\\..\\x{i % 3}.aspx,GetThis.csv,1,,,,data,,\r\nEXCH01,0x1,0x1,0x1,GetThis.csv,../../x,99999999999999999999,,,,data,,\r\n"
    z.add("orc/GetThis.csv", rows.encode())
    inner = Zip()
    inner.add("GetThis.csv", rows.encode())
    z.add("DFIR-ORC_Server_EXCH01_Browsers.7z", seven({"GetThis.csv": rows.encode(), "x.7z": seven({"GetThis.csv": rows.encode()})}), STORE)
    return finish(here, z)


@case("KAPE: a copy log that sends every file elsewhere", whole=False)
def side_kape(here):
    z = Zip()
    rows = "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n"
    for name in TRUE:
        rows += '2021-03-12 10:00:00.0000000,C:\\..\\..\\etc\\passwd,"D:\\out\\' + name.replace("/", "\\") + '",1,,False,0001-01-01 00:00:00,9999-99-99 99:99:99,,00:00:00\r\n'
    z.add("2021-03-12T10_00_00_1234567_Exchange_copylog.csv", rows.encode())
    for name, data in TRUE.items():
        z.add(name, data)
    return finish(here, z, "2021-03-12T100000_Exchange_EXCH01.zip")


# ---- many servers ----

def renamed(name):
    return {n: d.replace(b"EXCH01", name).replace(b"exch01", name) for n, d in TRUE.items()}


@case("three servers, two of which call themselves CON and ../../PWN")
def servers_names(here):
    z = Zip().tree({"one/" + n: d for n, d in TRUE.items()})
    z.tree({"two/" + n: d for n, d in renamed(b"CON").items()})
    z.tree({"three/" + n: d for n, d in renamed(b"../../PWN").items()})
    z.tree({"four/" + n: d for n, d in renamed(b"<script>=cmd").items()})
    return finish(here, z)


@case("300 servers in one archive", seconds=60)
def servers_many(here):
    z = Zip().tree({"one/" + n: d for n, d in TRUE.items()})
    log = W3C.replace("s-ip", "s-computername") + row().replace("192.0.2.5", "%s") * 3
    for i in range(39):
        z.add(f"s{i}/" + IIS + "u_ex210303.log", log.replace("%s", f"SRV{i}").encode())
    return finish(here, z)


# ---- running ----

def lab_story(lab, here):
    """The rows and files around one page, out of a whole server of the lab."""
    global SHELL
    subprocess.run([lab, "make", "shell-used", here, "--seed", "7", "--days", "80"], check=True, stdout=subprocess.DEVNULL)
    root = os.path.join(here, "evidence")
    wanted = re.compile(r"^C/(inetpub/logs/LogFiles/W3SVC[12]/u_ex210303\.log|inetpub/wwwroot/|Windows/System32/inetsrv/config/|.*/ECP/Server/ECPServer20210303|"
                        r".*/HttpProxy/Ecp/HttpProxy_2021030302)")
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            at = os.path.relpath(path, root)
            if wanted.match(at):
                with open(path, "rb") as f:
                    TRUE[at] = f.read()
    with open(os.path.join(here, "truth.json"), encoding="utf-8") as f:
        page = json.load(f)["back_doors"][0]["path"]
    SHELL = page.replace("\\", "/").replace("C:", "C", 1)
    sorted_true = dict(sorted(TRUE.items()))
    TRUE.clear()
    TRUE.update(sorted_true)
    need(SHELL in TRUE and 5 <= len(TRUE) <= 40, f"the story has {len(TRUE)} files")
    shutil.rmtree(here)


def tell(text):
    return "".join(c if c.isprintable() and c not in "\u202e\u2066" else "\\x%02x" % ord(c) for c in text)


def listing(top, but):
    """Every file below top, with size and time; `but` is where writing is allowed."""
    seen = {}
    for folder, dirs, names in os.walk(top):
        dirs[:] = [d for d in dirs if os.path.join(folder, d) != but]
        for name in dirs + names:
            st = os.lstat(os.path.join(folder, name))
            seen[os.path.join(folder, name)] = (st.st_mode, st.st_size if not os.path.isdir(os.path.join(folder, name)) else 0, st.st_mtime_ns)
    return seen


def apart(make, here):
    """Makes an archive in a process of its own: the peak memory of what we start begins at ours."""
    end, beginning = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.write(beginning, make(here).encode())
            code = 0
        except BaseException as why:
            print("make:", type(why).__name__, why, flush=True)
        os._exit(code)
    os.close(beginning)
    with os.fdopen(end, "rb") as f:
        path = f.read().decode()
    need(os.waitpid(pid, 0)[1] == 0 and path, "the archive could not be made")
    return path


def start(command, out):
    at = time.monotonic()
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=open(out + ".stdout", "wb"), stderr=open(out + ".stderr", "wb"), cwd=os.path.dirname(out))
    try:
        while True:
            pid, status, usage = os.wait4(p.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - at > 300:
                p.kill()
                os.wait4(p.pid, 0)
                raise Failed("no answer after 300 s")
            time.sleep(0.005)
    finally:
        p.returncode = 0
    code = os.waitstatus_to_exitcode(status)
    texts = []
    for name in ("stdout", "stderr"):
        with open(out + "." + name, "rb") as f:
            texts.append(f.read())
    return code, texts[0], texts[1], usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10


def plain_enough(name, text):
    need(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]", text), f"control characters on {name}")


def keys(report):
    return {f["key"]: f["detector"] for f in report["findings"]}


def outputs(out, validator):
    with open(os.path.join(out, "report.json"), encoding="utf-8") as f:
        text = f.read()
    report = json.loads(text)
    need(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text), "control characters in report.json")
    found = validate.faults(validator, report)
    need(not found, f"the report breaks the contract: {found[:3]}")
    with open(os.path.join(out, "report.html"), encoding="utf-8") as f:
        Page(f.read())
    for name in ("timeline.csv", "manifest.csv"):
        with open(os.path.join(out, name), encoding="utf-8", newline="") as f:
            for line in csv.reader(f):
                need(not any(cell[:1] in ("=", "+", "@", "\t") or re.match(r"-[^0-9]", cell) for cell in line), f"a formula in {name}: {line}")
    need(not [n for n in os.listdir(out) if "part" in n or "spool" in n], "half a file is left")
    return report


def damage(report):
    return [(d["path"] or "", d["what"]) for c in report["coverage"] for d in c["damaged"]]


def judge_summary(c, out, base, validator):
    """Several servers: the summary, and the report of the one whose story is true."""
    path = os.path.join(out, "summary.json")
    schema = validate.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/summary.schema.json"))
    found = summary.faults(validate.jsonschema.Draft202012Validator(schema, format_checker=validate.jsonschema.FormatChecker()), validate.load(path), out)
    need(not found, f"the summary breaks its schema: {found[:3]}")
    with open(os.path.join(out, "summary.html"), encoding="utf-8") as f:
        Page(f.read())
    ours = {"summary.json", "summary.html", "summary.csv"}
    for name in set(os.listdir(out)) - ours:
        need(re.fullmatch("[A-Za-z0-9_][A-Za-z0-9._-]*", name) and not re.fullmatch(r"(?i)(con|nul|aux|prn|com\d|lpt\d)(\..*)?", name), f"a folder called {name!r}")
        if name.startswith("SRV") and name != "SRV7":
            continue
        outputs(os.path.join(out, name), validator)
    with open(os.path.join(out, "EXCH01/report.json"), encoding="utf-8") as f:
        report = json.load(f)
    lost = {k: d for k, d in base.items() if k not in keys(report)}
    need(not lost, f"{len(lost)} of {len(base)} findings are lost: {sorted(set(lost.values()))[:6]}")
    with open(path, encoding="utf-8") as f:
        report["servers"] = [s["server"] for s in json.load(f)["servers"]]
    return report


def judge(name, c, code, stdout, stderr, out, base, validator):
    accepted = c["exit"] if isinstance(c["exit"], tuple) else (c["exit"],)
    need(code in accepted, f"exit code {code}, expected {c['exit']}: {tell(stderr[-1500:].decode('utf-8', 'replace'))}")
    plain_enough("stdout", stdout)
    plain_enough("stderr", stderr)
    need(not (b"Sanitizer" in stderr or b"runtime error" in stderr), tell(stderr[-1500:].decode("utf-8", "replace")))
    need(c["stderr"].encode() in stderr, f"stderr does not say {c['stderr']!r}: {stderr[-600:]!r}")
    if os.path.exists(os.path.join(out, "summary.json")):
        return judge_summary(c, out, base, validator)
    if not os.path.exists(os.path.join(out, "report.json")):
        need(code == 1, f"exit code {code} without a report")
        return None
    report = outputs(out, validator)
    told = [(r["path"], r["what"]) for r in report["refused"]] + damage(report)
    for part, what in c["said"]:
        need(any(part in p and what in w for p, w in told), f"{part!r} is not told as {what!r}: {tell(str(told[:8]))}")
    need(all(r["hint"] for r in report["refused"]), "a refusal without a hint")
    need(not any("parser stopped" in r["what"] for r in report["refused"]), "something brought its reader down")
    if c["whole"]:
        lost = {k: d for k, d in base.items() if k not in keys(report)}
        need(not lost, f"{len(lost)} of {len(base)} findings are lost: {sorted(set(lost.values()))[:6]}")
    if c["after"]:
        c["after"](report, out)
    return report


def said_of(report, stderr):
    if report is None:
        lines = [l for l in stderr.decode("utf-8", "replace").splitlines() if l.strip()]
        return tell(" / ".join(lines)[:300])
    count = {}
    if "servers" in report:
        return tell(f"{len(report['servers'])} servers: " + ", ".join(report["servers"][:6]))
    for r in report["refused"]:
        count.setdefault(r["what"], []).append(r["path"])
    for path, what in damage(report):
        count.setdefault("damaged: " + what, []).append(path)
    texts = []
    for what, paths in count.items():
        texts.append(what + (f" (x{len(paths)})" if len(paths) > 1 else "") + ": " + paths[0][-60:])
    return tell("; ".join(texts)) or "nothing to say: read as it is"


def hunt(program, path, out, args=()):
    return start([program, "hunt", "--jobs", "2", "--out", out, *args, path], out)


# Troubles of these are met by several threads, or by libraries: the report must not depend on who came first.
TWICE = {"names_twice", "names_texts", "names_device", "links_tar", "bomb_zst", "bomb_overlap", "lie_sizes", "lie_offsets", "cut_inside", "cut_zip_2", "locked_zip", "odd_method", "side_orc"}


def again(program, path, out, args, report):
    """Once more with one thread: equal but for the run. And the forms for others keep their standards."""
    code, _, stderr, _, _ = start([program, "hunt", "--quiet", "--jobs", "1", "--out", out + "-again", *args, path], out + "-again")
    with open(os.path.join(out + "-again", "report.json"), encoding="utf-8") as f:
        other = json.load(f)
    for r in (report, other):
        r = r.pop("run")
    if other != report:
        for key in report:
            need(other[key] == report[key], f"with one thread {key} differs: {str([x for x in other[key] if x not in report[key]])[:300]} {str([x for x in report[key] if x not in other[key]])[:300]}")
    stix = subprocess.run([sys.executable, "-B", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../schema/stix.py"), out], capture_output=True, text=True)
    need(stix.returncode == 0, f"the forms: {stix.stdout[:300]}")


# ---- nothing is written outside --out ----

CALLS = "open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mknod,mknodat,truncate,chmod,fchmodat,chown,fchownat,utimensat"


def traced(program, path, out):
    """Every call that could write, with the path it names; only below `out`, and /dev/null."""
    strace = shutil.which("strace")
    if not strace:
        print("hostile/archives: strace is not here: the trace is left out")
        return 0
    log = out + ".strace"
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    p = subprocess.run([strace, "-f", "-y", "-qq", "-s", "4096", "-e", "trace=" + CALLS, "-o", log, program, "hunt", "--quiet", "--jobs", "2", "--out", out, path],
                       env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    need(p.returncode == 7, f"traced: exit code {p.returncode}: {p.stderr[-800:]!r}")
    writes = 0
    with open(log, errors="surrogateescape") as f:
        for line in f:
            call = re.match(r"\d+\s+(\w+)\((.*)", line)
            if not call or " = -1 " in line or "resumed>" in line:
                continue
            name, rest = call.groups()
            if name in ("open", "openat", "openat2", "creat") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE", rest) and name != "creat":
                continue
            writes += 1
            base = re.match(r"(?:AT_FDCWD|\d+)<([^>]*)>", rest)
            for text in re.findall(r'"((?:[^"\\]|\\.)*)"', rest):
                where = os.path.normpath(os.path.join(base.group(1) if base else os.path.dirname(out), text))
                need(where == out or where.startswith(out + "/") or where in ("/dev/null", "/dev/tty") or where.startswith("/proc/self/"), f"{name} of {where}: {line.strip()[:300]}")
    need(writes > 5, f"the trace shows {writes} calls that write: it sees nothing")
    return writes


def main(arguments):
    global SANITIZED
    if len(arguments) < 3:
        sys.exit(__doc__)
    program, lab, top = (os.path.abspath(a) for a in arguments[:3])
    only, failed, begun = arguments[3:], 0, time.monotonic()
    with open(program, "rb") as f:
        SANITIZED = b"__asan_init" in f.read()
    shutil.rmtree(top, ignore_errors=True)
    os.makedirs(top)
    schema = validate.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/report.schema.json"))
    validator = validate.jsonschema.Draft202012Validator(schema, format_checker=validate.jsonschema.FormatChecker())
    lab_story(lab, os.path.join(top, "lab"))

    plain = os.path.join(top, "plain")
    for name, data in TRUE.items():
        run.put(plain, name, data)
    code, stdout, stderr, seconds, _ = hunt(program, plain, os.path.join(top, "plain-out"))
    need(code == 7, f"the plain folder: exit code {code}: {stderr!r}")
    base = keys(outputs(os.path.join(top, "plain-out"), validator))
    need(len(base) >= 10, f"the plain folder has {len(base)} findings")

    print(f"{'case':24} {'exit':>4} {'cpu s':>5} {'MB':>4}  what was said")
    for name, c in CASES.items():
        if only and name not in only:
            continue
        here, report, note = os.path.join(top, name), None, ""
        os.makedirs(here)
        out = os.path.join(here, "out")
        code, seconds, memory, stderr = None, 0, 0, b""
        try:
            path = apart(c["make"], here)
            before = listing(top, out)
            code, stdout, stderr, seconds, memory = hunt(program, path, out, c["args"])
            new = {p: v for p, v in listing(top, out).items() if before.get(p) != v and not p.startswith(out + ".") and p != here}
            need(not new and all(os.path.lexists(p) for p in before), f"written outside --out: {list(new)[:3]}")
            need(not os.path.lexists("/tmp/afterpatch-owned.aspx"), "a name climbed out")
            report = judge(name, c, code, stdout, stderr, out, base, validator)
            if name in TWICE:
                again(program, path, out, c["args"], report)
            need(SANITIZED or memory < MEMORY_MAX, f"{memory >> 20} MiB of memory")
            need(seconds < (c["seconds"] or SECONDS_MAX) * (3 if SANITIZED else 1), f"{seconds:.1f} s of processor time")
            if name == "names_traversal_zip":
                note = f" [traced: {traced(program, path, os.path.join(here, 'traced'))} calls that write, all below --out]"
        except Failed as why:
            failed += 1
            note = f"\n    FAILED: {tell(str(why))}"
        except Exception as why:
            failed += 1
            note = f"\n    FAILED: {type(why).__name__}: {tell(str(why))}"
        print(f"{name:24} {'-' if code is None else code:>4} {seconds:5.1f} {memory >> 20:>4}  {said_of(report, stderr)[:400]}{note}", flush=True)
        if "FAILED" not in note:
            shutil.rmtree(here)
    print(f"{len(CASES) if not only else len(only)} hostile archives, {failed} failed, {time.monotonic() - begun:.0f} s")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
