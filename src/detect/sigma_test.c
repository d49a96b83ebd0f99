#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "detect/sigma.h"

/* A record as "name=value|name=value"; one name may come twice. Raw is the same text. */
struct rec { const struct sigma *s; struct str text; };

static size_t get(void *ctx, uint32_t field, struct str *ret)
{
    const struct rec *r = ctx;
    struct str        rest = r->text, pair;
    size_t            n = 0;

    while (str_cut(&rest, '|', &pair)) {
        size_t eq = str_chr(pair, '=');
        if (eq != STR_NONE && str_ieq(str_sub(pair, 0, eq), r->s->field[field]) && n < SIGMA_VALUES_MAX)
            ret[n++] = str_from(pair, eq + 1);
    }
    return n;
}

static bool fits(const struct sigma *s, size_t rule, struct str text)
{
    struct test_arena scratch = test_arena(1 << 20);
    struct rec        r = { s, text };
    bool              ok = sigma_match(s, &s->rule[rule], get, &r, text, scratch.a);

    test_arena_free(&scratch);
    return ok;
}

static struct str rule_of(struct arena *a, const char *detection)
{
    return str_fmt(a, "title: t\nlogsource: {category: webserver}\ndetection:\n%s\n", detection);
}

static void matching(void **state)
{
    static const struct { const char *why, *detection; const char *yes[6], *no[6]; } c[] = {
        { "whole value, case folded", "  s: {m: POST}\n  condition: s", { "m=post" }, { "m=POSTS", "x=POST", "" } },
        { "list is OR", "  s: {m: [a, b]}\n  condition: s", { "m=a", "m=B" }, { "m=c" } },
        { "fields are AND", "  s: {m: a, n: b}\n  condition: s", { "m=a|n=b" }, { "m=a", "n=b" } },
        { "list of maps is OR", "  s:\n    - m: a\n    - n: b\n  condition: s", { "m=a", "n=b" }, { "m=b" } },
        { "contains", "  s: {m|contains: mid}\n  condition: s", { "m=amidb", "m=MID" }, { "m=mi" } },
        { "startswith", "  s: {m|startswith: ab}\n  condition: s", { "m=abc" }, { "m=xab" } },
        { "endswith", "  s: {m|endswith: bc}\n  condition: s", { "m=aBC" }, { "m=bcd" } },
        { "contains and all", "  s: {m|contains|all: [a, b]}\n  condition: s", { "m=xbxa" }, { "m=xa" } },
        { "all over several candidates", "  s: {m|contains|all: [a, b]}\n  condition: s", { "m=a|m=b" }, { "m=a|m=a" } },
        { "cased", "  s: {m|contains|cased: Ab}\n  condition: s", { "m=xAbx" }, { "m=xabx" } },
        { "star and question mark", "  s: {m: 'a*b?c'}\n  condition: s", { "m=axxbyc", "m=abxc" }, { "m=abc", "m=axxbycd" } },
        { "escaped wildcards are characters", "  s: {m: 'a\\*b\\?'}\n  condition: s", { "m=a*b?" }, { "m=axb?", "m=a*bx" } },
        { "backslash then wildcard", "  s: {m: 'a\\\\*'}\n  condition: s", { "m=a\\b", "m=a\\" }, { "m=ab", "m=a*" } },
        { "two backslashes are one, one is itself", "  s: {m: '\\\\\\\\host\\C$'}\n  condition: s", { "m=\\\\host\\C$" }, { "m=\\host\\C$" } },
        { "number", "  s: {sc: 200}\n  condition: s", { "sc=200" }, { "sc=2000" } },
        { "null is a field that is absent or holds nothing", "  s: {m: null}\n  condition: s", { "n=1", "", "m=", "m=|m=" }, { "m=1", "m=|m=1" } },
        { "empty text is a present empty field", "  s: {m: ''}\n  condition: s", { "m=" }, { "m=1", "" } },
        { "exists", "  s: {m|exists: true}\n  t: {n|exists: false}\n  condition: s and t", { "m=" }, { "", "m=1|n=1" } },
        { "order", "  s: {n|gt: 5, m|lte: 2.5}\n  condition: s", { "n=6|m=2.5", "n=5.1|m=-3" }, { "n=5|m=1", "n=x|m=1", "n=7|m=3" } },
        { "not equal", "  s: {m|neq: a}\n  condition: s", { "m=b", "" }, { "m=A" } },
        { "expression", "  s: {m|re: '^a[0-9]{2}$'}\n  condition: s", { "m=a12" }, { "m=A12", "m=a123" } },
        { "expression, flags", "  s: {m|re|i: '^a.c$'}\n  condition: s", { "m=ABC" }, { "m=abcd" } },
        { "network", "  s: {ip|cidr: [10.0.0.0/8, 'fd00::/8']}\n  condition: s", { "ip=10.9.8.7", "ip=fd12::1", "ip=::ffff:10.1.1.1" },
          { "ip=11.0.0.1", "ip=x", "ip=fe80::1" } },
        { "windash", "  s: {m|contains|windash: ' -enc'}\n  condition: s", { "m=x -enc", "m=x /ENC", "m=x \xe2\x80\x94""enc" }, { "m=x enc" } },
        { "windash, each dash by itself", "  s: {m|windash|contains: ' -a /b'}\n  condition: s", { "m= /a -b", "m=x -a \xe2\x80\x93""b" }, { "m= -a b", "m= \xe2\x80\x92""a -b" } },
        { "windash leaves hyphens in words", "  s: {m|windash: 'a-b -c'}\n  condition: s", { "m=a-b /c" }, { "m=a/b -c" } },
        { "windash, whole value", "  s: {m|windash: '-x'}\n  condition: s", { "m=/x", "m=\xe2\x80\x95x" }, { "m=-xx", "m=--x" } },
        { "base64", "  s: {m|base64: 'foo bar'}\n  condition: s", { "m=Zm9vIGJhcg==" }, { "m=Zm9vIGJhcg", "m=foo bar" } },
        { "base64, contains", "  s: {m|base64|contains: 'foo'}\n  condition: s", { "m=xZm9vx" }, { "m=xZm9" } },
        { "base64offset", "  s: {m|base64offset|contains: 'foobar'}\n  condition: s", { "m=Zm9vYmFy", "m=YWZvb2Jhcg==", "m=YWFmb29iYXI=" }, { "m=foobar", "m=Zm9vYm" } },
        { "wide, then base64offset", "  s: {m|wide|base64offset|contains: 'ping'}\n  condition: s", { "m=cABpAG4AZw", "m=ABwAGkAbgBnA", "m=AAHAAaQBuAGcA" }, { "m=cGluZw==" } },
        { "utf16 has a mark", "  s: {m|utf16|base64|contains: ab}\n  condition: s", { "m=//5hAGIA" }, { "m=YQBiAA==" } },
        { "utf16be", "  s: {m|utf16be|base64: ab}\n  condition: s", { "m=AGEAYg==" }, { "m=YQBiAA==" } },
        { "UTF-16 of letters beyond the first plane", "  s: {m|utf16le|base64: '\xf0\x9f\x98\x80'}\n  condition: s", { "m=PdgA3g==" }, { "m=PdgA3w==" } },
        { "windash, then base64", "  s: {m|windash|base64: '-a'}\n  condition: s", { "m=LWE=", "m=L2E=", "m=4oCTYQ==" }, { "m=YQ==" } },
        { "another field", "  s: {m|fieldref: n}\n  condition: s", { "m=A|n=a", "m=x|m=b|n=c|n=b" }, { "m=a|n=b", "m=a", "n=a" } },
        { "another field, part of it", "  s: {m|fieldref|endswith: n}\n  condition: s", { "m=xyz|n=YZ" }, { "m=xyz|n=xy" } },
        { "another field, cased", "  s: {m|fieldref|cased: n}\n  condition: s", { "m=A|n=A" }, { "m=A|n=a" } },
        { "not another field", "  s: {m|fieldref|neq: n}\n  condition: s", { "m=A|n=b" }, { "m=A|n=a" } },
        { "an address is a network of one", "  s: {ip|cidr: 192.0.2.7}\n  condition: s", { "ip=192.0.2.7" }, { "ip=192.0.2.8" } },
        { "encoded keywords", "  s:\n    '|base64offset|contains': [foobar]\n  condition: s", { "xYWZvb2Jhcgx" }, { "foobar" } },
        { "null beside a value", "  s: {m: [null, '', a]}\n  condition: s", { "", "m=", "m=a" }, { "m=b" } },
        { "expression, all flags", "  s: {m|re|i|m|s: '^b.C$'}\n  condition: s", { "m=a\nB\nc\nd" }, { "m=ab\nc" } },
        { "keywords", "  s: [one, 'two*three']\n  condition: s", { "xONEx", "atwo..threeb" }, { "two", "threetwo" } },
        { "keywords, all", "  s:\n    '|all': [one, two]\n  condition: s", { "two one" }, { "one" } },
        { "one keyword", "  s: one\n  condition: s", { "xone" }, { "on" } },
        { "and or not, parentheses", "  a: {m: a}\n  b: {n: b}\n  c: {o: c}\n  condition: (a or b) and not c", { "m=a", "n=b" }, { "m=a|o=c", "" } },
        { "and binds closer than or", "  a: {m: a}\n  b: {n: b}\n  c: {o: c}\n  condition: a or b and c", { "m=a", "n=b|o=c" }, { "n=b", "o=c" } },
        { "1 of x*", "  s_a: {m: a}\n  s_b: {n: b}\n  t: {o: c}\n  condition: 1 of s_*", { "m=a", "n=b" }, { "o=c" } },
        { "all of x*", "  s_a: {m: a}\n  s_b: {n: b}\n  condition: all of s_*", { "m=a|n=b" }, { "m=a" } },
        { "not 1 of", "  s: {m: a}\n  f_a: {n: b}\n  f_b: {o: c}\n  condition: s and not 1 of f_*", { "m=a" }, { "m=a|n=b", "m=a|o=c" } },
        { "1 of them leaves out _", "  a: {m: a}\n  _b: {n: b}\n  condition: 1 of them", { "m=a" }, { "n=b" } },
        { "all of them", "  a: {m: a}\n  b: {n: b}\n  condition: all of them", { "n=b|m=a" }, { "n=b" } },
        { "list of conditions is OR", "  a: {m: a}\n  b: {n: b}\n  condition: [a, b]", { "m=a", "n=b" }, { "" } },
        { "field names without case", "  s: {CS-Method: a}\n  condition: s", { "cs-method=a" }, { "m=a" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct sigma      s = { 0 };
        struct err        e = { 0 };

        CHECK_WHY(sigma_add(&s, &t.a, STR("x.yml"), rule_of(&t.a, c[i].detection), true, &e), c[i].why);
        if (s.rule_n != 1)
            fail_msg("%s: %.*s", c[i].why, STR_ARG(s.refused[0].why));
        for (size_t k = 0; k < 6 && c[i].yes[k]; k++)
            if (!fits(&s, 0, str_c(c[i].yes[k])))
                fail_msg("%s: does not fit %s", c[i].why, c[i].yes[k]);
        for (size_t k = 0; k < 6 && c[i].no[k]; k++)
            if (fits(&s, 0, str_c(c[i].no[k])))
                fail_msg("%s: fits %s", c[i].why, c[i].no[k]);
        CHECK(sigma_limits(&s.rule[0]) == 0);
        sigma_close(&s);
        test_arena_free(&t);
    }
}

static void refusals(void **state)
{
    static const struct { const char *why, *text, *reason; } c[] = {
        { "no title", "detection: {s: {a: b}, condition: s}", "title" },
        { "nothing to match", "title: t", "neither detection" },
        { "unknown modifier", "title: t\ndetection: {s: {a|near: b}, condition: s}", "unknown modifier \"near\"" },
        { "too short for an offset", "title: t\ndetection: {s: {a|base64offset|contains: b}, condition: s}", "too short" },
        { "opened, then encoded", "title: t\ndetection: {s: {a|contains|base64: bcd}, condition: s}", "base64 belongs before contains" },
        { "base64, then UTF-16", "title: t\ndetection: {s: {a|base64|wide: bcd}, condition: s}", "wide belongs before base64" },
        { "two kinds of base64", "title: t\ndetection: {s: {a|base64|base64offset: bcd}, condition: s}", "does not go with" },
        { "base64 of a wildcard", "title: t\ndetection: {s: {a|base64: 'b*d'}, condition: s}", "wildcards" },
        { "too many dashes", "title: t\ndetection: {s: {a|windash|base64: '-a -b -c -d'}, condition: s}", "ways to spell" },
        { "one modifier twice", "title: t\ndetection: {s: {a|windash|windash: -a}, condition: s}", "stands twice" },
        { "fieldref without field", "title: t\ndetection: {s: {a|fieldref: ''}, condition: s}", "name of a field" },
        { "fieldref of keywords", "title: t\ndetection: {s: {'|fieldref': b}, condition: s}", "keywords without a field" },
        { "part of a time", "title: t\ndetection: {s: {a|hour: 3}, condition: s}", "parts of a time" },
        { "re of an encoded value", "title: t\ndetection: {s: {a|base64|re: b}, condition: s}", "does not go with" },
        { "expand", "title: t\ndetection: {s: {a|expand: '%b%'}, condition: s}", "placeholders" },
        { "two shapes", "title: t\ndetection: {s: {a|contains|startswith: b}, condition: s}", "does not go with" },
        { "flag without re", "title: t\ndetection: {s: {a|i: b}, condition: s}", "needs re" },
        { "bad expression", "title: t\ndetection: {s: {a|re: '('}, condition: s}", "regular expression:" },
        { "verb", "title: t\ndetection: {s: {a|re: '(*UTF)a'}, condition: s}", "verb" },
        { "bad network", "title: t\ndetection: {s: {a|cidr: 10.0.0.0/33}, condition: s}", "CIDR" },
        { "comparison with text", "title: t\ndetection: {s: {a|gt: x}, condition: s}", "no number" },
        { "map in a field", "title: t\ndetection: {s: {a: {b: c}}, condition: s}", "map inside" },
        { "list in a list", "title: t\ndetection: {s: {a: [[b]]}, condition: s}", "list or a map" },
        { "empty list", "title: t\ndetection: {s: {a: []}, condition: s}", "empty list" },
        { "no condition", "title: t\ndetection: {s: {a: b}}", "no condition" },
        { "unknown selection", "title: t\ndetection: {s: {a: b}, condition: x}", "no such selection" },
        { "unknown group", "title: t\ndetection: {s: {a: b}, condition: 1 of x*}", "no selection has" },
        { "2 of", "title: t\ndetection: {s: {a: b}, condition: 2 of s*}", "only \"1 of\"" },
        { "aggregation", "title: t\ndetection: {s: {a: b}, condition: s | count() > 5}", "aggregation" },
        { "open parenthesis", "title: t\ndetection: {s: {a: b}, condition: (s}", "missing" },
        { "more than a condition", "title: t\ndetection: {s: {a: b}, condition: s s}", "not understood" },
        { "timeframe", "title: t\ndetection: {s: {a: b}, timeframe: 5m, condition: s}", "timeframe" },
        { "unknown sign", "title: t\nafterpatch: {sign: shout}\ndetection: {s: {a: b}, condition: s}", "unknown sign" },
        { "state of another axis", "title: t\nafterpatch: {axis: use, state: seen}\ndetection: {s: {a: b}, condition: s}", "no state of axis use" },
        { "unknown key", "title: t\nafterpatch: {colour: red}\ndetection: {s: {a: b}, condition: s}", "colour" },
        { "confidence", "title: t\nafterpatch: {confidence: 2}\ndetection: {s: {a: b}, condition: s}", "confidence" },
        { "level", "title: t\nlevel: urgent\ndetection: {s: {a: b}, condition: s}", "unknown level" },
        { "correlation type", "title: t\ncorrelation: {type: event_count, rules: [a], timespan: 5m}", "event_count" },
        { "correlation span", "title: t\ncorrelation: {type: temporal_ordered, rules: [a, b], timespan: 5}", "timespan" },
        { "one rule", "title: t\ncorrelation: {type: temporal_ordered, rules: [a], timespan: 5s}", "at least two" },
        { "not YAML", "title: [", "line" },
        { "anchors", "title: &a t", "anchor" },
        { "a list", "- a", "not a map" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct sigma      s = { 0 };
        struct err        e = { 0 };
        CHECK_WHY(sigma_add(&s, &t.a, STR("x.yml"), str_c(c[i].text), true, &e), c[i].why);
        CHECK_WHY(s.rule_n == 0 && s.refused_n == 1, c[i].why);
        if (!str_has(s.refused[0].why, str_c(c[i].reason)))
            fail_msg("%s: %.*s", c[i].why, STR_ARG(s.refused[0].why));
        test_arena_free(&t);
    }
}

static void header_fields(void **state)
{
    static const char text[] =
        "title: Settings written to a file\nid: 11111111-1111-4111-8111-111111111111\nstatus: stable\nauthor: us\nlevel: critical\n"
        "references: ['https://example.com/a', 'https://example.com/b']\nlogsource: {product: exchange, service: exchange-ecp-server}\n"
        "tags: [attack.persistence, attack.t1505.003, cve.2021-26855, cve.2021.27065]\nfalsepositives: [an administrator]\n"
        "afterpatch: {sign: clean-up, axis: back_door, state: present, confidence: 0.95, why: 'by {User}'}\n"
        "detection: {s: {Cmd: Reset-OabVirtualDirectory}, condition: s}\n"
        "---\n# a second document\ntitle: Both\nname: both-steps\nlevel: high\nafterpatch: {sign: drop, axis: exploitation, state: succeeded}\n"
        "correlation: {type: temporal_ordered, rules: [first-step, second-step], timespan: 60s, group-by: [Server]}\n";
    struct test_arena t = test_arena(1 << 20);
    struct sigma      s = { 0 };
    struct err        e = { 0 };

    (void)state;
    CHECK(sigma_add(&s, &t.a, STR("rules/first-step.yml"), str_c(text), true, &e));
    CHECK(s.rule_n == 2 && s.refused_n == 0);
    const struct sigma_rule *r = &s.rule[0], *c = &s.rule[1];
    CHECK_STR(r->name, STR("first-step"));
    CHECK_STR(r->file, STR("rules/first-step.yml"));
    CHECK_STR(r->reference, STR("https://example.com/a; https://example.com/b"));
    CHECK(r->level == SEV_CRITICAL && r->sign == SIGN_CLEAN_UP && r->axis == AXIS_BACK_DOOR && r->own);
    CHECK(r->confidence > 0.94 && r->confidence < 0.96);
    CHECK_STR(r->state, STR("present"));
    CHECK_STR(r->why, STR("by {User}"));
    CHECK(r->attack_n == 1 && r->cve_n == 2);
    CHECK_STR(r->attack[0], STR("T1505.003"));
    CHECK_STR(r->cve[0], STR("CVE-2021-26855"));
    CHECK_STR(r->cve[1], STR("CVE-2021-27065"));
    CHECK(c->correlation && !c->code && c->of_n == 2 && c->within_us == 60 * TIME_SECOND && c->group_by_n == 1);
    CHECK_STR(c->name, STR("both-steps"));
    CHECK_STR(c->of[1], STR("second-step"));
    CHECK(sigma_fits(r, STR(""), STR("exchange"), STR("exchange-ecp-server")));
    CHECK(!sigma_fits(r, STR(""), STR("exchange"), STR("iis")));
    CHECK(sigma_fits(c, STR("anything"), STR(""), STR("")));
    struct sigma_rule web = { .category = STR("webserver") };
    CHECK(sigma_fits(&web, STR(""), STR("windows"), STR("iis")) && !sigma_fits(&web, STR(""), STR("windows"), STR("security")));
    CHECK_STR(str_c(severity_name(SEV_HIGH)), STR("high"));
    CHECK(axis_name(AXIS_NONE) == NULL);
    test_arena_free(&t);
}

static void literals(void **state)
{
    static const char *const derived[] = { "made", NULL }, *const decoded[] = { "url", NULL };
    static const struct { const char *why, *detection, *cut, *want; } c[] = {
        { "the rarer field of two", "  s: {m: POST, u|contains: '/setobject-like'}\n  condition: s", "", "/setobject-like" },
        { "OR gives all", "  s: {u|contains: [first-name, second-name]}\n  condition: s", "", "first-name,second-name" },
        { "OR with a useless part gives none", "  s: {u|contains: [first-name, ab]}\n  condition: s", "", "always" },
        { "numbers only", "  s: {sc: [200, 302]}\n  condition: s", "", "always" },
        { "null only", "  s: {m: null}\n  condition: s", "", "always" },
        { "not only", "  s: {m: something-rare}\n  condition: not s", "", "always" },
        { "filters do not count", "  s: {m: something-rare}\n  f: {n: another-rarity}\n  condition: s and not f", "", "something-rare" },
        { "common words lose", "  s: {u|contains: /owa/auth/, m: POST, v: rarity}\n  condition: s", "", "rarity" },
        { ".aspx is better than nothing", "  s: {u|endswith: .aspx, sc: 200}\n  condition: s", "", ".aspx" },
        { "longest stretch between wildcards", "  s: {u: '*abcd?longer-one*x'}\n  condition: s", "", "longer-one" },
        { "what is decoded is cut at all signs", "  s: {Url|contains: '/a.php?first-one=${needle'}\n  condition: s", "", "first-one" },
        { "a dash of any kind", "  s: {u|windash|contains: 'abcd -longer-one /x'}\n  condition: s", "", "longer-one " },
        { "base64offset: three ways", "  s: {u|base64offset|contains: foobar}\n  condition: s", "", "Zm9vYmFy,Zvb2Jhc,mb29iYX" },
        { "another field is unknown", "  s: {u|fieldref: needle-one}\n  condition: s", "", "always" },
        { "cut bytes", "  s: {u|contains: 'abcde \"longer-one\"'}\n  condition: s", "\" ", "longer-one" },
        { "expression: must-have run", "  s: {u|re: '^/auth/[a-z]{8}-needle\\.aspx$'}\n  condition: s", "", "-needle.aspx" },
        { "expression: optional character", "  s: {u|re: 'needles?-abc'}\n  condition: s", "", "needle" },
        { "expression: alternatives", "  s: {u|re: 'needle-one|needle-two'}\n  condition: s", "", "always" },
        { "expression: group skipped", "  s: {u|re: '(needle-one|x)needle-two'}\n  condition: s", "", "needle-two" },
        { "expression: what we do not read", "  s: {u|re: '(?x) need le'}\n  condition: s", "", "always" },
        { "keywords", "  s:\n    '|all': [abcdefgh, longer-keyword]\n  condition: s", "", "longer-keyword" },
        { "derived fields are not in the raw text", "  s: {Made: not-in-the-text, u: in-the-text}\n  condition: s", "", "in-the-text" },
        { "1 of", "  s_1: {u: needle-one}\n  s_2: {v: needle-two}\n  condition: 1 of s_*", "", "needle-one,needle-two" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena     t = test_arena(1 << 20);
        struct sigma          s = { 0 };
        struct sigma_literals l;
        struct err            e = { 0 };
        struct str            got = STR("");

        CHECK(sigma_add(&s, &t.a, STR("x.yml"), rule_of(&t.a, c[i].detection), true, &e));
        if (s.rule_n != 1)
            fail_msg("%s: %.*s", c[i].why, STR_ARG(s.refused[0].why));
        CHECK(sigma_literals(&s, &s.rule[0], &t.a, &(struct sigma_raw){ .cut = str_c(c[i].cut), .derived = derived, .decoded = decoded }, &l, &e));
        for (size_t k = 0; k < l.n; k++)
            got = str_fmt(&t.a, "%.*s%s%.*s", STR_ARG(got), k ? "," : "", STR_ARG(l.lit[k]));
        if (l.always)
            got = STR("always");
        if (!str_eq(got, str_c(c[i].want)))
            fail_msg("%s: got %.*s", c[i].why, STR_ARG(got));
        sigma_close(&s);
        test_arena_free(&t);
    }
}

/* A rule may promise a literal that the engine cannot see for itself. */
static void own_literal(void **state)
{
    struct test_arena     t = test_arena(1 << 20);
    struct sigma          s = { 0 };
    struct sigma_literals l;
    struct err            e = { 0 };

    (void)state;
    CHECK(sigma_add(&s, &t.a, STR("x.yml"), STR("title: t\nafterpatch: {literal: ' t='}\ndetection: {s: {q|startswith: t=}, condition: s}\n"), true, &e));
    CHECK(s.rule_n == 1 && sigma_literals(&s, &s.rule[0], &t.a, &(struct sigma_raw){ .cut = STR(" ") }, &l, &e));
    CHECK(l.n == 1 && !l.always);
    CHECK_STR(l.lit[0], STR(" t="));
    test_arena_free(&t);
}

/* A match that would take for ever is given up and counted. */
static void limits(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct sigma      s = { 0 };
    struct err        e = { 0 };
    static char       text[3000];

    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text, "u=", 2);
    CHECK(sigma_add(&s, &t.a, STR("x.yml"), rule_of(&t.a, "  s: {u|re: '^(a+)+(b+)+[c-d]$'}\n  condition: s"), true, &e));
    CHECK(s.rule_n == 1);
    struct test_arena scratch = test_arena(16 << 20);
    struct rec        r = { &s, { (uint8_t *)text, sizeof text } };
    CHECK(!sigma_match(&s, &s.rule[0], get, &r, r.text, scratch.a));
    CHECK(sigma_limits(&s.rule[0]) <= 1);
    test_arena_free(&scratch);
    sigma_close(&s);
    test_arena_free(&t);
}

static bool load(struct arena *a, struct err *e)
{
    struct sigma          s = { 0 };
    struct sigma_literals l;
    bool ok = sigma_add(&s, a, STR("rules/x.yml"),
                        STR("title: t\ntags: [attack.t1190]\nreferences: [a, b]\ndetection:\n  s: {a|contains|windash: ' -value', b|re: 'c+'}\n"
                            "  k: [word-one, 'word*two']\n  condition: s or k\n---\ntitle: bad\ndetection: {}\n"), true, e) &&
              sigma_literals(&s, &s.rule[0], a, &(struct sigma_raw){ .cut = STR(" ") }, &l, e);
    sigma_close(&s);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(load, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matching), cmocka_unit_test(refusals), cmocka_unit_test(header_fields), cmocka_unit_test(literals), cmocka_unit_test(own_literal),
        cmocka_unit_test(limits), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
