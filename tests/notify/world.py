"""The world outside, for tests of notices: a mail server on loopback that takes everything, with Postfix's log, and people who answer."""
import asyncio
import datetime
import email
import email.policy
import os
import re
import threading
import zlib

TOKEN = re.compile(r"\+([a-z2-7]{26})@")


def stamp(us):
    return datetime.datetime.fromtimestamp(us / 1e6, datetime.timezone.utc)


class Mail:
    """One message as it arrived: the envelope, the bytes, the day; and what Python's own reader makes of it."""

    def __init__(self, sender, rcpt, data, at_us):
        self.sender, self.rcpt, self.data, self.at_us = sender, rcpt.lower(), data, at_us
        self.message = email.message_from_bytes(data, policy=email.policy.default)
        self.id = (self.message["Message-ID"] or "").strip().strip("<>")
        m = TOKEN.search(sender)
        self.token = m[1] if m else ""

    def parts(self):
        return [p for p in self.message.walk() if not p.is_multipart()]

    def text(self):
        """All that a reader could find in it, encodings undone: subject and every part."""
        out = [str(self.message["Subject"] or "")]
        for p in self.parts():
            body = p.get_payload(decode=True) or b""
            out.append((p.get_filename() or "") + "\n" + body.decode("utf-8", "replace"))
        return "\n".join(out)


class Sink:
    """SMTP (RFC 5321) with DSN (RFC 3461). `now_us` is the simulated moment, which the driver moves. cut: every so many-th message is taken and not answered."""

    def __init__(self, log, cut=0):
        self.mail, self.now_us, self.cut, self.cuts, self.n = [], 0, cut, 0, 0
        self.log = open(log, "a", buffering=1)
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def serve():
            self.server = await asyncio.start_server(self.talk, "127.0.0.1", 0, limit=1 << 22)
            self.port = self.server.sockets[0].getsockname()[1]
            ready.set()
        self.loop.create_task(serve())
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        ready.wait()

    def line(self, program, text):
        self.log.write(f"{stamp(self.now_us).isoformat(timespec='microseconds')} mta postfix/{program}[17]: {text}\n")

    async def talk(self, reader, writer):
        def say(text):
            writer.write(text.encode() + b"\r\n")
        sender = rcpt = None
        try:
            self.line("smtpd", "connect from localhost[127.0.0.1]")
            say("220 mta.cert.example ESMTP Postfix")
            while True:
                line = await reader.readline()
                if not line:
                    return
                word = line.strip().upper()
                if word.startswith(b"EHLO"):
                    say("250-mta.cert.example\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SIZE 10485760")
                elif word.startswith(b"MAIL FROM:"):
                    sender = re.search(rb"<([^>]*)>", line)[1].decode()
                    say("250 2.1.0 Ok")
                elif word.startswith(b"RCPT TO:"):
                    rcpt = re.search(rb"<([^>]*)>", line)[1].decode()
                    say("250 2.1.5 Ok")
                elif word == b"DATA":
                    say("354 End data with <CR><LF>.<CR><LF>")
                    await writer.drain()
                    lines = []
                    while True:
                        line = await reader.readline()
                        if not line:
                            return
                        if line == b".\r\n":
                            break
                        lines.append(line[1:] if line.startswith(b".") else line)
                    self.n += 1
                    queue = f"4S{self.n:08X}"
                    m = Mail(sender, rcpt, b"".join(lines), self.now_us)
                    self.mail.append(m)
                    self.line("cleanup", f"{queue}: message-id=<{m.id}>")
                    self.line("qmgr", f"{queue}: from=<{sender}>, size={len(m.data)}, nrcpt=1 (queue active)")
                    self.line("smtp", f"{queue}: to=<{rcpt}>, relay=mx[203.0.113.10]:25, delay=0.1, dsn=2.0.0, status=sent (250 ok)")
                    self.line("qmgr", f"{queue}: removed")
                    if self.cut and self.n % self.cut == 0:
                        self.cuts += 1
                        return                                   # the answer never comes
                    say(f"250 2.0.0 Ok: queued as {queue}")
                elif word == b"QUIT":
                    say("221 2.0.0 Bye")
                    return
                elif word == b"RSET":
                    say("250 2.0.0 Ok")
                else:
                    say("250 2.0.0 Ok")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.log.close()


# ---- who answers ----

def headers(at_us, sender, to, subject, *more):
    when = email.utils.format_datetime(stamp(at_us))
    return "".join(f"{line}\n" for line in [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {when}", f"Message-ID: <{zlib.crc32(repr((sender, to, subject, at_us)).encode()):08x}@away.example>", *more])


def dsn(m, at_us, action, status, diagnostic):
    head = m.data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").replace("\r\n", "\n")
    return headers(at_us, "Mail Delivery System <MAILER-DAEMON@mx.bigmail1.example>", m.sender, "Delivery Status Notification", "Auto-Submitted: auto-replied", "MIME-Version: 1.0", "Return-Path: <>",
                   'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"') + f"""
--b1
Content-Type: text/plain

What became of your message.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bigmail1.example

Final-Recipient: rfc822; {m.rcpt}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b1
Content-Type: text/rfc822-headers

{head}

--b1--
"""


def arf(m, at_us):
    head = m.data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").replace("\r\n", "\n")
    return headers(at_us, "fbl@bigmail1.example", m.sender, "complaint", "MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=feedback-report; boundary="b1"') + f"""
--b1
Content-Type: text/plain

A user of ours complained.

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Loop/1.0
Version: 1
Original-Mail-From: <{m.sender}>
Original-Rcpt-To: <{m.rcpt}>

--b1
Content-Type: text/rfc822-headers

{head}

--b1--
"""


def answer(kind, m, at_us):
    """The message that comes back, or None."""
    back = str(m.message["Reply-To"] or m.message["From"])
    subject = "Re: " + str(m.message["Subject"] or "")
    if kind == "bounce_hard":
        return dsn(m, at_us, "failed", "5.1.1", "550 5.1.1 no such user")
    if kind == "bounce_soft":
        return dsn(m, at_us, "failed", "5.2.2", "552 5.2.2 mailbox full")
    if kind == "delivered":
        return dsn(m, at_us, "delivered", "2.1.5", "250 2.1.5 delivered")
    if kind == "complaint":
        return arf(m, at_us)
    if kind == "auto_reply":
        return headers(at_us, m.rcpt, m.sender, "Out of office", "Auto-Submitted: auto-replied", f"In-Reply-To: <{m.id}>") + "\nI am away until Monday.\n"
    if kind == "ticket":
        return headers(at_us, m.rcpt, back, f"[Ticket#20{zlib.crc32(m.rcpt.encode()) % 10**6:06d}] {subject[4:]}", "Auto-Submitted: auto-replied", f"In-Reply-To: <{m.id}>") + "\nWe have received your message.\n"
    if kind == "human":
        return headers(at_us, m.rcpt, back, subject, f"In-Reply-To: <{m.id}>") + "\nThank you. We are looking at it.\n"
    if kind == "wrong":
        return headers(at_us, m.rcpt, back, subject, f"In-Reply-To: <{m.id}>") + "\nThis server is not ours; we gave it up in 2019.\n"
    return None


def deliver(maildir, n, text):
    for d in ("new", "cur", "tmp"):
        os.makedirs(os.path.join(maildir, d), exist_ok=True)
    with open(os.path.join(maildir, "new", f"{n:08d}.answer"), "w", encoding="utf-8") as f:
        f.write(text)
