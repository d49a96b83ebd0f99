/* See report_shape.h. Source of the tables: docs/report.schema.json. */
#include "casework/report_shape.h"

#include "base/num.h"
#include "base/time.h"

#include <string.h>

#define COVERED "full|partly|no"
#define USED    "used|not_seen_used|no_evidence_available"
#define REACH   "yes|no|unknown"
#define END     { NULL, SHAPE_TEXT, 0, NULL, NULL, 0 }
#define TEXT(name, how)         { name, SHAPE_TEXT, how, NULL, NULL, 0 }
#define OF(name, kind, how)     { name, kind, how, NULL, NULL, 0 }
#define ONE(name, words, how)   { name, SHAPE_ONE_OF, how, NULL, words, 0 }
#define OBJ(name, of, how)      { name, SHAPE_OBJECT, how, of, NULL, 0 }
#define FINDINGS(name)          { name, SHAPE_FINDING, SHAPE_LIST, NULL, NULL, 0 }

static const struct shape_field pack[]    = { TEXT("id", SHAPE_SOME), TEXT("version", 0), OF("sha256", SHAPE_SHA256, 0), END };
static const struct shape_field tool[]    = { ONE("name", "afterpatch", 0), TEXT("version", SHAPE_SOME), OBJ("packs", pack, SHAPE_LIST), END };
static const struct shape_field run[]     = { OF("started", SHAPE_TIME, SHAPE_NULL), OF("seconds", SHAPE_SECONDS, 0), OF("bytes_read", SHAPE_COUNT, 0),
                                              OF("peak_memory_bytes", SHAPE_COUNT, 0), TEXT("sandbox", SHAPE_SOME), END };
static const struct shape_field cases[]   = { TEXT("id", SHAPE_NULL), TEXT("nonce", SHAPE_NULL), TEXT("organisation", SHAPE_NULL),
                                              ONE("tlp", "TLP:RED|TLP:AMBER+STRICT|TLP:AMBER|TLP:GREEN|TLP:CLEAR", 0), END };
static const struct shape_field product[] = { TEXT("product", SHAPE_NULL), TEXT("build", SHAPE_NULL), TEXT("install_path", SHAPE_NULL), END };
static const struct shape_field server[]  = { TEXT("name", SHAPE_NULL), TEXT("fqdns", SHAPE_LIST), TEXT("domain", SHAPE_NULL), TEXT("addresses", SHAPE_LIST),
                                              OF("tls_key_sha256", SHAPE_SHA256, SHAPE_LIST),
                                              OF("tls_certificate_sha256", SHAPE_SHA256, SHAPE_LIST | SHAPE_MAY), TEXT("os", SHAPE_NULL), TEXT("time_zone", SHAPE_NULL), OBJ("products", product, SHAPE_LIST), END };
static const struct shape_field scope[]   = { OF("since", SHAPE_TIME, SHAPE_NULL), OF("until", SHAPE_TIME, SHAPE_NULL), OF("newest_evidence", SHAPE_TIME, SHAPE_NULL), END };
static const struct shape_field source[]  = { TEXT("path", 0), ONE("kind", "volume|collection|image", 0), OF("layout", SHAPE_LAYOUT, 0), OF("bytes", SHAPE_COUNT, 0),
                                              OF("sha256", SHAPE_SHA256, SHAPE_NULL), END };
static const struct shape_field open[]    = { ONE("state", "yes|no|unproven", 0), FINDINGS("because"), END };
static const struct shape_field window[]  = { OF("from", SHAPE_TIME, SHAPE_NULL), OF("to", SHAPE_TIME, SHAPE_NULL), OF("patched", SHAPE_TIME, SHAPE_NULL), OF("empty", SHAPE_BOOL, SHAPE_MAY), END };
static const struct shape_field exposure[] = { ONE("state", "not_affected|patched|mitigated|unpatched|cannot_tell", 0), ONE("covered", COVERED, 0), FINDINGS("findings"), END };
static const struct shape_field exploitation[] = { ONE("state", "none_seen|attempted|succeeded", 0), OF("first", SHAPE_TIME, SHAPE_NULL), OF("last", SHAPE_TIME, SHAPE_NULL),
                                                   OF("cves", SHAPE_CVE, SHAPE_LIST), ONE("covered", COVERED, 0), FINDINGS("findings"), END };
static const struct shape_field back_door[] = { ONE("state", "none_seen|removed|unknown|present", 0), ONE("covered", COVERED, 0), FINDINGS("findings"), END };
static const struct shape_field use[]     = { ONE("state", "none_seen|used|beyond_server", 0), OF("re_entered", SHAPE_BOOL, 0), OF("first", SHAPE_TIME, SHAPE_NULL),
                                              OF("last", SHAPE_TIME, SHAPE_NULL), ONE("covered", COVERED, 0), FINDINGS("findings"), END };
static const struct shape_field stolen[]  = { TEXT("what", SHAPE_SOME), TEXT("name", 0), OF("bytes", SHAPE_COUNT, 0), END };
static const struct shape_field theft[]   = { ONE("state", "none_seen|suspected|seen", 0), OBJ("items", stolen, SHAPE_LIST), ONE("covered", COVERED, 0), FINDINGS("findings"), END };
static const struct shape_field step[]    = { OF("id", SHAPE_SLUG, 0), TEXT("title", SHAPE_MAY), TEXT("text", 0), FINDINGS("because"), END };
static const struct shape_field campaign[] = {
    TEXT("id", SHAPE_SOME), ONE("verdict", "no_trace|not_covered|attempted|exploited|back_door|back_door_used|beyond_server", 0), OBJ("door_open", open, 0), OBJ("window", window, 0),
    OBJ("exposure", exposure, 0), OBJ("exploitation", exploitation, 0), OBJ("back_door", back_door, 0), OBJ("use", use, 0), OBJ("theft", theft, 0),
    TEXT("why", SHAPE_LIST | SHAPE_SOME), OBJ("next_steps", step, SHAPE_LIST), END
};
static const struct shape_field used[]    = { ONE("state", USED, 0), OF("reached", SHAPE_BOOL, 0), OF("first", SHAPE_TIME, SHAPE_NULL), OF("last", SHAPE_TIME, SHAPE_NULL),
                                              OF("requests", SHAPE_COUNT, 0), OF("errors", SHAPE_COUNT, 0), TEXT("clients", SHAPE_LIST), END };
static const struct shape_field door[]    = {
    TEXT("path", 0), TEXT("url", SHAPE_NULL | SHAPE_MAY), ONE("state", "present|removed|unknown", 0), ONE("reachable", REACH, 0), OF("kind", SHAPE_WORD, 0),
    OF("sha256", SHAPE_SHA256, SHAPE_NULL), TEXT("key", SHAPE_NULL), OF("created", SHAPE_TIME, SHAPE_NULL), OF("removed", SHAPE_TIME, SHAPE_NULL), OBJ("use", used, 0),
    OF("intruder", SHAPE_INTRUDER, SHAPE_NULL), FINDINGS("findings"), END
};
static const struct shape_field way[]     = {
    OF("kind", SHAPE_WORD, 0), TEXT("name", SHAPE_NULL), TEXT("path", SHAPE_NULL), ONE("state", "present|removed|unknown|exposed|rotated|unproven", 0), ONE("used", USED, 0),
    ONE("reachable", REACH, 0), FINDINGS("findings"), END
};
static const struct shape_field session[] = { OF("id", SHAPE_SESSION, 0), OF("intruder", SHAPE_INTRUDER, SHAPE_NULL), TEXT("clients", SHAPE_LIST), OF("first", SHAPE_TIME, SHAPE_NULL),
                                              OF("last", SHAPE_TIME, SHAPE_NULL), OF("cves", SHAPE_CVE, SHAPE_LIST), OF("succeeded", SHAPE_BOOL, 0), FINDINGS("findings"), END };
static const struct shape_field intruder[] = { OF("id", SHAPE_INTRUDER, 0), TEXT("keys", SHAPE_LIST), TEXT("clients", SHAPE_LIST), TEXT("user_agents", SHAPE_LIST),
                                               OF("first", SHAPE_TIME, SHAPE_NULL), OF("last", SHAPE_TIME, SHAPE_NULL), TEXT("why", 0), END };
static const struct shape_field other[]   = { TEXT("name", 0), TEXT("why", 0), OF("hunted", SHAPE_BOOL, SHAPE_MAY), FINDINGS("findings"), END };
static const struct shape_field evidence[] = {
    OF("source", SHAPE_COUNT, SHAPE_NULL), TEXT("path", SHAPE_NULL), TEXT("entry", SHAPE_NULL), OF("line", SHAPE_LINE, SHAPE_NULL), OF("record", SHAPE_COUNT, SHAPE_NULL),
    OF("offset", SHAPE_COUNT, 0), OF("time", SHAPE_TIME, SHAPE_NULL), { "excerpt", SHAPE_TEXT, 0, NULL, NULL, 2000 }, OF("raw_sha256", SHAPE_SHA256, SHAPE_NULL),
    OF("file_sha256", SHAPE_SHA256, SHAPE_NULL), END
};
static const struct shape_field finding[] = {
    OF("id", SHAPE_FINDING, 0), OF("key", SHAPE_KEY, 0), TEXT("detector", SHAPE_SOME), TEXT("title", 0), ONE("severity", "info|low|medium|high|critical", 0),
    OF("confidence", SHAPE_SHARE, 0), OF("time", SHAPE_TIME, SHAPE_NULL), OF("last", SHAPE_TIME, SHAPE_NULL), ONE("axis", "exposure|exploitation|back_door|use|theft", SHAPE_NULL),
    TEXT("axis_state", SHAPE_NULL), OF("cve", SHAPE_CVE, SHAPE_LIST), OF("attack", SHAPE_ATTACK, SHAPE_LIST), TEXT("why", 0), OF("count", SHAPE_COUNT, 0),
    OF("session", SHAPE_SESSION, SHAPE_NULL | SHAPE_MAY), OF("probe", SHAPE_BOOL, SHAPE_MAY), { "evidence", SHAPE_OBJECT, SHAPE_LIST, evidence, NULL, 2 }, END
};
static const struct shape_field gap[]     = { OF("from", SHAPE_TIME, SHAPE_NULL), OF("to", SHAPE_TIME, SHAPE_NULL), END };
static const struct shape_field damage[]  = { TEXT("path", SHAPE_NULL), TEXT("what", 0), OF("kept", SHAPE_COUNT, 0), END };
static const struct shape_field cover[]   = {
    OF("family", SHAPE_WORD, 0), OF("expected", SHAPE_BOOL, 0), OF("examined", SHAPE_BOOL, SHAPE_MAY), OF("files", SHAPE_COUNT, 0), OF("bytes", SHAPE_COUNT, 0),
    OF("records", SHAPE_COUNT, 0), OF("oldest", SHAPE_TIME, SHAPE_NULL), OF("newest", SHAPE_TIME, SHAPE_NULL), OBJ("gaps", gap, SHAPE_LIST), OF("gaps_omitted", SHAPE_COUNT, SHAPE_MAY),
    OBJ("damaged", damage, SHAPE_LIST), OF("damaged_omitted", SHAPE_COUNT, SHAPE_MAY), TEXT("missing", SHAPE_NULL | SHAPE_MAY), ONE("covers_window", COVERED, 0),
    TEXT("how_to_get", SHAPE_NULL), END
};
static const struct shape_field moment[]  = { OF("time", SHAPE_TIME, 0), OF("finding", SHAPE_FINDING, SHAPE_NULL), OF("session", SHAPE_SESSION, SHAPE_NULL), TEXT("text", 0), END };
static const struct shape_field refused[] = { TEXT("path", 0), TEXT("what", 0), TEXT("hint", SHAPE_NULL), END };
static const struct shape_field rule[]    = { TEXT("file", 0), TEXT("title", SHAPE_NULL), TEXT("why", SHAPE_SOME), END };
static const struct shape_field rules[]   = { OF("sigma", SHAPE_COUNT, 0), OF("yara", SHAPE_COUNT, 0), OF("elsewhere", SHAPE_COUNT, 0), OBJ("refused", rule, SHAPE_LIST),
                                              OF("omitted", SHAPE_COUNT, 0), END };
static const struct shape_field omitted[] = { OF("timeline", SHAPE_COUNT, 0), OF("findings", SHAPE_COUNT, SHAPE_MAY), OF("back_doors", SHAPE_COUNT, SHAPE_MAY),
                                              OF("sessions", SHAPE_COUNT, SHAPE_MAY), OF("refused", SHAPE_COUNT, SHAPE_MAY), END };
const struct shape_field report_shape_root[] = {
    ONE("schema", "afterpatch-report/1", 0), OBJ("tool", tool, 0), OBJ("run", run, 0), OBJ("case", cases, 0), OBJ("server", server, 0), OBJ("scope", scope, 0),
    OBJ("sources", source, SHAPE_LIST), OBJ("campaigns", campaign, SHAPE_LIST | SHAPE_SOME), OBJ("back_doors", door, SHAPE_LIST), OBJ("ways_back", way, SHAPE_LIST),
    OBJ("sessions", session, SHAPE_LIST), OBJ("intruders", intruder, SHAPE_LIST), OBJ("other_servers", other, SHAPE_LIST), OBJ("findings", finding, SHAPE_LIST),
    OBJ("coverage", cover, SHAPE_LIST | SHAPE_SOME), OBJ("timeline", moment, SHAPE_LIST), OBJ("refused", refused, SHAPE_LIST), OBJ("rules", rules, SHAPE_MAY),
    { "omitted", SHAPE_COUNTS, 0, omitted, NULL, 0 }, END
};

/* --- values --------------------------------------------------------------------------------------------------- */

static bool of_class(struct str s, bool (*takes)(uint8_t))
{
    for (size_t i = 0; i < s.n; i++)
        if (!takes(s.p[i]))
            return false;
    return true;
}

static bool low(uint8_t c) { return (c >= 'a' && c <= 'z') || ch_digit(c); }
static bool low_word(uint8_t c) { return low(c) || c == '_'; }
static bool low_slug(uint8_t c) { return low_word(c) || c == '-'; }
static bool low_layout(uint8_t c) { return low_slug(c) || c == '+'; }
static bool low_hex(uint8_t c) { return ch_digit(c) || (c >= 'a' && c <= 'f'); }

/* "F0001", "S1": a letter and digits. */
static bool numbered(struct str s, char letter, size_t at_least)
{
    return s.n > at_least && s.n <= 10 && s.p[0] == letter && of_class(str_from(s, 1), ch_digit) && (at_least > 1 || s.p[1] != '0');
}

static bool is_cve(struct str s)
{
    return s.n >= 13 && s.n <= 24 && str_starts(s, STR("CVE-")) && of_class(str_sub(s, 4, 8), ch_digit) && s.p[8] == '-' && of_class(str_from(s, 9), ch_digit);
}

static bool is_attack(struct str s)
{
    return (s.n == 5 || (s.n == 9 && s.p[5] == '.' && of_class(str_from(s, 6), ch_digit))) && s.p[0] == 'T' && of_class(str_sub(s, 1, 5), ch_digit);
}

/* "2021-03-03T02:11:40Z", with three or six digits behind the seconds or none. */
static bool is_time(struct str s)
{
    int64_t us;

    return (s.n == 20 || s.n == 24 || s.n == 27) && s.p[10] == 'T' && s.p[s.n - 1] == 'Z' && (s.n == 20 || s.p[19] == '.') && time_parse(s, &us);
}

static bool one_of(struct str s, const char *words)
{
    struct str rest = str_c(words), w;

    while (str_cut(&rest, '|', &w))
        if (str_eq(w, s))
            return true;
    return false;
}

/* RFC 8259, number: jt looked only roughly. */
static bool is_number(struct str s, double *ret)
{
    char   text[64];
    size_t i = 0;

    if (s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    i += text[i] == '-';
    if (!ch_digit((uint8_t)text[i]) || (text[i] == '0' && ch_digit((uint8_t)text[i + 1])))
        return false;
    while (ch_digit((uint8_t)text[i]))
        i++;
    if (text[i] == '.') {
        if (!ch_digit((uint8_t)text[++i]))
            return false;
        while (ch_digit((uint8_t)text[i]))
            i++;
    }
    if (text[i] == 'e' || text[i] == 'E') {
        i++;
        i += text[i] == '+' || text[i] == '-';
        if (!ch_digit((uint8_t)text[i]))
            return false;
        while (ch_digit((uint8_t)text[i]))
            i++;
    }
    if (i != s.n)
        return false;
    /* Not strtod: its point is the locale's. Seconds and shares need no more digits than a double built so has. */
    double v = 0, part = 0.1;
    int    exp = 0, sign = 1;
    bool   minus = text[0] == '-';
    for (i = minus; ch_digit((uint8_t)text[i]); i++)
        v = v * 10 + (text[i] - '0');
    if (text[i] == '.')
        for (i++; ch_digit((uint8_t)text[i]); i++, part /= 10)
            v += part * (text[i] - '0');
    if (text[i] == 'e' || text[i] == 'E') {
        i++;
        if (text[i] == '+' || text[i] == '-')
            sign = text[i++] == '-' ? -1 : 1;
        for (; ch_digit((uint8_t)text[i]); i++)
            exp = exp < 1000 ? exp * 10 + (text[i] - '0') : exp;
    }
    for (; exp > 0 && v > 0 && v < 1e300; exp--)
        v = sign > 0 ? v * 10 : v / 10;
    *ret = minus ? -v : v;
    return true;
}

/* A whole number of 63 bits, without sign. */
static bool is_count(struct str s, int64_t from)
{
    uint64_t v;

    return s.n && (s.n == 1 || s.p[0] != '0') && num_u64(s, &v) && v <= INT64_MAX && (int64_t)v >= from;
}

static bool fault(struct err *e, const char *what) { return err_set(e, ERR_FORMAT, "%s", what); }

static bool value(const struct jt *t, const struct jt_node *at, const struct shape_field *f, struct err *e);

static bool text_value(const struct jt_node *at, const struct shape_field *f, struct err *e)
{
    struct str s = { at->text, at->text_n };

    if (at->kind != JT_STRING)
        return fault(e, "not a text");
    if (f->kind != SHAPE_TEXT && at->escaped)
        return fault(e, "an escape where none belongs");
    switch (f->kind) {
    case SHAPE_TEXT:
        if (f->how & SHAPE_SOME && !s.n)
            return fault(e, "an empty text");
        /* Counted as it stands: in six bytes at most each. */
        return !f->max || s.n <= 6 * (size_t)f->max || err_set(e, ERR_FORMAT, "a text longer than %u", f->max);
    case SHAPE_ONE_OF:  return one_of(s, f->words) || err_set(e, ERR_FORMAT, "not one of %s", f->words);
    case SHAPE_TIME:    return is_time(s) || fault(e, "not a time in UTC such as 2021-03-03T02:11:40Z");
    case SHAPE_SHA256:  return (s.n == 64 && of_class(s, low_hex)) || fault(e, "not a SHA-256 of 64 hex digits in lower case");
    case SHAPE_KEY:     return (s.n == 32 && of_class(s, low_hex)) || fault(e, "not 32 hex digits in lower case");
    case SHAPE_FINDING: return numbered(s, 'F', 4) || fault(e, "not the id of a finding, such as F0001");
    case SHAPE_SESSION: return numbered(s, 'S', 1) || fault(e, "not the id of a session, such as S1");
    case SHAPE_INTRUDER: return numbered(s, 'I', 1) || fault(e, "not the id of an intruder, such as I1");
    case SHAPE_CVE:     return is_cve(s) || fault(e, "not a CVE number");
    case SHAPE_ATTACK:  return is_attack(s) || fault(e, "not a technique of ATT&CK, such as T1190");
    case SHAPE_WORD:    return (s.n && low(s.p[0]) && of_class(s, low_word)) || fault(e, "not a word of lower case letters, digits and _");
    case SHAPE_SLUG:    return (s.n && low(s.p[0]) && of_class(s, low_slug)) || fault(e, "not a word of lower case letters, digits, _ and -");
    case SHAPE_LAYOUT:  return (s.n && of_class(s, low_layout)) || fault(e, "not a word of lower case letters, digits, _, + and -");
    default:            return fault(e, "not as it should be");
    }
}

static bool number_value(const struct jt_node *at, const struct shape_field *f, struct err *e)
{
    struct str s = { at->text, at->text_n };
    double     v;

    if (at->kind != JT_NUMBER)
        return fault(e, "not a number");
    if (f->kind == SHAPE_COUNT || f->kind == SHAPE_LINE)
        return is_count(s, f->kind == SHAPE_LINE) || fault(e, f->kind == SHAPE_LINE ? "not a whole number of 1 or more" : "not a whole number of 0 or more, or beyond 63 bits");
    if (!is_number(s, &v))
        return fault(e, "not a number as JSON has them");
    return (v >= 0 && (f->kind != SHAPE_SHARE || v <= 1)) || fault(e, f->kind == SHAPE_SHARE ? "not between 0 and 1" : "less than 0");
}

static bool object(const struct jt *t, const struct jt_node *at, const struct shape_field *of, bool counts, struct err *e)
{
    uint64_t seen = 0;
    uint32_t n    = 0;

    if (at->kind != JT_OBJECT)
        return fault(e, "not an object");
    for (const struct jt_node *c = jt_child(t, at); c; c = jt_next(t, c)) {
        size_t i = 0;
        if (++n > SHAPE_MEMBERS_MAX)
            return err_set(e, ERR_FORMAT, "an object of more than %d names", SHAPE_MEMBERS_MAX);
        if (c->key_escaped)
            return fault(e, "a name with an escape in it");
        while (of[i].name && !str_eq(jt_key(c), str_c(of[i].name)))
            i++;
        if (!of[i].name) {
            static const struct shape_field any = { "", SHAPE_COUNT, 0, NULL, NULL, 0 };
            if (counts && !number_value(c, &any, e))
                return err_where(e, ".*");
            continue;
        }
        if (seen >> i & 1)
            return fault(e, "it stands there twice") || err_where(e, ".%s", of[i].name);
        seen |= UINT64_C(1) << i;
        if (!value(t, c, &of[i], e))
            return err_where(e, ".%s", of[i].name);
    }
    for (size_t i = 0; of[i].name; i++)
        if (!(seen >> i & 1) && !(of[i].how & SHAPE_MAY))
            return fault(e, "missing") || err_where(e, ".%s", of[i].name);
    return true;
}

static bool single(const struct jt *t, const struct jt_node *at, const struct shape_field *f, struct err *e)
{
    switch (f->kind) {
    case SHAPE_OBJECT: return object(t, at, f->of, false, e);
    case SHAPE_COUNTS: return object(t, at, f->of, true, e);
    case SHAPE_BOOL:   return at->kind == JT_TRUE || at->kind == JT_FALSE || fault(e, "neither true nor false");
    case SHAPE_COUNT: case SHAPE_LINE: case SHAPE_SECONDS: case SHAPE_SHARE: return number_value(at, f, e);
    default:           return text_value(at, f, e);
    }
}

static bool value(const struct jt *t, const struct jt_node *at, const struct shape_field *f, struct err *e)
{
    uint32_t n = 0;

    if (at->kind == JT_NULL && f->how & SHAPE_NULL)
        return true;
    if (!(f->how & SHAPE_LIST))
        return single(t, at, f, e);
    if (at->kind != JT_ARRAY)
        return fault(e, "not a list");
    for (const struct jt_node *c = jt_child(t, at); c; c = jt_next(t, c), n++) {
        if (f->max && n == f->max)
            return err_set(e, ERR_FORMAT, "a list of more than %u", f->max);
        if (!single(t, c, f, e))
            return err_where(e, "[%u]", n);
    }
    return n || f->kind != SHAPE_OBJECT || !(f->how & SHAPE_SOME) || fault(e, "an empty list");
}

bool report_shape(const struct jt *t, struct err *e)
{
    const struct jt_node *root = jt_root(t);

    if (!root)
        return fault(e, "nothing");
    if (object(t, root, report_shape_root, false, e))
        return true;
    /* The paths of the first level begin without a dot. */
    if (e->where[0] == '.')
        memmove(e->where, e->where + 1, strlen(e->where));
    return false;
}
