/* See report_read.h. */
#include "casework/report_read.h"

#include "base/map.h"
#include "base/num.h"
#include "base/utf.h"
#include "casework/report_shape.h"

enum { COVER_MAX = 1000 };
#define HOLE_US (36 * TIME_HOUR)               /* contract, covers_window */

struct reader {
    const struct jt    *t;
    struct arena       *a;
    struct err         *e;
    struct hunt_report *r;
    struct map          findings;              /* id -> index */
};

static bool full(struct reader *x) { return err_set(x->e, ERR_MEMORY, "no room for what a report says"); }
static bool wrong(struct reader *x, const char *what) { return err_set(x->e, ERR_FORMAT, "%s", what); }

static uint32_t count(const struct reader *x, const struct jt_node *list)
{
    uint32_t n = 0;

    for (const struct jt_node *c = jt_child(x->t, list); c; c = jt_next(x->t, c))
        n++;
    return n;
}

/* --- values whose shape was checked --------------------------------------------------------------------------- */

static bool text(struct reader *x, const struct jt_node *at, struct str *ret)
{
    *ret = jt_str(at, x->a);
    return ret->p || !at || at->kind != JT_STRING || at->text_n == 0 || full(x);
}

static struct str raw(const struct jt_node *at) { return at && at->kind == JT_STRING ? (struct str){ at->text, at->text_n } : STR_EMPTY; }

static int64_t when(const struct jt_node *at)
{
    int64_t us = TIME_NONE;

    return at && at->kind == JT_STRING && time_parse(raw(at), &us) ? us : TIME_NONE;
}

static uint64_t number(const struct jt_node *at)
{
    int64_t v = 0;

    return at && jt_num(at, &v) && v > 0 ? (uint64_t)v : 0;
}

static bool truth(const struct jt_node *at) { return at && at->kind == JT_TRUE; }

/* The enum whose name stands there: names.c spells them, report_shape has seen that it is one of them. */
#define WORD_OF(at, last, name, type) ({ \
    type w_ = (type)0; \
    for (int i_ = 0; i_ <= (int)(last); i_++) \
        if (str_eq(raw(at), str_c(name((type)i_)))) \
            w_ = (type)i_; \
    w_; })

static bool texts(struct reader *x, const struct jt_node *list, struct rp_list *ret)
{
    struct str *item = NEW(x->a, struct str, count(x, list));
    uint32_t    n = 0;

    if (!item)
        return full(x);
    for (const struct jt_node *c = jt_child(x->t, list); c; c = jt_next(x->t, c))
        if (!text(x, c, &item[n++]))
            return false;
    *ret = (struct rp_list){ item, n };
    return true;
}

/* One name of each object in a list. */
static bool column(struct reader *x, const struct jt_node *list, const char *name, struct rp_list *ret)
{
    struct str *item = NEW(x->a, struct str, count(x, list));
    uint32_t    n = 0;

    if (!item)
        return full(x);
    for (const struct jt_node *c = jt_child(x->t, list); c; c = jt_next(x->t, c))
        if (!text(x, jt_get(x->t, c, name), &item[n++]))
            return false;
    *ret = (struct rp_list){ item, n };
    return true;
}

static bool finding_ids(struct reader *x, const struct jt_node *object, const char *name, struct rp_ids *ret)
{
    const struct jt_node *list = jt_get(x->t, object, name);
    uint32_t *item = TAKE(x->a, uint32_t, count(x, list)), n = 0;

    if (!item)
        return full(x);
    for (const struct jt_node *c = jt_child(x->t, list); c; c = jt_next(x->t, c)) {
        item[n] = map_get(&x->findings, raw(c));
        if (item[n] == MAP_NONE)
            return wrong(x, "no finding of the report has this id") || err_where(x->e, ".%s[%u]", name, n);
        n++;
    }
    if (ret)
        *ret = (struct rp_ids){ item, n };
    return true;
}

/* "S3", "I1": their ids are their places, report_read has seen to it. */
static bool nth(struct reader *x, const struct jt_node *object, const char *name, uint32_t of, uint32_t *ret)
{
    uint32_t v = 0;
    struct str id = raw(jt_get(x->t, object, name));

    *ret = REPORT_NOBODY;
    if (!id.n)
        return true;
    if (num_u32(str_from(id, 1), &v) && v > of && x->r->left_out_sessions)
        return true;                           /* one of those that were left out */
    if (!num_u32(str_from(id, 1), &v) || v == 0 || v > of)
        return wrong(x, "nothing in the report has this id") || err_where(x->e, ".%s", name);
    *ret = v - 1;
    return true;
}

/* The ids of a list that is numbered through: S1, S2 ... */
static bool in_order(struct reader *x, const struct jt_node *at, uint32_t i)
{
    uint32_t v;

    return (num_u32(str_from(raw(jt_get(x->t, at, "id")), 1), &v) && v == i + 1) || wrong(x, "ids are not in order") || err_where(x->e, ".id");
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

typedef bool read_one(struct reader *x, const struct jt_node *at, uint32_t i);

static bool each(struct reader *x, const char *name, read_one *one)
{
    uint32_t i = 0;

    for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, jt_root(x->t), name)); c; c = jt_next(x->t, c), i++)
        if (!one(x, c, i))
            return err_where(x->e, "%s[%u]", name, i);
    return true;
}

static enum rp_axis axis_of(struct str s)
{
    static const char *const word[] = { "", "exposure", "exploitation", "back_door", "use", "theft" };

    for (size_t i = 1; i < COUNT_OF(word); i++)
        if (str_eq(s, str_c(word[i])))
            return (enum rp_axis)i;
    return RP_NO_AXIS;
}

static bool read_finding(struct reader *x, const struct jt_node *at, uint32_t i)
{
    static const char *const severity[] = { "info", "low", "medium", "high", "critical" };
    struct rp_finding *f = &x->r->finding[i];

    f->id  = raw(jt_get(x->t, at, "id"));
    f->key = raw(jt_get(x->t, at, "key"));
    if (map_get(&x->findings, f->id) != MAP_NONE)
        return wrong(x, "two findings have this id") || err_where(x->e, ".id");
    if (!map_put(&x->findings, x->a, f->id, i))
        return full(x);
    f->time_us = when(jt_get(x->t, at, "time"));
    f->last_us = when(jt_get(x->t, at, "last"));
    f->axis    = axis_of(raw(jt_get(x->t, at, "axis")));
    f->probe   = truth(jt_get(x->t, at, "probe"));
    for (size_t k = 0; k < COUNT_OF(severity); k++)
        if (str_eq(raw(jt_get(x->t, at, "severity")), str_c(severity[k])))
            f->severity = (uint8_t)k;
    const struct jt_node *first = jt_child(x->t, jt_get(x->t, at, "evidence"));
    f->has_evidence = first != NULL;
    f->raw  = raw(jt_get(x->t, first, "raw_sha256"));
    f->file = raw(jt_get(x->t, first, "file_sha256"));
    bool ok = text(x, jt_get(x->t, at, "detector"), &f->detector) && text(x, jt_get(x->t, at, "why"), &f->why) && text(x, jt_get(x->t, at, "axis_state"), &f->axis_state) &&
           text(x, jt_get(x->t, first, "path"), &f->path) && text(x, jt_get(x->t, first, "excerpt"), &f->excerpt) &&
           text(x, jt_get(x->t, jt_next(x->t, first), "excerpt"), &f->excerpt2) && nth(x, at, "session", x->r->session_n, &f->session);
    /* Any number of lists may cite it: what is searched through each time is short. */
    f->why      = str_sub(f->why, 0, REPORT_WHY_MAX);
    f->excerpt  = str_sub(f->excerpt, 0, REPORT_EXCERPT_MAX);
    f->excerpt2 = str_sub(f->excerpt2, 0, REPORT_EXCERPT_MAX);
    return ok;
}

static bool read_door(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct rp_door *d = &x->r->door[i];
    const struct jt_node *use = jt_get(x->t, at, "use");

    d->kind        = raw(jt_get(x->t, at, "kind"));
    d->sha256      = raw(jt_get(x->t, at, "sha256"));
    d->state       = WORD_OF(jt_get(x->t, at, "state"), DOOR_PRESENT, door_name, enum door_state);
    d->unreachable = str_eq(raw(jt_get(x->t, at, "reachable")), STR("no"));
    d->created_us  = when(jt_get(x->t, at, "created"));
    d->removed_us  = when(jt_get(x->t, at, "removed"));
    d->used        = WORD_OF(jt_get(x->t, use, "state"), USED_USED, use_word_name, enum use_word);
    d->first_us    = when(jt_get(x->t, use, "first"));
    d->last_us     = when(jt_get(x->t, use, "last"));
    d->requests    = number(jt_get(x->t, use, "requests"));
    return text(x, jt_get(x->t, at, "path"), &d->path) && text(x, jt_get(x->t, at, "key"), &d->key) && nth(x, at, "intruder", x->r->intruder_n, &d->intruder) &&
           finding_ids(x, at, "findings", &d->findings);
}

static bool read_way(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct rp_way *w = &x->r->way[i];

    w->kind        = raw(jt_get(x->t, at, "kind"));
    w->word        = raw(jt_get(x->t, at, "state"));
    w->secret      = str_eq(w->kind, STR("exposed_secret"));
    w->unreachable = str_eq(raw(jt_get(x->t, at, "reachable")), STR("no"));
    w->used        = WORD_OF(jt_get(x->t, at, "used"), USED_USED, use_word_name, enum use_word);
    /* Schema, ways_back, if and then. */
    bool of_secret = str_eq(w->word, STR("exposed")) || str_eq(w->word, STR("rotated")) || str_eq(w->word, STR("unproven"));
    if (of_secret != w->secret)
        return wrong(x, w->secret ? "not one of exposed|rotated|unproven" : "not one of present|removed|unknown") || err_where(x->e, ".state");
    w->state = !w->secret ? WORD_OF(jt_get(x->t, at, "state"), DOOR_PRESENT, door_name, enum door_state)
             : str_eq(w->word, STR("exposed")) ? DOOR_PRESENT : str_eq(w->word, STR("rotated")) ? DOOR_REMOVED : DOOR_NONE_SEEN;
    return text(x, jt_get(x->t, at, "name"), &w->name) && text(x, jt_get(x->t, at, "path"), &w->path) && finding_ids(x, at, "findings", &w->findings);
}

static bool read_session(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct rp_session *s = &x->r->session[i];

    s->first_us  = when(jt_get(x->t, at, "first"));
    s->last_us   = when(jt_get(x->t, at, "last"));
    s->succeeded = truth(jt_get(x->t, at, "succeeded"));
    return in_order(x, at, i) && nth(x, at, "intruder", x->r->intruder_n, &s->intruder) && texts(x, jt_get(x->t, at, "clients"), &s->clients) &&
           finding_ids(x, at, "findings", &s->findings);
}

static bool read_intruder(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct rp_intruder *p = &x->r->intruder[i];

    p->first_us = when(jt_get(x->t, at, "first"));
    p->last_us  = when(jt_get(x->t, at, "last"));
    return in_order(x, at, i) && texts(x, jt_get(x->t, at, "clients"), &p->clients) && texts(x, jt_get(x->t, at, "user_agents"), &p->agents) &&
           texts(x, jt_get(x->t, at, "keys"), &p->keys);
}

static bool read_cover(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct rp_cover *c = &x->r->cover[i];

    c->family    = raw(jt_get(x->t, at, "family"));
    c->covers    = WORD_OF(jt_get(x->t, at, "covers_window"), COVERED_FULL, covered_name, enum covered);
    c->files     = number(jt_get(x->t, at, "files"));
    c->records   = number(jt_get(x->t, at, "records"));
    c->oldest_us = when(jt_get(x->t, at, "oldest"));
    c->newest_us = when(jt_get(x->t, at, "newest"));
    c->missing   = raw(jt_get(x->t, at, "missing")).n > 0;
    c->gaps      = number(jt_get(x->t, at, "gaps_omitted")) > 0;
    for (const struct jt_node *g = jt_child(x->t, jt_get(x->t, at, "gaps")); g; g = jt_next(x->t, g)) {
        int64_t from = when(jt_get(x->t, g, "from")), to = when(jt_get(x->t, g, "to"));
        c->gaps = true;
        c->gaps_wrong |= from == TIME_NONE || to == TIME_NONE || to - from <= HOLE_US;
    }
    for (uint32_t k = 0; k < i; k++)
        if (str_eq(x->r->cover[k].family, c->family))
            return wrong(x, "the family stands there twice") || err_where(x->e, ".family");
    return true;
}

static bool read_campaign(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct rp_campaign   *c = &x->r->campaign[i];
    const struct jt_node *o;

    if (!text(x, jt_get(x->t, at, "id"), &c->id))
        return false;
    for (uint32_t k = 0; k < i; k++)
        if (str_eq(x->r->campaign[k].id, c->id))
            return wrong(x, "the campaign stands there twice") || err_where(x->e, ".id");
    c->verdict    = WORD_OF(jt_get(x->t, at, "verdict"), V_BEYOND_SERVER, verdict_name, enum verdict_word);
    o             = jt_get(x->t, at, "door_open");
    c->open       = WORD_OF(jt_get(x->t, o, "state"), OPEN_YES, open_name, enum open_state);
    if (!finding_ids(x, o, "because", NULL))
        return err_where(x->e, ".door_open");
    o             = jt_get(x->t, at, "window");
    c->from_us    = when(jt_get(x->t, o, "from"));
    c->to_us      = when(jt_get(x->t, o, "to"));
    c->patched_us = when(jt_get(x->t, o, "patched"));
    const struct jt_node *empty = jt_get(x->t, o, "empty");

#define AXIS(member, last, name, type) do { \
        o = jt_get(x->t, at, #member); \
        c->member.state   = WORD_OF(jt_get(x->t, o, "state"), last, name, type); \
        c->member.covered = WORD_OF(jt_get(x->t, o, "covered"), COVERED_FULL, covered_name, enum covered); \
        if (!finding_ids(x, o, "findings", &c->member.findings)) \
            return err_where(x->e, "." #member); \
    } while (0)
    AXIS(exposure, EXP_CANNOT_TELL, exposure_name, enum exposure_state);
    /* The first reports did not say whether it is empty. */
    c->empty = empty ? truth(empty) : c->exposure.state == EXP_NOT_AFFECTED || (c->from_us != TIME_NONE && c->to_us != TIME_NONE && c->from_us >= c->to_us);
    AXIS(exploitation, EXPL_SUCCEEDED, exploit_name, enum exploit_state);
    c->exploitation.first_us = when(jt_get(x->t, o, "first"));
    c->exploitation.last_us  = when(jt_get(x->t, o, "last"));
    AXIS(back_door, DOOR_PRESENT, door_name, enum door_state);
    AXIS(use, USE_BEYOND_SERVER, use_name, enum use_state);
    c->use.re_entered = truth(jt_get(x->t, o, "re_entered"));
    c->use.first_us   = when(jt_get(x->t, o, "first"));
    c->use.last_us    = when(jt_get(x->t, o, "last"));
    AXIS(theft, THEFT_SEEN, theft_name, enum theft_state);
#undef AXIS
    for (const struct jt_node *s = jt_child(x->t, jt_get(x->t, o, "items")); s; s = jt_next(x->t, s))
        c->theft.bytes = num_add_sat(c->theft.bytes, number(jt_get(x->t, s, "bytes")));
    uint32_t n = 0;
    for (const struct jt_node *s = jt_child(x->t, jt_get(x->t, at, "next_steps")); s; s = jt_next(x->t, s), n++)
        if (!finding_ids(x, s, "because", NULL))
            return err_where(x->e, ".next_steps[%u]", n);
    return true;
}

static bool read_other(struct reader *x, const struct jt_node *at, uint32_t i)
{
    (void)i;
    return finding_ids(x, at, "findings", NULL);
}

static bool read_moment(struct reader *x, const struct jt_node *at, uint32_t i)
{
    struct str id = raw(jt_get(x->t, at, "finding"));
    uint32_t   session;

    (void)i;
    if (id.n && map_get(&x->findings, id) == MAP_NONE)
        return wrong(x, "no finding of the report has this id") || err_where(x->e, ".finding");
    return nth(x, at, "session", x->r->session_n, &session);
}

/* --- the whole ------------------------------------------------------------------------------------------------- */

static bool read_head(struct reader *x)
{
    struct hunt_report   *r = x->r;
    const struct jt_node *root = jt_root(x->t), *o;
    struct str            version;

    o = jt_get(x->t, root, "tool");
    if (!text(x, jt_get(x->t, o, "version"), &version))
        return false;
    r->tool = str_fmt(x->a, "afterpatch %.*s", STR_ARG(str_sub(version, 0, 64)));
    if (!r->tool.p)
        return full(x);
    for (const struct jt_node *p = jt_child(x->t, jt_get(x->t, o, "packs")); p && r->packs.n < 512; p = jt_next(x->t, p)) {
        struct str id, v;
        if (!text(x, jt_get(x->t, p, "id"), &id) || !text(x, jt_get(x->t, p, "version"), &v))
            return false;
        r->packs = str_fmt(x->a, "%.*s%s%.*s %.*s", STR_ARG(r->packs), r->packs.n ? ", " : "", STR_ARG(str_sub(id, 0, 64)), STR_ARG(str_sub(v, 0, 64)));
        if (!r->packs.p)
            return full(x);
    }
    r->started_us = when(jt_at(x->t, root, "run.started"));
    o = jt_get(x->t, root, "case");
    if (!text(x, jt_get(x->t, o, "id"), &r->case_id) || !text(x, jt_get(x->t, o, "nonce"), &r->nonce) || !text(x, jt_get(x->t, o, "organisation"), &r->organisation))
        return false;
    o = jt_get(x->t, root, "scope");
    r->since_us  = when(jt_get(x->t, o, "since"));
    r->until_us  = when(jt_get(x->t, o, "until"));
    r->newest_us = when(jt_get(x->t, o, "newest_evidence"));
    o = jt_get(x->t, root, "server");
    const struct jt_node *products = jt_get(x->t, o, "products");
    if (!text(x, jt_get(x->t, o, "name"), &r->server.name) || !text(x, jt_get(x->t, o, "domain"), &r->server.domain) || !texts(x, jt_get(x->t, o, "fqdns"), &r->server.fqdns) ||
        !texts(x, jt_get(x->t, o, "addresses"), &r->server.addresses) || !texts(x, jt_get(x->t, o, "tls_key_sha256"), &r->server.keys) ||
        !texts(x, jt_get(x->t, o, "tls_certificate_sha256"), &r->server.certificates) ||
        !column(x, products, "product", &r->server.products) || !column(x, products, "build", &r->server.builds) || !column(x, products, "install_path", &r->server.folders))
        return false;
    o = jt_get(x->t, root, "omitted");
    r->left_out_findings = number(jt_get(x->t, o, "findings"));
    r->left_out_doors    = number(jt_get(x->t, o, "back_doors"));
    r->left_out_sessions = number(jt_get(x->t, o, "sessions"));
    return true;
}

static uint32_t whose(const struct hunt_report *r, struct rp_ids findings)
{
    uint32_t of = 0;

    for (uint32_t i = 0; i < findings.n; i++)
        of |= r->finding[findings.item[i]].of;
    return of ? of : UINT32_MAX;
}

/* What lists belong to which campaign: by the findings that the axes cite. */
static void assign(struct hunt_report *r)
{
    for (uint32_t i = 0; i < r->campaign_n; i++) {
        const struct rp_campaign *c = &r->campaign[i];
        const struct rp_ids axis[] = { c->exploitation.findings, c->back_door.findings, c->use.findings, c->theft.findings };
        for (size_t k = 0; k < COUNT_OF(axis); k++)
            for (uint32_t f = 0; f < axis[k].n; f++)
                r->finding[axis[k].item[f]].of |= UINT32_C(1) << i;
    }
    for (uint32_t i = 0; i < r->door_n; i++)
        r->door[i].of = r->campaign_n == 1 ? 1 : whose(r, r->door[i].findings);
    for (uint32_t i = 0; i < r->way_n; i++)
        r->way[i].of = r->campaign_n == 1 ? 1 : whose(r, r->way[i].findings);
    for (uint32_t i = 0; i < r->session_n; i++)
        r->session[i].of = r->campaign_n == 1 ? 1 : whose(r, r->session[i].findings);
}

bool report_read(struct hunt_report *ret, struct arena *a, struct str bytes, struct err *e)
{
    struct jt          t;
    struct hunt_report r = { 0 };
    struct reader      x = { .t = &t, .a = a, .e = e, .r = &r };
    const char        *why = "";

    if (bytes.n > REPORT_READ_MAX)
        return err_set(e, ERR_LIMIT, "%zu bytes; a report has at most %d", bytes.n, REPORT_READ_MAX);
    if (!utf8_valid(bytes))
        return err_set(e, ERR_FORMAT, "bytes that are not UTF-8");
    if (!jt_parse(&t, a, bytes, &why))
        return err_set(e, str_starts(str_c(why), STR("no room")) ? ERR_MEMORY : ERR_FORMAT, "%s", why);
    if (!report_shape(&t, e))
        return false;

#define ROOM(member, name) \
        ((r.member##_n = count(&x, jt_get(&t, jt_root(&t), name))), (r.member = NEW(a, __typeof__(*r.member), r.member##_n)) != NULL)
    if (!ROOM(campaign, "campaigns") || !ROOM(door, "back_doors") || !ROOM(way, "ways_back") || !ROOM(session, "sessions") || !ROOM(intruder, "intruders") ||
        !ROOM(finding, "findings") || !ROOM(cover, "coverage"))
        return full(&x);
#undef ROOM
    const struct { uint32_t n, max; const char *name; } list[] = {
        { r.campaign_n, REPORT_CAMPAIGNS_MAX, "campaigns" }, { r.cover_n, COVER_MAX, "coverage" }, { r.door_n, REPORT_DOORS_MAX, "back_doors" }, { r.way_n, REPORT_DOORS_MAX, "ways_back" },
    };
    for (size_t i = 0; i < COUNT_OF(list); i++)
        if (list[i].n > list[i].max)
            return err_set(e, ERR_FORMAT, "a list of more than %u", list[i].max) || err_where(e, "%s", list[i].name);
    if (!read_head(&x) || !each(&x, "findings", read_finding) || !each(&x, "campaigns", read_campaign) || !each(&x, "back_doors", read_door) || !each(&x, "ways_back", read_way) ||
        !each(&x, "sessions", read_session) || !each(&x, "intruders", read_intruder) || !each(&x, "other_servers", read_other) || !each(&x, "coverage", read_cover) ||
        !each(&x, "timeline", read_moment))
        return false;
    assign(&r);
    *ret = r;
    return true;
}
