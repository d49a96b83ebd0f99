"""What arrived, by others than us: GnuPG says whether the signature holds, Python's email package whether the structure is that of RFC 3156 and of the notification sheet, 5.2.

mail_check.py SENT INBOX KEY N    SENT: the bytes as they were signed and stored, one file a Message-ID; INBOX: a Maildir's new; KEY: the public key; N: so many must be there.
"""
import email
import email.policy
import os
import re
import subprocess
import sys
import tempfile


def die(what):
    sys.exit("mail_check: " + what)


def parts(raw, name):
    """The bytes of each part of a multipart, by its boundary alone (RFC 2046, 5.1.1): the CRLF before a boundary belongs to the boundary."""
    mark = b"\r\n--" + name.encode()
    found = raw.split(mark)
    if not found[-1].startswith(b"--"):
        die("the last boundary is not closed")
    return [p[p.index(b"\r\n") + 2:] for p in found[1:-1]]


def check(raw, sent, home, keyring):
    arrived = re.sub(rb"\r?\n", b"\r\n", raw)              # a Maildir keeps lines as the disk has them
    if not arrived.endswith(sent):
        die("what arrived does not end with the very bytes that were signed")
    added = [line.split(b":")[0].lower() for line in arrived[:len(arrived) - len(sent)].split(b"\r\n") if line and line[:1] not in b" \t"]
    if set(added) - {b"return-path", b"x-original-to", b"delivered-to", b"received"}:
        die("something else was put in front: %r" % added)
    if added.count(b"received") < 2:
        die("it did not go through two mail servers")
    m = email.message_from_bytes(arrived, policy=email.policy.default)
    if m.defects:
        die("defects: %r" % m.defects)
    if m.get_content_type() != "multipart/signed" or m.get_param("protocol") != "application/pgp-signature" or not re.fullmatch("pgp-sha(256|384|512)", m.get_param("micalg")):
        die("not multipart/signed: " + m["Content-Type"])
    inner = list(m.iter_parts())
    if [p.get_content_type() for p in inner] != ["multipart/mixed", "application/pgp-signature"]:
        die("not two parts")
    if [p.get_content_type() for p in inner[0].iter_parts()] != ["text/plain", "text/csv", "application/json"]:
        die("not text, CSV, JSON")
    for p in inner[0].iter_parts():
        if p.defects or p["Content-Transfer-Encoding"] not in ("quoted-printable", "base64"):
            die("a part that is not seven bits")
    text, csv, js = [p.get_content() for p in inner[0].iter_parts()]
    text = text.replace("\r\n", "\n")
    composed = m["X-CERT-Notice"] is not None              # from the pack's texts; the others hold what mail servers are known to change
    if composed and (m["Subject"].split("]")[0].split()[-1] not in text or len(csv.splitlines()) < 2 or not js or max(map(len, text.split("\n"))) > 72):
        die("a notice of the plan's own is not what it should be")
    for line in () if composed else ("From the team, a line that begins so.", "From ", "blanks at the end:   ", "a tab at the end:\t", ".", "..", ".dot", "\u00c4\u00f6\u00fc\u00df \u20ac \u041f\u0440\u0438\u0432\u0435\u0442 \u65e5\u672c"):
        if line not in text.split("\n"):
            die("a line of the text was changed: %r" % line)
    if not composed and ("'=cmd" not in csv or b"192.0.2.7" not in js):
        die("an attachment was changed")
    for name in ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Auto-Submitted", "X-CERT-Case"):
        if len(m.get_all(name, [])) != 1:
            die("the header has not one " + name)
    if (not composed and m["Subject"] != "[CERT-EX 2021-000123] Back door found on m\u00e4il.bakery.example") or len(m["To"].addresses) != 1 or m["Cc"] or m["Bcc"] or m["Precedence"]:
        die("the header is not what was meant")
    body = arrived[arrived.index(b"\r\n\r\n") + 2:]
    signed, signature = parts(body, m.get_boundary())
    if any(b > 127 for b in signed) or any(len(line) > 998 for line in signed.split(b"\r\n")) or re.search(rb"(?m)^From |[ \t]\r$", signed):
        die("the signed part is not one that every mail server leaves alone")
    with tempfile.TemporaryDirectory() as d:
        for name, data in (("data", signed), ("sig", signature[signature.index(b"-----BEGIN"):]), ("bad", signed[:-40] + bytes([signed[-40] ^ 1]) + signed[-39:])):
            with open(os.path.join(d, name), "wb") as f:
                f.write(data)
        run = lambda what: subprocess.run(["gpg", "--homedir", home, "--batch", "--status-fd", "1", "--verify", os.path.join(d, "sig"), os.path.join(d, what)], capture_output=True)
        good = run("data")
        if good.returncode != 0 or b"GOODSIG" not in good.stdout:
            die("GnuPG: " + good.stderr.decode(errors="replace"))
        if run("bad").returncode == 0:
            die("GnuPG takes a changed text")
    return m["Message-ID"].strip("<>")


def main():
    sent, inbox, key, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    seen = set()
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o700)
        subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--import", key], check=True, capture_output=True)
        for name in sorted(os.listdir(inbox)):
            with open(os.path.join(inbox, name), "rb") as f:
                raw = f.read()
            if raw.startswith(b"Return-Path: <>"):         # a report of a mail server to one of theirs
                continue
            at = re.search(rb"(?im)^message-id: <([^>\s]+)>", raw)
            if not at:
                die("arrived without Message-ID: " + name)
            with open(os.path.join(sent, at.group(1).decode()), "rb") as f:
                stored = f.read()
            seen.add(check(raw, stored, home, key))
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], capture_output=True)
    if len(seen) != n:
        die("%d different notices arrived, %d were sent" % (len(seen), n))


main()
