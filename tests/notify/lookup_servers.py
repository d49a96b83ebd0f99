"""Registries, hosts and a DNS of the test's own, on loopback: lookup_servers.py DIR [ADDRESS]. Says its ports in one line, writes what it was asked and when to DIR/log, ends when its input does.

With ADDRESS, in a network of the test's own (lookup_lab.py), they listen there at their real ports, and 9.9.8.0/28 stands for 192.0.2.0/28.
"""

import os
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

DIR = sys.argv[1]
AT = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
REAL = len(sys.argv) > 2
TRUSTED = "bakery mill dairy stream loop gzip flood soft expired twice hosted rdap other-rdap brewery archive signed".split()
LOCK = threading.Lock()


def log(*words):
    with LOCK, open(DIR + "/log", "a") as f:
        f.write(" ".join(words) + (" %.3f" % time.monotonic() if REAL else "") + "\n")


def certificates():
    names = ",".join(["DNS:%s.example,DNS:www.%s.example,DNS:mail.%s.example" % (n, n, n) for n in TRUSTED] + ["IP:127.0.0.1", "DNS:data.iana.org"])
    run = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("req", "-x509", *key, "-keyout", DIR + "/ca.key", "-out", DIR + "/ca.pem", "-subj", "/CN=Test CA", "-days", "2")
    run("req", "-x509", *key, "-keyout", DIR + "/key.pem", "-out", DIR + "/cert.pem", "-subj", "/CN=test", "-days", "2", "-CA", DIR + "/ca.pem", "-CAkey", DIR + "/ca.key",
        "-addext", "subjectAltName=" + names, "-addext", "basicConstraints=critical,CA:FALSE")


# --- DNS ---

def name(s):
    return b"".join(bytes([len(x)]) + x.encode("latin-1") for x in s.split(".") if x) + b"\0"


def soa(mailbox):
    return 6, name("ns.provider.example") + name(mailbox) + b"\0" * 20


def mx(preference, host):
    return 15, struct.pack(">H", preference) + name(host)


def a(ip):
    return 1, socket.inet_aton(ip)


ZONE = {                                               # everybody else lives at AT
    "bakery.example": [a(AT), mx(10, "mail.bakery.example"), mx(20, "alias.bakery.example"), soa("dns\x2eadmin.bakery.example")],
    "mail.bakery.example": [a("192.0.2.7")],
    "alias.bakery.example": [(5, name("mx.provider.example"))],
    "mx.provider.example": [a("198.51.100.25"), a("198.51.100.26")],
    "mill.example": [a(AT), (15, struct.pack(">H", 0) + b"\0")],
    "www.mill.example": [a("127.0.0.3")],
    "dairy.example": [a(AT), mx(10, "a b\x1b[31m.example"), mx(20, "mx.dairy.example")],
    "9.100.51.198.in-addr.arpa": [(12, name("mail.customer.example"))],
    "10.100.51.198.in-addr.arpa": [(12, name("forged.bakery.example"))],
    "mail.customer.example": [a("198.51.100.9")],
    "gone.example": None,
    "many.example": [a("127.0.0.%d" % i) for i in range(1, 40)],
}


def dns_answer(q):
    at, labels = 12, []
    while q[at]:
        labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1"))
        at += 1 + q[at]
    asked, (kind,) = ".".join(labels).lower(), struct.unpack(">H", q[at + 1:at + 3])
    question, records, code = q[12:at + 5], [], 0
    log("dns", asked, str(kind))
    at_name, hops = asked, 0
    while True:
        zone = ZONE.get(at_name, [a(AT)])
        if zone is None:
            code = 3
            break
        found = [(at_name, k, d) for k, d in zone if k == kind]
        alias = [(at_name, k, d) for k, d in zone if k == 5]
        if found or not alias or hops > 3:
            records += found
            break
        records += alias
        at_name, hops = "mx.provider.example", hops + 1
    if kind == 15:                                     # an answer of a name that nobody asked for
        records.insert(0, ("elsewhere.example", 15, mx(1, "mx.evil.example")[1]))
    body = b"".join(name(n) + struct.pack(">HHIH", k, 1, 60, len(d)) + d for n, k, d in records)
    return q[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0) + question + body


class Dns(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(dns_answer(self.request[0]), self.client_address)


# --- https ---

def card(handle, roles, fields, more=""):
    rows = ",".join('["%s",{},"text","%s"]' % f for f in fields)
    return '{"objectClassName":"entity","handle":"%s","roles":[%s],"vcardArray":["vcard",[["version",{},"text","4.0"],%s]]%s}' % (
        handle, ",".join('"%s"' % r for r in roles), rows, more)


def network(first, last, entities):
    return '{"objectClassName":"ip network","startAddress":"%s","endAddress":"%s","name":"NET","country":"ZZ","entities":[%s]}' % (first, last, entities)


ABUSE = card("AB1", ["abuse", "noc"], [("fn", "Abuse desk"), ("kind", "group"), ("email", "abuse@bakery.example"), ("tel", "+999 555 0100")])
PERSON = card("PB1", ["technical", "noc"], [("fn", "P. Baker"), ("kind", "individual"), ("email", "p.baker@bakery.example")])
TECH = card("TD1", ["technical"], [("fn", "Tech"), ("kind", "group"), ("email", "tech@bakery.example")])
OWNER = card("ORG1", ["registrant"], [("fn", "Example Bakery"), ("kind", "org")], ',"entities":[%s,%s,%s]' % (ABUSE, PERSON, TECH))
ISP = card("ISP1", ["registrant"], [("fn", "Example ISP"), ("kind", "org")], ',"entities":[%s]' % card("AB2", ["abuse"], [("fn", "ISP abuse"), ("kind", "group"), ("email", "abuse@isp.example")]))
LOOP = card("L1", ["abuse"], [("fn", "x"), ("email", "loop@isp.example")], ',"entities":[%s]' % card("L1", ["abuse"], [("fn", "x")], ',"entities":[%s]' % card("L1", ["noc"], [("fn", "x")])))
DOMAIN = '{"objectClassName":"domain","ldhName":"%s","entities":[%s,%s]}'
DESK = card("R1", ["registrar"], [("fn", "Example Registrar")], ',"entities":[%s]' % card("RA", ["abuse"], [("fn", "Desk"), ("email", "abuse@registrar.example")]))
HIDDEN = card("H1", ["registrant"], [("fn", "REDACTED FOR PRIVACY"), ("email", "redacted"), ("contact-uri", "https://registrar.example/form")])

RDAP = {
    "/ip/192.0.2.7": (301, "https://other-rdap.example:%d/r/ip/192.0.2.7", ""),
    "/r/ip/192.0.2.7": (200, "", network("192.0.2.0", "192.0.2.15", OWNER)),
    "/ip/198.51.100.9": (200, "", network("198.51.100.0", "198.51.100.255", ISP)),
    "/ip/198.51.100.77": (200, "", network("198.51.0.0", "198.51.255.255", ISP)),
    "/ip/203.0.113.4": (429, "7200", ""),
    "/ip/203.0.113.5": (404, "", '{"errorCode":404,"title":"none"}'),
    "/ip/203.0.113.6": (200, "", '{"x":"' + "x" * (10 << 20) + '"}'),
    "/ip/203.0.113.7": (200, "", network("203.0.113.7", "203.0.113.7", LOOP)),
    "/ip/203.0.113.8": (200, "", network("10.0.0.0", "10.0.0.255", ISP)),
    "/ip/203.0.113.9": (302, "https://127.0.0.1:%d/ip/203.0.113.9", ""),
    "/domain/bakery.example": (200, "", DOMAIN % ("BAKERY.example", DESK, HIDDEN)),
    "/autnum/64500": (200, "", '{"objectClassName":"autnum","startAutnum":64496,"endAutnum":64511,"entities":[%s]}' % ISP),
}
GOOD = "# ours\r\nContact: mailto:security@%s\r\nContact: tel:+999-555-0111\r\nContact: https://portal.%s/report\r\nExpires: 2030-01-01T00:00:00Z\r\nPreferred-Languages: de, en\r\n"
WELL = "/.well-known/security.txt"
SIGNED = "\xef\xbb\xbf-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nContact: mailto:security@signed.example\nExpires: 2030-01-01T00:00:00Z\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n"
TXT = {
    ("bakery.example", WELL): GOOD % ("bakery.example", "bakery.example"),
    ("bakery.example", "/security.txt"): "Contact: mailto:legacy@bakery.example\nExpires: 2030-01-01T00:00:00Z\n",
    ("hosted.example", "/files/dairy.txt"): GOOD % ("dairy.example", "dairy.example"),
    ("expired.example", "/security.txt"): "Contact: mailto:security@expired.example\nExpires: 2020-01-01T00:00:00Z\n",
    ("www.twice.example", WELL): "Contact: security@twice.example\nExpires: 2030-01-01T00:00:00Z\nExpires: 2031-01-01T00:00:00Z\n",
    ("archive.example", WELL): "Contact: mailto:planted@intruder.example\nContact: mailto:security@archive.example\nExpires: 2030-01-01T00:00:00Z\n",
    ("signed.example", WELL): SIGNED,
    ("mail.mill.example", "/x"): "Contact: mailto:forged@mill.example\nExpires: 2030-01-01T00:00:00Z\n",
}
MOVED = {
    ("mill.example", WELL): "https://mail.mill.example:%d/x",
    ("dairy.example", WELL): "https://hosted.example:%d/files/dairy.txt",
    ("loop.example", WELL): "/.well-known/security.txt?again",
    ("www.loop.example", WELL): "http://www.loop.example/security.txt",
    ("gzip.example", "/security.txt"): "https://gzip.example:1/security.txt",
}


class Https(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, kind, body, *headers):
        self.send_response(status)
        for h in headers:
            self.send_header(*h)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        log("get", host, self.path, self.headers.get("User-Agent", ""), self.headers.get("From", ""), self.headers.get("Accept-Encoding", "-"))
        try:
            self.answer(host)
        except OSError:
            log("gone", host)

    def answer(self, host):
        path = self.path.split("?")[0]
        if host in ("rdap.example", "other-rdap.example"):
            status, word, body = RDAP.get(self.path.replace("9.9.8.", "192.0.2."), (404, "", ""))
            if REAL:
                word, body = word.replace("192.0.2.", "9.9.8."), body.replace("192.0.2.", "9.9.8.")
            if status in (301, 302):
                return self.send(status, "text/plain", b"", ("Location", word % PORT))
            return self.send(status, "application/rdap+json", body.encode(), *([("Retry-After", word)] if status == 429 else []))
        if host == "data.iana.org":
            return self.send(200, "application/json", b'{"services":[[["198.51.100.0/24"],["https://rdap.example/"]]]}')
        if (host, path) in MOVED:
            to = MOVED[host, path]
            return self.send(302, "text/html", b"moved", ("Location", to % PORT if "%d" in to else to))
        if host == "stream.example":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            self.wfile.write(b"Contact: mailto:security@stream.example\nExpires: 2030-01-01T00:00:00Z\n")
            sent = 0
            try:
                while sent < 1 << 30:
                    self.wfile.write(b"# more of it\n" * 4096)
                    sent += 13 * 4096
            finally:
                log("streamed", str(sent >> 20))
            return None
        if host == "gzip.example":
            return self.send(200, "text/plain", b"\x1f\x8b" + b"\0" * 1000, ("Content-Encoding", "gzip"))
        if host == "flood.example":
            return self.send(200, "text/plain", b"Contact: mailto:a@flood.example\n", *[("X-%d" % i, "x" * 1000) for i in range(90)])
        if host.endswith("soft.example"):
            return self.send(200, "text/html", b"Contact: mailto:page@soft.example\n")
        body = TXT.get((host, path))
        if body is None:
            return self.send(404, "text/html", b"no")
        return self.send(200, "text/plain; charset=utf-8", body.encode("latin-1"))


# --- WHOIS ---

class Whois(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline(200).decode("latin-1").strip()
        log("whois", line)
        if line.endswith("203.0.113.5"):
            self.wfile.write(b"% Abuse contact for '203.0.113.0 - 203.0.113.255' is 'abuse@brewery.example'\n\ninetnum: 203.0.113.0 - 203.0.113.255\nnetname: X\n")
        elif line == "203.0.113.11":
            self.wfile.write(b"% IANA WHOIS server\n\nrefer:        whois.ripe.net\n\ninetnum: 203.0.0.0 - 203.255.255.255\n")
        elif line == "-b -r 203.0.113.11":
            self.wfile.write(b"inetnum:        203.0.113.0 - 203.0.113.127\nabuse-mailbox:  abuse@brewery.example\n")
        elif line == "mill.example":
            self.wfile.write(b"x" * (3 << 20))
        else:
            self.wfile.write(b"% No entries found\n")


class Threads(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


class Tls(Threads):
    def get_request(self):
        s, at = super().get_request()
        s.settimeout(10)
        return CONTEXT.wrap_socket(s, server_side=True, do_handshake_on_connect=False), at


certificates()
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(DIR + "/cert.pem", DIR + "/key.pem")
HTTPS, WHOIS, DNS = Tls((AT, 443 if REAL else 0), Https), Threads((AT, 43 if REAL else 0), Whois), socketserver.ThreadingUDPServer((AT, 53 if REAL else 0), Dns)
DNS.daemon_threads = True
PORT = HTTPS.server_address[1]
for server in (HTTPS, WHOIS, DNS):
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(DNS.server_address[1], PORT, WHOIS.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
