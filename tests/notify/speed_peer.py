"""What the same takes elsewhere: Python's email package and one call of gpg a message, two processes. For `make notify-bench`; judges nothing.

usage: speed_peer.py PROGRAM N THREADS     PROGRAM: notify_speed. The texts and tables are those that it wrote: the peer only has to put them together and to sign them.
"""
import concurrent.futures
import email
import email.policy
import os
import re
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
import email.encoders
from email.mime.application import MIMEApplication

KEPT = 200


def one(job):
    home, number, text, parts = job
    inner = EmailMessage(policy=email.policy.SMTP)
    inner.set_content(text, cte="quoted-printable")
    for name, data in parts:
        inner.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    content = inner.as_bytes()
    signature = subprocess.run(["gpg", "--homedir", home, "--batch", "--armor", "--detach-sign", "--digest-algo", "SHA256"], input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    outer = MIMEMultipart("signed", protocol="application/pgp-signature", micalg="pgp-sha256", policy=email.policy.SMTP)
    outer["Subject"], outer["To"], outer["From"], outer["Message-ID"] = "[CERT-EX] notice", "it%d@bakery.example" % number, "notify@cert.example", "<p.%d@cert.example>" % number
    outer.attach(email.message_from_bytes(content, policy=email.policy.SMTP))
    outer.attach(MIMEApplication(signature, "pgp-signature", email.encoders.encode_7or8bit))
    return len(outer.as_bytes())


def main():
    program, n, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "out")
        os.mkdir(out)
        line = subprocess.run([program, str(n), str(threads), out], stdout=subprocess.PIPE, check=True, text=True).stdout
        print(line, end="")
        ours = float(re.search(r"([0-9.]+) ms each", line).group(1))
        home = os.path.join(tmp, "home")
        os.mkdir(home, 0o700)
        subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "Peer <peer@cert.example>", "ed25519", "sign", "never"], check=True, stderr=subprocess.DEVNULL)
        made = []
        for i in range(min(n, KEPT)):
            with open(os.path.join(out, "%d.eml" % i), "rb") as f:
                m = email.message_from_binary_file(f, policy=email.policy.default)
            parts = list(m.iter_parts())[0].iter_parts()
            text, *rest = list(parts)
            made.append((text.get_content(), [(p.get_filename(), p.get_content().encode() if isinstance(p.get_content(), str) else p.get_content()) for p in rest]))
        jobs = [(home, i) + made[i % len(made)] for i in range(n)]
        at = time.monotonic()
        with concurrent.futures.ProcessPoolExecutor(threads) as pool:
            size = sum(pool.map(one, jobs, chunksize=16))
        took = time.monotonic() - at
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        theirs = took * 1000 / n
        print("python email and gpg, %d signed %d processes: %.2f s, %.2f ms each, %d bytes each, 20,000 in %.0f s" % (n, threads, took, theirs, size // n, theirs * 20))
        print("ratio %.2f: the peer's time by ours; ours also renders, in two languages" % (theirs / ours))


main()
