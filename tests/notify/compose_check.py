"""Notices judged by others than ourselves: Python's mail parser and csv and json, GnuPG, and the rules of RFC 3156, 2045 and 4180 byte by byte.

usage: compose_check.py PROGRAM    PROGRAM DIR writes messages and key.asc into DIR (tests/notify/compose_write.c)
"""
import csv
import email
import email.policy
import hashlib
import base64
import io
import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid

KEY = re.compile(r"^[a-z_][a-z_0-9]+(\.[a-z_0-9]+)*$")
TAG = re.compile(r"^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-]*$")
COLUMNS = "asn,ip,timestamp,port,host,finding,cve,version,detector,case,organisation,path,sha256".split(",")
TAXONOMY = {("vulnerable", "vulnerable-system", "vulnerable-exchange-server"), ("intrusions", "system-compromise", "exchange-server-webshell"), ("other", "other", "exchange-server-clean")}


def header_bytes(raw):
    head, body = raw.split(b"\r\n\r\n", 1)
    for line in head.split(b"\r\n"):
        assert len(line) <= 998 and line, "a header line"
        assert all(c == 9 or 32 <= c < 127 for c in line), line
        assert line[:1] in b" \t" or re.match(rb"^[A-Za-z0-9-]+: ", line), line
    names = [l.split(b":")[0].decode() for l in head.split(b"\r\n") if l[:1] not in b" \t"]
    assert len(names) == len(set(n.lower() for n in names)), "a header twice: %s" % names
    return head, body, names


def signed_part(raw, body):
    """5.2: the octets between the first boundary's line and the CRLF before the second are what was signed."""
    m = re.search(rb'^Content-Type: multipart/signed; micalg=(pgp-sha(?:256|384|512));\r\n protocol="application/pgp-signature";\r\n boundary="([^"]+)"\r\n', raw, re.M)
    assert m, "multipart/signed as RFC 3156 has it"
    mark = b"--" + m.group(2)
    parts = re.split(rb"(?:^|\r\n)" + re.escape(mark) + rb"(--)?\r\n", body)
    parts = parts[::2]
    assert len(parts) == 4, "just two parts"
    content, signature = parts[1], parts[2]
    assert content.startswith(b"Content-Type: multipart/mixed; boundary="), content[:60]
    assert parts[3] == b"" and body.endswith(mark + b"--\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 998 and b"\r" not in line and b"\n" not in line and not line.startswith(b"From ") and not line.endswith((b" ", b"\t")), line
    assert max(content) < 128, "seven bits"
    head, armour = signature.split(b"\r\n\r\n", 1)
    assert b'Content-Type: application/pgp-signature; name="signature.asc"' in head
    assert armour.startswith(b"-----BEGIN PGP SIGNATURE-----\r\n") and armour.rstrip().endswith(b"-----END PGP SIGNATURE-----")
    return m.group(1).decode(), content, armour


def gpg_verify(home, micalg, content, armour):
    for name, data in (("c", content), ("s", armour)):
        with open(os.path.join(home, name), "wb") as f:
            f.write(data)
    r = subprocess.run(["gpg", "--homedir", home, "--batch", "--status-fd", "1", "--trust-model", "always", "--no-auto-check-trustdb", "--verify", os.path.join(home, "s"), os.path.join(home, "c")],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    assert r.returncode == 0 and b"[GNUPG:] GOODSIG" in r.stdout, r.stdout
    valid = re.search(rb"VALIDSIG (?:\S+ ){7}(\d+)", r.stdout)
    assert {"8": "pgp-sha256", "9": "pgp-sha384", "10": "pgp-sha512"}[valid.group(1).decode()] == micalg, "micalg names the hash that was used"


def table(data):
    assert not data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n") and b"\n" not in re.sub(rb'"[^"]*"', b"", data).replace(b"\r\n", b"")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    assert rows[0] == COLUMNS and all(len(r) == len(COLUMNS) for r in rows)
    for row in rows[1:]:
        for cell in row:
            assert not cell[:1] in ("=", "+", "-", "@", "\t", "\r") or not cell, cell
        ipaddress.ip_address(row[1])
        assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", row[2]), row[2]
        assert re.match(r"^[a-z0-9._-]+$", row[4]), row[4]
    assert [(int(r[0] or 0)) for r in rows[1:]] == sorted(int(r[0] or 0) for r in rows[1:])
    return rows[1:]


def idf(data):
    out = []
    for line in data.decode("utf-8").splitlines():
        o = json.loads(line)
        for key, value in o.items():
            assert KEY.match(key), key
            assert not isinstance(value, (dict, list)) and value not in (None, ""), key
        assert o["__type"] == "Event" and (o["classification.taxonomy"], o["classification.type"], o["classification.identifier"]) in TAXONOMY
        assert o["tlp"] in ("WHITE", "GREEN", "AMBER", "RED")
        for key in ("time.source", "time.observation"):
            assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$", o[key]), o[key]
        ipaddress.ip_address(o["source.ip"])
        assert 0 <= o.get("feed.accuracy", 0) <= 100 and 0 < o["source.port"] < 65536
        assert o["source.fqdn"] == o["source.fqdn"].lower() and o["source.fqdn"].isascii()
        assert o["classification.taxonomy"] != "intrusions" or o["malware.name"] == "webshell"
        out.append(o)
    return out


def xarf(data):
    o = json.loads(data)
    assert re.match(r"^4\.\d+\.\d+$", o["xarf_version"]) and uuid.UUID(o["report_id"]).version == 4
    assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", o["timestamp"])
    for who in ("reporter", "sender"):
        assert set(o[who]) == {"org", "contact", "domain"}
    ipaddress.ip_address(o["source_identifier"])
    assert "_internal" not in o and len(o["description"]) <= 1000 and 0 <= o["confidence"] <= 1
    assert 0 < len(o["tags"]) <= 20 and all(TAG.match(t) for t in o["tags"]), o["tags"]
    if o["category"] == "vulnerability":
        assert o["type"] == "cve" and o["service"] and o["service_port"] and re.match(r"^CVE-\d{4}-\d+$", o["cve_id"]) and all(re.match(r"^CVE-\d{4}-\d+$", c) for c in o["cve_ids"])
        assert o["exploitability"] in ("theoretical", "poc_available", "functional", "weaponized")
    else:
        assert (o["category"], o["type"]) == ("infrastructure", "compromised_server") and o["compromise_method"]
    for x in o["evidence"]:
        payload = base64.b64decode(x["payload"], validate=True)
        assert len(payload) == x["size"] and x["hash"] == "sha256:" + hashlib.sha256(payload).hexdigest()
        table(payload)
    return o["report_id"]


def text(part, minimal):
    body = part.get_content().replace("\r\n", "\n")
    assert part["Content-Transfer-Encoding"] == "quoted-printable" and part.get_content_charset() == "utf-8"
    for line in body.split("\n"):
        assert len(line) <= 72 and line == line.rstrip(), line
    assert all(c == "\n" or c >= " " for c in body)
    assert "<html" not in body.lower() and "evil.example" not in re.findall(r"https?://([^/\s]+)", body)
    assert set(re.findall(r"https?://([^/\s]+)", body)) <= {"www.cert.example"}, "links but the official page"
    if not minimal:
        order = [body.find(x) for x in ("TLP:AMBER", "\n1. ", "\n2. ", "\n3. ", "2021-03-06 14:02 UTC: ", "case+abcdefghijklmnopqrstuvwxyz@reply.cert.example", "0123 4567 89AB")]
        assert -1 not in order and order == sorted(order), order
    return body


def message(path, home):
    with open(path, "rb") as f:
        raw = f.read()
    name = os.path.basename(path)
    minimal, hostile = "minimal" in name, "hostile" in name
    assert len(raw) < 1 << 20
    head, body, names = header_bytes(raw)
    assert "Bcc" not in names and "X-Evil" not in names and "Precedence" not in names and "List-Unsubscribe" not in names and "X-Auto-Response-Suppress" not in names
    m = email.message_from_bytes(raw, policy=email.policy.default)
    assert not m.defects and m.get_content_type() == "multipart/signed", m.defects
    assert m["To"].addresses[0].addr_spec == "it@bakery.example" and len(m["To"].addresses) == 1 and m["From"].addresses[0].addr_spec == "notify@cert.example"
    assert m["Reply-To"].addresses[0].addr_spec == "case+abcdefghijklmnopqrstuvwxyz@reply.cert.example" and len(m["Reply-To"].addresses[0].username) <= 64
    assert m["Message-ID"] == "<n.17.1@cert.example>" and m["Subject"].startswith("[CERT-EX 2021-000123] ") and "!" not in m["Subject"]
    assert m["X-CERT-Case"] == "2021-000123" and m["X-CERT-Notice"] == "n.17.1" and (m["X-CERT-TLP"] is None if minimal else m["X-CERT-TLP"] == "TLP:AMBER")
    assert (m["In-Reply-To"] is None and m["Auto-Submitted"] == "auto-generated") or m["In-Reply-To"] == m["References"] == "<n.3.1@cert.example>"
    micalg, content, armour = signed_part(raw, body)
    gpg_verify(home, micalg, content, armour)
    inner = email.message_from_bytes(content, policy=email.policy.default)
    parts = list(inner.iter_parts())
    assert not inner.defects and not any(p.defects for p in parts) and parts[0].get_content_type() == "text/plain"
    said = text(parts[0], minimal)
    if minimal:
        assert len(parts) == 1 and "bakery" not in said and "bakery" not in m["Subject"]
        return
    for fact in ("2021-000123", "n.17.1", "2021-03-08", "TLP:AMBER"):        # what the signature of a mail does not cover stands in its text
        assert fact in said, fact
    assert "Example Bakery" in said or hostile
    assert [p.get_filename() for p in parts[1:3]] == ["2021-000123.csv", "2021-000123.json"] and all(p["Content-Transfer-Encoding"] == "base64" for p in parts[1:])
    assert parts[1]["Content-Type"].startswith("text/csv") and parts[1]["Content-Type"].params["header"] == "present"
    rows, events = table(parts[1].get_content().encode() if isinstance(parts[1].get_content(), str) else parts[1].get_content()), idf(parts[2].get_content())
    assert len(rows) == len(events)
    ids = [xarf(p.get_content()) for p in parts[3:]]
    assert len(ids) == len(set(ids)) and (len(ids) > 0) == (("provider" in name or "csirt" in name or hostile) and "clean" not in name)
    if hostile:
        assert "mail.xn--bkery-4ve.example" in said and "mail.xn--bkery-4ve.example" in (r[4] for r in rows) and "{{nonce}}" in said


def main():
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([sys.argv[1], tmp], check=True)
        home = os.path.join(tmp, "home")
        os.mkdir(home, 0o700)
        subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--import", os.path.join(tmp, "key.asc")], check=True, stderr=subprocess.DEVNULL)
        files = sorted(f for f in os.listdir(tmp) if f.endswith(".eml"))
        assert len(files) > 20
        for f in files:
            try:
                message(os.path.join(tmp, f), home)
            except Exception:
                print("in " + f, file=sys.stderr)
                raise
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        print("%d messages: structure, signatures, tables and reports are right" % len(files))


main()
