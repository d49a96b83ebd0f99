/* Rows and links of a hunt of several servers; the forms are in summary_forms.c and summary_html.c. */
#include "report/summary.h"

#include "base/num.h"
#include "base/winpath.h"
#include "report/parts.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCES_SHOWN = 4, SOURCE_CHARS = 80, ERROR_CHARS = 600 };

static bool full(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the summary"); }

/* ---- names ---- */

/* An address has no labels: "10.0.0.5" is not the computer "10". */
static bool is_address(struct str s)
{
    if (str_chr(s, ':') != STR_NONE)
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_digit(s.p[i]) && s.p[i] != '.')
            return false;
    return true;
}

static struct str label(struct str s)
{
    size_t dot = is_address(s) ? STR_NONE : str_chr(s, '.');
    return dot == STR_NONE || dot == 0 ? s : str_sub(s, 0, dot);
}

/* Two full names must agree as a whole: "mail.a.example" and "mail.b.example" are two computers. */
bool summary_same(struct str one, struct str other)
{
    struct str a = label(one), b = label(other);

    if (one.n == 0 || other.n == 0)
        return false;
    if (str_ieq(one, other))
        return true;
    return str_ieq(a, b) && (a.n == one.n || b.n == other.n);
}

static const char *const our_file[] = { "summary.", "report.", "manifest.", "timeline.", "stix.", "misp.", "ecs.", "l2t." };

static bool allowed(uint8_t c) { return ch_alnum(c) || c == '.' || c == '_' || c == '-'; }

/* As a whole: not a name that Windows reserves, that one of our files has or could get, or that a shell takes for something else. */
static bool proper(struct str s)
{
    if (s.n == 0 || s.p[0] == '.' || s.p[0] == '-' || s.p[s.n - 1] == '.' || winpath_reserved(s))
        return false;
    for (size_t i = 0; i < COUNT_OF(our_file); i++)
        if (str_istarts(s, str_c(our_file[i])))
            return false;
    return true;
}

bool summary_folder_safe(struct str folder)
{
    for (size_t i = 0; i < folder.n; i++)
        if (!allowed(folder.p[i]))
            return false;
    return folder.n <= SUMMARY_FOLDER_MAX && proper(folder);
}

static bool is_taken(struct str name, const struct str *taken, size_t taken_n)
{
    for (size_t i = 0; i < taken_n; i++)
        if (str_ieq(name, taken[i]))
            return true;
    return false;
}

bool summary_folder(struct str name, const struct str *taken, size_t taken_n, struct arena *a, struct str *ret, struct err *e)
{
    enum { PREFIX = 7, SUFFIX = 12 };              /* "server-", and room for "-4294967295" */
    uint8_t    text[SUMMARY_FOLDER_MAX];
    struct str base = { text, 0 };
    bool       numbered;

    for (size_t i = 0; i < name.n && base.n < SUMMARY_FOLDER_MAX - PREFIX - SUFFIX; i++)
        text[base.n++] = allowed(name.p[i]) ? name.p[i] : '-';
    while (base.n && text[base.n - 1] == '.')
        base.n--;
    numbered = base.n == 0;
    if (numbered)
        base = STR("unnamed");
    struct str whole = proper(base) ? str_dup(a, base) : str_cat(a, STR("server-"), base);
    if (!whole.p)
        return full(e);
    for (uint32_t k = numbered ? 1 : 2; numbered || is_taken(whole, taken, taken_n); k++) {
        struct str next = str_fmt(a, "%s%.*s-%u", proper(base) ? "" : "server-", STR_ARG(base), k);
        if (!next.p)
            return full(e);
        numbered = false;
        whole = next;
    }
    *ret = whole;
    return true;
}

/* ---- rows ---- */

static bool new_row(struct summary *s, struct arena *a, struct summary_row **ret, struct err *e)
{
    struct summary_row *row;

    if (s->row_n >= SUMMARY_ROWS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d servers in one hunt", SUMMARY_ROWS_MAX) || err_hint(e, "Hunt the evidence in several parts.");
    row = GROW(a, s->row, s->row_n, &s->row_cap);
    if (!row)
        return full(e);
    *row = (struct summary_row){ .first_us = TIME_NONE, .last_us = TIME_NONE };
    *ret = row;
    return true;
}

static bool copy(struct str *ret, struct str s, struct arena *a)
{
    *ret = s.n ? str_dup(a, s) : STR_EMPTY;
    return !s.n || ret->p;
}

static bool cut_copy(struct str *ret, struct str s, size_t max, struct arena *a)
{
    if (s.n <= max)
        return copy(ret, s, a);
    while (max && (s.p[max] & 0xC0) == 0x80)       /* not in the middle of a character */
        max--;
    *ret = str_cat(a, str_sub(s, 0, max), STR("..."));
    return ret->p != NULL;
}

static struct str last_part(struct str path)
{
    while (path.n > 1 && (path.p[path.n - 1] == '/' || path.p[path.n - 1] == '\\'))
        path.n--;
    size_t slash = str_rchr(path, '/');
    return slash == STR_NONE || path.n == 1 ? path : str_from(path, slash + 1);
}

static bool take_sources(struct summary_row *row, const struct ev *ev, struct arena *a)
{
    struct str text = STR_EMPTY, one;

    for (size_t i = 0; ev && i < ev->source_n && i < SOURCES_SHOWN; i++) {
        if (!cut_copy(&one, last_part(ev->source[i].given), SOURCE_CHARS, a))
            return false;
        struct str gap = i ? str_cat(a, text, STR(", ")) : STR_EMPTY;
        if ((i && !gap.p) || (gap.n + one.n && !(text = str_cat(a, gap, one)).p))
            return false;
    }
    if (ev && ev->source_n > SOURCES_SHOWN) {
        struct str more = str_fmt(a, " and %zu more", ev->source_n - SOURCES_SHOWN);
        text = more.p ? str_cat(a, text, more) : STR_EMPTY;
        if (!text.p)
            return false;
    }
    row->sources = text;
    return true;
}

static int by_text(const void *x, const void *y) { return str_cmp(*(const struct str *)x, *(const struct str *)y); }

/* Addresses of all intruders, sorted, each once, the first SUMMARY_CLIENTS of them. */
static bool take_clients(struct summary_row *row, const struct report *r, struct arena *a)
{
    size_t      n = 0, most = 0, kept = 0;
    struct str *all;

    for (size_t i = 0; i < r->intruder_n; i++)
        most += r->intruder[i].clients.n;
    if (most == 0)
        return true;
    struct arena scratch = *a;
    if (!(all = NEW(&scratch, struct str, most)))
        return false;
    for (size_t i = 0; i < r->intruder_n; i++)
        for (size_t k = 0; k < r->intruder[i].clients.n; k++)
            all[n++] = r->intruder[i].clients.item[k];
    qsort(all, n, sizeof *all, by_text);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !str_eq(all[i], all[i - 1]))
            all[kept++] = all[i];
    size_t      keep = kept < SUMMARY_CLIENTS ? kept : SUMMARY_CLIENTS;
    struct str  text[SUMMARY_CLIENTS];
    memcpy(text, all, keep * sizeof *text);                /* the list itself was scratch */
    row->clients.item = NEW(a, struct str, keep);
    if (!row->clients.item)
        return false;
    for (size_t i = 0; i < keep; i++)
        if (!cut_copy(&row->clients.item[i], text[i], SOURCE_CHARS, a))
            return false;
    row->clients.n = keep;
    row->clients_omitted = kept - keep;
    return true;
}

static bool add_link(struct summary *s, const struct other_server *x, struct arena *a, struct err *e)
{
    struct summary_link *room, one = { .from = (uint32_t)s->row_n, .to_row = UINT32_MAX };

    if (s->link_n >= SUMMARY_LINKS_MAX) {
        s->links_omitted++;
        return true;
    }
    room = GROW(a, s->link, s->link_n, &s->link_cap);
    if (!room)
        return full(e);
    if (!cut_copy(&one.to, x->name, 256, a) || !cut_copy(&one.why, x->why, ERROR_CHARS, a))
        return full(e);
    *room = one;
    s->link_n++;
    return true;
}

/* The evidence's own name, else the folder that the caller made for it. */
static bool take_name(struct summary *s, struct summary_row *row, struct str name, struct str folder, struct arena *a)
{
    if (!copy(&row->folder, folder, a))
        return false;
    if (name.n || folder.n)
        return cut_copy(&row->name, name.n ? name : folder, 256, a);
    row->name = str_fmt(a, "unnamed-%zu", s->row_n + 1);
    return row->name.p != NULL;
}

bool summary_add(struct summary *s, const struct report *r, struct str folder, struct arena *a, struct err *e)
{
    const struct campaign *c = &r->campaign;
    const struct server   *sv = r->found ? &r->found->server : NULL;
    struct str             name = sv && sv->name.n ? sv->name : sv && sv->fqdn_n ? sv->fqdn[0] : STR_EMPTY;
    const struct ev       *ev = r->found ? r->found->ev : NULL;
    struct summary_row    *row = NULL;

    if (!new_row(s, a, &row, e))
        return false;
    row->verdict = c->verdict;
    row->open = c->open;
    row->exposure = c->exposure.state;
    row->first_us = c->exploitation.first_us;
    row->last_us = c->exploitation.last_us;
    row->findings = r->finding_n + r->omitted.findings;
    for (size_t i = 0; i < r->back_door_n; i++)
        switch (r->back_door[i].state) {
        case THING_PRESENT: row->back_doors_present++; break;
        case THING_REMOVED: row->back_doors_removed++; break;
        default:            row->back_doors_unknown++; break;
        }
    row->back_doors_omitted = r->omitted.back_doors;
    row->ways_back = r->way_back_n;
    row->sessions = r->session_n + r->omitted.sessions;
    row->intruders = r->intruder_n;
    row->refused = (ev ? ev->refused_n : 0) + report_refused_more(r);
    if (!take_name(s, row, name, folder, a) || !take_sources(row, ev, a) || !take_clients(row, r, a))
        return full(e);
    for (size_t i = 0; i < r->other_n; i++)
        if (!summary_same(r->other[i].name, name) && !add_link(s, &r->other[i], a, e))
            return false;
    s->row_n++;
    return true;
}

bool summary_fail(struct summary *s, struct str name, struct str folder, const struct err *why, struct arena *a, struct err *e)
{
    struct summary_row *row = NULL;

    if (!new_row(s, a, &row, e))
        return false;
    row->failed = true;
    row->verdict = V_NOT_COVERED;
    row->exposure = EXP_CANNOT_TELL;
    row->open = OPEN_UNPROVEN;
    struct str text = why->where[0] ? str_fmt(a, "%s: %s", why->where, why->what) : str_c(why->what);
    if (!text.p || !cut_copy(&row->error, text.n ? text : STR("failed"), ERROR_CHARS, a) || !take_name(s, row, name, folder, a))
        return full(e);
    s->row_n++;
    return true;
}

/* ---- the whole ---- */

struct placed { const struct summary_row *row; uint32_t was; };

static int by_name(const void *x, const void *y)
{
    const struct placed *a = x, *b = y;
    int                  d = str_icmp(a->row->name, b->row->name);

    if (d == 0)
        d = str_icmp(a->row->folder, b->row->folder);
    return d ? d : a->was < b->was ? -1 : a->was > b->was;
}

static int by_link(const void *x, const void *y)
{
    const struct summary_link *a = x, *b = y;
    int                        d = a->from < b->from ? -1 : a->from > b->from;

    if (d == 0)
        d = str_icmp(a->to, b->to);
    return d ? d : str_cmp(a->why, b->why);
}

/* The row that `to` names; one with a report before one that failed. UINT32_MAX: none. */
static uint32_t row_of(const struct summary *s, struct str to)
{
    uint32_t failed = UINT32_MAX;

    for (uint32_t i = 0; i < s->row_n; i++) {
        if (!summary_same(to, s->row[i].name))
            continue;
        if (!s->row[i].failed)
            return i;
        failed = failed == UINT32_MAX ? i : failed;
    }
    return failed;
}

bool summary_settle(struct summary *s, struct arena *a, struct err *e)
{
    struct arena        scratch;
    struct summary_row *row = NEW(a, struct summary_row, s->row_n ? s->row_n : 1);

    if (!row)
        return full(e);
    scratch = *a;
    struct placed *p = NEW(&scratch, struct placed, s->row_n ? s->row_n : 1);
    uint32_t      *now = NEW(&scratch, uint32_t, s->row_n ? s->row_n : 1);
    if (!p || !now)
        return full(e);
    for (uint32_t i = 0; i < s->row_n; i++)
        p[i] = (struct placed){ &s->row[i], i };
    if (s->row_n)
        qsort(p, s->row_n, sizeof *p, by_name);
    for (uint32_t i = 0; i < s->row_n; i++) {
        row[i] = *p[i].row;
        now[p[i].was] = i;
    }
    s->row = row;
    s->row_cap = s->row_n;
    for (size_t i = 0; i < s->link_n; i++) {
        struct summary_link *l = &s->link[i];
        l->from = l->from < s->row_n ? now[l->from] : 0;
        l->to_row = row_of(s, l->to);
        l->hunted = l->to_row != UINT32_MAX && !s->row[l->to_row].failed;
    }
    if (s->link_n)
        qsort(s->link, s->link_n, sizeof *s->link, by_link);
    return true;
}

enum verdict_word summary_worst(const struct summary *s)
{
    enum verdict_word worst = V_NO_TRACE;

    for (size_t i = 0; i < s->row_n; i++) {
        enum verdict_word v = s->row[i].failed ? V_NOT_COVERED : s->row[i].verdict;
        worst = v > worst ? v : worst;             /* the words rise by Precedence */
    }
    return s->row_n ? worst : V_NOT_COVERED;
}

struct visit { struct str client; uint32_t row; };

static int by_client(const void *x, const void *y)
{
    const struct visit *a = x, *b = y;
    int                 d = str_cmp(a->client, b->client);

    return d ? d : a->row < b->row ? -1 : a->row > b->row;
}

bool summary_shared(const struct summary *s, struct arena *a, struct summary_shared **ret, size_t *ret_n, struct err *e)
{
    size_t all = 0, n = 0;

    for (size_t i = 0; i < s->row_n; i++)
        all += s->row[i].clients.n;
    struct visit          *v = NEW(a, struct visit, all ? all : 1);
    uint32_t              *rows = NEW(a, uint32_t, all ? all : 1);
    struct summary_shared *shared = NEW(a, struct summary_shared, all / 2 + 1);
    if (!v || !rows || !shared)
        return full(e);
    all = 0;
    for (uint32_t i = 0; i < s->row_n; i++)
        for (size_t k = 0; k < s->row[i].clients.n; k++)
            v[all++] = (struct visit){ s->row[i].clients.item[k], i };
    if (all)
        qsort(v, all, sizeof *v, by_client);
    for (size_t i = 0, end; i < all; i = end) {
        for (end = i; end < all && str_eq(v[end].client, v[i].client); end++)
            rows[end] = v[end].row;
        if (end - i > 1)
            shared[n++] = (struct summary_shared){ v[i].client, &rows[i], end - i };
    }
    *ret = shared;
    *ret_n = n;
    return true;
}
