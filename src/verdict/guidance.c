/*
 * guidance: what to do now, in order, for these findings on this server.
 *
 * Shape    a step applies or not; its text is a section of the pack's guidance. A line with a placeholder of a list stands once for
 *          each item and goes when there is none: "Remove-Item -LiteralPath '{path}'" becomes one command per back door.
 * Rules    1. In '...' a value is a PowerShell literal: quotes doubled. Names that could end the literal all the same (control bytes,
 *             typographic quotes, broken text) never come into a command; a comment stands in their place.
 *          2. In a code block outside quotes only plain characters may stand.
 * Order    ways back in, section 11 (preserve, isolate, remote ways first, pages and their compiled copies, rotate, patch, look again,
 *          rebuild) with evidence sheet, section 12 (isolate first; OAB setting; other servers).
 */
#include "base/utf.h"
#include "base/winpath.h"
#include "verdict/work.h"

/* --- items of placeholders ---------------------------------------------------------------------------------- */

enum group { G_PAGE, G_GONE, G_COMPILED, G_WAY, G_SECRET, G_REVIEW, G_CLIENT, G_MAILBOX, G_LOOT, G_OTHER, G_GAP, G_MITIGATION,
    G_SERVICE, G_TASK, G_ACCOUNT, G_AGENT, G_WMI, G_COUNT };
enum { PARTS = 3 };

struct item { struct str part[PARTS]; };
struct items { struct item *v; size_t n, cap, more; };

static const struct { const char *name; enum group group; int part; } list_field[] = {
    { "path", G_PAGE, 0 },        { "url", G_PAGE, 1 },           { "gone", G_GONE, 0 },       { "compiled", G_COMPILED, 0 },
    { "way_kind", G_WAY, 0 },     { "way_name", G_WAY, 1 },       { "way_path", G_WAY, 2 },    { "secret", G_SECRET, 0 },
    { "review", G_REVIEW, 0 },    { "client", G_CLIENT, 0 },      { "mailbox", G_MAILBOX, 0 }, { "loot", G_LOOT, 0 },
    { "other", G_OTHER, 0 },      { "family", G_GAP, 0 },         { "how_to_get", G_GAP, 1 },  { "where", G_GAP, 2 },
    { "mitigation", G_MITIGATION, 0 }, { "service", G_SERVICE, 0 }, { "task", G_TASK, 0 },     { "account", G_ACCOUNT, 0 },
    { "agent", G_AGENT, 0 },      { "subscription", G_WMI, 0 },
};

/* Ways back that a command takes away by their name alone. */
static const struct { const char *kind; enum group group; } by_name[] = {
    { "service", G_SERVICE }, { "scheduled_task", G_TASK }, { "account", G_ACCOUNT }, { "transport_agent", G_AGENT }, { "wmi_subscription", G_WMI },
};

struct guide {
    struct work *w;
    struct items items[G_COUNT];
    struct id_list doors, live, ways, secrets, review, left, oab, mitigation, ransom, tools, others;
    bool native_module;
};

static bool add(struct guide *g, enum group group, struct str a, struct str b, struct str c)
{
    struct items *l = &g->items[group];

    if (!a.n && !b.n && !c.n)
        return true;
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->v[i].part[0], a) && str_eq(l->v[i].part[1], b) && str_eq(l->v[i].part[2], c))
            return true;
    if (l->n == CAP_STEP_ITEMS) {
        l->more++;
        return true;
    }
    if (!GROW(g->w->a, l->v, l->n, &l->cap))
        return work_full(g->w);
    l->v[l->n++] = (struct item){ { a, b, c } };
    return true;
}

static bool take_ids(struct guide *g, struct id_list *to, const struct id_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!ids_push(g->w, to, from->item[i]))
            return false;
    return true;
}

static bool collect_doors(struct guide *g)
{
    const struct report *r = g->w->r;

    for (size_t i = 0; i < r->back_door_n; i++) {
        const struct back_door *b = &r->back_door[i];
        bool gone = b->state == THING_REMOVED;
        if (!take_ids(g, &g->doors, &b->findings) || (!gone && !take_ids(g, &g->live, &b->findings)))
            return false;
        if (gone ? !add(g, G_GONE, b->path.n ? b->path : b->url, STR_EMPTY, STR_EMPTY) : b->path.n && !add(g, G_PAGE, b->path, b->url, STR_EMPTY))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n; i++) {
        const struct way_back *b = &r->way_back[i];
        bool secret = str_eq(b->kind, STR("exposed_secret"));
        if (str_eq(b->state, STR("removed")) || str_eq(b->state, STR("rotated")))
            continue;
        g->native_module |= str_ihas(b->kind, STR("module"));
        if (!take_ids(g, secret ? &g->secrets : &g->ways, &b->findings))
            return false;
        if (secret ? !add(g, G_SECRET, b->path.n ? b->path : b->name, STR_EMPTY, STR_EMPTY) : !add(g, G_WAY, b->kind, b->name, b->path))
            return false;
        for (size_t k = 0; k < COUNT_OF(by_name); k++)
            if (str_eq(b->kind, str_c(by_name[k].kind)) && !add(g, by_name[k].group, b->name, STR_EMPTY, STR_EMPTY))
                return false;
    }
    return true;
}

static bool collect_things(struct guide *g)
{
    const struct work *w = g->w;

    for (size_t i = 0; i < w->thing_n; i++) {
        const struct thing *t = &w->thing[i];
        const struct file_fact *f = t->f;
        const struct ev_node *node = w->d->ev && f->cite.node < w->d->ev->node_n ? &w->d->ev->node[f->cite.node] : NULL;
        bool ok = true;

        if (f->kind == FILE_FACT_PAGE_LEFT) {
            bool in_cache = node && node->family == FAM_TEMP_ASPNET;
            ok = ids_push(g->w, &g->left, t->rank) && (!in_cache || add(g, G_COMPILED, winpath_dir(node->path), STR_EMPTY, STR_EMPTY));
        }
        if (t->door == NONE && (f->kind == FILE_FACT_PAGE_REVIEW || f->kind == FILE_FACT_PAGE_LEFT))
            ok = ok && ids_push(g->w, &g->review, t->rank) && add(g, G_REVIEW, f->path.n ? f->path : f->url, STR_EMPTY, STR_EMPTY);
        if (str_ihas(f->detector, STR("oab")))
            ok = ok && ids_push(g->w, &g->oab, t->rank);
        if (f->kind == FILE_FACT_MITIGATION)
            ok = ok && ids_push(g->w, &g->mitigation, t->rank) && add(g, G_MITIGATION, f->path, STR_EMPTY, STR_EMPTY);
        if (f->kind == FILE_FACT_RANSOM)
            ok = ok && ids_push(g->w, &g->ransom, t->rank);
        if (f->kind == FILE_FACT_TOOL)
            ok = ok && ids_push(g->w, &g->tools, t->rank);
        if (f->kind == FILE_FACT_LOOT)
            ok = ok && add(g, G_LOOT, f->path.n ? f->path : f->name, STR_EMPTY, STR_EMPTY);
        if (!ok)
            return false;
    }
    return true;
}

static bool collect_events(struct guide *g)
{
    const struct work   *w = g->w;
    const struct report *r = w->r;

    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        bool set = ev->h->sign == SIGN_DROP || ev->h->sign == SIGN_RESET || ev->h->sign == SIGN_CLEAN_UP;
        if (set && ev->outcome == EXPL_SUCCEEDED && !ids_push(g->w, &g->oab, ev->rank))
            return false;
    }
    for (size_t i = 0; i < r->intruder_n; i++)
        for (size_t k = 0; k < r->intruder[i].clients.n; k++)
            if (!add(g, G_CLIENT, r->intruder[i].clients.item[k], STR_EMPTY, STR_EMPTY))
                return false;
    for (size_t i = 0; i < r->campaign.theft.item_n; i++)
        if (str_eq(r->campaign.theft.item[i].what, STR("mailbox")) && !add(g, G_MAILBOX, r->campaign.theft.item[i].name, STR_EMPTY, STR_EMPTY))
            return false;
    for (size_t i = 0; i < r->other_n; i++)
        if (!add(g, G_OTHER, r->other[i].name, STR_EMPTY, STR_EMPTY) || !take_ids(g, &g->others, &r->other[i].findings))
            return false;
    return true;
}

/* Each family that the campaign expects and that does not cover the window: how to get what is missing. */
static bool collect_gaps(struct guide *g)
{
    const struct report *r = g->w->r;

    for (size_t i = 0; i < r->cover_n; i++) {
        const struct family_info *f = &family_table[r->cover[i].family];
        if (!r->cover[i].expected || r->cover[i].covers_window == COVERED_FULL)
            continue;
        /* The section itself says what takes everything at once. */
        struct str words;
        if (!add(g, G_GAP, str_c(f->title ? f->title : f->name), family_by_hand(r->cover[i].how_to_get, &words), str_c(f->where)))
            return false;
    }
    return true;
}

/* --- text --------------------------------------------------------------------------------------------------- */

/* Rule 1: U+2018 to U+201F are quotes to PowerShell; control bytes could end a line. */
static bool quotable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f || (s.p[i] == 0xe2 && i + 2 < s.n && s.p[i + 1] == 0x80 && s.p[i + 2] >= 0x98 && s.p[i + 2] <= 0x9f))
            return false;
    return s.n && s.n <= 1024 && utf8_valid(s);
}

/* Rule 2. */
static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && str_chr(STR(" ._-:\\/"), s.p[i]) == STR_NONE)
            return false;
    return true;
}

static bool put_value(struct text *t, struct str s, bool trusted, bool quoted, bool fenced)
{
    if (trusted) {                         /* our own table of families */
        text_add(t, s);
        return true;
    }
    if (quoted) {
        if (!quotable(s))
            return false;
        for (size_t i = 0; i < s.n; i++) {
            text_add(t, str_sub(s, i, i + 1));
            if (s.p[i] == '\'')
                text_c(t, "'");
        }
        return true;
    }
    if (fenced && !plain(s))
        return false;
    while (s.n) {                          /* a backtick would end the code span that the value stands in */
        size_t tick = str_chr(s, '`');
        text_clean(t, tick == STR_NONE ? s : str_sub(s, 0, tick), 1024);
        if (tick != STR_NONE)
            text_c(t, "'");
        s = tick == STR_NONE ? STR_EMPTY : str_from(s, tick + 1);
    }
    return true;
}

static struct str scalar(struct guide *g, struct str name, bool *ret_known)
{
    const struct work     *w = g->w;
    const struct campaign *c = &w->r->campaign;
    char buf[TIME_TEXT] = "";

    *ret_known = true;
    if (str_eq(name, STR("install")))
        return w->d->ev && w->d->ev->install_n ? w->d->ev->install[0].path : STR("C:\\Program Files\\Microsoft\\Exchange Server\\V15");
    if (str_eq(name, STR("server")))
        return or_text(w->d->server.name, "localhost");
    if (str_eq(name, STR("fixed_by")))
        return w->build.fixed_by && w->build.fixed_by->security.n ? w->build.fixed_by->security : STR("the newest security update");
    if (str_eq(name, STR("kb")))
        return w->build.fixed_by && w->build.fixed_by->kb.n ? w->build.fixed_by->kb : STR("KB5000871");
    if (str_eq(name, STR("window_from")))
        time_text(c->window_from_us, buf);
    else if (str_eq(name, STR("window_to")))
        time_text(c->window_to_us, buf);
    else if (str_eq(name, STR("newest")))
        time_text(w->d->newest_us, buf);
    else
        *ret_known = false;
    return str_fmt(w->a, "%s", buf[0] ? buf : "an unknown time");
}

static const struct item *item_part(const struct guide *g, struct str name, size_t at, int *ret_part, enum group *ret_group)
{
    for (size_t i = 0; i < COUNT_OF(list_field); i++)
        if (str_eq(name, str_c(list_field[i].name))) {
            *ret_part  = list_field[i].part;
            *ret_group = list_field[i].group;
            return at < g->items[list_field[i].group].n ? &g->items[list_field[i].group].v[at] : NULL;
        }
    *ret_group = G_COUNT;
    return NULL;
}

/* The group whose items repeat this line; G_COUNT: none. */
static enum group line_group(const struct guide *g, struct str line)
{
    enum group group = G_COUNT;
    int part;

    for (size_t open; group == G_COUNT && (open = str_chr(line, '{')) != STR_NONE; line = str_from(line, open + 1)) {
        size_t close = str_chr(str_from(line, open), '}');
        if (close == STR_NONE)
            break;
        item_part(g, str_sub(line, open + 1, open + close), 0, &part, &group);
    }
    return group;
}

/* In a code block: an odd number of quotes of the template's own stands before. */
static bool in_quotes(struct str line, size_t upto)
{
    bool in = false;

    for (size_t i = 0; i < upto; i++)
        in ^= line.p[i] == '\'';
    return in;
}

static bool put_line(struct guide *g, struct text *t, struct str line, size_t at, bool fenced)
{
    size_t start = t->n;
    struct str rest = line;

    while (rest.n) {
        size_t open = str_chr(rest, '{'), close = open == STR_NONE ? STR_NONE : str_chr(str_from(rest, open), '}');
        if (close == STR_NONE) {
            text_add(t, rest);
            break;
        }
        struct str name = str_sub(rest, open + 1, open + close);
        bool quoted = fenced ? in_quotes(line, (size_t)(rest.p - line.p) + open)
                             : open > 0 && rest.p[open - 1] == '\'' && open + close + 1 < rest.n && rest.p[open + close + 1] == '\'';
        int  part = 0;
        enum group group;
        const struct item *it = item_part(g, name, at, &part, &group);
        bool known = group != G_COUNT;
        struct str value = it ? it->part[part] : STR_EMPTY;

        if (!known) {
            value = scalar(g, name, &known);
            t->bad |= !value.p;
        }
        text_add(t, str_sub(rest, 0, open));
        if (!known) {                      /* PowerShell's own braces */
            text_add(t, str_sub(rest, open, open + 1));
            rest = str_from(rest, open + 1);
            continue;
        }
        if (!put_value(t, value, group == G_GAP, quoted, fenced)) {
            t->n = start;
            text_c(t, value.n ? "# One name holds unusual characters and is not put into a command: see the findings." : "# One item has no such detail: see the findings.");
            break;
        }
        rest = str_from(rest, open + close + 1);
    }
    text_c(t, "\n");
    return true;
}

static bool fill_text(struct guide *g, struct str text, struct str *ret)
{
    struct text t = { .a = g->w->a };
    bool fenced = false;

    while (text.n) {
        size_t     nl   = str_chr(text, '\n');
        struct str line = nl == STR_NONE ? text : str_sub(text, 0, nl);
        text = nl == STR_NONE ? STR_EMPTY : str_from(text, nl + 1);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (str_starts(line, STR("```")))
            fenced = !fenced;
        enum group group = line_group(g, line);
        size_t     n     = group == G_COUNT ? 1 : g->items[group].n;
        for (size_t i = 0; i < n; i++)
            put_line(g, &t, line, i, fenced);
        if (group != G_COUNT && g->items[group].more) {
            text_c(&t, fenced ? "# ... and " : "- ... and ");
            text_u64(&t, g->items[group].more);
            text_c(&t, " more: see the report\n");
        }
    }
    *ret = str_trim(text_done(&t));
    return !t.bad || work_full(g->w);
}

/* --- which steps --------------------------------------------------------------------------------------------- */

static bool step(struct guide *g, size_t *cap, bool applies, const char *id, const struct id_list *because)
{
    struct campaign *c = &g->w->r->campaign;
    const struct guidance *section;
    enum { BECAUSE_MAX = 100 };

    if (!applies)
        return true;
    if (!GROW(g->w->a, c->step, c->step_n, cap))
        return work_full(g->w);
    section = g->w->d->pack ? pack_guidance(g->w->d->pack, str_c(id)) : NULL;
    struct next_step s = { .id = str_c(id), .title = section ? section->title : str_c(id) };
    if (section && !fill_text(g, section->text, &s.text))
        return false;
    for (size_t i = 0; because && i < because->n && i < BECAUSE_MAX; i++)
        if (!ids_push(g->w, &s.because, because->item[i]))
            return false;
    ids_finish(&s.because);
    c->step[c->step_n++] = s;
    return true;
}

static bool steps_make(struct guide *g)
{
    const struct report   *r = g->w->r;
    const struct campaign *c = &r->campaign;
    size_t cap = 0;

    bool got_in = c->verdict >= V_EXPLOITED;
    bool used   = c->use.state >= USE_USED;
    bool secret = g->secrets.n > 0;
    bool doors  = c->back_door.state != DOOR_NONE_SEEN;
    bool fixed  = c->exposure.state == EXP_PATCHED || c->exposure.state == EXP_NOT_AFFECTED;
    bool mail   = c->theft.state != THEFT_NONE_SEEN;
    bool gaps   = g->items[G_GAP].n > 0;
    bool unsure = c->verdict == V_NOT_COVERED;
    const struct id_list *proof = used ? &c->use.findings : doors ? &c->back_door.findings : &c->exploitation.findings;

    return step(g, &cap, got_in, "isolate", proof) &&
           step(g, &cap, got_in || unsure, "preserve-logs", proof) &&
           step(g, &cap, g->items[G_PAGE].n || g->items[G_REVIEW].n || g->ways.n, "preserve-pages", g->live.n ? &g->live : g->ways.n ? &g->ways : &g->review) &&
           step(g, &cap, unsure && gaps, "not-covered-collect", NULL) &&
           step(g, &cap, g->ways.n > 0, "remove-ways-back", &g->ways) &&
           step(g, &cap, g->live.n > 0, "remove-back-doors", &g->live) &&
           step(g, &cap, g->doors.n || g->items[G_COMPILED].n, "clear-compiled", g->left.n ? &g->left : &g->doors) &&
           step(g, &cap, g->oab.n > 0, "reset-oab-url", &g->oab) &&
           step(g, &cap, g->review.n > 0, "review-pages", &g->review) &&
           step(g, &cap, got_in, "check-mail-theft", mail ? &c->theft.findings : &c->exploitation.findings) &&
           step(g, &cap, doors || secret, "rotate-credentials", secret ? &g->secrets : proof) &&
           step(g, &cap, secret || c->use.state == USE_BEYOND_SERVER, "rotate-krbtgt", secret ? &g->secrets : &c->use.findings) &&
           step(g, &cap, !fixed, "patch", &c->exposure.findings) &&
           step(g, &cap, fixed && (r->found->server.mitigated || g->mitigation.n), "mitigations-clean-up", &g->mitigation) &&
           step(g, &cap, used || secret || g->native_module || g->ransom.n || g->tools.n, "rebuild", g->ransom.n ? &g->ransom : g->tools.n && !used ? &g->tools : proof) &&
           step(g, &cap, r->other_n || used || secret, "check-other-servers", r->other_n ? &g->others : proof) &&
           step(g, &cap, got_in, "notify", mail ? &c->theft.findings : proof) &&
           step(g, &cap, !unsure && got_in && gaps, "not-covered-collect", NULL) &&
           step(g, &cap, !got_in && c->exploitation.state == EXPL_ATTEMPTED, "attempted-only", &c->exploitation.findings) &&
           step(g, &cap, c->verdict == V_NO_TRACE, "no-trace-keep-watch", NULL) &&
           step(g, &cap, got_in, "watch-again", proof);
}

bool guidance_make(struct work *w)
{
    struct guide g = { .w = w };

    if (!collect_doors(&g) || !collect_things(&g) || !collect_events(&g) || !collect_gaps(&g))
        return false;
    struct id_list *all[] = { &g.doors, &g.live, &g.ways, &g.secrets, &g.review, &g.left, &g.oab, &g.mitigation, &g.ransom, &g.tools, &g.others };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        ids_finish(all[i]);
    return steps_make(&g);
}
