#!/usr/bin/python3
"""The pages of `afterpatch status`, in a browser: hostile names stay text, nothing is fetched or run, the map says what its table says, and the public page names nobody.

    status.py AFTERPATCH STATUS_WORLD WORK_DIR

As for report.html (report.py, which also has the controls), each page is tried with and without its own policy. Exit 77: no browser here, and everything that needs none has passed.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report                                          # noqa: E402
from report import POLICY, Page, browse, check, find_browser, write     # noqa: E402

report.TAGS.add("path")
PAGES = {"team": [], "public": ["--public"], "team-hostile": [], "public-hostile": ["--public"], "team-day": ["--at", "2021-03-20"], "public-one": ["--public", "--campaign", "proxyshell"]}
TILES = 238


def still(kind, text):
    """Everything that can be said of a page without a browser."""
    page = Page(text)
    for trouble in sorted(set(page.trouble))[:10]:
        check(False, "%s: %s" % (kind, trouble))
    check(len(set(page.ids)) == len(page.ids), "%s: an id stands twice" % kind)
    for link in page.links:
        check(link.startswith("#") and link[1:] in page.ids, "%s: the link %r leads nowhere" % (kind, link))
    style = text[text.index("<style>"):text.index("</style>")]
    check(not re.search(r"@import|@font-face|expression|https?:", style, re.I), "%s: the style fetches something" % kind)
    check(set(re.findall(r"url\(([^)]*)\)", style)) <= {"#stripes"}, "%s: the style names an address" % kind)
    check("prefers-color-scheme: dark" in style and "@media print" in style, "%s: no dark or no printed form" % kind)
    check(POLICY.search(text) is not None and "default-src 'none'" in text, "%s: no policy" % kind)
    check(page.tags.get("h1") == 1 and page.tags.get("main") == 1 and '<html lang="en">' in text, "%s: structure" % kind)
    check(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", text), "%s: hidden characters" % kind)
    check(text.count("role=\"img\"") >= 2 and "aria-label=\"\"" not in text, "%s: pictures without words" % kind)
    check(("TLP:CLEAR" if kind.startswith("public") else "TLP:AMBER") in text, "%s: no marking" % kind)
    maps(kind, text)
    if kind == "team-hostile":
        check("&lt;script&gt;" in text and "\\u202Egpj.exe" in text, "%s: the attacks are not in the page at all" % kind)
    if kind.startswith("public"):
        for word in ("NAMED", "VICTIM", "owned", "gpj", "evil", "&lt;script", "ann"):
            check(not re.search(r"\b%s" % re.escape(word), text), "%s: it says %r" % (kind, word))
    return page


def maps(kind, text):
    """Each tile of a map that has a number is a row of the table beside it, with the same number."""
    for block in re.findall(r'<div class="map">.*?</table>', text, re.S):
        tiles = dict(re.findall(r'<text class="n\d" x="\d+" y="\d+">(..)</text><text class="n\d num" x="\d+" y="\d+">([^<]*)</text>', block))
        rows = dict(re.findall(r'<strong>([^<]*)</strong></div></td><td[^>]*><div class="cell">([^<]*)</div>', block))
        check(block.count("<rect") == TILES, "%s: %d tiles" % (kind, block.count("<rect")))
        check(len(tiles) > 3, "%s: an empty map" % kind)
        for code, number in tiles.items():
            row = rows.get(code, "").split(" ")[0].replace(",", "")
            check(row.isdigit() and (number == row or "k" in number), "%s: tile %s says %s, its row %r" % (kind, code, number, rows.get(code)))
        check(set(rows) - set(tiles) <= {"unknown"}, "%s: rows without a tile: %s" % (kind, set(rows) - set(tiles)))


def moving(browser, work, name, page):
    for variant in ("", "without-policy-"):
        path = os.path.join(work, variant + name + ".html")
        log = os.path.join(work, "net.json")
        seen = browse(browser, path, log)
        if seen is None:
            return False
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
    if len(arguments) != 3:
        sys.exit(__doc__)
    afterpatch, world, work = arguments[0], arguments[1], os.path.abspath(arguments[2])
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    subprocess.run([world, work + "/plain.db", "400", "60", "2"], check=True)
    subprocess.run([world, work + "/hostile.db", "300", "60", "2", "hostile"], check=True)
    parsed = {}
    for kind, more in PAGES.items():
        path = os.path.join(work, kind + ".html")
        subprocess.run([afterpatch, "status", "--store", work + ("/hostile.db" if "hostile" in kind else "/plain.db"), "--html", path] + more, check=True)
        with open(path, encoding="utf-8", errors="strict", newline="") as f:
            text = f.read()
        parsed[kind] = still(kind, text)
        write(os.path.join(work, "without-policy-" + kind + ".html"), POLICY.sub("", text))
    browser = find_browser()
    ran = browser is not None and all(moving(browser, work, kind, parsed[kind]) for kind in ("team-hostile", "public-hostile"))
    print("%d pages checked, %s, %d failure(s)" % (len(PAGES), "in " + browser if ran else "WITHOUT a browser: install chromium", len(report.failures)))
    return 1 if report.failures else 0 if ran else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
