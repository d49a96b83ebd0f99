#!/usr/bin/python3
"""The page that a hunt writes, in a browser: hostile text stays text, nothing is fetched, links resolve, sections are there.

    report.py SAMPLE WORK_DIR

The page's own policy forbids script, so a browser alone would not notice a hole in the escaping. Each page is therefore tried
twice, with and without that policy; and two controls show that the test sees script where it runs. Exit 77: no browser here, and
everything that needs none has passed.
"""
import html.parser
import os
import re
import shutil
import subprocess
import sys
import tempfile

KINDS = ["full", "hostile", "clean", "missing", "empty", "huge"]
SECTIONS = ["main", "answer", "axes", "doors", "ways", "visits", "theft", "timeline", "coverage", "trouble", "findings"]
SUMMARIES = ["summary", "summary-hostile"]            # several servers: another page, the same promises
SUMMARY_SECTIONS = ["main", "answer", "servers", "shared", "links"]
STORY = ["why", "now", "others"]                       # only where there is something to tell
TAGS = set("""html head meta title style body a header div span p nav svg defs pattern rect main section h1 h2 h3 strong em dl dt dd article i ol ul li
              pre code table thead tbody tr th td br figure figcaption text line circle time footer""".split())
VOID = {"meta", "br", "img", "input", "link", "hr"}
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n')
SIZE_MAX = 4000000

failures = []


def check(ok, what):
    if not ok:
        failures.append(what)
        print("FAILED: " + what)


class Page(html.parser.HTMLParser):
    """What is on a page: tags, ids, links, attributes, nesting."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.ids, self.links, self.trouble, self.open = {}, [], [], [], []
        self.title = ""
        self.feed(text)
        self.close()
        if self.open:
            self.trouble.append("left open: %s" % self.open)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        names = [name for name, _ in attrs]
        if tag not in TAGS:
            self.trouble.append("a <%s> that we never write" % tag)
        if len(set(names)) != len(names):
            self.trouble.append("an attribute twice in <%s>" % tag)
        for name, value in attrs:
            value = value or ""
            if name.startswith("on") or name in ("src", "srcset", "action", "formaction", "background", "data", "ping", "style", "xlink:href"):
                self.trouble.append("%s in <%s>" % (name, tag))
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.trouble.append("</%s> closes %s" % (tag, self.open[-1:]))
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open[-1:] == ["title"]:
            self.title += data


def still(kind, text):
    """Everything that can be said of a page without a browser."""
    page = Page(text)
    for trouble in sorted(set(page.trouble))[:10]:
        check(False, "%s: %s" % (kind, trouble))
    check(len(set(page.ids)) == len(page.ids), "%s: an id stands twice: %s" % (kind, [i for i in page.ids if page.ids.count(i) > 1][:5]))
    for link in page.links:
        report = kind in SUMMARIES and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*/report\.html", link)
        check(report or (link.startswith("#") and link[1:] in page.ids), "%s: the link %r leads nowhere" % (kind, link))
    for section in SUMMARY_SECTIONS if kind in SUMMARIES else SECTIONS + (STORY if kind in ("full", "hostile", "huge") else []):
        check(section in page.ids, "%s: no section %s" % (kind, section))
    style = text[text.index("<style>"):text.index("</style>")]
    check(not re.search(r"@import|@font-face|expression|https?:", style, re.I), "%s: the style fetches something" % kind)
    check(set(re.findall(r"url\(([^)]*)\)", style)) <= {"#stripes"}, "%s: the style names an address" % kind)
    check(POLICY.search(text) is not None and "default-src 'none'" in text, "%s: no policy" % kind)
    check(page.tags.get("h1") == 1 and page.tags.get("main") == 1 and '<html lang="en">' in text, "%s: structure" % kind)
    check(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", text), "%s: hidden characters" % kind)
    check(len(text) < SIZE_MAX, "%s: %d characters" % (kind, len(text)))
    if kind.endswith("hostile"):
        check("&lt;script&gt;" in text and "\\u202Egpj.exe" in text, "hostile: the attacks are not in the page at all")
    return page


def find_browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if shutil.which(name):
            return name
    return None


def browse(browser, path, net_log=None):
    """The page after everything on it has run, as the browser sees it; None when the browser does not work here."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--hide-scrollbars",
                   "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + profile, "--virtual-time-budget=2000", "--dump-dom"]
        if net_log:
            command.append("--log-net-log=" + net_log)
        try:
            done = subprocess.run(command + ["file://" + os.path.abspath(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode("utf-8", "replace") or None


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)


def moving(browser, work, text, page, summary_text, summary):
    """The hostile page in a browser, with and without its policy, and the controls."""
    control = text.replace('<main id="main">', "<main id=\"main\"><script>document.title='owned'</script><img src=http://evil.invalid/x id=owned>", 1)
    no_policy = POLICY.sub("", text)
    check(no_policy != text and control != text, "the page is not as this test expects")
    write(work + "/without-policy.html", no_policy)
    write(work + "/summary-without-policy.html", POLICY.sub("", summary_text))
    write(work + "/control-open.html", POLICY.sub("", control))
    write(work + "/control-closed.html", control)

    seen = browse(browser, work + "/control-open.html", work + "/control-net.json")
    if seen is None:
        return False
    check("<title>owned</title>" in seen, "control: script that runs is not noticed")
    check("evil.invalid" in open(work + "/control-net.json", encoding="utf-8", errors="replace").read(), "control: a request is not noticed")
    seen = browse(browser, work + "/control-closed.html") or ""
    check("</html>" in seen and "<title>owned</title>" not in seen, "control: the policy does not stop script")

    for name, page in (("hostile/report.html", page), ("without-policy.html", page), ("summary-hostile/summary.html", summary), ("summary-without-policy.html", summary)):
        log = work + "/net.json"
        seen = browse(browser, work + "/" + name, log) or ""
        check("</html>" in seen, "%s: the browser shows nothing" % name)
        after = Page(seen)
        check(after.title == page.title, "%s: the title became %r" % (name, after.title))
        check("owned" not in after.ids, "%s: hostile text made an element" % name)
        for tag in ("script", "img", "iframe", "object", "embed", "link", "form"):
            check(tag not in after.tags, "%s: a <%s> appeared" % (name, tag))
        check({t: n for t, n in after.tags.items() if t != "meta"} == {t: n for t, n in page.tags.items() if t != "meta"}, "%s: the browser sees other elements than we wrote" % name)
        with open(log, encoding="utf-8", errors="replace") as f:
            check("evil.invalid" not in f.read(), "%s: something was fetched" % name)
    return True


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    sample, work = arguments[0], os.path.abspath(arguments[1])
    shutil.rmtree(work, ignore_errors=True)
    pages = {}
    for kind in KINDS + SUMMARIES:
        os.makedirs(os.path.join(work, kind))
        subprocess.run([sample, kind, os.path.join(work, kind)], check=True)
        with open(os.path.join(work, kind, "summary.html" if kind in SUMMARIES else "report.html"), encoding="utf-8", errors="strict", newline="") as f:
            pages[kind] = f.read()
    parsed = {kind: still(kind, text) for kind, text in pages.items()}
    browser = find_browser()
    ran = browser is not None and moving(browser, work, pages["hostile"], parsed["hostile"], pages["summary-hostile"], parsed["summary-hostile"])
    print("%d pages checked, %s, %d failure(s)" % (len(pages), "in " + browser if ran else "WITHOUT a browser: install chromium", len(failures)))
    return 1 if failures else 0 if ran else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
