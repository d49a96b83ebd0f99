#include "test.h"

#include "webshell/api.h"
#include "webshell/fold_inner.h"

/* ---- values from short texts and back ---- */
/* Cases write values so: 'text', 12, T, F, N (null), x4142 (bytes), [a|b] (list), ? (unknown), ?head..tail, all of the request when R stands before. */
static struct val value_of(struct arena *a, struct str s)
{
    struct val v = { .kind = VAL_UNKNOWN };

    if (s.n > 1 && s.p[0] == 'R') {
        v = value_of(a, str_from(s, 1));
        v.marks = MARK_REQUEST;
        v.whole = true;
        v.key = STR("k");
        return v;
    }
    if (s.p[0] == '\'')
        v.kind = VAL_TEXT, v.text = str_sub(s, 1, s.n - 1);
    else if (str_eq(s, STR("T")) || str_eq(s, STR("F")))
        v.kind = VAL_BOOL, v.number = s.p[0] == 'T';
    else if (str_eq(s, STR("N")))
        v.kind = VAL_NULL;
    else if (s.p[0] == 'x') {
        uint8_t *p = TAKE(a, uint8_t, s.n / 2 + 1);
        CHECK(p && num_unhex(str_from(s, 1), p, (s.n - 1) / 2));
        v.kind = VAL_BYTES, v.text = (struct str){ p, (s.n - 1) / 2 };
    } else if (s.p[0] == '@')
        v.kind = VAL_TYPE, v.name = str_from(s, 1), v.cls = api_class_find(v.name);
    else if (s.p[0] == '[') {
        struct str rest = str_sub(s, 1, s.n - 1), one;
        v.kind = VAL_LIST;
        v.item = NEW(a, struct val, 64);
        while (str_cut(&rest, '|', &one))
            v.item[v.item_n++] = value_of(a, one);
    } else if (s.p[0] == '?') {
        size_t dots = str_find(s, STR(".."));
        if (dots != STR_NONE) {
            v.text = str_sub(s, 1, dots);
            v.tail = str_from(s, dots + 2);
        }
    } else {
        v.kind = VAL_NUMBER;
        CHECK(fold_parse_number(s, &v.number));
    }
    return v;
}

static struct str print(struct arena *a, const struct val *v)
{
    struct str s = STR(""), more;

    switch (v->kind) {
    case VAL_TEXT: s = str_fmt(a, "'%.*s'", STR_ARG(v->text)); break;
    case VAL_NUMBER: s = str_fmt(a, "%lld", (long long)v->number); break;
    case VAL_BOOL: s = v->number ? STR("T") : STR("F"); break;
    case VAL_NULL: s = STR("N"); break;
    case VAL_FRACTION: s = STR("#"); break;
    case VAL_TYPE: s = str_fmt(a, "@%.*s", STR_ARG(v->name)); break;
    case VAL_BYTES:
        s = STR("x");
        for (size_t i = 0; i < v->text.n; i++)
            s = str_cat(a, s, str_fmt(a, "%02x", v->text.p[i]));
        break;
    case VAL_LIST:
        s = STR("[");
        for (size_t i = 0; i < v->item_n; i++) {
            more = print(a, &v->item[i]);
            s = str_cat(a, str_cat(a, s, i ? STR("|") : STR("")), more);
        }
        s = str_cat(a, s, STR("]"));
        break;
    default:
        s = v->text.n || v->tail.n ? str_fmt(a, "?%.*s..%.*s", STR_ARG(v->text), STR_ARG(v->tail)) : STR("?");
    }
    if (v->marks & MARK_DECODED)
        s = str_cat(a, STR("D"), s);
    if (v->marks & MARK_REQUEST)
        s = str_cat(a, v->whole ? STR("R") : STR("r"), s);
    return s;
}

#define VB  IR_VBNET
#define VBS IR_VBSCRIPT
#define CS  IR_CSHARP
#define JS  IR_JSCRIPT
#define JSN IR_JSCRIPT_NET

static const struct call { enum ir_language l; const char *cls, *name, *self, *args, *want, *why; } calls[] = {
    /* VBScript, VB.NET: counted from 1 */
    { VBS, "", "Mid", NULL, "'abcdef',2,3", "'bcd'", "from 1" }, { VBS, "", "mid", NULL, "'abc',3", "'c'", "to the end" }, { VBS, "", "Mid", NULL, "'abc',9", "''", "behind the end" },
    { VBS, "", "Left", NULL, "'abc',2", "'ab'", "left" }, { VBS, "", "Right", NULL, "'abc',2", "'bc'", "right" }, { VBS, "", "Left", NULL, "'abc',9", "'abc'", "more than there is" },
    { VBS, "", "Left", NULL, "?abcd..,2", "'ab'", "a known head is enough" }, { VBS, "", "Right", NULL, "?..xy.asp,4", "'.asp'", "a known tail is enough" }, { VBS, "", "Mid", NULL, "?abc..z,2", "?bc..", "head" },
    { VBS, "", "Chr", NULL, "65", "'A'", "letter" }, { VBS, "", "ChrW", NULL, "8364", "'\xe2\x82\xac'", "wide letter" }, { VBS, "", "ChrW", NULL, "-257", "'\xef\xbb\xbf'", "negative codes" }, { VBS, "", "Asc", NULL, "'A'", "65", "code" },
    { VBS, "", "AscW", NULL, "'\xe2\x82\xac'", "8364", "wide code" }, { VBS, "", "Len", NULL, "'\xe2\x82\xac'", "1", "characters, not bytes" }, { VBS, "", "LenB", NULL, "'ab'", "4", "two bytes a letter" },
    { VBS, "", "StrReverse", NULL, "'abc'", "'cba'", "back" }, { VBS, "", "StrReverse", NULL, "'a\xe2\x82\xac'", "'\xe2\x82\xac" "a'", "characters stay whole" }, { VBS, "", "Replace", NULL, "'axbx','x','--'", "'a--b--'", "all" },
    { VBS, "", "Replace", NULL, "'aXbx','x','',1,1,1", "'abx'", "count and text compare" }, { VBS, "", "UCase", NULL, "'aB'", "'AB'", "upper" }, { VBS, "", "LCase", NULL, "'aB'", "'ab'", "lower" },
    { VBS, "", "Trim", NULL, "' a '", "'a'", "blanks" }, { VBS, "", "LTrim", NULL, "' a '", "'a '", "left" }, { VBS, "", "RTrim", NULL, "' a '", "' a'", "right" }, { VBS, "", "Space", NULL, "3", "'   '", "blanks" },
    { VBS, "", "String", NULL, "3,'ab'", "'aaa'", "first letter" }, { VBS, "", "String", NULL, "2,65", "'AA'", "by code" }, { VBS, "", "InStr", NULL, "'abcabc','c'", "3", "from 1" }, { VBS, "", "InStr", NULL, "4,'abcabc','c'", "6", "start" },
    { VBS, "", "InStr", NULL, "1,'ABC','b',1", "2", "text compare" }, { VBS, "", "InStr", NULL, "'abc','x'", "0", "not there" }, { VBS, "", "InStrRev", NULL, "'abcabc','b'", "5", "from the right" },
    { VBS, "", "Split", NULL, "'a,b',','", "['a'|'b']", "split" }, { VBS, "", "Split", NULL, "'a b'", "['a'|'b']", "at blanks" }, { VBS, "", "Split", NULL, "'a,b,c',',',2", "['a'|'b,c']", "at most two" }, { VBS, "", "Join", NULL, "['a'|'b'],''", "'ab'", "join" },
    { VBS, "", "Join", NULL, "['a'|?|'b'],'-'", "?a-..-b", "what is not known in the middle" }, { VBS, "", "Join", NULL, "['a'|'b']", "'a b'", "by a blank" }, { VBS, "", "Filter", NULL, "['ax'|'b'],'x'", "['ax']", "filter" },
    { VBS, "", "Hex", NULL, "255", "'FF'", "hex" }, { VBS, "", "Hex", NULL, "-1", "'FFFFFFFF'", "negative" }, { VBS, "", "Oct", NULL, "8", "'10'", "oct" }, { VBS, "", "CInt", NULL, "'&H41'", "65", "hex text" }, { VBS, "", "CInt", NULL, "'2.5'", "2", "half to even" },
    { VBS, "", "CInt", NULL, "'3.5'", "4", "half to even" }, { VBS, "", "CLng", NULL, "'x'", "#", "no number" }, { VBS, "", "CStr", NULL, "12", "'12'", "text" }, { VBS, "", "CStr", NULL, "T", "'True'", "bool" }, { VB, "", "Val", NULL, "'12abc'", "12", "head" }, { VB, "", "Val", NULL, "'&H1F'", "31", "hex" },
    { VBS, "", "Array", NULL, "1,'a'", "[1|'a']", "array" }, { VBS, "", "UBound", NULL, "[1|2|3]", "2", "last index" }, { VBS, "", "LBound", NULL, "[1]", "0", "first index" }, { VBS, "", "Abs", NULL, "-3", "3", "abs" },
    { VB, "", "IIf", NULL, "T,'a','b'", "'a'", "iif" }, { VB, "", "Choose", NULL, "2,'a','b'", "'b'", "choose" }, { VB, "", "Switch", NULL, "F,'a',T,'b'", "'b'", "switch" }, { VBS, "", "Unescape", NULL, "'%41%u0042c'", "'ABc'", "escapes" },
    { VBS, "", "Escape", NULL, "'a b'", "'a%20b'", "escapes" }, { VBS, "", "MidB", NULL, "x414243,2,1", "x42", "bytes" }, { VBS, "", "AscB", NULL, "x41", "65", "byte" }, { VBS, "", "ChrB", NULL, "65", "x41", "byte" }, { VBS, "", "LeftB", NULL, "x414243,2", "x4142", "bytes" },
    { VBS, "", "LenB", NULL, "x414243", "3", "bytes" }, { VBS, "", "IsNumeric", NULL, "'12.5'", "T", "number" }, { VBS, "", "IsNumeric", NULL, "'a'", "F", "none" }, { VBS, "", "IsEmpty", NULL, "N", "T", "empty" }, { VB, "Strings", "Chr", "@Strings", "66", "'B'", "by its class" },
    { VBS, "", "StrComp", NULL, "'a','b'", "-1", "order" }, { VBS, "", "Round", NULL, "3", "3", "round" }, { VBS, "", "Sgn", NULL, "-5", "-1", "sign" },
    /* JScript */
    { JS, "String", "fromCharCode", "@String", "97,98", "'ab'", "letters" }, { JS, "", "charCodeAt", "'a'", "0", "97", "code" }, { JS, "", "charAt", "'abc'", "1", "'b'", "from 0" }, { JS, "", "substr", "'abcdef'", "1,2", "'bc'", "from, length" },
    { JS, "", "substr", "'abcdef'", "-2", "'ef'", "from the end" }, { JS, "", "substring", "'abcdef'", "1,3", "'bc'", "from, to" }, { JS, "", "substring", "'abcdef'", "3,1", "'bc'", "turned" }, { JS, "", "slice", "'abcdef'", "-3,-1", "'de'", "negative" },
    { JS, "", "split", "'a-b'", "'-'", "['a'|'b']", "split" }, { JS, "", "split", "'ab'", "''", "['a'|'b']", "letters" }, { JS, "", "join", "['a'|'b']", "", "'a,b'", "by commas" }, { JS, "", "join", "['a'|'b']", "''", "'ab'", "join" }, { JS, "", "reverse", "['a'|'b']", "", "['b'|'a']", "back" },
    { JS, "", "replace", "'aXbX'", "'X','-'", "'a-bX'", "only the first" }, { JS, "", "concat", "'a'", "'b','c'", "'abc'", "concat" }, { JS, "", "concat", "['a']", "['b'],'c'", "['a'|'b'|'c']", "poured in" }, { JS, "", "toLowerCase", "'AB'", "", "'ab'", "lower" }, { JS, "", "toUpperCase", "'ab'", "", "'AB'", "upper" },
    { JS, "", "parseInt", NULL, "'1f',16", "31", "radix" }, { JS, "", "parseInt", NULL, "'12px'", "12", "head" }, { JS, "", "parseInt", NULL, "'0x1f'", "31", "prefix" }, { JS, "", "unescape", NULL, "'%61'", "'a'", "unescape" }, { JS, "", "decodeURIComponent", NULL, "'%E2%82%AC+'", "'\xe2\x82\xac+'", "UTF-8, no plus" },
    { JS, "", "push", "['a']", "'b'", "['a'|'b']", "push" }, { JS, "", "pop", "['a'|'b']", "", "'b'", "pop" }, { JS, "", "indexOf", "'abc'", "'c'", "2", "index" }, { JS, "", "slice", "['a'|'b'|'c']", "1", "['b'|'c']", "part" }, { JSN, "", "Replace", "'aXbX'", "'X','-'", "'a-bX'", "its own way first" }, { JSN, "", "Substring", "'abcd'", "1,2", "'b'", "its own way first" },
    { JS, "", "Array", NULL, "'a','b'", "['a'|'b']", "array" }, { JS, "", "toString", "255", "16", "'ff'", "radix" }, { JS, "", "String", NULL, "12", "'12'", "text" }, { JS, "", "Number", NULL, "'12'", "12", "number" },
    /* .NET */
    { CS, "", "Substring", "'abcdef'", "1,2", "'bc'", "from 0" }, { CS, "", "Insert", "'ad'", "1,'bc'", "'abcd'", "insert" }, { CS, "", "Remove", "'abcd'", "1,2", "'ad'", "remove" }, { CS, "", "Remove", "'abcd'", "1", "'a'", "to the end" }, { CS, "", "PadLeft", "'7'", "3,'0'", "'007'", "pad" }, { CS, "", "PadRight", "'7'", "3", "'7  '", "pad" },
    { CS, "", "Replace", "'aXbX'", "'X','-'", "'a-b-'", "all" }, { CS, "", "Split", "'a,b;c'", "',',';'", "['a'|'b'|'c']", "letters" }, { CS, "", "Split", "'a,b'", "[','|';']", "['a'|'b']", "list of letters" }, { CS, "", "Trim", "'xax'", "'x'", "'a'", "other letters" }, { CS, "", "TrimStart", "' a '", "", "'a '", "start" },
    { CS, "String", "Concat", "@String", "'a','b',1", "'ab1'", "concat" }, { CS, "String", "Join", "@String", "'-',['a'|'b']", "'a-b'", "join" }, { CS, "String", "Format", "@String", "'{0}-{1}{{',  'a','b'", "'a-b{'", "format" }, { CS, "String", "Format", "@String", "'a{0}b',?", "?a..b", "not known" }, { CS, "String", "new", NULL, "['a'|'b']", "'ab'", "letters" },
    { CS, "String", "new", NULL, "'x',3", "'xxx'", "repeated" }, { CS, "", "ToCharArray", "'ab'", "", "['a'|'b']", "letters" }, { CS, "Array", "Reverse", "@Array", "['a'|'b']", "['b'|'a']", "back" }, { CS, "", "Reverse", "'ab'", "", "['b'|'a']", "Enumerable" }, { CS, "", "ToArray", "['b'|'a']", "", "['b'|'a']", "stays" },
    { CS, "Convert", "FromBase64String", "@Convert", "'QUJD'", "x414243", "base64" }, { CS, "Convert", "FromBase64String", "@Convert", "'QQ=='", "x41", "padding" }, { CS, "Convert", "FromBase64String", "@Convert", "'!'", "?", "none" }, { CS, "Convert", "ToBase64String", "@Convert", "x4142", "'QUI='", "base64" },
    { CS, "Convert", "ToInt32", "@Convert", "'1f',16", "31", "base" }, { CS, "Convert", "ToInt32", "@Convert", "'101',2", "5", "base" }, { CS, "Convert", "ToByte", "@Convert", "'ff',16", "255", "base" }, { CS, "Convert", "ToChar", "@Convert", "97", "'a'", "letter" }, { CS, "Convert", "ToString", "@Convert", "255,16", "'ff'", "base" },
    { CS, "Encoding", "GetString", "@utf-8", "x414243", "'ABC'", "UTF-8" }, { CS, "Encoding", "GetString", "@utf-16", "x41004200", "'AB'", "UTF-16" }, { CS, "Encoding", "GetString", "@gb2312", "x41", "'A'", "other pages" }, { CS, "Encoding", "GetString", "@utf-8", "[65|66]", "'AB'", "a list of numbers" }, { CS, "Encoding", "GetString", "@utf-8", "x414243,1,1", "'B'", "a part" },
    { CS, "Encoding", "GetBytes", "@utf-16", "'A'", "x4100", "UTF-16" }, { CS, "Encoding", "GetEncoding", "@Encoding", "'utf-8'", "@utf-8", "by name" }, { CS, "Encoding", "GetEncoding", "@Encoding", "936", "@936", "by number" }, { CS, "UTF8Encoding", "GetString", "?", "x41", "'A'", "an instance" },
    { CS, "BitConverter", "ToString", "@BitConverter", "x0aff", "'0A-FF'", "dashes" }, { CS, "Int32", "Parse", "@Int32", "'12'", "12", "number" }, { CS, "Int32", "Parse", "@Int32", "'4d',512", "77", "hex" }, { CS, "", "ToString", "255", "'X4'", "'00FF'", "format" }, { CS, "StringBuilder", "Append", "'a'", "'b'", "'ab'", "append" },
    { CS, "StringBuilder", "Append", "'a'", "'b',3", "'abbb'", "repeated" }, { CS, "StringBuilder", "Insert", "'ac'", "1,'b'", "'abc'", "insert" }, { CS, "StringBuilder", "ToString", "'ab'", "", "'ab'", "text" }, { CS, "Uri", "UnescapeDataString", "@Uri", "'a%20b'", "'a b'", "percent" }, { CS, "HttpUtility", "UrlDecode", "@HttpUtility", "'a+b'", "'a b'", "plus" },
    { CS, "HttpUtility", "HtmlDecode", "@HttpUtility", "'&lt;&#65;&#x42;&amp;'", "'<AB&'", "entities" }, { CS, "Path", "Combine", "@Path", "'a','b'", "'a\\b'", "combine" }, { CS, "Path", "Combine", "@Path", "'a','C:\\b'", "'C:\\b'", "rooted" }, { CS, "Path", "Combine", "@Path", "'C:\\w',?..x.txt", "?..x.txt", "what is not known may be rooted" },
    { CS, "Path", "GetExtension", "@Path", "?..a.aspx", "'.aspx'", "a known tail" }, { CS, "Path", "GetExtension", "@Path", "R?", "r?", "the request's" }, { CS, "Path", "GetFileName", "@Path", "'C:\\a\\b.c'", "'b.c'", "name" }, { CS, "Path", "GetFileNameWithoutExtension", "@Path", "'a/b.c'", "'b'", "stem" }, { CS, "Path", "ChangeExtension", "@Path", "R?,'.txt'", "r?...txt", "fixed end" },
    { VBS, "Server", "MapPath", "?", "'/a/b.asp'", "?..\\a\\b.asp", "below the site" }, { CS, "Regex", "Replace", "@Regex", "'a1b22','[0-9]+','-'", "'a-b-'", "classes" }, { CS, "Regex", "Replace", "@Regex", "'abc','(b)','-'", "?", "groups are not read" }, { CS, "Enumerable", "Range", "@Enumerable", "3,2", "[3|4]", "range" }, { CS, "Convert", "FromHexString", "@Convert", "'4142'", "x4142", "hex" },
    { CS, "", "Contains", "'abc'", "'b'", "T", "contains" }, { CS, "", "StartsWith", "'abc'", "'b'", "F", "starts" }, { CS, "", "Equals", "'abc'", "'abc'", "T", "equals" }, { CS, "String", "IsNullOrEmpty", "@String", "''", "T", "empty" }, { CS, "", "First", "['a'|'b']", "", "'a'", "first" }, { CS, "", "Skip", "'abc'", "1", "['b'|'c']", "skip" },
    { CS, "GZipStream", "new", NULL, "x1f8b08000000000002034b4c4a0600c241243503000000", "x616263", "inflate" }, { CS, "DeflateStream", "new", NULL, "x4b4c4a0600,0", "x616263", "without a head" },
    /* marks */
    { VBS, "", "Trim", NULL, "R?", "R?", "the whole of it still" }, { VBS, "", "Replace", NULL, "R?,'a','b'", "R?", "the whole of it still" }, { VBS, "", "Len", NULL, "R?", "#", "a length says nothing" }, { VBS, "", "CInt", NULL, "R?", "R#", "a number of the request" }, { VBS, "", "Chr", NULL, "R?", "R?", "letters of its numbers" },
    { CS, "Convert", "FromBase64String", "@Convert", "R?", "RD?", "decoded" }, { CS, "Encoding", "GetString", "@utf-8", "R?", "R?", "the whole of it still" }, { CS, "String", "Concat", "@String", "'a',R?", "r?a..", "joined" }, { CS, "String", "Format", "@String", "'cmd {0}',R?", "r?cmd ..", "joined" }, { CS, "", "ToLower", "R?Ab..Cd", "", "R?ab..cd", "ends change too" },
    { VBS, "", "Split", NULL, "R?,','", "R?", "parts of it" }, { VBS, "", "Join", NULL, "['a'|R?],''", "r?a..", "marks inside a list" },
};

static size_t values_of(struct arena *a, const char *args, struct val *v, size_t cap)
{
    struct str rest = str_c(args), one;
    size_t     n = 0;

    while (rest.n && n < cap) {
        rest = str_trim(rest);
        size_t at = 0;
        bool   quoted = false;
        int    deep = 0;
        for (; at < rest.n && (rest.p[at] != ',' || quoted || deep); at++) {
            quoted ^= rest.p[at] == '\'';
            deep += !quoted && rest.p[at] == '[' ? 1 : !quoted && rest.p[at] == ']' ? -1 : 0;
        }
        one = str_sub(rest, 0, at);
        rest = str_from(rest, at + 1 < rest.n ? at + 1 : rest.n);
        v[n++] = value_of(a, one);
    }
    return n;
}

static void calls_give_what_the_languages_give(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct fold       f = { .a = &t.a };
        struct val        v[8], self, r;
        size_t            n = values_of(&t.a, calls[i].args, v, 8);

        if (calls[i].self)
            self = value_of(&t.a, str_c(calls[i].self));
        enum fold_result got = fold_call(&f, calls[i].l, str_c(calls[i].cls), str_c(calls[i].name), calls[i].self ? &self : NULL, v, n, &r);
        if (got != FOLD_DONE)
            fail_msg("%s %s: result %d", calls[i].name, calls[i].why, (int)got);
        struct str s = print(&t.a, &r);
        if (!str_eq(s, str_c(calls[i].want)))
            fail_msg("%s(%s), %s: got %.*s, want %s", calls[i].name, calls[i].args, calls[i].why, STR_ARG(s), calls[i].want);
        test_arena_free(&t);
    }
}

static const struct op { enum ir_language l; enum ir_sign sign; const char *x, *y, *want, *why; } ops[] = {
    { VBS, SIGN_JOIN, "'a'", "1", "'a1'", "number as text" }, { VBS, SIGN_JOIN, "1", "2", "'12'", "& joins numbers" }, { VBS, SIGN_ADD, "1", "2", "3", "+ adds them" }, { VBS, SIGN_ADD, "'1'", "2", "3", "+ adds a text that is a number" }, { VBS, SIGN_ADD, "'1'", "'2'", "'12'", "+ joins texts" },
    { CS, SIGN_ADD, "'1'", "2", "'12'", "C# joins" }, { JS, SIGN_ADD, "1", "'2'", "'12'", "JScript joins" }, { JS, SIGN_ADD, "T", "'x'", "'truex'", "small letters" }, { CS, SIGN_ADD, "T", "'x'", "'Truex'", "a capital" }, { VBS, SIGN_JOIN, "N", "'x'", "'x'", "nothing is empty" }, { JS, SIGN_ADD, "N", "'x'", "'nullx'", "null is not" },
    { CS, SIGN_ADD, "'a'", "?", "?a..", "head" }, { CS, SIGN_ADD, "?", "'a'", "?..a", "tail" }, { CS, SIGN_ADD, "?a..b", "'c'", "?a..bc", "longer tail" }, { CS, SIGN_ADD, "'x'", "?a..b", "?xa..b", "longer head" }, { CS, SIGN_ADD, "'/c '", "R?", "r?/c ..", "not the whole" }, { CS, SIGN_ADD, "R?", "''", "R?", "still the whole" },
    { CS, SIGN_ADD, "''", "R?", "R?", "still the whole" }, { CS, SIGN_ADD, "R?", "R?", "R?", "all of it the request's" }, { CS, SIGN_ADD, "R?", "?", "r?", "something else joined" }, { CS, SIGN_ADD, "1", "?", "?", "maybe text" }, { CS, SIGN_DIV, "7", "2", "3", "whole numbers" }, { VBS, SIGN_DIV, "7", "2", "#", "a fraction" },
    { VBS, SIGN_DIV, "8", "2", "4", "none" }, { VBS, SIGN_INT_DIV, "7", "2", "3", "whole" }, { CS, SIGN_DIV, "7", "0", "#", "by zero" }, { CS, SIGN_MOD, "-7", "3", "-1", "sign" }, { VBS, SIGN_XOR, "5", "3", "6", "bits" }, { VBS, SIGN_XOR, "T", "F", "T", "truth" }, { CS, SIGN_XOR, "'a'", "1", "96", "a letter" }, { VBS, SIGN_AND, "6", "3", "2", "bits" },
    { VBS, SIGN_AND, "F", "?", "F", "decided" }, { VBS, SIGN_OR, "T", "?", "T", "decided" }, { JS, SIGN_OR, "''", "'a'", "'a'", "one of them" }, { JS, SIGN_SHL, "1", "31", "-2147483648", "32 bits" }, { CS, SIGN_SHR, "256", "4", "16", "shift" }, { VB, SIGN_POW, "2", "10", "1024", "power" }, { VBS, SIGN_EQ, "'a'", "'a'", "T", "equal" },
    { VBS, SIGN_EQ, "'1'", "1", "T", "text and number" }, { VBS, SIGN_EQ, "N", "''", "T", "nothing is empty" }, { CS, SIGN_EQ, "N", "''", "F", "null is not" }, { CS, SIGN_NE, "'a'", "'b'", "T", "not equal" }, { CS, SIGN_LT, "1", "2", "T", "less" }, { CS, SIGN_EQ, "R?", "'a'", "r#", "a question about the request" }, { VBS, SIGN_ADD, "T", "1", "0", "True is -1" },
    { CS, SIGN_XOR, "R?", "7", "R#", "a letter of the request, turned" }, { CS, SIGN_COALESCE, "N", "'a'", "'a'", "null" }, { CS, SIGN_MUL, "9223372036854775807", "2", "-2", "wraps, quietly" },
};

static void operators_follow_the_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ops); i++) {
        struct test_arena t = test_arena(1 << 16);
        struct fold       f = { .a = &t.a };
        struct val        x = { 0 }, y, r;

        if (strlen(ops[i].x) > 18)
            x = (struct val){ .kind = VAL_NUMBER, .number = INT64_MAX };
        else
            x = value_of(&t.a, str_c(ops[i].x));
        y = value_of(&t.a, str_c(ops[i].y));
        CHECK(fold_binary(&f, ops[i].l, ops[i].sign, &x, &y, &r));
        struct str s = print(&t.a, &r);
        if (!str_eq(s, str_c(ops[i].want)))
            fail_msg("%s %d %s, %s: got %.*s, want %s", ops[i].x, (int)ops[i].sign, ops[i].y, ops[i].why, STR_ARG(s), ops[i].want);
        test_arena_free(&t);
    }
}

static void the_rest(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct fold       f = { .a = &t.a };
    struct val        x, y, r;

    (void)state;
    x = value_of(&t.a, STR("'abc1xyz'")), y = value_of(&t.a, STR("R'abd2xyz'"));
    r = fold_either(&f, &x, &y);
    CHECK_STR(print(&t.a, &r), STR("R?ab..xyz"));
    CHECK(r.maybe && fold_truth(&r) == -1);
    x = value_of(&t.a, STR("['a'|'b']")), y = value_of(&t.a, STR("1"));
    CHECK(fold_index(&f, IR_CSHARP, &x, &y, &r));
    CHECK_STR(print(&t.a, &r), STR("'b'"));
    x = value_of(&t.a, STR("x0a0b"));
    CHECK(fold_index(&f, IR_CSHARP, &x, &y, &r) && r.kind == VAL_NUMBER && r.number == 11);
    x = value_of(&t.a, STR("T"));
    r = fold_text(&f, &x);
    CHECK_STR(r.text, STR("True"));
    CHECK(fold_unary(&f, IR_VBSCRIPT, SIGN_NOT, &x, &r) && r.kind == VAL_BOOL && !r.number);
    CHECK(fold_member(&f, IR_CSHARP, STR("Encoding"), STR("UTF8"), NULL, &r) == FOLD_DONE && r.kind == VAL_TYPE && r.cls);
    CHECK(fold_member(&f, IR_VBSCRIPT, STR(""), STR("vbCrLf"), NULL, &r) == FOLD_DONE && r.text.n == 2);
    x = value_of(&t.a, STR("'abc'"));
    CHECK(fold_member(&f, IR_JSCRIPT, STR(""), STR("length"), &x, &r) == FOLD_DONE && r.number == 3);
    CHECK(fold_member(&f, IR_CSHARP, STR(""), STR("Foo"), &x, &r) == FOLD_NOT_MINE);
    CHECK(fold_call(&f, IR_CSHARP, STR(""), STR("Chr"), NULL, &x, 1, &r) == FOLD_NOT_MINE);
    test_arena_free(&t);
}

static void doubling_ends(void **state)
{
    struct test_arena t = test_arena(256 << 20);
    struct fold       f = { .a = &t.a };
    struct val        x = { .kind = VAL_TEXT, .text = STR("abcdefgh") };

    (void)state;
    for (int i = 0; i < 100; i++)
        CHECK(fold_binary(&f, IR_CSHARP, SIGN_ADD, &x, &x, &x));
    CHECK(x.kind == VAL_UNKNOWN && arena_room(&t.a) > 64 << 20);
    test_arena_free(&t);
}

/* A loop that decodes backwards costs what it makes, and old values keep their content. */
static void letters_put_before(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct fold       f = { .a = &t.a };
    struct val        x = { .kind = VAL_TEXT, .text = STR("") }, old = x;

    (void)state;
    for (int i = 0; i < 40000; i++) {
        struct val c = { .kind = VAL_TEXT, .text = { (const uint8_t *)"abcdefghij" + i % 10, 1 } };
        CHECK(fold_binary(&f, IR_VBSCRIPT, SIGN_JOIN, &c, &x, &x));
        if (i == 19999)
            old = x;
    }
    CHECK(x.kind == VAL_TEXT && x.text.n == 40000 && old.text.n == 20000 && f.steps < 1 << 20);
    for (size_t i = 0; i < x.text.n; i++)
        CHECK(x.text.p[i] == 'a' + (39999 - i) % 10 && (i >= 20000 || old.text.p[i] == 'a' + (19999 - i) % 10));
    /* What is put before an older value must not write over the newer one. */
    struct val c = { .kind = VAL_TEXT, .text = STR("Z") }, y;
    CHECK(fold_binary(&f, IR_VBSCRIPT, SIGN_JOIN, &c, &old, &y) && y.text.p[0] == 'Z' && x.text.p[19999] != 'Z');
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct fold f = { .a = a };
    struct val  s = { .kind = VAL_TEXT, .text = STR("QUJDQUJD") }, r, d = { .kind = VAL_TEXT, .text = STR("J") };

    if (fold_call(&f, IR_CSHARP, STR("Convert"), STR("FromBase64String"), NULL, &s, 1, &r) == FOLD_FULL || fold_call(&f, IR_CSHARP, STR(""), STR("Split"), &s, &d, 1, &r) == FOLD_FULL ||
        fold_call(&f, IR_VBSCRIPT, STR(""), STR("UCase"), NULL, &s, 1, &r) == FOLD_FULL || !fold_binary(&f, IR_CSHARP, SIGN_ADD, &s, &d, &r))
        return err_set(e, ERR_MEMORY, "full");
    return true;
}
static void faults(void **state) { (void)state; fault_sweep(work, 1 << 16); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_give_what_the_languages_give), cmocka_unit_test(operators_follow_the_language), cmocka_unit_test(the_rest), cmocka_unit_test(doubling_ends), cmocka_unit_test(letters_put_before), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
