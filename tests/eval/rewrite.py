#!/usr/bin/env python3
"""Pages of a labelled folder, rewritten so that they do the same and read differently. Usage: rewrite.py AFTERPATCH CORPUS [--work DIR] [--only NAME] [--benign-max N]

Each rewrite is applied to every malicious page that the analyser accuses as it is, and to every benign page that it does not; all of them together
last. At most one point of detection may be lost by each, and no false alarm may be added. Ends with 1 otherwise. The pages are text all the time.
"""
import json, os, random, re, shutil, subprocess, sys, tempfile

BASIC, CLIKE = "basic", "clike"
CLASSIC = ".asp", ".asa", ".cer", ".cdx"
KEYWORDS = set("""addhandler addressof and andalso as boolean byref byte byval call case catch cbool cbyte cchar cdate cdbl chr class const continue csng cstr ctype date
declare default delegate dim do double each else elseif empty end enum error event exit false finally for friend function get gettype global goto handles if
implements imports in inherits integer interface is isnot let lib like long loop me mod module mustinherit mybase namespace new next not nothing null object of on
operator option optional or orelse overloads overrides paramarray partial preserve private property protected public raiseevent readonly redim rem resume return
select set shadows shared short single static step stop string structure sub synclock then throw to true try typeof until using variant wend when while with
withevents xor abstract base bool break char checked decimal explicit extern fixed float foreach implicit int internal lock out override params ref sbyte sealed
sizeof stackalloc struct switch this typeof uint ulong unchecked unsafe ushort var virtual void volatile where yield await async function import package in instanceof
delete request response server session application context page main page_load page_init page_prerender application_start application_onstart application_onend session_onstart session_onend processrequest isreusable class_initialize class_terminate onload oninit
""".split())


def text_of(data):
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(name, "surrogateescape" if name != "utf-16" else "replace"), name
    return data.decode("latin-1"), "latin-1"


def language_of(text, ext):
    m = re.search(r"<%\s*@[^%]*?language\s*=\s*[\"']?([\w#.]+)", text, re.I) or re.search(r"<script[^>]*language\s*=\s*[\"']?([\w#.]+)[^>]*runat", text, re.I) \
        or re.search(r"<script[^>]*runat[^>]*language\s*=\s*[\"']?([\w#.]+)", text, re.I)
    word = m.group(1).lower() if m else ""
    if word.startswith(("c#", "cs", "j", "csharp")):
        return CLIKE
    if word.startswith("vb"):
        return BASIC
    # A settings file that the classic engine runs is VBScript.
    return BASIC if ext in CLASSIC or (ext == ".config" and "asp.dll" in text.lower()) else CLIKE


def mixed(text):
    words = {m.group(1).lower() for m in re.finditer(r"<(?:%\s*@|script\b)(?=[^>]*(?:@|runat))[^>]*?language\s*=\s*[\"']?([a-z#]+)", text, re.I)}
    return len({w.startswith("vb") for w in words}) > 1


BLOCK = re.compile(r"<%(?!\s*@)(?![#$\-])([=:]?)(.*?)%>|(<script\b[^>]*runat\s*=\s*[\"']?server[\"']?[^>]*>)(.*?)(?=</script\s*>)", re.I | re.S)
HANDLER = re.compile(r"^\s*(?:<!--.*?-->\s*)?<%@\s*(?:webhandler|webservice|servicehost)\b.*?%>", re.I | re.S)


def pieces(text):
    """(start, end, kind) of code: "block", "expression", "members"."""
    m = HANDLER.match(text)
    if m:
        return [(m.end(), len(text), "members")]
    found = []
    for m in BLOCK.finditer(text):
        if m.group(3) is not None:
            found.append((m.start(4), m.end(4), "members"))
        else:
            found.append((m.start(2), m.end(2), "expression" if m.group(1) else "block"))
    return found


BASIC_TOKEN = re.compile(r"(?P<comment>'[^\r\n]*|\brem\b[^\r\n]*)|(?P<text>\"(?:[^\"\r\n]|\"\")*\")|(?P<date>#[^#\r\n]{1,40}#)|(?P<name>\[[^\]\r\n]*\]|[^\W\d]\w*)|(?P<number>&[hH][0-9a-fA-F]+&?|\d[\w.]*)"
                         r"|(?P<line>\r\n|\n|\r)|(?P<blank>[ \t\f\v\xa0]+)|(?P<sign>.)", re.S | re.I)
CLIKE_TOKEN = re.compile(r"(?P<comment>//[^\r\n]*|/\*.*?\*/)|(?P<text>[$]?@[$]?\"(?:[^\"]|\"\")*\"|[$]?\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')|(?P<name>@?[^\W\d]\w*)|(?P<number>\d[\w.]*)"
                         r"|(?P<line>\r\n|\n|\r)|(?P<blank>[ \t\f\v\xa0]+)|(?P<sign>.)", re.S)


def tokens(code, language):
    return [[m.lastgroup, m.group()] for m in (BASIC_TOKEN if language == BASIC else CLIKE_TOKEN).finditer(code)]


def near(toks, i, step):
    i += step
    while 0 <= i < len(toks) and toks[i][0] in ("blank", "line" if step > 0 else "blank"):
        i += step
    return toks[i] if 0 <= i < len(toks) else ["", ""]


def declared(text, spans, language):
    """Names that the page itself makes, and that stand nowhere else: not after a dot, in a text, or in the markup."""
    names, spoiled, outside, at = set(), set(), [], 0
    for start, end, _ in spans:
        outside.append(text[at:start])
        at = end
        toks = tokens(text[start:end], language)
        for i, (kind, word) in enumerate(toks):
            low = word.lower().lstrip("@")
            if kind == "text":
                spoiled.update(w.lower() for w in re.findall(r"\w+", word))
            if kind != "name" or low in KEYWORDS or len(low) < 2 or not re.fullmatch(r"[A-Za-z_]\w*", low):
                continue
            before, after = near(toks, i, -1), near(toks, i, 1)
            if before[1] in (".", "!", "<", "[") or after[1] == ":":
                spoiled.add(low)
            elif language == BASIC and before[1].lower() in ("dim", "sub", "function", "each", "const", "byval", "byref") and after[1].lower() != "as":
                names.add(low)
            elif language == CLIKE and after[1] in ("=", ";") and before[0] == "name" and (before[1] in ("string", "int", "byte", "var", "bool", "object", "char") or before[1][:1].isupper()):
                names.add(low if language == BASIC else word)
    outside.append(text[at:])
    spoiled.update(w.lower() for w in re.findall(r"\w+", " ".join(outside)))
    return {n for n in names if n.lower() not in spoiled and n.lower() not in KEYWORDS}


class Rewrite:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def word(self):
        return "".join(self.rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(self.rng.randrange(5, 9))) + "q"

    def tokenwise(self, text, language, change):
        out, at = [], 0
        for start, end, kind in pieces(text):
            out += [text[at:start], "".join(change(tokens(text[start:end], language), kind))]
            at = end
        return "".join(out) + text[at:]

    def renaming(self, text, language, ext):
        to = {n: self.word() for n in sorted(declared(text, pieces(text), language))}
        key = (lambda w: w.lower()) if language == BASIC else (lambda w: w)
        return self.tokenwise(text, language, lambda toks, _: [to.get(key(w), w) if k == "name" else w for k, w in toks])

    def whitespace(self, text, language, ext):
        def change(toks, kind):
            for i, (k, w) in enumerate(toks):
                if k == "blank" and near(toks, i, 1)[1] not in ("_", "("):
                    w += self.rng.choice(["", " ", "\t", "   "])
                elif k == "line" and toks[i - 1][1] != "_" and near(toks, i, -1)[1] != "_":
                    w = w * self.rng.choice([1, 1, 2, 3])
                elif k == "sign" and language == CLIKE and w in ",;(){}":
                    w += self.rng.choice(["", " ", "\n", "\t"])
                yield w
        return self.tokenwise(text, language, change)

    def comments(self, text, language, ext):
        def change(toks, kind):
            for i, (k, w) in enumerate(toks):
                if language == CLIKE and k == "sign" and w in ",;({" and self.rng.random() < 0.4:
                    w += "/* " + self.word() + " */"
                elif language == BASIC and k == "line" and kind != "expression" and near(toks, i, -1)[1] not in ("_", "") and self.rng.random() < 0.3:
                    w = " ' " + self.word() + w
                yield w
        return self.tokenwise(text, language, change)

    def splitting(self, text, language, ext):
        def change(toks, kind):
            for i, (k, w) in enumerate(toks):
                before = near(toks, i, -1)
                if k == "text" and w[0] == '"' and len(w) > 5 and "\\" not in w and '""' not in w and "%" not in w and before[1] in ("(", "=", "&", "+", ",") \
                        and near(toks, i, 1)[1] not in ("c", "C") and "alias" not in "".join(t[1] for t in toks[max(0, i - 12):i]).lower() and "(" in "".join(t[1] for t in toks[:i]):
                    cut = self.rng.randrange(2, len(w) - 2)
                    w = w[:cut] + '"' + (" & " if language == BASIC else "+") + '"' + w[cut:]
                    if before[1] in ("&", "+", "="):
                        w = "(" + w + ")"
                yield w
        # Attributes, declarations of libraries and constants need one literal.
        return text if re.search(r"DllImport|<WebMethod|\[\s*Web|Declare\s+", text, re.I) else self.tokenwise(text, language, change)

    def case(self, text, language, ext):
        if language == CLIKE:
            return text
        return self.tokenwise(text, language, lambda toks, _: ["".join(self.rng.choice((c.lower(), c.upper())) for c in w) if k == "name" and w.isascii() and w != "_" else w for k, w in toks])

    def encoding(self, text, language, ext):
        return text          # done when written: see below

    def escapes(self, text, language, ext):
        if language == BASIC or re.search(r"language\s*=\s*[\"']?(vb)", text, re.I):
            return text

        def change(toks, kind):
            before = ""
            for k, w in toks:
                flags = before == "/" and not w.strip("gim")          # of a pattern between slashes: no name
                before = w
                if k == "name" and not flags and w.isascii() and w.lower() not in KEYWORDS - {"request", "response", "server", "session"} and self.rng.random() < 0.3:
                    i = self.rng.randrange(len(w))
                    w = w[:i] + "\\u%04x" % ord(w[i]) + w[i + 1:] if w[i] != "@" else w
                yield w
        return self.tokenwise(text, language, change)

    def dead(self, text, language, ext):
        done = []

        def change(toks, kind):
            v = self.word()
            head = ""
            if kind == "block" and not done and any(k == "line" for k, _ in toks):
                head = f"\nif 1 = 2 then\n{v} = \"{self.word()}\" & 3\nend if\n" if language == BASIC else f" if (1 == 2) {{ string {v} = \"{self.word()}\" + 3; }} "
                done.append(1)
            return [head] + [w for _, w in toks]
        return self.tokenwise(text, language, change) if language == BASIC or not re.search(r"jscript|javascript", text[:2000], re.I) else text

    def moving(self, text, language, ext):
        """Cuts a block into two at a line end (VBScript) or a semicolon outside brackets (C#): the server joins them again."""
        out, at = [], 0
        for start, end, kind in pieces(text):
            code = text[start:end]
            if kind == "block":
                toks, depth, made = tokens(code, language), 0, []
                for i, (k, w) in enumerate(toks):
                    depth += w in "([{" and k == "sign"
                    depth -= w in ")]}" and k == "sign"
                    whole = language == BASIC and k == "line" and near(toks, i, -1)[1] not in ("_", ",", "&", "") and toks[i - 1][0] != "comment"
                    if (whole or (language == CLIKE and w == ";" and depth == 0)) and self.rng.random() < 0.4 and i + 1 < len(toks):
                        w += "%><%"
                    made.append(w)
                code = "".join(made)
            out += [text[at:start], code]
            at = end
        return "".join(out) + text[at:]


ALL = ["renaming", "whitespace", "comments", "splitting", "case", "encoding", "escapes", "dead", "moving"]


def rewritten(path, names, seed):
    with open(path, "rb") as f:
        data = f.read()
    ext = os.path.splitext(path)[1].lower()
    text, spelling = text_of(data)
    r = Rewrite(seed)
    if re.search(r"#@~\^|codepage\s*=\s*[\"']?65000", text, re.I):
        return data                      # Script Encoder: its checksum holds the text as it is. UTF-7: letters are numbers there
    if mixed(text):
        return data                      # two languages on one page: these tokens are those of one
    for n in names:
        text = getattr(r, n)(text, language_of(text, ext), ext)
    if "encoding" in names and ext not in CLASSIC and text.isascii():
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode(spelling if spelling != "utf-16" else "utf-16", "surrogateescape" if spelling == "utf-8-sig" else "strict")


def accused(program, folder):
    done = subprocess.run([program, "page", "--json", folder], stdout=subprocess.PIPE)
    if done.returncode not in (0, 6):
        sys.exit(f"{program} page ended with {done.returncode}")
    return {os.path.relpath(r["file"], folder): r["verdict"] == "back_door" for r in map(json.loads, done.stdout.splitlines())}


def main():
    args = sys.argv[1:]
    work = args.pop(args.index("--work") + 1) if "--work" in args else None
    only = args.pop(args.index("--only") + 1) if "--only" in args else None
    most_benign = int(args.pop(args.index("--benign-max") + 1)) if "--benign-max" in args else 0
    program, corpus = [a for a in args if not a.startswith("--")][:2]
    work = work or tempfile.mkdtemp(prefix="afterpatch-rewrite-")
    bad = 0
    for label, wanted in (("malicious", True), ("benign", False)):
        folder = os.path.join(corpus, label)
        if not os.path.isdir(folder):
            continue
        plain = accused(program, folder)
        chosen = sorted(f for f, v in plain.items() if v == wanted)
        if not wanted and 0 < most_benign < len(chosen):
            chosen = sorted(random.Random(1).sample(chosen, most_benign))
        for name in ([only] if only else ALL + ["all"]):
            out = os.path.join(work, label, name)
            shutil.rmtree(out, ignore_errors=True)
            for i, f in enumerate(chosen):
                to = os.path.join(out, f)
                os.makedirs(os.path.dirname(to), exist_ok=True)
                with open(to, "wb") as o:
                    o.write(rewritten(os.path.join(folder, f), ALL if name == "all" else [name], i))
            now = accused(program, out)
            changed = [f for f in chosen if now.get(f) != wanted]
            most = len(chosen) / 100 if wanted else 0
            bad += len(changed) > most
            print(f"{label:9} {name:11} {len(chosen)} pages, {len(changed)} " + ("lost" if wanted else "false alarms more") + f" ({100 * len(changed) / max(1, len(chosen)):.2f} %)"
                  + (" TOO MANY" if len(changed) > most else ""))
            for f in changed:
                print(f"    {os.path.join(out, f)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
