"""Servers of the probe's lab: a real nginx for all of 127.0.0.0/8, and odd ones of our own on a few addresses.

What they answer is the survey sheet's sections 4 and 5: headers and pages of Exchange, proxies that hide them, TLS oddities, slow and endless answers. No flaw is
in them, and nothing here sends anything.
"""
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time

PAGE = '<html><head><title>Outlook</title><link rel="shortcut icon" href="/owa/auth/15.0.1395/themes/resources/favicon.ico"></head><body>%s</body></html>'
MANIFEST = '<assembly><assemblyIdentity name="microsoft.exchange.ediscovery.exporttool.application" version="15.1.2375.17" language="neutral"/></assembly>'
LOGON = "/owa/auth/logon.aspx?url=https%3a%2f%2fsomewhere%2fowa%2f&reason=0"

# What an address does, by the last digit of its last number; 77 and all of 127.2: too busy.
NGINX = """
daemon off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/error.log; worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  log_format lab '$msec $request_time $server_addr $connection $connection_requests "$request" $status "$http_user_agent" "$http_from" "$http_cookie$http_authorization" "$ssl_server_name"';
  access_log {dir}/access.log lab;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3; uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  keepalive_timeout 20s; default_type text/html; server_tokens off; root {dir}/pages;
  allow 127.0.0.0/8; allow ::1; deny all;
  map $server_addr $kind {{
    ~^127\\.2\\.  busy;  ~77$  busy;
    ~0$ full;  ~1$ page;  ~2$ manifest;  ~3$ proxy;  ~4$ shut;  ~5$ other;  ~6$ off;  ~7$ full;  ~8$ big;  ~9$ gone;
  }}
  server {{
    listen 0.0.0.0:{port} ssl reuseport backlog=4096; {six}
    ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    location = /owa/ {{ rewrite ^ /$kind/owa last; }}
    location = /owa/auth/logon.aspx {{ rewrite ^ /$kind/logon last; }}
    location = /ews/exchange.asmx {{ rewrite ^ /$kind/ews last; }}
    location = /autodiscover/autodiscover.xml {{ rewrite ^ /$kind/autodiscover last; }}
    location = /ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application {{ rewrite ^ /$kind/manifest last; }}
    location = /full/owa {{ internal; add_header X-OWA-Version 15.1.2176.9 always; add_header X-FEServer EX01 always; return 302 https://$host{logon}; }}
    location = /page/owa {{ internal; add_header X-FEServer EX02 always; return 302 https://$host{logon}; }}
    location = /page/logon {{ internal; try_files /logon.html =404; }}
    location = /manifest/owa {{ internal; try_files /logon.html =404; }}
    location = /manifest/manifest {{ internal; try_files /manifest.xml =404; }}
    location = /proxy/owa {{ internal; add_header Set-Cookie "TS01abcdef=0123456789; Path=/" always; return 302 /my.policy; }}
    # A real reverse proxy before a server that tells; it takes the version out at one door and forgets it at the other.
    location = /proxy/autodiscover {{ internal; proxy_pass http://127.0.0.1:{behind}/autodiscover; }}
    location ~ ^/shut/ {{ internal; return 403; }}
    location = /other/owa {{ internal; return 200 '<html><head><title>Welcome</title></head><body>A web site</body></html>'; }}
    location = /off/owa {{ internal; add_header X-FEServer EX06 always; return 302 https://elsewhere.example.net{logon}; }}
    location = /off/ews {{ internal; proxy_pass http://127.0.0.1:{behind}/ews; proxy_hide_header X-OWA-Version; }}
    location = /big/owa {{ internal; try_files /big.html =404; }}
    location = /gone/owa {{ internal; return 404; }}
    location ~ ^/busy/ {{ internal; add_header Retry-After 120 always; return 429; }}
    location / {{ return 404; }}
  }}
  server {{
    listen 127.0.0.1:{behind}; access_log off;
    location = /autodiscover {{ add_header x-owa-version 15.2.986.14 always; add_header X-FEServer EX03 always; add_header X-CalculatedBETarget ex03.corp.example always; return 401; }}
    location = /ews {{ add_header X-OWA-Version 15.2.1748.39 always; add_header X-FEServer EX06 always; return 401; }}
  }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def has_six():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def certificate(directory, name, subject, names, key_kind=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
    cert, key = os.path.join(directory, name + ".pem"), os.path.join(directory, name + "-key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", *key_kind, "-nodes", "-keyout", key, "-out", cert, "-days", "30", "-subj", subject,
                    "-addext", "subjectAltName=" + ",".join("DNS:" + n for n in names)], check=True, stderr=subprocess.DEVNULL)
    return cert, key


class Nginx:
    def __init__(self, directory, port):
        self.dir, self.port = directory, port
        os.makedirs(os.path.join(directory, "pages"))
        cert, key = certificate(directory, "self", "/O=Example Org/CN=EX01", ["EX01", "ex01.corp.example", "mail.example.org"], ("rsa:2048",))
        os.rename(cert, os.path.join(directory, "cert.pem"))
        os.rename(key, os.path.join(directory, "key.pem"))
        for name, text in (("logon.html", PAGE % "sign in"), ("manifest.xml", MANIFEST), ("big.html", PAGE % ("x" * 400000))):
            with open(os.path.join(directory, "pages", name), "w") as f:
                f.write(text)
        with open(os.path.join(directory, "nginx.conf"), "w") as f:
            f.write(NGINX.format(dir=directory, port=port, behind=free_port(), logon=LOGON, six="listen [::1]:%d ssl;" % port if has_six() else ""))
        os.chmod(directory, 0o755)
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([program, "-p", directory, "-c", os.path.join(directory, "nginx.conf")], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("nginx does not start: " + open(os.path.join(directory, "error.log")).read()[-500:])
                time.sleep(0.05)
        raise RuntimeError("nginx does not answer")

    def requests(self):
        """(start of the connection's request, address, connection, number in the connection, request, status, agent, from, secrets, SNI)"""
        rows = []
        with open(os.path.join(self.dir, "access.log"), encoding="latin-1") as f:
            for line in f:
                part = line.rstrip("\n").split('"')
                msec, took, address, connection, number = part[0].split()
                rows.append((float(msec) - float(took), address, int(connection), int(number), part[1], int(part[2]), part[3], part[5], part[7], part[9]))
        return rows

    def close(self):
        self.process.terminate()
        self.process.wait(20)


class Odd(threading.Thread):
    """One address that does one odd thing; counts connections and requests."""

    def __init__(self, address, port, act, context=None):
        super().__init__(daemon=True)
        self.address, self.act, self.context = address, act, context
        self.connections, self.requests, self.lock = [], [], threading.Lock()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind((address, port))
        self.socket.listen(16)
        self.start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(time.time())
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            peer.settimeout(30)
            if self.context:
                peer = self.context.wrap_socket(peer, server_side=True)
            self.act(self, peer)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            try:
                peer.close()
            except OSError:
                pass

    def request(self, peer):
        got = b""
        while b"\r\n\r\n" not in got:
            piece = peer.recv(4096)
            if not piece:
                raise OSError("closed")
            got += piece
        with self.lock:
            self.requests.append(got)
        return got

    def close(self):
        self.socket.close()


FULL = b"HTTP/1.1 302 Found\r\nX-OWA-Version: 15.1.2507.6\r\nLocation: /owa/auth/logon.aspx\r\nContent-Length: 0\r\n\r\n"


def silent(odd, peer):
    peer.recv(1 << 16)
    time.sleep(40)


def plain_http(odd, peer):
    peer.recv(1 << 16)
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def mute(odd, peer):
    odd.request(peer)
    time.sleep(40)


def drip(odd, peer):
    odd.request(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2507.6\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(80):
        peer.sendall(b"1\r\nx\r\n")
        time.sleep(0.5)


def endless_body(odd, peer):
    odd.request(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-FEServer: EX09\r\n\r\n<title>Outlook</title>")
    while True:
        peer.sendall(b"y" * 65536)


def endless_head(odd, peer):
    odd.request(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X-More: " + b"z" * 4000 + b"\r\n")


def full(odd, peer):
    odd.request(peer)
    peer.sendall(FULL)
    odd.request(peer)


def hints(odd, peer):
    odd.request(peer)
    peer.sendall(b"HTTP/1.1 103 Early Hints\r\nX-OWA-Version: 1.2.3.4\r\n\r\n" + FULL)
    odd.request(peer)


def hang_up(odd, peer):
    peer.recv(10)


def once(odd, peer):
    """Says that there is more to ask, and closes."""
    odd.request(peer)
    peer.sendall(b"HTTP/1.1 302 Found\r\nX-FEServer: EX09\r\nLocation: /owa/auth/logon.aspx?x\r\nContent-Length: 0\r\n\r\n")
    time.sleep(0.05)


def goes_round(odd, peer):
    while True:
        odd.request(peer)
        peer.sendall(b"HTTP/1.1 302 Found\r\nX-FEServer: EX09\r\nLocation: /owa/auth/logon.aspx?x\r\nContent-Length: 0\r\n\r\n")


def garbage(odd, peer):
    odd.request(peer)
    peer.sendall(b"\x00\x01\x02 what is this\r\n\r\n")


def odd_servers(directory, port, slow):
    """{what it shows: (server, reach that must be observed, requests it may see)}; each in a network of its own."""
    def context(names, old=False):
        cert, key = certificate(directory, "c%d" % len(os.listdir(directory)), "/CN=" + names[0], names)
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if old:
            c.minimum_version = ssl.TLSVersion.TLSv1
            c.maximum_version = ssl.TLSVersion.TLSv1
            c.set_ciphers("DEFAULT:@SECLEVEL=0")
        c.load_cert_chain(cert, key)
        return c

    usual = context(["EX09"])
    kinds = [
        ("plain HTTP in place of TLS", plain_http, None, "tls_failed", 0),
        ("TLS 1.0 only", full, context(["EX10"], old=True), "answered", 1),
        ("a name that opted out, in the certificate", full, context(["owa.out.example.org"]), None, 0),
        ("endless page", endless_body, usual, "answered", 1),
        ("endless headers", endless_head, usual, "broken_answer", 1),
        ("hangs up after TLS", hang_up, usual, "broken_answer", 0),
        ("closes where a second request would follow", once, usual, "answered", 1),
        ("redirects in a circle", goes_round, usual, "answered", 2),
        ("garbage in place of HTTP", garbage, usual, "broken_answer", 1),
        ("early hints", hints, usual, "answered", 1),
    ]
    if slow:
        kinds += [
            ("says nothing, no TLS", silent, None, "timed_out", 0),
            ("says nothing after the request", mute, usual, "timed_out", 1),
            ("a page in drops", drip, usual, "answered", 1),
        ]
    return {what: (Odd("127.9.%d.1" % i, port, act, c), reach, requests) for i, (what, act, c, reach, requests) in enumerate(kinds)}
