/* files_where: places, clean names and indicators, as the detectors ask for them. */
#include "detect/files_inner.h"

#include "base/hash.h"
#include "detect/pattern.h"
#include "detect/place.h"
#include "pack/ioc_read.h"

#include <string.h>

bool files_served(const struct files_context *c, struct arena *a, struct str path, struct str *ret_url)
{
    struct str url;

    if (!ev_url_of(c->ev, a, path, &url))
        return false;
    *ret_url = url;
    return true;
}

bool files_in_aspnet_client(struct str path) { return str_ihas(path, STR("\\aspnet_client\\")); }

struct str files_proxy_rest(struct str path)
{
    static const struct str tree = STR_INIT("\\FrontEnd\\HttpProxy\\");
    size_t at = str_ifind(path, tree);

    return at == STR_NONE ? STR_EMPTY : str_from(path, at + tree.n);
}

bool files_odd_place(struct str path) { return place_of(path) != PLACE_ORDINARY; }

static bool path_fits(struct str clean, struct str rest)
{
    if (!str_starts(clean, STR("*\\")))
        return str_ieq(clean, rest);
    size_t cut = str_chr(rest, '\\');
    return cut != STR_NONE && str_ieq(str_from(clean, 2), str_from(rest, cut + 1));
}

bool files_clean_page(const struct pack *p, struct str rest, const uint8_t hash[32])
{
    for (size_t i = 0; i < p->clean_n; i++)
        if (path_fits(p->clean[i].path, rest) && (!hash || memcmp(p->clean[i].sha256, hash, 32) == 0))
            return true;
    return false;
}

/* Edits between two short names, letters folded; more than 3 is 4. */
static size_t distance(struct str a, struct str b)
{
    enum { NAME_MAX_LEN = 48 };
    size_t row[NAME_MAX_LEN + 1];

    if (a.n > NAME_MAX_LEN || b.n > NAME_MAX_LEN || a.n > b.n + 3 || b.n > a.n + 3)
        return 4;
    for (size_t k = 0; k <= b.n; k++)
        row[k] = k;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.n; k++) {
            size_t up = row[k], best = diagonal + (ch_lower(a.p[i - 1]) != ch_lower(b.p[k - 1]));
            best = up + 1 < best ? up + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            diagonal = up;
            row[k] = best;
        }
    }
    return row[b.n] > 3 ? 4 : row[b.n];
}

static struct str stem(struct str name)
{
    size_t dot = str_rchr(name, '.');
    return dot == STR_NONE ? name : str_sub(name, 0, dot);
}

struct str files_masquerade(const struct pack *p, struct str rest)
{
    struct str best = STR_EMPTY;
    size_t     least = 4;

    for (size_t i = 0; i < p->clean_n; i++) {
        struct str clean = p->clean[i].path;
        if (!str_ieq(winpath_dir(clean), winpath_dir(rest)) || str_starts(clean, STR("*\\")))
            continue;
        size_t d = distance(stem(winpath_name(clean)), stem(winpath_name(rest)));
        if (d > 0 && d < least && d < stem(winpath_name(rest)).n) {
            least = d;
            best  = winpath_name(clean);
        }
    }
    return best;
}

/* One that the operator's list calls accusing, as if it were the pack's. */
static const struct ioc *user_hash(const struct files_context *c, enum ioc_kind kind, struct str hex)
{
    const struct iocs *u = c->pack->user;
    size_t at = u && iocs_count(u, kind) ? iocs_find(u, kind, hex) : SIZE_MAX;

    if (at == SIZE_MAX || u->item[at].weight != IOC_ACCUSES)
        return NULL;
    struct ioc *x = NEW(c->keep, struct ioc, 1);
    if (x)
        *x = (struct ioc){ kind, IOC_ACCUSES, u->item[at].value, u->item[at].name.n ? u->item[at].name : STR("among the indicators given"), iocs_source(u, &u->item[at], c->keep) };
    return x;
}

const struct ioc *files_ioc_hash(const struct files_context *c, const struct files_node *n)
{
    static const struct { enum hash_kind kind; size_t bytes; enum ioc_kind ioc; } kinds[] = {
        { HASH_SHA256, HASH_SHA256_BYTES, IOC_SHA256 }, { HASH_SHA1, HASH_SHA1_BYTES, IOC_SHA1 }, { HASH_MD5, HASH_MD5_BYTES, IOC_MD5 },
    };
    if (n->cut || n->body.n == 0)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        uint8_t raw[HASH_MAX];
        char    hex[2 * HASH_MAX + 1];
        struct hash *h = hash_open(kinds[i].kind);
        if (!h)
            continue;
        hash_push(h, n->body);
        hash_done(h, raw);
        hash_close(h);
        num_tohex(raw, kinds[i].bytes, hex);
        uint32_t at = map_get(&c->pack->ioc_hash, str_c(hex));
        if (at != MAP_NONE)
            return &c->pack->ioc[at];
        const struct ioc *users = user_hash(c, kinds[i].ioc, str_c(hex));
        if (users)
            return users;
    }
    return NULL;
}

const struct ioc *files_ioc_path(const struct files_context *c, struct str path, enum ioc_kind kind)
{
    for (size_t i = 0; i < c->pack->ioc_n; i++) {
        const struct ioc *x = &c->pack->ioc[i];
        if (x->kind != kind)
            continue;
        bool hit = kind == IOC_PATH_SUFFIX ? str_iends(path, x->value) : kind == IOC_PATH_PART ? str_ihas(path, x->value)
                 : kind == IOC_FILE_NAME || kind == IOC_TASK_NAME ? str_ieq(winpath_name(path), x->value)
                 : kind == IOC_EXTENSION ? str_ieq(winpath_ext(path), x->value) : false;
        if (hit)
            return x;
    }
    return NULL;
}

bool files_patterns_open(struct files_context *c, struct err *e)
{
    struct files_work *w = c->work;

    for (size_t i = 0; i < c->pack->ioc_n && w->name_n < FILES_PATTERNS_MAX; i++) {
        const struct ioc *x = &c->pack->ioc[i];
        struct err        mine = { 0 };
        if (x->kind != IOC_FILE_NAME_REGEX || x->weight == IOC_CONTEXT)
            continue;
        if (!pattern_compile(&w->name_pattern[w->name_n], &w->pile, x->value, (struct pattern_flags){ .fold = true }, &mine)) {
            if (mine.kind == ERR_MEMORY) {
                *e = mine;
                return false;
            }
            continue;
        }
        w->name_ioc[w->name_n++] = x;
    }
    return true;
}

void files_patterns_close(struct files_context *c)
{
    for (size_t i = 0; i < c->work->name_n; i++)
        pattern_close(c->work->name_pattern[i]);
}

const struct ioc *files_ioc_pattern(const struct files_context *c, struct arena scratch, struct str path)
{
    for (size_t i = 0; i < c->work->name_n; i++)
        if (pattern_match(c->work->name_pattern[i], winpath_name(path), scratch) == PATTERN_YES)
            return c->work->name_ioc[i];
    return NULL;
}
