#include "survey/where_inner.h"

#include "base/num.h"
#include "pack/table.h"

#include <stdio.h>
#include <string.h>

const char *where_kind_name(enum where_kind k)
{
    static const char *const name[] = { "MaxMind database", "networks", "delegated file", "register", "RDAP" };
    return (size_t)k < COUNT_OF(name) ? name[k] : "";
}

/* --- words of sectors --- */

static bool word_add(struct where *w, const struct table *t, struct err *e)
{
    struct str   kind = table_cell(t, "kind"), text = str_lower(w->a, table_cell(t, "text"));
    struct word  x = { text, table_cell(t, "sector"), 50, str_eq(kind, STR("part")), str_eq(kind, STR("word")) };
    struct word *at;
    uint32_t     confidence;
    struct map  *to = str_eq(kind, STR("suffix")) ? &w->suffixes : str_eq(kind, STR("naics")) ? &w->naics : str_eq(kind, STR("report")) ? &w->reports : NULL;

    if (!text.n || (!x.part && !x.word && !to))
        return err_set(e, ERR_FORMAT, "line %u: kind is word, part, suffix, naics or report, and text is not empty", t->line);
    if (num_u32(table_cell(t, "confidence"), &confidence) && confidence <= 100)
        x.confidence = (int)confidence;
    if (!(at = GROW(w->a, w->word, w->word_n, &w->word_cap)))
        return err_set(e, ERR_MEMORY, "no room for words");
    *at = x;
    if (to && !map_put(to, w->a, text, (uint32_t)w->word_n))
        return err_set(e, ERR_MEMORY, "no room for words");
    w->word_n += 1;
    return true;
}

static bool words_read(struct where *w, struct str text, struct err *e)
{
    struct table t;
    struct err   mine = { 0 };

    if (!table_open(&t, w->a, text, e))
        return false;
    while (table_next(&t, &mine))
        if (!word_add(w, &t, e))
            return false;
    if (mine.kind != ERR_NONE)
        *e = mine;
    return mine.kind == ERR_NONE;
}

bool where_open(struct where **ret, struct arena *a, const struct pack *pack, struct err *e)
{
    struct where *w = NEW(a, struct where, 1);

    if (!w)
        return err_set(e, ERR_MEMORY, "no room for places");
    w->a = a;
    for (size_t i = 0; pack && i < pack->file_n; i++)
        if (str_eq(pack->file[i].name, STR("sectors.csv")) && !words_read(w, pack->file[i].text, e))
            return err_where(e, "sectors.csv");
    *ret = w;
    return true;
}

void where_close(struct where *w)
{
    for (size_t i = 0; w && i < w->file_n; i++)
        where_mmdb_close(w->file[i].mmdb);
    if (w)
        w->file_n = 0;
}

/* --- networks --- */

bool nets_add(struct where *w, struct nets *to, const struct net *n, uint32_t value, struct err *e)
{
    if (value == UINT32_MAX)
        return err_set(e, ERR_MEMORY, "no room for places");
    if (w->rows >= WHERE_ROWS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d networks", WHERE_ROWS_MAX);
    struct net_entry *at = GROW(w->a, to->entry, to->n, &to->cap);
    if (!at)
        return err_set(e, ERR_MEMORY, "no room for networks");
    *at = (struct net_entry){ .net = *n, .value = value };
    to->n++;
    w->rows++;
    return true;
}

bool nets_add_range(struct where *w, struct nets *to, const uint8_t first[16], const uint8_t last[16], uint32_t value, struct err *e)
{
    uint8_t    at[16];
    bool       done = false;
    struct net n;

    memcpy(at, first, sizeof at);
    while (net_range(at, last, &done, &n))
        if (!nets_add(w, to, &n, value, e))
            return false;
    return true;
}

uint32_t where_place(struct where *w, struct str country, uint32_t asn)
{
    struct place p = { .asn = asn };
    char         key[24];

    if (country.n == 2 && ch_alpha(country.p[0]) && ch_alpha(country.p[1])) {
        p.country[0] = (char)(country.p[0] & 0xDF);
        p.country[1] = (char)(country.p[1] & 0xDF);
    }
    struct str k = { (const uint8_t *)key, (size_t)snprintf(key, sizeof key, "%s %u", p.country, asn) };
    uint32_t   had = map_get(&w->places, k);
    if (had != MAP_NONE)
        return had;
    struct place *at = GROW(w->a, w->place, w->place_n, &w->place_cap);
    k = str_dup(w->a, k);
    if (!at || !k.p || !map_put(&w->places, w->a, k, (uint32_t)w->place_n))
        return UINT32_MAX;
    *at = p;
    return (uint32_t)w->place_n++;
}

uint32_t where_owner(struct where *w, struct str organisation, struct str sector)
{
    struct owner *at = GROW(w->a, w->owner, w->owner_n, &w->owner_cap);

    if (!at)
        return UINT32_MAX;
    *at = (struct owner){ str_dup(w->a, organisation), str_dup(w->a, sector) };
    return (organisation.n && !at->organisation.p) || (sector.n && !at->sector.p) ? UINT32_MAX : (uint32_t)w->owner_n++;
}

/* --- files --- */

/* "2|ripencc|20210301|..." or one of its records, comments before it passed over. */
static bool is_delegated(struct str text)
{
    struct str line, cell;

    while (str_cut(&text, '\n', &line)) {
        int cells = 1;
        if (str_starts(line, STR("#")) || !str_trim(line).n)
            continue;
        for (size_t i = 0; i < line.n; i++)
            cells += line.p[i] == '|';
        str_cut(&line, '|', &cell);
        return cells >= 6;
    }
    return false;
}

bool where_add_text(struct where *w, struct str text, enum where_kind *ret_kind, uint64_t *ret_rows, uint64_t *ret_bad, struct err *e)
{
    struct str head = str_trim(str_sub(text, 0, 4096));

    *ret_rows = *ret_bad = 0;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_from(text, 3);
    if (head.n && (head.p[0] == '{' || head.p[0] == '[')) {
        *ret_kind = WHERE_RDAP;
        return where_rdap(w, text, ret_rows, ret_bad, e);
    }
    if (w->file_n == WHERE_FILES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files", WHERE_FILES_MAX);
    if (is_delegated(text)) {
        *ret_kind = WHERE_DELEGATED;
        if (!where_delegated(w, text, ret_rows, ret_bad, e))
            return false;
    } else if (!where_table(w, text, ret_kind, ret_rows, ret_bad, e)) {
        return false;
    }
    if (*ret_rows == 0)
        return err_set(e, ERR_FORMAT, "none of its %llu rows can be used", (unsigned long long)*ret_bad);
    return true;
}

bool where_add(struct where *w, struct os *os, struct str path, enum where_kind *ret_kind, uint64_t *ret_rows, uint64_t *ret_bad, struct err *e)
{
    struct str text;
    void      *db = NULL;

    if (str_iends(path, STR(".mmdb"))) {
        if (!where_mmdb_open(&db, path, *w->a, e)) {
            if (e->kind == ERR_NONE)
                err_set(e, ERR_IO, "cannot be opened as a MaxMind database");
            return err_where(e, "%.*s", STR_ARG(path));
        }
        if (w->file_n == WHERE_FILES_MAX) {
            where_mmdb_close(db);
            return err_set(e, ERR_LIMIT, "more than %d files", WHERE_FILES_MAX);
        }
        w->file[w->file_n++] = (struct where_source){ .kind = WHERE_MMDB, .mmdb = db };
        *ret_kind = WHERE_MMDB;
        *ret_rows = *ret_bad = 0;
        return true;
    }
    if (!os_slurp_path(os, path, WHERE_FILE_MAX, w->a, &text, e))
        return false;
    return where_add_text(w, text, ret_kind, ret_rows, ret_bad, e) || err_where(e, "%.*s", STR_ARG(path));
}

bool where_ready(struct where *w, struct err *e)
{
    for (size_t i = 0; i < w->file_n; i++)
        net_set_build(&w->file[i].nets.set, w->file[i].nets.entry, w->file[i].nets.n);
    net_set_build(&w->registered.set, w->registered.entry, w->registered.n);
    net_set_build(&w->small.set, w->small.entry, w->small.n);
    (void)e;
    return true;
}

bool where_locate(void *ctx, const uint8_t ip[16], char ret_country[3], uint32_t *ret_asn)
{
    const struct where *w = ctx;
    struct place        p = { .asn = 0 };

    for (size_t i = 0; i < w->file_n && (!p.country[0] || !p.asn); i++) {
        if (w->file[i].mmdb) {
            where_mmdb_find(w->file[i].mmdb, ip, &p);
            continue;
        }
        /* A network may know one of both, and the one around it the other. */
        for (const struct net_entry *x = net_set_find(&w->file[i].nets.set, ip); x; x = net_set_around(&w->file[i].nets.set, x)) {
            const struct place *q = &w->place[x->value];
            if (!p.country[0])
                memcpy(p.country, q->country, sizeof p.country);
            if (!p.asn)
                p.asn = q->asn;
        }
    }
    memcpy(ret_country, p.country, sizeof p.country);
    *ret_asn = p.asn;
    return p.country[0] || p.asn;
}
