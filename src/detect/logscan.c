#include "detect/logscan.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/winpath.h"
#include "detect/gate.h"
#include "detect/iocs.h"
#include "formats/w3c.h"

#include <string.h>

/*
 * Memory of one file, all from the caller's `work`:
 *   state  columns of the newest headers: a fixed share
 *   notes  names, peers, builds: a fixed share
 *   row    values of one row: passed by value, so it empties itself
 *   rest   hits; when less than HITS_ROOM is left, or the list cannot grow, they are handed over (flush) and the room is used anew
 */
enum {
    STATE_BYTES = 512 << 10, NOTES_BYTES = 256 << 10, ROW_BYTES = 3 << 20, GATE_BYTES = 1 << 20, HITS_ROOM = 1 << 20, HITS_MANY = 256,
    RULE_WORDS = PLAN_RULES_MAX / 64, ROW_LINES_MAX = 4096
};

struct scan {
    const struct plan        *plan;
    const struct plan_family *pf;
    struct ev_node           *node;
    struct logscan_result    *ret;
    struct log_state          state;
    struct binding            binding;
    int16_t                  *field;           /* room for binding.field */
    struct proxies            proxies;
    struct arena              row;
    struct lines_block        block;
    uint64_t                  line_at;         /* number of the line that starts at line_pos */
    size_t                    line_pos;
    /* The row under collection: literals of one row come one by one, and are judged together. */
    size_t                    from, to;        /* in block.text; to == 0: none */
    bool                      header, learnt, listed;
    bool                      odd;             /* spelled so that whatever else it holds has to be looked for */
    bool                      sure;            /* the rules in `want` were asked, and fit */
    /* The newest row that a literal was met in, and its stem: a literal of a field that the stem tells means nothing elsewhere. */
    size_t                    row_from, row_to, stem_from, stem_to;
    size_t                    walked;          /* rows before this place were tried by the rules without literal */
    uint32_t                  ioc;             /* of this row; 0: none */
    uint64_t                  want[RULE_WORDS];   /* rules to ask: bit per rule of the family */
    struct row_gate           gate;
    struct arena              gate_room;
    struct arena              notes, *work, work_mark;
    const struct logscan_sink *sink;
    struct err               *e;
    bool                      failed;
};

static size_t line_start(struct str text, size_t at)
{
    size_t nl = str_rchr(str_sub(text, 0, at), '\n');
    return nl == STR_NONE ? 0 : nl + 1;
}

static size_t line_end(struct str text, size_t at)
{
    size_t nl = str_chr(str_from(text, at), '\n');
    return nl == STR_NONE ? text.n : at + nl;
}

static void row_bounds(const struct scan *s, size_t at, size_t *ret_from, size_t *ret_to)
{
    struct str text = s->block.text;
    size_t     from = line_start(text, at), to = line_end(text, at);

    if (s->state.kind->dated) {
        for (int i = 0; i < ROW_LINES_MAX && from > 0 && !lines_row_starts(str_sub(text, from, to)); i++)
            from = line_start(text, from - 1);
        for (int i = 0; i < ROW_LINES_MAX && to < text.n; i++) {
            size_t next = to + 1;
            if (next >= text.n || lines_row_starts(str_from(text, next)))
                break;
            to = line_end(text, next);
        }
    }
    *ret_from = from;
    *ret_to   = to;
}

static struct str without_cr(struct str row)
{
    while (row.n && (row.p[row.n - 1] == '\r' || row.p[row.n - 1] == '\n'))
        row.n--;
    return row;
}

static uint64_t line_number(struct scan *s, size_t at)
{
    if (at < s->line_pos) {
        s->line_pos = 0;
        s->line_at  = s->block.line;
    }
    s->line_at += lines_count(str_sub(s->block.text, s->line_pos, at));
    s->line_pos = at;
    return s->line_at;
}

static struct str or_dash(struct str s) { return s.n ? s : STR("-"); }

/* The decisive fields of one record in a line for people. Script text never passes excerpt_of. */
static struct str excerpt(const struct event *ev, struct arena *a)
{
    struct str s;

    switch (ev->family) {
    case FAM_HTTPPROXY:
        s = str_fmt(a, "%.*s %.*s -> %.*s%.*s%s%.*s, status %u, %llu bytes, client %.*s, agent %.*s", STR_ARG(or_dash(ev->method)), STR_ARG(ev->stem),
                    STR_ARG(or_dash(ev->target_host)), STR_ARG(ev->target_path), ev->target_query.n ? "?" : "", STR_ARG(ev->target_query),
                    (unsigned)ev->status, (unsigned long long)ev->sent_bytes, STR_ARG(or_dash(ev->client)), STR_ARG(or_dash(ev->user_agent)));
        break;
    case FAM_ECP_SERVER:
    case FAM_ECP_ACTIVITY:
        s = str_fmt(a, "%.*s", STR_ARG(ev->command.n ? ev->command : ev->stem));
        break;
    case FAM_OAB_GENERATOR:
        s = str_fmt(a, "download failed, temporary file %.*s", STR_ARG(ev->path));
        break;
    default:
        s = str_fmt(a, "%.*s %.*s%s%.*s, status %u, client %.*s, agent %.*s", STR_ARG(or_dash(ev->method)), STR_ARG(or_dash(ev->stem)),
                    ev->query.n ? "?" : "", STR_ARG(ev->query), (unsigned)ev->status, STR_ARG(or_dash(ev->client)),
                    STR_ARG(or_dash(ev->user_agent)));
    }
    return excerpt_of(a, s);
}

static bool flush(struct scan *s)
{
    if (!s->sink->flush(s->sink->ctx, &s->ret->hits, s->e))
        return false;
    *s->work = s->work_mark;
    s->ret->hits = (struct hits){ .keep = s->work, .max = s->ret->hits.max };
    return true;
}

static bool push_hit(struct scan *s, const struct event *ev, const struct record *r, uint32_t rule, enum sign sign, struct arena *a)
{
    struct hit h = {
        .rule = rule, .sign = sign, .family = ev->family, .first_us = r->time_us, .last_us = r->time_us, .count = 1,
        .response_bytes = ev->sent_bytes, .response_max = ev->sent_bytes, .status = ev->status, .active = ev->active,
        .no_referer = ev->no_referer, .client = ev->client, .user_agent = str_sub(ev->user_agent, 0, EXCERPT_MAX),
        .method = str_sub(ev->method, 0, 64), .url = str_sub(ev->url, 0, EXCERPT_MAX), .query = excerpt_of(a, ev->query),
        .account = str_sub(ev->account, 0, EXCERPT_MAX), .canary = str_sub(ev->canary, 0, EXCERPT_MAX),
        .request_id = str_sub(ev->request_id, 0, 64), .target_host = str_sub(ev->target_host, 0, 256),
        .target_path = str_sub(ev->target_path, 0, EXCERPT_MAX), .mailbox = str_sub(ev->mailbox, 0, 256),
        .peer = ev->forwarded.n ? ev->peer : STR_EMPTY, .forwarded = str_sub(ev->forwarded, 0, 256),
        .path = str_sub(ev->path, 0, 1024), .key = ev->key, .server = str_sub(ev->server, 0, 64), .ioc = s->ioc,
    };
    h.first = (struct cite){ .node = s->node->id, .line = r->line, .offset = r->offset, .time_us = r->time_us, .excerpt = excerpt(ev, a),
                             .has_raw = true };
    hash_sha256(r->raw, h.first.raw_sha256);
    h.last = h.first;
    if (s->sink->met)
        s->sink->met(s->sink->ctx, rule, r->line);
    if (hits_push(&s->ret->hits, &h, s->e)) {
        s->failed = arena_room(s->work) < HITS_ROOM && !flush(s);
    } else {
        /* The list wanted to double and could not. Empty, there is room for HITS_MANY; with fewer than that, memory itself is missing. */
        bool many = s->ret->hits.n >= HITS_MANY;
        if (many)
            *s->e = (struct err){ 0 };
        s->failed = !many || !flush(s) || !hits_push(&s->ret->hits, &h, s->e);
    }
    return !s->failed;
}

static void note_name(struct logscan_name *list, size_t *n, struct str name, struct arena *keep)
{
    if (!name.n || name.n > 255)
        return;
    for (size_t i = 0; i < *n; i++)
        if (str_ieq(list[i].name, name)) {
            list[i].rows++;
            return;
        }
    if (*n < LOGSCAN_NAMES) {
        struct str copy = str_dup(keep, name);
        if (copy.p)
            list[(*n)++] = (struct logscan_name){ copy, 1 };
    }
}

static void note_version(struct scan *s, const struct event *ev, const struct record *r)
{
    struct logscan_result *o = s->ret;

    if (ev->family != FAM_HTTPPROXY || ev->version[0] < 14 || ev->version[0] > 15 || !ev->version[2] || r->time_us == TIME_NONE)
        return;
    for (size_t i = 0; i < o->version_n; i++)
        if (memcmp(o->version[i].v, ev->version, sizeof ev->version) == 0) {
            if (r->time_us > o->version[i].last_us)
                o->version[i].last_us = r->time_us;
            return;
        }
    if (o->version_n == LOGSCAN_VERSIONS)
        return;
    struct logscan_version *v = &o->version[o->version_n++];
    memcpy(v->v, ev->version, sizeof v->v);
    v->first_us = v->last_us = r->time_us;
    v->first = (struct cite){ .node = s->node->id, .line = r->line, .offset = r->offset, .time_us = r->time_us, .has_raw = true };
    hash_sha256(r->raw, v->first.raw_sha256);
    v->first.excerpt = str_fmt(&s->notes, "server build %u.%u.%u.%u", v->v[0], v->v[1], v->v[2], v->v[3]);
}

struct logscan_memory *logscan_memory(struct arena *keep)
{
    struct logscan_memory *m = NEW(keep, struct logscan_memory, 1);
    uint8_t               *p = m ? TAKE(keep, uint8_t, LOGSCAN_MEMORY) : NULL;

    if (p)
        m->columns.keep = (struct arena){ p, p + LOGSCAN_MEMORY, NULL };     /* what finds no room there is only slower */
    return p ? m : NULL;
}

/* The columns of these names answer as they did in an earlier log. */
static const struct binding *remembered(const struct logscan_memory *m, const struct str *names)
{
    for (size_t i = 0; m && i < m->binding_n; i++)
        if (m->names[i] == names)
            return &m->binding[i];
    return NULL;
}

static void remember(struct scan *s)
{
    struct logscan_memory *m = s->sink->memory;
    bool                   kept = false;

    for (size_t i = 0; m && i < m->columns.n; i++)
        kept = kept || m->columns.item[i].cols.name == s->state.cols.name;
    if (!kept || m->binding_n == COLUMNS_KEPT)
        return;
    struct binding b = s->binding;
    b.field = TAKE(&m->columns.keep, int16_t, s->plan->sigma->field_n + 1);
    if (!b.field)
        return;
    memcpy(b.field, s->binding.field, s->plan->sigma->field_n * sizeof *b.field);
    m->names[m->binding_n]     = s->state.cols.name;
    m->binding[m->binding_n++] = b;
}

/* How the columns of the newest header answer. There is one. */
static void bind(struct scan *s)
{
    const struct columns *cols = &s->state.cols;

    if (s->binding.made && s->binding.generation == cols->generation)
        return;
    const struct binding *known = remembered(s->sink->memory, cols->name);
    if (known) {
        s->binding = *known;
        s->binding.generation = cols->generation;
        return;
    }
    s->binding.field = s->field;
    binding_make(&s->binding, cols, s->plan->sigma);
    remember(s);
}

/* Splits the row and takes its facts; false: not a record that can be read. */
static bool read_row(struct scan *s, size_t from, size_t to, struct arena *a, struct record *r, struct event *ev)
{
    struct err   ignored = { 0 };
    struct str   raw     = without_cr(str_sub(s->block.text, from, to));

    if (!s->state.has_cols && s->state.kind != &log_oab) {
        s->ret->headerless++;
        return false;
    }
    if (raw.n && raw.p[0] == '#')                        /* a comment of the log, which a rule without literal would take for an empty record */
        return false;
    if (!raw.n || !s->state.kind->parse(&s->state, a, raw, r, &ignored)) {
        s->ret->damaged_rows += raw.n > 0;
        return false;
    }
    s->ret->damaged_rows += r->damaged;
    r->line   = line_number(s, from);
    r->offset = s->block.offset + from;
    bind(s);
    return event_read(ev, s->node->family, r, &s->binding, &s->proxies, s->plan->ev, a);
}

static bool in_scope(const struct plan *p, int64_t t)
{
    return t == TIME_NONE || ((p->since_us == TIME_NONE || t >= p->since_us) && (p->until_us == TIME_NONE || t <= p->until_us));
}

static bool rule_matches(struct scan *s, uint32_t index, const struct event *ev, const struct record *r, struct arena a)
{
    struct event_view v = { ev, r, &s->binding, s->plan->sigma, &a };
    struct arena      scratch;

    /* Half for the values that fields derive, half for the matcher. */
    uint8_t *middle = a.beg + arena_room(&a) / 2;
    scratch = (struct arena){ middle, a.end, a.fault };
    a.end   = middle;
    return sigma_match_plus(s->plan->sigma, &s->plan->sigma->rule[index], event_field, &v, r->raw, s->state.kind == &log_w3c, scratch);
}

/* A script asked with the key of a planted one in its query: perhaps another copy, under a name that nobody knows. */
static struct str key_used(const struct plan *p, const struct event *ev)
{
    for (size_t i = 0; ev->query.n && winpath_is_page(ev->url) && i < p->key_n; i++)
        if (event_query_value(ev->query, p->key[i]).p)
            return p->key[i];
    return STR_EMPTY;
}

/* Would this indicator have been met without any rule's help? Else what is told would hang on which rows were looked at. */
static bool searched(const struct scan *s)
{
    const struct user_ioc *x = &s->plan->user->item[s->ioc - 1];
    return iocs_literal(s->plan->user, x).n && (s->listed || x->kind == IOC_URI);
}

static void judge_rules(struct scan *s, const struct event *ev, const struct record *r, struct arena *a)
{
    const struct plan_family *pf = s->pf;
    uint32_t   sign  = ev->family == FAM_IIS_FRONT && ev->url.n ? map_get(&s->plan->page, ev->url) : MAP_NONE;
    struct str key   = ev->family == FAM_IIS_FRONT ? key_used(s->plan, ev) : STR_EMPTY;
    bool       learnt = sign != MAP_NONE || key.n, told = learnt;
    struct event known = *ev;

    if (key.n)
        known.key = key;
    if (learnt && !push_hit(s, &known, r, RULE_LEARNT, sign != MAP_NONE ? (enum sign)sign : SIGN_PAGE, a))
        return;
    for (size_t w = 0; w < (pf->rule_n + 63) / 64; w++)
        for (uint64_t bits = s->want[w]; bits; bits &= bits - 1) {
            uint32_t index = pf->rule[w * 64 + (size_t)__builtin_ctzll(bits)];
            const struct sigma_rule *rule = &s->plan->sigma->rule[index];
            if (learnt && (rule->sign == SIGN_PAGE || rule->sign == (enum sign)sign))
                continue;                                  /* said already, and better */
            if (!s->sure && !rule_matches(s, index, ev, r, *a))
                continue;
            told = true;
            if (!push_hit(s, ev, r, index, rule->sign, a))
                return;
        }
    if (!told && s->ioc && searched(s))
        push_hit(s, ev, r, RULE_IOC, SIGN_REVIEW, a);
}

/* Was this record told by a rule already, and did that say more than a hint? */
enum told { TOLD_NOT, TOLD_HINT, TOLD_WELL };
static enum told told_before(struct scan *s, const struct event *ev, const struct record *r, struct arena *a)
{
    enum told best = TOLD_NOT;

    for (size_t i = 0; i < s->pf->rule_n && best < TOLD_WELL; i++) {
        enum sign sign = s->plan->sigma->rule[s->pf->rule[i]].sign;
        enum told here = sign == SIGN_SUPPORT || sign == SIGN_REVIEW ? TOLD_HINT : TOLD_WELL;
        if (here > best && rule_matches(s, s->pf->rule[i], ev, r, *a))
            best = here;
    }
    return best;
}

static void judge_pivot(struct scan *s, const struct event *ev, const struct record *r, struct arena *a)
{
    uint32_t who = ev->client.n ? map_get(&s->plan->client, ev->client) : MAP_NONE;
    bool canary  = ev->canary.n && map_get(&s->plan->canary, ev->canary) != MAP_NONE;

    if (who == MAP_NONE && !canary)
        return;
    enum told told = told_before(s, ev, r, a);
    if (who != MAP_NONE) {
        struct client_seen *c = &s->ret->client[who];
        c->requests++;
        if (ev->authenticated && told != TOLD_WELL) {
            c->authenticated++;
            if (!c->some_user.n)
                c->some_user = str_dup(&s->notes, str_sub(ev->account, 0, 128));
        }
    }
    if (told == TOLD_NOT)
        push_hit(s, ev, r, RULE_PIVOT, SIGN_PIVOT, a);
}

static size_t words(const struct scan *s) { return (s->pf->rule_n + 63) / 64; }

/* Takes rules out of `want` that do not fit. A row that is a candidate for another reason is looked at by read_row. */
static bool ask_early(struct scan *s, size_t from, size_t to)
{
    const struct log_state *st = &s->state;

    if (s->learnt || s->listed || s->odd || s->plan->pivot || s->plan->whole || st->kind != &log_w3c || !st->has_cols)
        return false;
    bind(s);
    return gate_ask(&s->gate, &st->cols, &s->binding, without_cr(str_sub(s->block.text, from, to)), &s->proxies, s->row, s->want);
}

/* Is there any reason to take this row apart? */
static bool wanted(const struct scan *s)
{
    bool any = s->learnt || s->listed || s->odd || s->plan->pivot;

    for (size_t w = 0; w < words(s) && !any; w++)
        any = s->want[w] != 0;
    return any;
}

static bool finish_row(struct scan *s)
{
    size_t from = s->from, to = s->to;
    struct arena  a = s->row;
    struct record r;
    struct event  ev;

    if (to == 0)
        return true;
    s->to = 0;
    s->ret->candidates++;
    bool header = s->header;
    s->header = false;
    if (header) {
        struct str line;
        size_t     pos = 0, at;
        struct str row = str_sub(s->block.text, from, to);
        bool       all = true;
        while (lines_step(row, &pos, &line, &at))
            all = s->state.kind->header(&s->state, line) && all;
        if (all)
            goto out;
    }
    s->sure = wanted(s) && ask_early(s, from, to);
    if (wanted(s) && read_row(s, from, to, &a, &r, &ev) && in_scope(s->plan, r.time_us)) {
        s->ret->split++;
        s->ioc = s->plan->user ? iocs_of(s->plan->user, &ev, r.time_us, a) + 1 : 0;
        if (s->plan->pivot)
            judge_pivot(s, &ev, &r, &a);
        else
            judge_rules(s, &ev, &r, &a);
        note_version(s, &ev, &r);
    }
out:
    s->learnt = s->listed = s->odd = false;
    memset(s->want, 0, words(s) * sizeof *s->want);
    return !s->failed;
}

static void want_rule(struct scan *s, uint32_t at) { s->want[at / 64] |= UINT64_C(1) << (at % 64); }

static void want_all(struct scan *s)
{
    for (uint32_t i = 0; i < s->pf->rule_n; i++)
        want_rule(s, i);
}

static void want_always(struct scan *s)
{
    for (size_t i = 0; i < s->pf->always_n && !s->plan->pivot; i++)
        want_rule(s, s->pf->always[i]);
}

static bool mark_literal(void *ctx, uint32_t id, size_t end)
{
    struct scan *s = ctx;

    (void)end;
    if (id == PLAN_ID_HEADER)
        s->header = true;
    else if (id == PLAN_ID_LEARNT || id == PLAN_ID_LEARNT_STEM)
        s->learnt = true;
    else if (id == PLAN_ID_IOC)
        s->listed = true;
    else if (id == PLAN_ID_EVASION || id == PLAN_ID_COOKIE) {
        s->odd = true;
        want_all(s);
    } else if (id >= PLAN_ID_RULE && id - PLAN_ID_RULE < s->pf->owner_n) {
        /* Outside IIS a candidate is rare, and a path may be spelled so that only one rule's literal is found: ask them all. */
        if (s->state.kind == &log_w3c)
            want_rule(s, s->pf->owner[id - PLAN_ID_RULE] & ~PLAN_OF_STEM);
        else
            want_all(s);
    }
    return true;
}

static bool forged_cookie(struct str text, size_t at)
{
    for (; at < text.n; at++)
        if (text.p[at] == '/')
            return true;
        else if (text.p[at] == '~' || text.p[at] == '\n')
            return false;
    return false;
}

/* Rows up to `to` hold no literal; the rules without literal are asked about each. */
static bool walk(struct scan *s, size_t to)
{
    if (!s->pf->always_n || s->plan->pivot)
        return true;
    for (size_t at = s->walked; at < to;) {
        row_bounds(s, at, &s->from, &s->to);
        s->walked = at = s->to + 1;
        if (s->from == s->to) {                            /* an empty line; nothing to judge */
            s->to = 0;
            continue;
        }
        want_always(s);
        if (!finish_row(s))
            return false;
    }
    return true;
}

static bool of_stem(const struct scan *s, uint32_t id)
{
    return id == PLAN_ID_LEARNT_STEM || (id >= PLAN_ID_RULE && id - PLAN_ID_RULE < s->pf->owner_n && (s->pf->owner[id - PLAN_ID_RULE] & PLAN_OF_STEM));
}

/* Finds the row's stem. Where that is not known, it may be anywhere. */
static void find_stem(struct scan *s)
{
    struct log_state *st = &s->state;
    struct str        row = without_cr(str_sub(s->block.text, s->row_from, s->row_to)), value[GATE_COLUMNS];

    s->stem_from = s->row_from;
    s->stem_to   = s->row_to;
    if (st->kind != &log_w3c || !st->has_cols)
        return;
    bind(s);
    size_t n = s->binding.col[COL_STEM] < 0 ? GATE_COLUMNS : (size_t)s->binding.col[COL_STEM] + 1;
    if (n >= GATE_COLUMNS)
        return;
    if (w3c_cut(row, value, n) < n) {
        s->stem_to = s->row_from;                          /* a short row has none */
        return;
    }
    s->stem_from = value[n - 1].n ? (size_t)(value[n - 1].p - s->block.text.p) : s->row_from;
    s->stem_to   = s->stem_from + value[n - 1].n;
}

/* Most rows with a rule's literal are of a few pages that the rule leaves out. Where peers of forwarded requests are to be learnt the row is read all the same. */
static bool is_vain(const struct scan *s, uint32_t id)
{
    return id >= PLAN_ID_RULE && !s->plan->whole && s->binding.made && s->binding.generation == s->state.cols.generation && s->binding.col[COL_FORWARDED] < 0 &&
           gate_never(&s->gate, &s->state.cols, str_sub(s->block.text, s->stem_from, s->stem_to), s->pf->owner[id - PLAN_ID_RULE] & ~PLAN_OF_STEM);
}

static bool on_literal(void *ctx, uint32_t id, size_t end)
{
    struct scan *s = ctx;

    if (id == PLAN_ID_COOKIE && !forged_cookie(s->block.text, end))
        return true;
    if (end > s->row_to) {
        if (!finish_row(s))
            return false;
        row_bounds(s, end - 1, &s->row_from, &s->row_to);
        s->stem_to = SIZE_MAX;
    }
    if (of_stem(s, id)) {
        if (s->stem_to == SIZE_MAX)
            find_stem(s);
        if (end <= s->stem_from || end > s->stem_to || is_vain(s, id))
            return true;
    }
    if (s->to == 0) {
        if (!walk(s, s->row_from))
            return false;
        s->from   = s->row_from;
        s->to     = s->row_to;
        s->walked = s->to + 1;
        want_always(s);
    }
    return mark_literal(s, id, end);
}

static void cover(struct logscan_result *o, int64_t from, int64_t to)
{
    if (from > to) {
        int64_t t = from;
        from = to;
        to   = t;
    }
    if (o->oldest_us == TIME_NONE || from < o->oldest_us)
        o->oldest_us = from;
    if (o->newest_us == TIME_NONE || to > o->newest_us)
        o->newest_us = to;
    if (o->span_n) {
        struct span *last = &o->span[o->span_n - 1];
        if (from <= last->to_us + SPAN_JOIN && to >= last->from_us - SPAN_JOIN) {
            last->from_us = from < last->from_us ? from : last->from_us;
            last->to_us   = to > last->to_us ? to : last->to_us;
            return;
        }
    }
    if (o->span_n < LOGSCAN_SPANS)
        o->span[o->span_n++] = (struct span){ from, to };
    else if (to > o->span[LOGSCAN_SPANS - 1].to_us)        /* more holes than we tell apart: the last one closes, said as damage by the caller */
        o->span[LOGSCAN_SPANS - 1].to_us = to;
}

/* Times of the first and last row of a block; when they lie far apart, of every row in between. */
static void cover_block(struct scan *s)
{
    struct str text = s->block.text, line;
    int64_t    first = TIME_NONE, last = TIME_NONE, t;
    size_t     pos = 0, at, tries = 0;

    while (tries++ < 64 && lines_step(text, &pos, &line, &at))
        if (s->state.kind->time(&s->state, line, &t)) {
            first = t;
            break;
        }
    for (size_t end = text.n; end && tries < 192; tries++) {
        size_t stop = text.p[end - 1] == '\n' ? end - 1 : end, from = line_start(text, stop);
        if (s->state.kind->time(&s->state, without_cr(str_sub(text, from, stop)), &t)) {
            last = t;
            break;
        }
        end = from;
    }
    if (first == TIME_NONE || last == TIME_NONE) {
        if (first != TIME_NONE || last != TIME_NONE)
            cover(s->ret, first == TIME_NONE ? last : first, first == TIME_NONE ? last : first);
        return;
    }
    if (last >= first && last - first <= SPAN_JOIN) {
        cover(s->ret, first, last);
        return;
    }
    pos = 0;
    while (lines_step(text, &pos, &line, &at))
        if (s->state.kind->time(&s->state, line, &t))
            cover(s->ret, t, t);
}

/* Who wrote this log: read from the first row that can be read of each block, which costs next to nothing. */
static void sample_block(struct scan *s)
{
    struct str    text = s->block.text, line;
    size_t        pos = 0, at;

    for (int tries = 0; tries < 8 && lines_step(text, &pos, &line, &at); tries++) {
        struct arena  a = s->row;
        struct record r;
        struct event  ev;
        if (!line.n || line.p[0] == '#' || !s->state.has_cols)
            continue;
        uint64_t bad = s->ret->damaged_rows, none = s->ret->headerless;
        size_t   from, to;
        row_bounds(s, at, &from, &to);
        if (!read_row(s, from, to, &a, &r, &ev) || r.time_us == TIME_NONE) {
            s->ret->damaged_rows = bad;
            s->ret->headerless   = none;
            continue;
        }
        s->ret->damaged_rows = bad;
        struct logscan_result *o = s->ret;
        note_name(o->server, &o->server_n, ev.server, &s->notes);
        note_name(o->host, &o->host_n, ev.host, &s->notes);
        note_name(o->address, &o->address_n, ev.server_ip, &s->notes);
        note_version(s, &ev, &r);
        return;
    }
}

static bool scan_block(struct scan *s)
{
    s->line_pos = 0;
    s->line_at  = s->block.line;
    s->to       = 0;
    s->row_to   = 0;
    if (!s->state.has_cols) {
        /* A file may start with data of a header that was cut off; and one whose header is the bare kind may hold no literal. */
        struct str line;
        size_t     pos = 0, at;
        for (int i = 0; i < 16 && lines_step(s->block.text, &pos, &line, &at); i++)
            s->state.kind->header(&s->state, line);
    }
    s->walked   = 0;
    search_scan(s->pf->search, s->block.text, on_literal, s);
    if (s->failed || !finish_row(s) || !walk(s, s->block.text.n))
        return false;
    cover_block(s);
    sample_block(s);
    s->ret->records += s->block.records;
    return true;
}

struct feed { struct ev_stream *stream; const struct logscan_sink *sink; uint64_t bytes; };

static bool feed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct feed *f = ctx;

    if (!ev_stream_fill(f->stream, buf, cap, got, e))
        return false;
    f->bytes += *got;
    f->sink->step(f->sink->ctx, *got);
    return true;
}

bool logscan_run(const struct plan *plan, struct ev *ev, struct ev_node *node, bool hash, struct arena *work,
                 const struct logscan_sink *sink, struct logscan_result *ret, struct err *e)
{
    const struct plan_family *pf = &plan->family[node->family];
    struct scan  *s     = NEW(work, struct scan, 1);
    uint8_t      *state = TAKE(work, uint8_t, STATE_BYTES), *row = TAKE(work, uint8_t, ROW_BYTES);
    uint8_t      *notes = TAKE(work, uint8_t, NOTES_BYTES), *gate = TAKE(work, uint8_t, GATE_BYTES);
    struct feed   feed  = { .sink = sink };
    struct lines *lines = NULL;
    struct err    io    = { 0 };

    if (!s || !state || !row || !notes || !gate)
        return err_set(e, ERR_MEMORY, "no room to read a log");
    s->plan  = plan;
    s->pf    = pf;
    s->node  = node;
    s->ret   = ret;
    s->e     = e;
    s->sink  = sink;
    s->work  = work;
    s->notes = (struct arena){ notes, notes + NOTES_BYTES, work->fault };
    s->row   = (struct arena){ row, row + ROW_BYTES, work->fault };
    s->state = (struct log_state){ .kind = family_table[node->family].log, .keep = { state, state + STATE_BYTES, work->fault } };
    s->state.kept      = sink->memory ? &sink->memory->columns : NULL;
    s->field           = NEW(work, int16_t, plan->sigma->field_n + 1);
    s->binding.derived = plan->derived;
    s->binding.named   = true;
    s->gate_room = (struct arena){ gate, gate + GATE_BYTES, NULL };       /* what finds no room there is only slower */
    gate_open(&s->gate, plan, node->family, &s->gate_room);
    ret->client      = plan->pivot ? NEW(work, struct client_seen, plan->client_n ? plan->client_n : 1) : NULL;
    if (!s->field || (plan->pivot && !ret->client))
        return err_set(e, ERR_MEMORY, "no room to read a log");
    ret->oldest_us = ret->newest_us = TIME_NONE;
    if (!ev_stream_open(&feed.stream, ev, node, hash, work, &ret->stopped))
        return true;                                       /* listed as refused by the caller */
    if (lines_open(&lines, work, feed_fill, &feed, s->state.kind->dated, &io)) {
        if (plan->proxies)
            s->proxies = *plan->proxies;
        s->proxies.keep = &s->notes;
        s->work_mark    = *work;                           /* from here on work grows with hits only */
        ret->hits.keep  = work;
        while (lines_next(lines, &s->block, &io))
            if (!scan_block(s))
                break;
        lines_damage(lines, &ret->damage);
    }
    lines_close(lines);
    ev_stream_close(feed.stream);
    ret->proxies = s->proxies;
    ret->bytes   = feed.bytes;
    ret->stopped = io;
    return !s->failed;
}
