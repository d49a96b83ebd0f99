#include "detect/hunt_inner.h"

#include "base/num.h"
#include "base/winpath.h"
#include "detect/files.h"
#include "evidence/twins.h"

#include <string.h>

static struct str most(const struct tally *t)
{
    size_t best = 0;

    for (size_t i = 1; i < t->n; i++)
        if (t->item[i].rows > t->item[best].rows ||
            (t->item[i].rows == t->item[best].rows && str_icmp(t->item[i].name, t->item[best].name) < 0))
            best = i;
    return t->n ? t->item[best].name : STR_EMPTY;
}

/* Names that a good share of the sampled rows carries: a client can send any host name it likes. */
static size_t names_of(const struct hunt *h, const struct tally *t, bool dotted, struct str *ret, size_t cap)
{
    uint64_t top = 0;
    size_t   n   = 0;

    for (size_t i = 0; i < t->n; i++)
        top = t->item[i].rows > top ? t->item[i].rows : top;
    for (size_t i = 0; i < t->n && n < cap; i++) {
        struct str s = t->item[i].name;
        bool letter = false;
        for (size_t k = 0; k < s.n; k++)
            letter = letter || ch_alpha(s.p[k]);
        if (t->item[i].rows * 20 < top || (dotted && (str_chr(s, '.') == STR_NONE || !letter)) || (dotted && str_chr(s, ':') != STR_NONE))
            continue;
        s = str_lower(h->keep, s);
        size_t at = n;
        for (; s.p && at > 0 && str_cmp(ret[at - 1], s) > 0; at--)
            ret[at] = ret[at - 1];
        ret[at] = s;
        n++;
    }
    return n;
}

static struct str product_name(struct arena *a, const uint16_t v[4])
{
    const char *year = v[0] == 14 ? "2010" : v[0] == 15 && v[1] == 0 ? "2013" : v[0] == 15 && v[1] == 1 ? "2016" :
                       v[0] == 15 && v[1] == 2 && v[2] >= 2562 ? "Subscription Edition" : v[0] == 15 && v[1] == 2 ? "2019" : "";
    return str_fmt(a, "Exchange Server%s%s", *year ? " " : "", year);
}

/* A damaged row may hold anything where a name should stand. */
static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return s.n > 1 && s.n < 256;
}

/* A report speaks of one server. Logs of several are not told apart here, so it is said that they were there. */
static bool note_others(struct hunt *h, struct err *e)
{
    struct str first = most(&h->server), list = first;
    uint64_t   top   = 0;
    size_t     dot = str_chr(first, '.');
    bool       others = false;

    first = str_sub(first, 0, dot == STR_NONE ? first.n : dot);
    for (size_t i = 0; i < h->server.n; i++)
        top = h->server.item[i].rows > top ? h->server.item[i].rows : top;
    for (size_t i = 0; i < h->server.n; i++) {
        struct str name = h->server.item[i].name;
        size_t     end  = str_chr(name, '.');
        if (str_ieq(str_sub(name, 0, end == STR_NONE ? name.n : end), first) || !is_name(name) || h->server.item[i].rows * 20 < top)
            continue;
        list   = str_cat(h->keep, str_cat(h->keep, list, STR(", ")), name);
        others = true;
    }
    if (!others)
        return true;
    struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };
    struct file_fact *f = files_fact(&c);
    if (!list.p)
        return err_set(e, ERR_MEMORY, "no room for the names of %zu servers", h->server.n);
    if (!f)
        return true;
    f->kind       = FILE_FACT_NOTE;
    f->detector   = STR("logs/servers");
    f->title      = STR("The logs name several servers");
    f->why        = str_fmt(h->keep, "Rows of %.*s were read together, and this report tells them as one server; hunt each one by itself", STR_ARG(excerpt_of(h->keep, list)));
    f->severity   = SEV_MEDIUM;
    f->confidence = 0.8;
    f->name       = list;
    return true;
}

/* Windows names a computer of a domain by its domain: what event logs call this one, behind its name. The registry's word comes first. */
static void domain_of(struct hunt *h, struct server *s)
{
    struct str full = most(&h->computer);
    size_t     dot = str_chr(full, '.');

    if (s->domain.n || dot == STR_NONE || !str_ieq(str_sub(full, 0, dot), s->name) || !is_name(full))
        return;
    struct str low = str_lower(h->keep, str_from(full, dot + 1));
    if (low.p)
        s->domain = low;
}

/* Names in its certificate and in its bindings are its own as well. Sorted among those of the logs. */
static void add_own(struct server *s)
{
    for (size_t i = 0; i < s->own_name_n; i++) {
        size_t at = 0;
        while (at < s->fqdn_n && str_cmp(s->fqdn[at], s->own_name[i]) < 0)
            at++;
        if (s->fqdn_n == COUNT_OF(s->fqdn) || (at < s->fqdn_n && str_eq(s->fqdn[at], s->own_name[i])))
            continue;
        memmove(&s->fqdn[at + 1], &s->fqdn[at], (s->fqdn_n - at) * sizeof *s->fqdn);
        s->fqdn[at] = s->own_name[i];
        s->fqdn_n++;
    }
}

bool hunt_describe_server(struct hunt *h, struct err *e)
{
    struct server *s    = &h->found->server;
    struct str     name = most(&h->server);
    const struct logscan_version *newest = NULL;

    if (!s->name.n && name.n) {
        uint8_t *p = NEW(h->keep, uint8_t, name.n);
        if (!p)
            return err_set(e, ERR_MEMORY, "no room for the server's name");
        for (size_t i = 0; i < name.n; i++)
            p[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (uint8_t)(name.p[i] - 32) : name.p[i];
        s->name = (struct str){ p, name.n };
    }
    if (!note_others(h, e))
        return false;
    if (!s->fqdn_n)
        s->fqdn_n = names_of(h, &h->host, true, s->fqdn, COUNT_OF(s->fqdn));
    add_own(s);
    domain_of(h, s);
    if (!s->address_n)
        s->address_n = names_of(h, &h->address, false, s->address, COUNT_OF(s->address));
    for (size_t i = 0; i < h->version_n; i++) {
        const struct logscan_version *v = &h->version[i];
        struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };
        char from[TIME_TEXT], to[TIME_TEXT];
        struct file_fact *f = files_fact(&c);
        if (!newest || v->last_us > newest->last_us)
            newest = v;
        if (!f)
            continue;
        time_text(v->first_us, from);
        time_text(v->last_us, to);
        f->kind       = FILE_FACT_EXPOSURE;
        f->detector   = STR("logs/build");
        f->title      = str_fmt(h->keep, "Build %u.%u.%u.%u served requests", v->v[0], v->v[1], v->v[2], v->v[3]);
        f->why        = str_fmt(h->keep, "HttpProxy rows from %s to %s carry this build", from, to);
        f->severity   = SEV_INFO;
        f->confidence = 0.9;
        f->time_us    = v->first_us;
        f->name       = str_fmt(h->keep, "%u.%u.%u.%u", v->v[0], v->v[1], v->v[2], v->v[3]);
        f->cite       = v->first;
    }
    if (!newest)
        return true;
    s->build_at_us = newest->last_us;
    if (s->product_n == 0 || (s->product_n < COUNT_OF(s->product) && s->product[0].parts < 4)) {
        struct product *p = &s->product[0];
        struct str      install = p->install_path;
        *p = (struct product){ .build = str_fmt(h->keep, "%u.%u.%u.%u", newest->v[0], newest->v[1], newest->v[2], newest->v[3]),
                               .product = product_name(h->keep, newest->v), .install_path = install, .parts = 4, .cite = newest->first };
        memcpy(p->v, newest->v, sizeof p->v);
        if (!install.n && h->ev->install_n)
            p->install_path = h->ev->install[0].path;
        s->product_n = s->product_n ? s->product_n : 1;
    }
    return true;
}

bool hunt_leave_out_twins(struct hunt *h, struct err *e)
{
    struct arena scratch = { 0 };
    uint32_t    *of = NULL;
    size_t       n = 0, first = SIZE_MAX;

    if (!os_arena_map(&scratch, TWINS_SCRATCH, e))
        return false;
    struct arena whole = scratch;
    bool ok = twins_find(h->ev, h->log, h->log_n, h->jobs, &scratch, &of, e);
    for (size_t i = 0; ok && i < h->log_n; i++) {
        if (of[i] == UINT32_MAX)
            h->log[n++] = h->log[i];
        else if (first == SIZE_MAX)
            first = i;
    }
    size_t left = h->log_n - n;
    if (ok && left) {
        struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };
        struct file_fact *f = files_fact(&c);
        uint32_t     one = of[first];
        h->log_n = n;
        if (f) {
            f->kind       = FILE_FACT_NOTE;
            f->detector   = STR("logs/twice");
            f->title      = STR("Logs are in the evidence twice");
            f->why        = str_fmt(h->keep, "%zu log%s not read again: the same bytes stand in %.*s%s", left, left == 1 ? " was" : "s were",
                                    STR_ARG(excerpt_of(h->keep, h->ev->node[one].path)), left == 1 ? "" : " and others");
            f->severity   = SEV_INFO;
            f->confidence = 1;
            f->path       = h->ev->node[one].path;
            f->cite.node  = one;
        }
    }
    os_arena_unmap(&whole);
    return ok;
}

void hunt_remarks(struct hunt *h)
{
    struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };

    for (size_t i = 0; i < h->ev->source_n; i++) {
        const struct layout *l = h->ev->source[i].tree->layout;
        for (size_t k = 0; l && k < l->note_n; k++) {
            struct file_fact *f = l->note[k].remark ? files_fact(&c) : NULL;
            if (!f)
                continue;
            const struct ev_node *n = ev_find(h->ev, l->note[k].path);
            f->kind       = FILE_FACT_NOTE;
            f->detector   = STR("collection/remark");
            f->title      = str_dup(h->keep, str_c(l->note[k].what));
            f->why        = excerpt_of(h->keep, str_c(l->note[k].hint));
            f->severity   = SEV_INFO;
            f->confidence = 0.5;
            f->path       = l->note[k].path;
            f->cite.node  = n ? n->id : UINT32_MAX;
        }
    }
}
