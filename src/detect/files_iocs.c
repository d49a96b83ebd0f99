/*
 * iocs: files that the operator's indicators name, by content, path or name.
 *
 * Rule 1   a hash that its list calls accusing is told by the detectors of pages and of tools (files_ioc_hash), as a published one.
 * Rule 2   everything else asks a person: a list of somebody else's is no proof.
 */
#include "detect/files_inner.h"

#include "base/hash.h"
#include "pack/ioc_read.h"

struct looked { char hex[3][2 * HASH_MAX + 1]; bool hashed[3]; struct str path, name; };

static const struct { enum ioc_kind ioc; enum hash_kind hash; size_t bytes; } hashes[] = {
    { IOC_SHA256, HASH_SHA256, HASH_SHA256_BYTES }, { IOC_SHA1, HASH_SHA1, HASH_SHA1_BYTES }, { IOC_MD5, HASH_MD5, HASH_MD5_BYTES },
};

static bool any_hash(const struct iocs *u) { return iocs_count(u, IOC_SHA256) || iocs_count(u, IOC_SHA1) || iocs_count(u, IOC_MD5); }

/* Nodes whose bytes the detectors of pages and tools read as well. */
static bool read_anyway(const struct ev_node *n)
{
    return winpath_is_page(n->path) || n->family == FAM_NONE || n->family == FAM_WEB_ROOTS || n->family == FAM_TEMP_ASPNET || n->family == FAM_TASKS;
}

static bool fold_into(uint8_t *buf, size_t cap, struct str s, struct str *ret)
{
    if (s.n > cap)
        return false;
    for (size_t i = 0; i < s.n; i++)
        buf[i] = ch_lower(s.p[i]);
    *ret = (struct str){ buf, s.n };
    return true;
}

/* The whole path, then each shorter end of it: "\a\b\c.x", "\b\c.x". */
static size_t by_path(const struct iocs *u, struct str path)
{
    for (size_t i = 0; i < path.n && iocs_count(u, IOC_PATH_SUFFIX); i++) {
        size_t at = path.p[i] == '\\' ? iocs_find(u, IOC_PATH_SUFFIX, str_from(path, i)) : SIZE_MAX;
        if (at != SIZE_MAX)
            return at;
    }
    return SIZE_MAX;
}

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    const struct iocs *u = c->pack->user;
    uint8_t    buf[4096];
    struct str path;

    if (!u || family_table[n->family].log)
        return false;
    if (any_hash(u) && read_anyway(n))
        return true;
    if ((!iocs_count(u, IOC_PATH_SUFFIX) && !iocs_count(u, IOC_FILE_NAME)) || !fold_into(buf, sizeof buf, n->path, &path))
        return false;
    return by_path(u, path) != SIZE_MAX || (iocs_count(u, IOC_FILE_NAME) && iocs_find(u, IOC_FILE_NAME, winpath_name(path)) != SIZE_MAX);
}

static void hash_all(struct looked *l, const struct files_node *n)
{
    for (size_t i = 0; i < COUNT_OF(hashes) && !n->cut && n->body.n; i++) {
        uint8_t      raw[HASH_MAX];
        struct hash *h = hash_open(hashes[i].hash);
        if (!h)
            continue;
        hash_push(h, n->body);
        hash_done(h, raw);
        hash_close(h);
        num_tohex(raw, hashes[i].bytes, l->hex[i]);
        l->hashed[i] = true;
    }
}

static bool holds(const struct ioc_term *t, const struct looked *l)
{
    for (size_t i = 0; i < COUNT_OF(hashes); i++)
        if (t->kind == hashes[i].ioc)
            return l->hashed[i] && str_eq(t->value, str_c(l->hex[i]));
    return t->kind == IOC_FILE_NAME ? str_eq(l->name, t->value) : t->kind == IOC_PATH_SUFFIX && str_ends(l->path, t->value);
}

static const struct user_ioc *fitting(const struct iocs *u, size_t at, const struct looked *l)
{
    for (size_t i = at; at != SIZE_MAX && i < u->n && u->item[i].kind == u->item[at].kind && str_eq(u->item[i].value, u->item[at].value); i++) {
        bool ok = true;
        for (uint32_t k = 0; ok && k < u->item[i].also_n; k++)
            ok = holds(&u->term[u->item[i].also + k], l);
        if (ok)
            return &u->item[i];
    }
    return NULL;
}

static bool tell(struct files_context *c, const struct files_node *n, const struct user_ioc *x)
{
    bool hash = x->kind == IOC_SHA256 || x->kind == IOC_SHA1 || x->kind == IOC_MD5, sure = x->weight == IOC_ACCUSES;
    struct file_fact *f = files_fact_at(c, n->node, sure ? FILE_FACT_TOOL : FILE_FACT_NOTE, hash ? "iocs/hash" : x->kind == IOC_PATH_SUFFIX ? "iocs/path" : "iocs/file-name",
                                        sure ? SEV_HIGH : x->weight == IOC_SUPPORTS ? SEV_MEDIUM : SEV_LOW, sure ? 0.95 : x->weight == IOC_SUPPORTS ? 0.5 : 0.3);
    struct arena scratch = n->scratch;
    char         until[TIME_TEXT] = "";

    if (!f)
        return true;
    if (x->until_us != TIME_NONE)
        time_text(x->until_us, until);
    f->time_us = n->node->btime_us;
    f->title   = hash ? STR("File whose hash is among the indicators given") : x->kind == IOC_PATH_SUFFIX ? STR("File at a path that is among the indicators given")
                      : STR("File of a name that is among the indicators given");
    f->why     = files_text(c, "%s: %.*s.%s%s%s %s", ioc_kind_title(x->kind), STR_ARG(str_sub(iocs_source(c->pack->user, x, &scratch), 0, 240)),
                            until[0] ? " Its publisher held it valid until " : "", until, until[0] ? "." : "",
                            sure ? "The list says that it accuses." : "A list's word alone accuses nobody: look at the file.");
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->node->path)), (unsigned long long)n->node->size_bytes);
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    const struct iocs     *u = c->pack->user;
    const struct user_ioc *x = NULL;
    uint8_t                buf[4096];
    struct looked          l = { .path = STR_EMPTY };

    (void)e;
    if (!fold_into(buf, sizeof buf, n->node->path, &l.path))
        return true;
    l.name = winpath_name(l.path);
    if (any_hash(u))
        hash_all(&l, n);
    for (size_t i = 0; i < COUNT_OF(hashes) && !x; i++)
        x = l.hashed[i] && iocs_count(u, hashes[i].ioc) ? fitting(u, iocs_find(u, hashes[i].ioc, str_c(l.hex[i])), &l) : NULL;
    if (x && x->weight == IOC_ACCUSES && read_anyway(n->node))
        return true;                                       /* rule 1 */
    if (!x)
        x = fitting(u, by_path(u, l.path), &l);
    if (!x && iocs_count(u, IOC_FILE_NAME))
        x = fitting(u, iocs_find(u, IOC_FILE_NAME, l.name), &l);
    return !x || tell(c, n, x);
}

const struct files_detector files_iocs = {
    .name = "iocs", .about = "files that the indicators given name, by hash, path and name", .wants = wants, .look = look,
};
