#!/usr/bin/env python3
"""Pages that somebody made to keep an analyser busy, given to the real program; prints what was said of each and what it cost.

    pages.py AFTERPATCH FOLDER [SCALE]

Each page is made twice, the second time twice as large: the time may grow with the size, not faster. Every page gets an answer, within bounds of
memory, and where a plain back door stands beside the busy work it is found, or a limit is told. SCALE 10 is for the long run (100 MB lines).
"""
import json, os, resource, shutil, subprocess, sys, time

RUN = "ev" + "al"
ORDER = 'Requ' + 'est("x")'
DOOR_ASP = "<%" + f"{RUN} {ORDER}" + "%>"
DOOR_NET = "<" + '%@ Page Language="JScript"%>' + "<" + f'%{RUN}({ORDER.replace("(", ".Item[").replace(")", "]")},"un" + "safe");%>'
CS = '<' + '%@ Page Language="C#"%><script runat="server">void Page_Load(object s, EventArgs e) {'
CASES = {}
GROWS_MAX, SECONDS_MIN, MEMORY_MAX = 3.4, 0.8, 256 << 20


def case(ext, found=False):
    def note(make):
        CASES[make.__name__] = (ext, found, make)
        return make
    return note


@case("asp", True)
def blocks(n): return DOOR_ASP + "<%x%>" * (100000 * n)
@case("asp", True)
def one_line_of_text(n): return "a" * (1000000 * n) + DOOR_ASP
@case("asp")
def one_line_of_code(n): return "<%x=1" + "+a" * (100000 * n) + "%>"
@case("asp", True)
def brackets_opened(n): return DOOR_ASP + "<%x=" + "(" * (50000 * n) + "%>"
@case("aspx")
def braces_opened(n): return CS + "{" * (50000 * n)
@case("aspx")
def brackets_nested(n): return CS + "x=" + "(" * (30000 * n) + "1" + ")" * (30000 * n) + ";}</script>"
@case("aspx")
def calls_chained(n): return CS + "x=a" + ".b(1)" * (50000 * n) + ";}</script>"
@case("aspx")
def generics_or_not(n): return CS + "x=a<" * (30000 * n) + ";}</script>"
@case("aspx")
def casts_or_not(n): return CS + "x=" + "(a)" * (50000 * n) + "b;}</script>"
@case("aspx")
def lambdas(n): return CS + "x=" + "a=>" * (50000 * n) + "b;}</script>"
@case("asp")
def blocks_nested(n): return "<%" + "if a then\n" * (20000 * n) + "%>"
@case("asp")
def else_ifs(n): return "<%if a then\n" + "elseif b then\nx=1\n" * (20000 * n) + "end if%>"
@case("asp", True)
def text_doubles(n): return "<%s=\"a\"\n" + "s=s&s\n" * (60 * n) + "%>" + DOOR_ASP
@case("asp", True)
def replace_doubles(n): return "<%s=\"a\"\n" + 's=Replace(s,"a","aa")\n' * (60 * n) + "%>" + DOOR_ASP
@case("asp", True)
def long_texts(n): return "<%s=String(2000000000,\"a\")\nt=Space(2000000000)\nu=s&t\n%>" * n + DOOR_ASP
@case("asp", True)
def loops_nested(n): return "<%" + "".join(f"for i{k}=1 to 1000000000\n" for k in range(20)) + "x=x+1\n" + "next\n" * 20 + "%>" + DOOR_ASP
@case("asp", True)
def loop_without_end(n): return "<%do while true\nx=x&\"a\"\nloop%>" + DOOR_ASP
@case("asp", True)
def calls_twice_each(n): return "<%" + "".join(f"sub f{k}(a)\nf{k + 1} a\nf{k + 1} a\nend sub\n" for k in range(40 * n)) + "f0 1\n%>" + DOOR_ASP
@case("asp", True)
def calls_itself(n): return "<%function f(a)\nf=f(a&\"x\")&f(a)\nend function\nx=f(1)%>" + DOOR_ASP
@case("asp", True)
def code_in_code(n): return "<%s=\"x=1\"\n" + "s=\"execute \"\"\"&s&\"\"\"\"\n" * (30 * n) + "execute s%>" + DOOR_ASP
@case("asp")
def methods(n): return "<%" + "".join(f"sub f{k}(a)\nx=a\nend sub\n" for k in range(5000 * n)) + "%>"
@case("asp")
def variables(n): return "<%" + "".join(f"v{k}=v{k // 2}&\"a\"\n" for k in range(10000 * n)) + "%>"
@case("asp")
def fields_of_one_object(n): return "<%set d=CreateObject(\"Scripting.Dictionary\")\n" + "".join(f"d(\"k{k}\")={ORDER}\n" for k in range(4000 * n)) + "%>"
@case("aspx")
def list_of_numbers(n): return CS + "var x=new byte[]{" + "1," * (100000 * n) + "};}</script>"
@case("aspx")
def strings_open(n): return CS + 'x="' * (30000 * n)
@case("aspx")
def comments_open(n): return CS + "/*" * (100000 * n)
@case("aspx")
def interpolated(n): return CS + "x=" + '$"{' * (20000 * n) + "1" + '}"' * (20000 * n) + ";}</script>"
@case("aspx")
def tags(n): return '<asp:Button runat="server" onclick="a" ' * (20000 * n) + ">"
@case("aspx")
def attributes(n): return "<%@ Page " + 'a="b" ' * (50000 * n) + "%>" + "<%x();%>"
@case("aspx")
def scripts_open(n): return '<script runat="server">' * (20000 * n)
@case("asp")
def includes(n): return '<!--#include file="pages.asp"-->' * (20000 * n) + "<%x=1%>"
@case("cshtml")
def razor_nested(n): return "@{" * (20000 * n)
@case("cshtml")
def razor_markup_nested(n): return "@if(a){" + "<b>@if(a){" * (10000 * n)
@case("asp")
def line_marks(n): return "<%" + "\r" * (200000 * n) + "x=1%>"
@case("asp")
def continued(n): return "<%x=1" + " _\n" * (50000 * n) + "%>"
@case("js.asp")
def regular_expressions(n): return '<%@language="JScript"%><%' + "x=/a[/]" * (20000 * n) + "%>"
@case("ashx")
def members(n): return '<%@ WebHandler Language="C#" Class="A" %>class A {' + "".join(f"int f{k}=1; int P{k} {{ get {{ return f{k}; }} }}" for k in range(4000 * n)) + "}"
@case("js.asp")
def literals_nested(n): return '<%@language="JScript"%><%x=' + "{a:[" * (20000 * n) + "1%>"
@case("js.asp")
def functions_nested(n): return '<%@language="JScript"%><%' + "function f(){" * (20000 * n) + "%>"
@case("js.asp")
def choices_nested(n): return '<%@language="JScript"%><%x=' + "a?b:" * (30000 * n) + "1%>"
@case("js.asp")
def signs_nested(n): return '<%@language="JScript"%><%x=' + "!-~" * (30000 * n) + "1%>"
@case("vb.aspx")
def vb_lambdas_nested(n): return '<%@ Page Language="VB"%><%x=' + "Function(a) " * (20000 * n) + "1%>"
@case("vb.aspx")
def vb_types_nested(n): return '<%@ Page Language="VB"%><script runat="server">' + "Class A\n" * (20000 * n) + "</script>"
@case("asp", True)
def texts_run(n): return "<%" + "".join(f'execute "v{k}=" & "{k}"\n' for k in range(3000 * n)) + "%>" + DOOR_ASP
@case("asp", True)
def text_run_and_run(n): return "<%s=\"\"\nfor i=1 to 100000\ns=s&\"x=1:\"\nexecute s\nnext%>" + DOOR_ASP
@case("asp", True)
def split_and_join(n): return "<%s=String(60000,\"a,\")\n" + 's=Join(Split(s,","),",,")\n' * (40 * n) + "%>" + DOOR_ASP
@case("asp", True)
def list_grows(n): return "<%dim a()\nfor i=1 to 100000\nredim preserve a(i)\na(i)=s\ns=s&a(i)&\"a\"\nnext%>" + DOOR_ASP
@case("asp", True)
def branches(n): return "<%" + "".join(f"if a{k} then\nb=b&\"{k}\"\nelse\nb=b&\"x\"\nend if\n" for k in range(4000 * n)) + "%>" + DOOR_ASP
@case("asp", True)
def encoded_blocks_open(n): return DOOR_ASP + "<%#@~^AAAAAA==%>" * (10000 * n)
@case("asp", True)
def encoded_blocks_in_one(n): return DOOR_ASP + "<%" + "#@~^AAAAAA==" * (20000 * n) + "%>"
@case("aspx")
def objects_in_objects(n): return CS + "x=" + "new A(new B{C=" * (10000 * n) + "1;}</script>"
@case("aspx")
def attributes_of_code(n): return CS + "}" + "[A(1)]" * (30000 * n) + "</script>"
@case("aspx")
def controls_with_events(n): return '<script runat="server">void a(object s, EventArgs e) { b(); }</script>' + "".join(f'<asp:Button runat="server" id="i{k}" onclick="a"/>' for k in range(4000 * n))
@case("config")
def settings_nested(n): return "<configuration>" + "<location>" * (20000 * n) + "<%x%>"
@case("aspx")
def wide(n): return "\ufeff" + CS + "x=\u4e00;" * (50000 * n) + "}</script>"
@case("asp", True)
def calls_deep_in_values(n): return "<%" + "".join(f"function f{k}(a)\nf{k}=" + "not -(" * 70 + f"f{k + 1}(a)" + ")" * 70 + "\nend function\n" for k in range(40)) + "x=f0(1)\n" * n + "%>" + DOOR_ASP
@case("asp", True)
def calls_deep_in_blocks(n): return "<%" + "".join(f"sub f{k}(a)\n" + "if a then\n" * 70 + f"f{k + 1} a\n" + "end if\n" * 70 + "end sub\n" for k in range(40)) + "f0 b\n" * n + "%>" + DOOR_ASP
@case("asp", True)
def texts_deep_in_blocks(n):
    s = "x=1"
    for k in range(7):
        s = "if a then:" * 60 + 'execute "' + s.replace('"', '""') + '":' + "end if:" * 60
    return "<%" + s + "%>" * n + DOOR_ASP
@case("aspx", True)
def jscript_door(n): return DOOR_NET + "<p>" * (100000 * n)


def run(program, path, limit):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        done = subprocess.run([program, "page", "--json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, limit, "no answer"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode not in (0, 6) or len(rows) != 1 or done.stderr:
        return None, used, f"code {done.returncode}, {len(rows)} lines, {done.stderr[:200]!r}"
    return rows[0], used, ""


def peak(program, path):
    """The largest process of one run, by /usr/bin/time's own way: the children's high-water mark of a fresh parent."""
    code = ("import resource, subprocess, sys; subprocess.run([sys.argv[1], 'page', '--json', sys.argv[2]], stdout=subprocess.DEVNULL); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(subprocess.run([sys.executable, "-c", code, program, path], stdout=subprocess.PIPE).stdout) << 10


def main():
    program, folder = sys.argv[1:3]
    scale = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with open(program, "rb") as f:
        sanitized = b"__asan_" in f.read()
    limit = (240 if sanitized else 40) * scale
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    bad = 0
    for name, (ext, found, make) in CASES.items():
        cost = []
        for n in (1, 2):
            path = os.path.join(folder, f"{name}.{ext}")
            with open(path, "w", encoding="utf-8", newline="") as f:
                # What cannot do anything is not parsed (quiet.h): a word keeps these pages from it.
                f.write(make(n * scale) + ("" if found or ext != "asp" else "<%'exec" + "ute%>"))
            row, used, wrong = run(program, path, limit)
            size = os.path.getsize(path)
            if not wrong and found and row["verdict"] != "back_door" and not ((scale > 1 or size > 16 << 20) and row["verdict"] == "review"):
                wrong = f"said {row['verdict']} ({row['why']})"
            cost.append(used)
            if wrong:
                break
        if not wrong and cost[1] > SECONDS_MIN * (5 if sanitized else 1) and cost[1] > GROWS_MAX * max(cost[0], 0.1):
            wrong = f"twice the size took {cost[0]:.2f} s, then {cost[1]:.2f} s"
        memory = 0 if sanitized or wrong else peak(program, path)
        if memory > MEMORY_MAX:
            wrong = f"{memory >> 20} MiB"
        bad += bool(wrong)
        print(f"{'BAD ' if wrong else 'ok  '} {name:22} {size / 1e6:7.2f} MB {cost[-1]:7.2f} s {memory >> 20:5} MiB  {row['verdict'] if row else '-'} {wrong}", flush=True)
        os.remove(path)
    print(f"{len(CASES)} pages, {bad} not as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
