/* See report_features.h. */
#include "casework/report_features.h"

#include "base/net_special.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

/* Findings that are looked at: a hostile report cites one a million times. */
enum { DOOR_FLOWS_MAX = 16, SESSION_FINDINGS_MAX = 5000 };

struct feed {
    const struct hunt_report *r;
    uint32_t             bit;                  /* of the campaign */
    struct arena         a;
    report_feature_take *take;
    void                *ctx;
    struct err          *e;
    uint32_t            *first;                /* session of each intruder, or REPORT_NOBODY */
    uint32_t             n;
    uint64_t             more;
};

/* Documentation and benchmarking networks are nobody's, and exercises are made of them. */
bool report_address(struct str text, uint8_t ret[16])
{
    const struct net_special *s;

    if (!net_ip_parse(text, ret))
        return false;
    s = net_special_find(ret);
    return !s || str_starts(str_c(s->name), STR("documentation")) || str_starts(str_c(s->name), STR("benchmarking"));
}

static bool give(struct feed *f, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us)
{
    if (f->n >= REPORT_FEATURES_MAX) {
        f->more++;
        return true;
    }
    f->n++;
    return f->take(f->ctx, session, kind, str_sub(value, 0, INTRUDER_VALUE_MAX), first_us, f->e);
}

static bool full(struct feed *f) { return err_set(f->e, ERR_MEMORY, "no room for a feature"); }

/* --- values --------------------------------------------------------------------------------------------------------- */

/* One part of a name, between its signs: "aA9{8}". */
static int part_pattern(char *out, size_t room, struct str part)
{
    bool low = false, high = false, digit = false, other = false;

    for (size_t i = 0; i < part.n; i++) {
        uint8_t c = part.p[i];
        low   |= c >= 'a' && c <= 'z';
        high  |= c >= 'A' && c <= 'Z';
        digit |= ch_digit(c);
        other |= c >= 0x80;
    }
    return snprintf(out, room, "%s%s%s%s{%zu}", low ? "a" : "", high ? "A" : "", digit ? "9" : "", other ? "~" : "", part.n);
}

static bool in_part(uint8_t c) { return ch_alnum(c) || c >= 0x80; }

struct str report_path_pattern(const struct hunt_report *r, struct str path, struct arena *a)
{
    size_t     slash = str_rchr(path, '\\');
    struct str folder = slash == STR_NONE ? STR_EMPTY : str_sub(path, 0, slash + 1), name = slash == STR_NONE ? path : str_from(path, slash + 1);
    char       text[INTRUDER_VALUE_MAX + 64];
    size_t     n = 0, dot;

    if (!name.n)
        return STR("");
    for (uint32_t i = 0; i < r->server.folders.n; i++) {
        struct str home = r->server.folders.item[i];
        if (home.n > 3 && str_istarts(folder, home)) {
            n      = (size_t)snprintf(text, sizeof text, "{exchange}\\");
            folder = str_from(folder, home.n);
            break;
        }
    }
    if (!n && folder.n > 2 && folder.p[1] == ':')
        folder = str_from(folder, 2);          /* the drive is the victim's */
    for (size_t i = 0; i < folder.n && n < 400; i++)
        text[n++] = (char)ch_lower(folder.p[i]);
    dot = str_rchr(name, '.');
    struct str end = dot == STR_NONE ? STR_EMPTY : str_from(name, dot);
    name = str_sub(name, 0, name.n - end.n);
    for (size_t i = 0; i < name.n && n < 460;) {
        size_t k = i;
        while (k < name.n && in_part(name.p[k]))
            k++;
        if (k > i)
            n += (size_t)part_pattern(text + n, sizeof text - n, str_sub(name, i, k));
        else
            text[n++] = (char)name.p[k++];
        i = k;
    }
    for (size_t i = 0; i < end.n && i < 16; i++)
        text[n++] = (char)ch_lower(end.p[i]);
    return str_dup(a, (struct str){ (const uint8_t *)text, n });
}

/*
 * The analyser's sentence: 'The way: line 17 taken from the request: "word"; line 17 runs text as code: eval.' Names are the intruder's or the victim's, lines
 * depend on what stands around.
 */
struct str report_flow_shape(struct str kind, struct str why, struct arena *a)
{
    size_t at = str_find(why, STR("The way: ")), n;
    char   text[INTRUDER_VALUE_MAX];

    if (at == STR_NONE)
        return STR("");
    n = (size_t)snprintf(text, sizeof text, "%.*s: ", STR_ARG(str_sub(kind, 0, 64)));
    for (size_t i = at + 9; i < why.n && n + 1 < sizeof text; i++) {
        uint8_t c = why.p[i];
        if (c == '.' && (i + 1 == why.n || why.p[i + 1] == ' '))
            break;
        if (c == '"') {
            size_t end = str_chr(str_from(why, i + 1), '"');
            if (end == STR_NONE)
                break;
            i += end + 1;
            while (n && (text[n - 1] == ' ' || text[n - 1] == ':'))
                n--;
        } else if (str_starts(str_from(why, i), STR("line ")) && i + 5 < why.n && ch_digit(why.p[i + 5])) {
            i += 5;
            while (i < why.n && ch_digit(why.p[i]))
                i++;
            if (i < why.n && why.p[i] != ' ')
                i--;
        } else if (!ch_digit(c))
            text[n++] = (char)c;
    }
    return str_dup(a, (struct str){ (const uint8_t *)text, n });
}

/* "... client 198.51.100.23, agent python-requests/2.25.1": the last that an excerpt of a request tells. */
static struct str agent_of(struct str excerpt)
{
    size_t     at = str_find(excerpt, STR(", agent "));
    struct str s = at == STR_NONE ? STR_EMPTY : str_from(excerpt, at + 8);

    return s.n > 1 ? s : STR_EMPTY;            /* "-": none was logged */
}

/* --- sessions --------------------------------------------------------------------------------------------------------- */

static bool session_counts(const struct feed *f, uint32_t s) { return s != REPORT_NOBODY && f->r->session[s].intruder != REPORT_NOBODY && f->r->session[s].of & f->bit; }

static bool give_clients(struct feed *f, uint32_t i)
{
    const struct rp_session *s = &f->r->session[i];
    bool any = false;

    for (uint32_t k = 0; k < s->clients.n && k < REPORT_SESSION_CLIENTS_MAX; k++) {
        uint8_t ip[16];
        char    text[NET_TEXT];
        if (!report_address(s->clients.item[k], ip))
            continue;
        net_ip_text(ip, text);
        any = true;
        if (!give(f, i + 1, INTRUDER_CLIENT, str_c(text), s->first_us))
            return false;
    }
    /* The session is known, though nothing tells whose it is. */
    return any || give(f, i + 1, INTRUDER_CLIENT, STR_EMPTY, s->first_us);
}

static bool give_agents(struct feed *f, uint32_t i)
{
    const struct rp_session *s = &f->r->session[i];
    struct str seen[REPORT_SESSION_AGENTS_MAX];
    uint32_t   n = 0;

    for (uint32_t k = 0; k < s->findings.n && k < SESSION_FINDINGS_MAX && n < REPORT_SESSION_AGENTS_MAX; k++) {
        const struct rp_finding *x = &f->r->finding[s->findings.item[k]];
        struct str agent[2] = { agent_of(x->excerpt), agent_of(x->excerpt2) };
        for (int j = 0; j < 2 && n < REPORT_SESSION_AGENTS_MAX; j++) {
            bool have = !agent[j].n;
            for (uint32_t m = 0; m < n; m++)
                have |= str_eq(seen[m], agent[j]);
            if (!have)
                seen[n++] = agent[j];
        }
    }
    const struct rp_intruder *p = &f->r->intruder[s->intruder];
    for (uint32_t k = 0; n == 0 && k < p->agents.n && k < REPORT_SESSION_AGENTS_MAX; k++)
        if (p->agents.item[k].n > 1 && !give(f, i + 1, INTRUDER_AGENT, p->agents.item[k], s->first_us))
            return false;
    for (uint32_t k = 0; k < n; k++)
        if (!give(f, i + 1, INTRUDER_AGENT, seen[k], s->first_us))
            return false;
    return true;
}

static bool find_first(struct feed *f)
{
    f->first = TAKE(&f->a, uint32_t, f->r->intruder_n);
    if (!f->first)
        return full(f);
    for (uint32_t i = 0; i < f->r->intruder_n; i++)
        f->first[i] = REPORT_NOBODY;
    for (uint32_t i = f->r->session_n; i-- > 0;)
        if (session_counts(f, i))
            f->first[f->r->session[i].intruder] = i;
    return true;
}

static uint32_t first_session(const struct feed *f, uint32_t intruder) { return intruder == REPORT_NOBODY ? REPORT_NOBODY : f->first[intruder]; }

/* --- back doors ------------------------------------------------------------------------------------------------------- */

static bool give_door(struct feed *f, const struct rp_door *d, uint32_t session, int64_t first_us)
{
    struct arena a = f->a;
    struct str   pattern = report_path_pattern(f->r, d->path, &a);

    if (!pattern.p)
        return full(f);
    if ((d->sha256.n && !give(f, session, INTRUDER_PAGE, d->sha256, first_us)) || (d->key.n && !give(f, session, INTRUDER_KEY, d->key, first_us)) ||
        (pattern.n && !give(f, session, INTRUDER_PATH, pattern, first_us)))
        return false;
    for (uint32_t i = 0, flows = 0; i < d->findings.n && flows < DOOR_FLOWS_MAX; i++) {
        const struct rp_finding *x = &f->r->finding[d->findings.item[i]];
        if (str_eq(x->detector, STR("files/compiled-assembly")) && x->file.n && !give(f, session, INTRUDER_COMPILED, x->file, first_us))
            return false;
        if (!str_starts(x->detector, STR("files/")))
            continue;
        flows++;
        struct arena b = a;
        struct str   flow = report_flow_shape(d->kind, x->why, &b);
        if (!flow.p)
            return full(f);
        if (flow.n && !give(f, session, INTRUDER_FLOW, flow, first_us))
            return false;
    }
    return true;
}

static bool give_doors(struct feed *f)
{
    for (uint32_t i = 0; i < f->r->door_n; i++) {
        const struct rp_door *d = &f->r->door[i];
        uint32_t given[64], n = 0;
        if (!(d->of & f->bit))
            continue;
        for (uint32_t k = 0; k < d->findings.n && n < COUNT_OF(given); k++) {
            uint32_t s = f->r->finding[d->findings.item[k]].session;
            bool     have = !session_counts(f, s);
            for (uint32_t m = 0; m < n; m++)
                have |= given[m] == s;
            if (!have)
                given[n++] = s;
        }
        if (!n && (given[0] = first_session(f, d->intruder)) != REPORT_NOBODY)
            n = 1;
        for (uint32_t k = 0; k < n; k++)
            if (!give_door(f, d, given[k] + 1, f->r->session[given[k]].first_us))
                return false;
        if (!n && !give_door(f, d, f->r->session_n + 1 + i, d->first_us != TIME_NONE ? d->first_us : d->created_us))
            return false;
    }
    return true;
}

/* Programs that were brought: findings whose evidence is the program itself. */
static bool give_tools(struct feed *f)
{
    static const char *const detector[] = { "files/hash", "files/published-path", "files/remote-tool", "iocs/hash", "iocs/path", "iocs/file-name" };
    uint32_t only = f->r->intruder_n == 1 ? first_session(f, 0) : REPORT_NOBODY;

    for (uint32_t i = 0; i < f->r->finding_n; i++) {
        const struct rp_finding *x = &f->r->finding[i];
        bool tool = false;
        for (size_t k = 0; k < COUNT_OF(detector); k++)
            tool |= str_eq(x->detector, str_c(detector[k]));
        uint32_t s = session_counts(f, x->session) ? x->session : only;
        /* Of several intruders nobody can tell whose it is. */
        if (!tool || x->severity < 3 || x->probe || !x->file.n || s == REPORT_NOBODY)
            continue;
        if (!give(f, s + 1, INTRUDER_TOOL, x->file, f->r->session[s].first_us))
            return false;
    }
    return true;
}

bool report_features(const struct hunt_report *r, uint32_t campaign, struct arena scratch, report_feature_take *take, void *ctx, uint64_t *ret_more, struct err *e)
{
    struct feed f = { .r = r, .bit = UINT32_C(1) << campaign, .a = scratch, .take = take, .ctx = ctx, .e = e };

    if (!find_first(&f) || !give_doors(&f) || !give_tools(&f))
        return false;
    for (uint32_t i = 0; i < r->session_n; i++)
        if (session_counts(&f, i) && (!give_clients(&f, i) || !give_agents(&f, i)))
            return false;
    *ret_more = f.more;
    return true;
}
