/*
 * yara: hits of YARA rules in files that other detectors read anyway: pages, leftovers, tools, staged files.
 *
 * Rule 1   only a rule that says so moves anything (`axis` and `state` of its meta). "back_door present" accuses a page that the server would
 *          run; under any other name, and "theft suspected" elsewhere than in a file somebody staged, the hit is for review.
 * Rule 2   one file is one thing: where the page was proven already, or the pack's own rule says it again, a hit adds no second back door.
 *          A user's rule is told all the same, with its author and reference: they want to know that it works.
 * Rule 3   a page whose content a baseline or the pack's list knows is the product's: no rule accuses it.
 * Rule 4   what a rule found is told by the name of the string and its place, never by its bytes.
 */
#include "detect/files_inner.h"

#include "base/hash.h"
#include "detect/yara.h"

#include <string.h>

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    const struct yara *y = c->opt->yara;

    if (!y || !y->code)
        return false;
    if (files_pages.wants(c, n))
        return true;
    /* The pack's rules are about pages. */
    return y->rule_n > y->own_n && (files_leftovers.wants(c, n) || files_tools.wants(c, n) || files_loot.wants(c, n) || files_webconfig.wants(c, n));
}

/* ---- in the reading thread ---- */

static struct str md5_of(struct arena *a, const struct files_node *n)
{
    uint8_t      raw[HASH_MD5_BYTES];
    char         hex[2 * HASH_MD5_BYTES + 1];
    struct hash *h = n->cut ? NULL : hash_open(HASH_MD5);

    if (!h)
        return STR_EMPTY;
    hash_push(h, n->body);
    hash_done(h, raw);
    hash_close(h);
    num_tohex(raw, sizeof raw, hex);
    return str_dup(a, str_c(hex));
}

static void ahead(const struct files_context *c, uint32_t worker, struct files_node *n, struct arena *room)
{
    const struct yara    *y = c->opt->yara;
    struct yara_scanner **s = &c->work->scanner[worker];
    struct yara_result   *r = NEW(room, struct yara_result, 1);
    struct err            e = { 0 };
    struct str            path = n->node->path;
    struct yara_about     about = { .filename = winpath_name(path), .filepath = winpath_dir(path), .extension = winpath_ext(path), .filetype = yara_type(n->body) };

    n->yara = r;
    if (!r)
        return;
    if (y->rule_n > y->own_n)
        about.md5 = md5_of(room, n);
    if ((!*s && !yara_scanner_open(s, y, YARA_SECONDS, &e)) || !yara_scan(*s, room, n->body, &about, r, &e))
        *r = (struct yara_result){ .limit = STR("YARA: no memory to look at it; rules may have missed it") };
}

void files_yara_close(struct files_context *c)
{
    for (size_t i = 0; i < COUNT_OF(c->work->scanner); i++)
        yara_scanner_close(c->work->scanner[i]);
    memset(c->work->scanner, 0, sizeof c->work->scanner);
}

/* ---- in order ---- */

struct place { bool page, runs, known, product, proven; };

static struct place place_of(struct files_context *c, struct files_node *n)
{
    struct place p = { .page = winpath_is_page(n->node->path) };
    struct str   url, rest = files_proxy_rest(n->node->path);

    p.runs    = p.page && (rest.n || files_in_aspnet_client(n->node->path) || files_served(c, &n->scratch, n->node->path, &url));
    p.product = rest.n && files_clean_page(c->pack, rest, NULL);
    p.known   = files_baseline_says(c, n->node) == BASE_KNOWN || (p.product && n->node->hashed && files_clean_page(c->pack, rest, n->node->sha256));
    for (size_t i = c->found->fact_n; i > 0; i--) {
        const struct file_fact *f = &c->found->fact[i - 1];
        if (f->cite.node != n->node->id)
            break;                            /* facts of one node stand together: look is called node by node */
        p.proven |= f->kind == FILE_FACT_PAGE;
    }
    return p;
}

static bool staged(const struct files_context *c, const struct ev_node *n) { return !winpath_is_page(n->path) && (files_odd_place(n->path) || n->family == FAM_WEB_ROOTS) && files_loot.wants(c, n); }

static enum file_fact_kind kind_of(const struct files_context *c, const struct ev_node *n, const struct yara_hit *h, struct place p)
{
    if (p.known || p.proven)
        return FILE_FACT_NOTE;
    if (h->moves == YARA_BACK_DOOR && p.runs)
        return FILE_FACT_PAGE;
    if (h->moves == YARA_LOOT && staged(c, n))
        return FILE_FACT_LOOT;
    return p.page ? FILE_FACT_PAGE_REVIEW : FILE_FACT_NOTE;
}

/* Source of the numbers: Loki's levels, 60 a warning and 80 an alert. */
static enum severity severity_of(const struct yara_hit *h, enum file_fact_kind kind)
{
    if (kind == FILE_FACT_PAGE)
        return SEV_CRITICAL;
    return h->score >= 80 ? SEV_HIGH : h->score >= 60 || h->score < 0 ? SEV_MEDIUM : SEV_LOW;
}

static struct str what_of(struct str kind)
{
    static const char *const words[] = { "evaluator", "command", "uploader", "file_manager", "tunnel", "secret_dump" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq(kind, str_c(words[i])))
            return str_c(words[i]);
    return STR("unknown");
}

static struct str places(struct files_context *c, struct arena scratch, const struct yara_hit *h)
{
    struct str s = STR_EMPTY;

    (void)c;
    for (size_t i = 0; i < h->place_n; i++)
        s = str_fmt(&scratch, "%.*s%s%.*s at byte %llu", STR_ARG(s), i ? ", " : "", STR_ARG(str_sub(h->place[i].name, 0, 40)), (unsigned long long)h->place[i].offset);
    return str_dup(c->keep, s);
}

static void tell(struct files_context *c, const struct files_node *n, const struct yara_hit *h, struct place p, size_t more)
{
    enum file_fact_kind kind = kind_of(c, n->node, h, p);
    struct arena        scratch = n->scratch;
    struct str          detector = str_fmt(c->keep, "yara/%.*s", STR_ARG(str_sub(h->rule, 0, 120)));
    double              sure = h->confidence > 0 ? h->confidence : kind == FILE_FACT_PAGE ? 0.9 : 0.5;
    struct file_fact   *f = files_fact_at(c, n->node, kind, "", p.known ? SEV_LOW : severity_of(h, kind), sure);

    if (!f)
        return;
    f->detector = detector;
    f->time_us  = n->node->btime_us;
    if (p.page)
        f->what = what_of(h->kind);
    else if (kind == FILE_FACT_LOOT)
        f->what = STR("archive");
    if (kind == FILE_FACT_PAGE || h->moves == YARA_BACK_DOOR)
        files_attack(f, "T1505.003");
    if (p.page && !p.runs)
        f->reachable = f->reachable == REACH_YES ? REACH_YES : REACH_UNKNOWN;
    f->product_page = p.product;
    f->title = h->pack && h->description.n ? files_quote(c, str_sub(h->description, 0, 200)) : files_text(c, "%s fits the YARA rule %.*s", p.page ? "Page" : "File", STR_ARG(str_sub(h->rule, 0, 120)));
    struct str about = files_quote(c, str_sub(h->description, 0, 120)), author = files_quote(c, str_sub(h->author, 0, 60)), from = files_quote(c, str_sub(h->reference, 0, 120));
    f->why = files_text(c, "%.*s%sRule file %.*s%s%.*s%s%.*s.%s%s", STR_ARG(h->pack ? STR_EMPTY : about), !h->pack && about.n ? ". " : "", STR_ARG(str_sub(h->file, 0, 80)),
                        author.n ? ", by " : "", STR_ARG(author), from.n ? ", reference " : "", STR_ARG(from),
                        p.known ? " The content is known as the product's own." : p.proven ? " The page is proven otherwise." : "",
                        n->cut ? " Only the first 8 MiB were looked at." : "");
    struct str at = places(c, scratch, h);
    f->cite.offset  = h->place_n ? h->place[0].offset : 0;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes%s%.*s%s%.*s", STR_ARG(str_sub(winpath_name(n->node->path), 0, 120)), (unsigned long long)n->node->size_bytes, at.n ? ": " : "", STR_ARG(at),
                                 h->tags.n ? "; tags " : "", STR_ARG(h->tags));
    if (more)
        f->cite.excerpt = files_text(c, "%.*s; %zu more rules fit", STR_ARG(str_sub(f->cite.excerpt, 0, 320)), more);
}

/* Told as damage of the file's family; of a file of none, as a note. */
static bool tell_limit(struct files_context *c, const struct files_node *n, struct err *e)
{
    char text[FILES_TEXT_MAX];

    snprintf(text, sizeof text, "%.*s", STR_ARG(n->yara->limit));
    if (n->node->family != FAM_NONE)
        return files_damage(c, n->node->family, n->node, text, n->yara->hit_n, e);
    struct file_fact *f = files_fact_at(c, n->node, FILE_FACT_NOTE, "yara/limit", SEV_LOW, 0.5);
    if (!f)
        return true;
    f->title        = STR("YARA rules did not see the whole file");
    f->why          = files_text(c, "%s", text);
    f->time_us      = n->node->btime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(str_sub(winpath_name(n->node->path), 0, 120)), (unsigned long long)n->node->size_bytes);
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    const struct yara_result *r = n->yara;

    if (!r)
        return true;
    if (r->limit.n && !tell_limit(c, n, e))
        return false;
    if (!r->hit_n)
        return true;
    struct place p = place_of(c, n);
    /* The rule that moves most goes first, so that what follows knows the page is proven. */
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < r->hit_n; i++) {
            const struct yara_hit *h = &r->hit[i];
            if ((round == 0) != (h->moves == YARA_BACK_DOOR))
                continue;
            if (h->pack && (p.proven || p.known))
                continue;
            tell(c, n, h, p, i + 1 == r->hit_n ? r->hit_more : 0);
            p.proven |= h->moves == YARA_BACK_DOOR && p.runs && !p.known;
        }
    return true;
}

const struct files_detector files_yara = {
    .name = "yara", .about = "YARA rules of the pack and of --rules, over pages, leftovers, tools and staged files", .wants = wants, .ahead = ahead, .look = look,
};
