"""Writers of archives that may lie: zip, tar, 7z and zstd from their specifications, standard library only.

Every size, offset, checksum and flag can be overruled, which the writers of the standard library refuse to do.
Source: APPNOTE 6.3.10 (4.3, 4.4, 6.1 traditional encryption, AES by WinZip's AE-2 note); POSIX.1-2017 pax, "ustar" and GNU tar's manual (sparse);
7zFormat.txt of the LZMA SDK; RFC 8878 (zstd).
"""
import bz2, gzip, io, lzma, os, struct, zlib

STORE, DEFLATE = 0, 8
UTF8, ENCRYPTED = 1 << 11, 1
DOS_TIME, DOS_DATE = 10 << 11, (2021 - 1980) << 9 | 3 << 5 | 12


def deflate(data):
    c = zlib.compressobj(6, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


def zeros(megabytes, byte=b"\0"):
    """A deflate stream of so many megabytes of one byte, and their CRC-32: one block, repeated, so it costs nothing to make."""
    block = byte * (1 << 20)
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = c.compress(block) + c.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(megabytes):
        crc = zlib.crc32(block, crc)
    return one * megabytes + b"\x03\0", crc, megabytes << 20


class Cipher:
    """Traditional PKWARE encryption (APPNOTE 6.1): weak, and what `zip -P` writes."""
    table = [0] * 256
    for n in range(256):
        c = n
        for _ in range(8):
            c = c >> 1 ^ 0xEDB88320 if c & 1 else c >> 1
        table[n] = c

    def __init__(self, password):
        self.k = [0x12345678, 0x23456789, 0x34567890]
        for b in password:
            self.update(b)

    def crc(self, c, b):
        return c >> 8 ^ self.table[(c ^ b) & 0xFF]

    def update(self, b):
        k = self.k
        k[0] = self.crc(k[0], b)
        k[1] = ((k[1] + (k[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        k[2] = self.crc(k[2], k[1] >> 24)

    def encrypt(self, data):
        out = bytearray()
        for b in data:
            t = self.k[2] | 2
            out.append(b ^ ((t * (t ^ 1)) >> 8 & 0xFF))
            self.update(b)
        return bytes(out)


class Zip:
    def __init__(self):
        self.body, self.central, self.count = bytearray(), bytearray(), 0

    def add(self, name, data=b"", method=DEFLATE, flags=None, packed=None, crc=None, size=None, packed_size=None, extra=b"", local_extra=None, attributes=0,
            password=None, offset=None, local_name=None, local_size=None, version=20, local=True):
        raw = name if isinstance(name, bytes) else name.encode()
        if flags is None:
            flags = UTF8 if not isinstance(name, bytes) and not raw.isascii() else 0
        stored = packed if packed is not None else deflate(data) if method == DEFLATE else bz2.compress(data) if method == 12 else bytes(data)
        crc = zlib.crc32(data) if crc is None else crc
        size = len(data) if size is None else size
        if password is not None:
            flags |= ENCRYPTED
            stored = Cipher(password).encrypt(bytes(range(11)) + bytes([crc >> 24]) + stored)
        packed_size = len(stored) if packed_size is None else packed_size
        at = len(self.body) if offset is None else offset
        if local:
            named = raw if local_name is None else local_name
            ex = extra if local_extra is None else local_extra
            self.body += struct.pack("<4s5H3I2H", b"PK\3\4", version, flags, method, DOS_TIME, DOS_DATE, crc, packed_size, size if local_size is None else local_size,
                                     len(named), len(ex)) + named + ex + stored
        self.central += struct.pack("<4s6H3I5H2I", b"PK\1\2", 3 << 8 | version, version, flags, method, DOS_TIME, DOS_DATE, crc, packed_size, size, len(raw), len(extra), 0, 0, 0,
                                    attributes, at) + raw + extra
        self.count += 1
        return at

    def link(self, name, target):
        self.add(name, target, STORE, attributes=0o120777 << 16)

    def tree(self, files):
        for name, data in files.items():
            self.add(name, data)
        return self

    def done(self, prefix=b"", shift=True, central=True, end=True, at=None, count=None, comment=b"", zip64=None):
        body = prefix + bytes(self.body)
        start = (len(body) if shift else len(self.body)) if at is None else at
        n = self.count if count is None else count
        out = body + (bytes(self.central) if central else b"")
        if zip64:
            out += zip64
        if end:
            out += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, min(n, 0xFFFF), min(n, 0xFFFF), len(self.central), min(start, 0xFFFFFFFF), len(comment)) + comment
        if prefix and shift:                       # local offsets count from the beginning of the file
            out = bytearray(out)
            at = len(body)
            while out[at:at + 4] == b"PK\1\2":
                n, e, c = struct.unpack_from("<3H", out, at + 28)
                struct.pack_into("<I", out, at + 42, struct.unpack_from("<I", out, at + 42)[0] + len(prefix))
                at += 46 + n + e + c
            out = bytes(out)
        return out


def zip64_end(count, size, at, locator=None, here=0):
    return (struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, at) + struct.pack("<4sIQI", b"PK\6\7", 0, here if locator is None else locator, 1))


# ---- tar ----

def tar_header(name, size=0, kind=b"0", link=b"", mode=0o644, magic=b"ustar\0" + b"00", sum_ok=True, extra=b"", number=None):
    h = bytearray(512)
    h[0:min(100, len(name))] = name[:100]
    h[100:108] = b"%07o\0" % mode
    h[108:116] = h[116:124] = b"0000000\0"
    h[124:136] = number if number is not None else b"%011o\0" % size if size < 8 ** 11 else b"\x80" + size.to_bytes(11, "big")
    h[136:148] = b"%011o\0" % 1615543200
    h[156:157] = kind
    h[157:157 + min(100, len(link))] = link[:100]
    h[257:265] = magic
    if extra:
        h[345:345 + len(extra)] = extra
    h[148:156] = b" " * 8
    h[148:156] = b"%06o\0 " % (sum(h) + (0 if sum_ok else 1))
    return bytes(h)


def padded(data):
    return data + b"\0" * (-len(data) % 512)


def pax(records):
    body = b""
    for key, value in records.items():
        line = b" " + key + b"=" + value + b"\n"
        n = len(line) + len(str(len(line)))
        while len(str(n)) + len(line) != n:
            n = len(str(n)) + len(line)
        body += str(n).encode() + line
    return tar_header(b"PaxHeader", len(body), b"x") + padded(body)


def tar_file(name, data=b"", kind=b"0", link=b"", **more):
    name = name if isinstance(name, bytes) else name.encode()
    head = pax({b"path": name}) if len(name) > 100 and b"\0" not in name else b""
    return head + tar_header(name, len(data), kind, link, **more) + padded(data)


def tar(files, tail=b""):
    return b"".join(tar_file(name, data) for name, data in files.items()) + tail + b"\0" * 1024


def zstd_frame(data=b"", runs=()):
    """Raw blocks of data, then run-length blocks (byte, bytes): without entropy coding a frame is a few headers."""
    out, blocks = b"\x28\xB5\x2F\xFD" + bytes([0, 0x58]), []      # no content size, window 2 MiB
    for i in range(0, len(data), 1 << 17):
        part = data[i:i + (1 << 17)]
        blocks.append((0, len(part), part))
    for byte, n in runs:
        while n:
            part = min(n, 1 << 17)
            blocks.append((1, part, byte))
            n -= part
    if not blocks:
        blocks.append((0, 0, b""))
    body = bytearray(out)
    for i, (kind, n, what) in enumerate(blocks):
        body += (int(i == len(blocks) - 1) | kind << 1 | n << 3).to_bytes(3, "little") + what
    return bytes(body)


PACK = {".gz": lambda d: gzip.compress(d, 6, mtime=0), ".xz": lambda d: lzma.compress(d, preset=1), ".bz2": bz2.compress, ".zst": zstd_frame, "": lambda d: d}


# ---- 7z, members stored as they are ----

def number(n):
    if n < 0x80:
        return bytes([n])
    for extra in range(1, 8):
        if n < 1 << (7 * extra + 7):
            first = (0xFF00 >> extra & 0xFF) | n >> (8 * extra)
            return bytes([first]) + (n & ((1 << 8 * extra) - 1)).to_bytes(extra, "little")
    return b"\xFF" + n.to_bytes(8, "little")


def seven_start(header, packed):
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xBC\xAF\x27\x1C\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


COPY, AES = b"\x01\0", b"\x24\x06\xF1\x07\x01\x12" + b"\x53\x0F" + b"s" * 16


def seven(files, coder=COPY, sizes=None, count=None, hidden=False):
    data, names = list(files.values()), [n if isinstance(n, bytes) else n.encode("utf-16-le") for n in files]
    packed = b"".join(data)
    sizes = sizes or [len(d) for d in data]
    streams = b"\x06\0" + number(len(data)) + b"\x09" + b"".join(number(len(d)) for d in data) + b"\0"
    streams += b"\x07\x0B" + number(len(data)) + b"\0" + (b"\x01" + coder) * len(data) + b"\x0C" + b"".join(number(n) for n in sizes)
    streams += b"\0\x08\x0A\x01" + b"".join(struct.pack("<I", zlib.crc32(d)) for d in data) + b"\0\0"
    if hidden:                                      # a header that is itself encrypted: no name can be known
        return seven_start(b"\x17\x06\0\x01\x09" + number(len(packed)) + b"\0\x07\x0B\x01\0\x01" + AES + b"\x0C" + number(len(packed)) + b"\0\0", packed)
    text = b"\0" + b"".join(n + b"\0\0" for n in names)
    attributes = b"\x01\0" + struct.pack("<I", 0x20) * len(data)
    header = b"\x01\x04" + streams + b"\x05" + number(len(data) if count is None else count) + b"\x11" + number(len(text)) + text + b"\x15" + number(len(attributes)) + attributes + b"\0\0"
    return seven_start(header, packed)
