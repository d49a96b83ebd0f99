"""A Sigma rule, evaluated straight from its specification, and the values that satisfy it. For sigma_fire.py.

Own and slow on purpose: it shares no code with the program. A record is asked for the candidates of a field and for its raw text.
"""
import ipaddress
import itertools
import os
import re
try:
    from re import _parser as sre
except ImportError:                              # before Python 3.11
    import sre_parse as sre

DASHES = "-/\u2013\u2014\u2015"
KNOWN = {"contains", "startswith", "endswith", "all", "cased", "re", "i", "m", "s", "cidr", "windash", "exists", "neq", "gt", "gte", "lt", "lte"}


class Unsupported(Exception):
    pass


class Atom:
    """One field (None: the raw text) against one value."""

    def __init__(self, field, mods, value):
        self.field, self.mods, self.value = field, mods, value
        if set(mods) - KNOWN:
            raise Unsupported("modifier %s" % ", ".join(sorted(set(mods) - KNOWN)))

    def fits(self, record):
        if self.field is None:
            return any(self.regex(True).search(r) for r in record.raws())
        have = record.field(self.field)
        if "exists" in self.mods:
            return bool(have) == bool(self.value)
        if self.value is None:                   # absent, or the column holds nothing
            return not any(have)
        return any(self.one(h) for h in have) != ("neq" in self.mods)

    def one(self, have):
        if "cidr" in self.mods:
            try:
                return ipaddress.ip_address(have) in ipaddress.ip_network(self.value, strict=False)
            except ValueError:
                return False
        for name, test in (("gte", float.__ge__), ("gt", float.__gt__), ("lte", float.__le__), ("lt", float.__lt__)):
            if name in self.mods:
                try:
                    return test(float(have), float(self.value))
                except ValueError:
                    return False
        return bool(self.regex(False).search(have))

    def regex(self, within):
        """The value as an expression; within: it may stand anywhere."""
        if "re" in self.mods:
            flags = (re.I if "i" in self.mods else 0) | (re.M if "m" in self.mods else 0) | (re.S if "s" in self.mods else 0)
            return re.compile(str(self.value), flags)
        body = "".join(re.escape(t) if kind == "text" else ".*" if t == "*" else "." for kind, t in pieces(text(self.value)))
        if "windash" in self.mods:
            body = re.sub(r"(?<!\w)(\\-|/)(?=\w)", lambda m: "[%s]" % DASHES.replace("-", r"\-"), body)
        if not within:
            body = ("" if {"contains", "endswith"} & set(self.mods) else r"\A") + body + ("" if {"contains", "startswith"} & set(self.mods) else r"\Z")
        return re.compile(body, re.S | (0 if "cased" in self.mods else re.I))

    def example(self):
        """Text that fits when it stands alone."""
        if "re" in self.mods:
            return of_tree(sre.parse(str(self.value)))
        if "cidr" in self.mods:
            net = ipaddress.ip_network(self.value, strict=False)
            return str(net[1] if net.num_addresses > 1 else net[0])
        return "".join(t if kind == "text" else "zz" if t == "*" else "q" for kind, t in pieces(text(self.value)))


def text(value):
    return "true" if value is True else "false" if value is False else str(value)


def pieces(value):
    """("text", characters) and ("wild", "*" or "?"), as the specification escapes them."""
    out, i = [], 0
    while i < len(value):
        c = value[i]
        if c == "\\" and i + 1 < len(value) and value[i + 1] in "*?\\":
            out.append(("text", value[i + 1]))
            i += 2
            continue
        out.append(("wild" if c in "*?" else "text", c))
        i += 1
    return out


def of_class(items):
    items = list(items)
    negated = items and items[0][0] == sre.NEGATE
    def holds(c):
        for op, arg in items:
            if (op == sre.LITERAL and arg == ord(c)) or (op == sre.RANGE and arg[0] <= ord(c) <= arg[1]) or (op == sre.CATEGORY and of_category(arg, c)):
                return True
        return False
    for c in "a0/.-_ %:" + "".join(map(chr, range(33, 127))):
        if holds(c) != bool(negated):
            return c
    raise Unsupported("a class of characters")


def of_category(kind, c):
    name = str(kind)
    yes = c.isdigit() if "DIGIT" in name else c.isspace() if "SPACE" in name else (c.isalnum() or c == "_")
    return yes != ("NOT" in name)


def of_tree(tree):
    """One string that the expression fits."""
    out = ""
    for op, arg in tree:
        if op == sre.LITERAL:
            out += chr(arg)
        elif op == sre.NOT_LITERAL:
            out += "a" if arg != ord("a") else "b"
        elif op == sre.ANY:
            out += "x"
        elif op == sre.IN:
            out += of_class(arg)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            out += of_tree(arg[2]) * max(arg[0], 1 if arg[1] else 0)
        elif op == sre.SUBPATTERN:
            out += of_tree(arg[3])
        elif op == sre.BRANCH:
            out += of_tree(arg[1][0])
        elif op != sre.AT:
            raise Unsupported("expression with %s" % op)
    return out


# --- trees: ("and"|"or", [tree...]), ("not", tree), Atom --------------------------------------------------------

def selection(body):
    if isinstance(body, dict):
        return ("and", [item(k, v) for k, v in body.items()])
    if isinstance(body, list):
        return ("or", [selection(b) if isinstance(b, dict) else Atom(None, [], b) for b in body])
    return Atom(None, [], body)


def item(key, values):
    field, *mods = str(key).split("|")
    values = values if isinstance(values, list) else [values]
    atoms = [Atom(field or None, mods, v) for v in values]
    return atoms[0] if len(atoms) == 1 else ("and" if "all" in mods or "neq" in mods else "or", atoms)


def condition(words, detection):
    """A recursive descent over `or`, `and`, `not`, and what stands between."""
    names = [n for n in detection if n not in ("condition", "timeframe")]

    def many(pattern):
        picked = [n for n in names if (not n.startswith("_") if pattern == "them" else re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), n))]
        if not picked:
            raise Unsupported("no selection %s" % pattern)
        return [selection(detection[n]) for n in picked]

    def either():
        parts = [both()]
        while words and words[0].lower() == "or":
            words.pop(0)
            parts.append(both())
        return parts[0] if len(parts) == 1 else ("or", parts)

    def both():
        parts = [one()]
        while words and words[0].lower() == "and":
            words.pop(0)
            parts.append(one())
        return parts[0] if len(parts) == 1 else ("and", parts)

    def one():
        w = words.pop(0)
        if w.lower() == "not":
            return ("not", one())
        if w == "(":
            inner = either()
            words.pop(0)
            return inner
        if w.lower() in ("1", "any", "all") and words and words[0].lower() == "of":
            words.pop(0)
            return ("and" if w.lower() == "all" else "or", many(words.pop(0)))
        if w not in detection:
            raise Unsupported("condition word %s" % w)
        return selection(detection[w])

    tree = either()
    if words:
        raise Unsupported("condition ends with %s" % words[0])
    return tree


class Rule:
    def __init__(self, file, document):
        self.file, self.doc = file, document
        source = document["logsource"]
        self.category, self.title = source.get("category"), document.get("title", "")
        self.product, self.service = source.get("product"), source.get("service")
        cond = document["detection"]["condition"]
        self.tree = condition(re.findall(r"[()|]|[^\s()|]+", cond if isinstance(cond, str) else " or ".join("(%s)" % c for c in cond)), document["detection"])

    def fits(self, record):
        return fits(self.tree, record)

    def ways(self, most=4000):
        """Lists of atoms that hold together in a match, negated parts left to their defaults."""
        return itertools.islice(ways(self.tree, False), most)

    def ways_filtered(self, most=400):
        """Likewise with what the condition excludes held as well: such a record must not match."""
        return itertools.islice(ways(self.tree, True), most) if has_not(self.tree) else iter(())


def fits(tree, record):
    if isinstance(tree, Atom):
        return tree.fits(record)
    if tree[0] == "not":
        return not fits(tree[1], record)
    return (all if tree[0] == "and" else any)(fits(t, record) for t in tree[1])


def has_not(tree):
    return not isinstance(tree, Atom) and (tree[0] == "not" or any(has_not(t) for t in tree[1]))


def ways(tree, filtered):
    if isinstance(tree, Atom):
        yield [tree]
    elif tree[0] == "not":
        yield from ways(tree[1], filtered) if filtered else iter([[]])
    elif tree[0] == "or":
        for t in tree[1]:
            yield from ways(t, filtered)
    else:
        yield from product(tree[1], filtered)


def product(trees, filtered):
    if not trees:
        yield []
        return
    for head in ways(trees[0], filtered):
        for rest in product(trees[1:], filtered):
            yield head + rest


def rule_files(folder):
    """Each file of rules below a folder, in order: its name from there, and its text."""
    for top, dirs, names in sorted(os.walk(folder)):
        dirs.sort()
        for full in (os.path.join(top, n) for n in sorted(names) if n.endswith((".yml", ".yaml"))):
            with open(full, encoding="utf-8") as f:
                yield os.path.relpath(full, folder), f.read()
