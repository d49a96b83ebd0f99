/* YAML documents to rules: the header fields, `afterpatch:`, correlations. */
#include "detect/sigma_code.h"

#include "base/num.h"
#include "base/time.h"

enum { SELECTIONS_MAX = 256 };

struct sigma_node *sigma_node_new(struct sigma_builder *b, enum sigma_node_kind kind)
{
    if (++b->nodes > SIGMA_NODES_MAX) {
        err_set(b->e, ERR_FORMAT, "more than %d values and conditions in one rule", SIGMA_NODES_MAX);
        return NULL;
    }
    if (++b->s->nodes > SIGMA_ALL_NODES_MAX) {
        err_set(b->e, ERR_FORMAT, "more than %d values and conditions in all rules", SIGMA_ALL_NODES_MAX);
        return NULL;
    }
    struct sigma_node *n = NEW(b->a, struct sigma_node, 1);
    if (!n)
        err_set(b->e, ERR_MEMORY, "no room for a rule");
    else
        n->kind = kind;
    return n;
}

bool sigma_field_index(struct sigma_builder *b, struct str name, uint32_t *ret)
{
    struct sigma *s = b->s;

    uint32_t had;

    s->field_at.fold = true;
    if ((had = map_get(&s->field_at, name)) != MAP_NONE) {
        *ret = had;
        return true;
    }
    if (s->field_n == SIGMA_FIELDS_MAX)
        return err_set(b->e, ERR_FORMAT, "more than %d different fields in all rules", SIGMA_FIELDS_MAX);
    struct str *f = GROW(b->a, s->field, s->field_n, &s->cap[2]);
    if (!f || !map_put(&s->field_at, b->a, name, (uint32_t)s->field_n))
        return err_set(b->e, ERR_MEMORY, "no room for a field name");
    *f   = name;
    *ret = (uint32_t)s->field_n++;
    return true;
}

static bool word_index(struct str s, const char *const *word, size_t n, size_t *ret)
{
    for (size_t i = 0; i < n; i++)
        if (word[i] && str_ieq(s, str_c(word[i]))) {
            *ret = i;
            return true;
        }
    return false;
}

/* --- header fields --- */

static bool level_read(struct sigma_builder *b, struct str s, enum severity *ret)
{
    static const char *const word[] = { "informational", "low", "medium", "high", "critical" };
    size_t i = SEV_MEDIUM;                        /* the specification leaves a missing level open */

    if (s.n && !word_index(s, word, COUNT_OF(word), &i))
        return err_set(b->e, ERR_FORMAT, "unknown level \"%.*s\"", STR_ARG(str_sub(s, 0, 40)));
    *ret = (enum severity)i;
    return true;
}

static struct str upper(struct arena *a, struct str head, struct str s)
{
    struct str r = str_cat(a, head, s);
    for (size_t i = 0; i < r.n; i++) {
        uint8_t *c = (uint8_t *)(uintptr_t)&r.p[i];
        *c = *c >= 'a' && *c <= 'z' ? (uint8_t)(*c - 32) : *c == '.' && head.n == 4 ? '-' : *c;
    }
    return r;
}

/* attack.t1505.003 -> T1505.003; cve.2021-26855 and cve.2021.26855 -> CVE-2021-26855. Tactics and groups are not kept. */
static bool tags_read(struct sigma_builder *b, const struct yaml_item *tags, struct sigma_rule *r)
{
    for (const struct yaml_item *t = tags && tags->kind == YAML_LIST ? tags->first : NULL; t; t = t->next) {
        struct str s = t->text, got = STR("");
        if (str_istarts(s, STR("attack.t")) && s.n > 8 && ch_digit(s.p[8]) && r->attack_n < COUNT_OF(r->attack))
            got = r->attack[r->attack_n++] = upper(b->a, STR(""), str_from(s, 7));
        else if (str_istarts(s, STR("cve.")) && r->cve_n < COUNT_OF(r->cve))
            got = r->cve[r->cve_n++] = upper(b->a, STR("CVE-"), str_from(s, 4));
        if (!got.p)
            return err_set(b->e, ERR_MEMORY, "no room for a rule");
    }
    return true;
}

/* A text, or the texts of a list with "; " between them. */
static bool texts_read(struct sigma_builder *b, const struct yaml_item *i, struct str *ret)
{
    struct str s = i && i->kind == YAML_TEXT ? i->text : STR("");

    for (const struct yaml_item *t = i && i->kind == YAML_LIST ? i->first : NULL; t; t = t->next) {
        s = t == i->first ? t->text : str_fmt(b->a, "%.*s; %.*s", STR_ARG(s), STR_ARG(t->text));
        if (!s.p)
            return err_set(b->e, ERR_MEMORY, "no room for a rule");
    }
    *ret = s;
    return true;
}

/* "rules/httpproxy-setobject.yml" -> "httpproxy-setobject" */
static struct str own_name(struct str file)
{
    size_t slash = str_rchr(file, '/');
    struct str s = slash == STR_NONE ? file : str_from(file, slash + 1);

    if (str_iends(s, STR(".yml")))
        return str_sub(s, 0, s.n - 4);
    return str_iends(s, STR(".yaml")) ? str_sub(s, 0, s.n - 5) : s;
}

/* --- afterpatch: what a match means --- */

static const char *const sign_words[] = {
    "review", "forged", "mail-read", "session", "drop", "reset", "clean-up", "oab-download", "page", "loot", "probe", "admin", "coexist", "support", "host"
};
/* In the order of enum sigma_about. */
static const char *const about_words[] = { "none", "planted", "removed", "secret", "tool", "loot", "ransom", "page", "page_removed", "av", "av_removed", "note" };
static const char *const axis_words[] = { "none", "exposure", "exploitation", "back_door", "use", "theft" };
/* States by axis; the contract's words. */
static const char *const state_words[][6] = {
    [AXIS_NONE]         = { NULL },
    [AXIS_EXPOSURE]     = { "not_affected", "patched", "mitigated", "unpatched", "cannot_tell", NULL },
    [AXIS_EXPLOITATION] = { "attempted", "succeeded", NULL },
    [AXIS_BACK_DOOR]    = { "removed", "unknown", "present", NULL },
    [AXIS_USE]          = { "used", "beyond_server", NULL },
    [AXIS_THEFT]        = { "suspected", "seen", NULL },
};

static bool is_word(struct str s)
{
    bool ok = s.n > 0 && s.n <= 40;

    for (size_t i = 0; ok && i < s.n; i++)
        ok = (s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '_';
    return ok;
}

/* A way back without `thing` was planted. */
static bool thing_read(struct sigma_builder *b, const struct yaml_item *m, struct sigma_rule *r)
{
    struct str thing = yaml_text(m, STR("thing"));
    size_t     i;

    r->way        = yaml_text(m, STR("way"));
    r->thing_name = yaml_text(m, STR("name"));
    r->thing_path = yaml_text(m, STR("path"));
    if (thing.n && !word_index(thing, about_words, COUNT_OF(about_words), &i))
        return err_set(b->e, ERR_FORMAT, "afterpatch: unknown thing \"%.*s\"", STR_ARG(str_sub(thing, 0, 40)));
    r->about = thing.n ? (enum sigma_about)i : r->way.n ? ABOUT_PLANTED : ABOUT_NOTHING;
    if (r->way.n && !is_word(r->way))
        return err_set(b->e, ERR_FORMAT, "afterpatch: way is one word of small letters and \"_\"");
    if ((r->about == ABOUT_PLANTED || r->about == ABOUT_REMOVED) && !r->way.n)
        return err_set(b->e, ERR_FORMAT, "afterpatch: thing %.*s without way", STR_ARG(thing));
    if (r->about == ABOUT_NOTHING && (r->thing_name.n || r->thing_path.n))
        return err_set(b->e, ERR_FORMAT, "afterpatch: name or path without thing or way");
    return true;
}

static bool meaning_read(struct sigma_builder *b, const struct yaml_item *m, struct sigma_rule *r)
{
    static const char *const keys[] = { "sign", "axis", "state", "confidence", "why", "literal", "way", "name", "path", "thing" };
    size_t i;

    r->confidence = 0.5;
    if (!m)
        return true;
    if (m->kind != YAML_MAP)
        return err_set(b->e, ERR_FORMAT, "line %u: afterpatch is not a map", m->line);
    for (const struct yaml_item *k = m->first; k; k = k->next)
        if (!word_index(k->key, keys, COUNT_OF(keys), &i) || k->kind != YAML_TEXT)
            return err_set(b->e, ERR_FORMAT, "afterpatch: unknown or unfit key \"%.*s\"", STR_ARG(str_sub(k->key, 0, 40)));

    struct str sign = yaml_text(m, STR("sign")), axis = yaml_text(m, STR("axis")), trust = yaml_text(m, STR("confidence"));
    if (sign.n) {
        if (!word_index(sign, sign_words, COUNT_OF(sign_words), &i))
            return err_set(b->e, ERR_FORMAT, "afterpatch: unknown sign \"%.*s\"", STR_ARG(str_sub(sign, 0, 40)));
        r->sign = (enum sign)i;
    }
    if (axis.n) {
        if (!word_index(axis, axis_words, COUNT_OF(axis_words), &i))
            return err_set(b->e, ERR_FORMAT, "afterpatch: unknown axis \"%.*s\"", STR_ARG(str_sub(axis, 0, 40)));
        r->axis = (enum axis)i;
    }
    r->state = yaml_text(m, STR("state"));
    if ((r->axis != AXIS_NONE || r->state.n) && !word_index(r->state, state_words[r->axis], COUNT_OF(state_words[0]), &i))
        return err_set(b->e, ERR_FORMAT, "afterpatch: \"%.*s\" is no state of axis %s", STR_ARG(str_sub(r->state, 0, 40)),
                       axis_words[r->axis]);
    if (trust.n && (!sigma_number_parse(trust, &r->confidence) || r->confidence < 0 || r->confidence > 1))
        return err_set(b->e, ERR_FORMAT, "afterpatch: confidence is a number from 0 to 1");
    r->why = yaml_text(m, STR("why"));
    if (!thing_read(b, m, r))
        return false;
    r->literal = yaml_text(m, STR("literal"));
    if (r->literal.n > SEARCH_LIT_MAX)
        return err_set(b->e, ERR_FORMAT, "afterpatch: literal is longer than %d bytes", SEARCH_LIT_MAX);
    return true;
}

/* --- correlations --- */

static bool span_read(struct str s, int64_t *ret)
{
    uint32_t n;
    int64_t  unit;

    if (s.n < 2 || !num_u32(str_sub(s, 0, s.n - 1), &n) || n == 0 || n > 1000000)
        return false;
    switch (s.p[s.n - 1]) {
    case 's': unit = TIME_SECOND; break;
    case 'm': unit = TIME_MINUTE; break;
    case 'h': unit = TIME_HOUR; break;
    case 'd': unit = TIME_DAY; break;
    default: return false;
    }
    *ret = n * unit;
    return true;
}

static bool names_read(struct sigma_builder *b, const struct yaml_item *i, const char *what, struct str *ret, size_t max, size_t *ret_n)
{
    size_t n = 0;

    if (i && i->kind == YAML_TEXT && i->text.n)
        ret[n++] = i->text;
    for (const struct yaml_item *k = i && i->kind == YAML_LIST ? i->first : NULL; k; k = k->next) {
        if (n == max || k->kind != YAML_TEXT || k->text.n == 0)
            return err_set(b->e, ERR_FORMAT, "correlation: %s takes at most %zu names", what, max);
        ret[n++] = k->text;
    }
    *ret_n = n;
    return true;
}

static bool correlation_read(struct sigma_builder *b, const struct yaml_item *c, struct sigma_rule *r)
{
    static const char *const keys[] = { "type", "rules", "timespan", "group-by" };
    struct str type = yaml_text(c, STR("type"));
    size_t     i;

    if (c->kind != YAML_MAP)
        return err_set(b->e, ERR_FORMAT, "line %u: correlation is not a map", c->line);
    if (!str_eq(type, STR("temporal_ordered")))
        return err_set(b->e, ERR_FORMAT, "correlation type \"%.*s\" is not supported, only temporal_ordered", STR_ARG(str_sub(type, 0, 40)));
    for (const struct yaml_item *k = c->first; k; k = k->next)
        if (!word_index(k->key, keys, COUNT_OF(keys), &i))
            return err_set(b->e, ERR_FORMAT, "correlation: \"%.*s\" is not supported", STR_ARG(str_sub(k->key, 0, 40)));
    if (!names_read(b, yaml_get(c, STR("rules")), "rules", r->of, COUNT_OF(r->of), &r->of_n) ||
        !names_read(b, yaml_get(c, STR("group-by")), "group-by", r->group_by, COUNT_OF(r->group_by), &r->group_by_n))
        return false;
    if (r->of_n < 2)
        return err_set(b->e, ERR_FORMAT, "correlation: at least two rules belong together");
    if (!span_read(yaml_text(c, STR("timespan")), &r->within_us))
        return err_set(b->e, ERR_FORMAT, "correlation: timespan is a number with s, m, h or d");
    for (size_t k = 0; k < r->group_by_n; k++) {
        uint32_t unused;
        if (!sigma_field_index(b, r->group_by[k], &unused))
            return false;
    }
    r->correlation = true;
    return true;
}

/* --- rules --- */

static bool detection_read(struct sigma_builder *b, const struct yaml_item *d, struct sigma_rule *r)
{
    const struct yaml_item *condition = yaml_get(d, STR("condition"));

    if (d->kind != YAML_MAP)
        return err_set(b->e, ERR_FORMAT, "line %u: detection is not a map", d->line);
    if (!condition)
        return err_set(b->e, ERR_FORMAT, "detection has no condition");
    if (yaml_get(d, STR("timeframe")))
        return err_set(b->e, ERR_FORMAT, "timeframe (old aggregation) is not supported; use a correlation");
    if (d->count > SELECTIONS_MAX)
        return err_set(b->e, ERR_FORMAT, "%zu selections, at most %d accepted", d->count, SELECTIONS_MAX);

    struct sigma_code      *code = NEW(b->a, struct sigma_code, 1);
    struct sigma_selection *sel  = NEW(b->a, struct sigma_selection, d->count);
    size_t                  n    = 0;
    if (!code || !sel)
        return err_set(b->e, ERR_MEMORY, "no room for a rule");
    code->limits = NEW(b->a, _Atomic uint64_t, 1);
    if (!code->limits)
        return err_set(b->e, ERR_MEMORY, "no room for a rule");
    for (const struct yaml_item *i = d->first; i; i = i->next) {
        if (i == condition)
            continue;
        sel[n].name = i->key;
        if (!sigma_selection_read(b, i, &sel[n].node))
            return false;
        n++;
    }
    if (!sigma_condition_read(b, condition, sel, n, &code->root))
        return false;
    code->tests_with_pattern = b->patterns;
    r->code = code;
    return true;
}

static bool rule_read(struct sigma_builder *b, const struct yaml_item *doc, struct str file, bool own, struct sigma_rule *ret)
{
    struct sigma_rule r = { .file = file, .own = own };
    const struct yaml_item *source = yaml_get(doc, STR("logsource")), *d = yaml_get(doc, STR("detection")),
                           *c = yaml_get(doc, STR("correlation"));

    if (doc->kind != YAML_MAP)
        return err_set(b->e, ERR_FORMAT, "line %u: the document is not a map", doc->line);
    r.id          = yaml_text(doc, STR("id"));
    r.title       = yaml_text(doc, STR("title"));
    r.description = str_trim(yaml_text(doc, STR("description")));
    r.author      = yaml_text(doc, STR("author"));
    r.status      = yaml_text(doc, STR("status"));
    r.name        = yaml_text(doc, STR("name"));
    r.category    = yaml_text(source, STR("category"));
    r.product     = yaml_text(source, STR("product"));
    r.service     = yaml_text(source, STR("service"));
    if (!r.name.n)
        r.name = own_name(file);
    if (b->s->unfit && !c && !d && !r.title.n) {
        b->elsewhere = true;                      /* a user's folder holds other YAML as well */
        return err_set(b->e, ERR_FORMAT, "no Sigma rule: neither title nor detection");
    }
    if (!r.title.n)
        return err_set(b->e, ERR_FORMAT, "the rule has no title");
    if (!level_read(b, yaml_text(doc, STR("level")), &r.level) || !tags_read(b, yaml_get(doc, STR("tags")), &r) ||
        !texts_read(b, yaml_get(doc, STR("references")), &r.reference) ||
        !texts_read(b, yaml_get(doc, STR("falsepositives")), &r.falsepositives) ||
        !meaning_read(b, yaml_get(doc, STR("afterpatch")), &r))
        return false;
    if (yaml_get(doc, STR("filter")))
        return err_set(b->e, ERR_FORMAT, "filter documents are not supported");
    if (yaml_get(doc, STR("action")))
        return err_set(b->e, ERR_FORMAT, "rule collections (action:) are not supported");
    if (!c && !d)
        return err_set(b->e, ERR_FORMAT, "the rule has neither detection nor correlation");
    if (c && d)
        return err_set(b->e, ERR_FORMAT, "the rule has both detection and correlation");
    char why[SIGMA_WHY_MAX] = "";
    if (d && b->s->unfit && b->s->unfit(&r, why)) {
        b->elsewhere = true;
        return err_set(b->e, ERR_FORMAT, "%s", why);
    }
    if (!(c ? correlation_read(b, c, &r) : detection_read(b, d, &r)))
        return false;
    *ret = r;
    return true;
}

bool sigma_refuse(struct sigma *s, struct arena *a, struct str file, struct str title, const char *why, bool elsewhere, struct err *e)
{
    struct sigma_refused *r = GROW(a, s->refused, s->refused_n, &s->cap[1]);
    struct str            w = r ? str_dup(a, str_c(why)) : STR_EMPTY;

    if (!w.p)
        return err_set(e, ERR_MEMORY, "no room for a rule");
    *r = (struct sigma_refused){ .file = file, .title = title, .why = w, .elsewhere = elsewhere };
    s->refused_n++;
    return true;
}

bool sigma_add(struct sigma *s, struct arena *a, struct str file, struct str text, bool own, struct err *e)
{
    struct yaml_tree tree;
    struct err       mine = { 0 };

    file = str_dup(a, file);
    if (!file.p)
        return err_set(e, ERR_MEMORY, "no room for a rule");
    if (!yaml_read(&tree, a, text, &mine)) {
        if (mine.kind == ERR_LIMIT)
            return sigma_refuse(s, a, file, STR(""), mine.what, false, e);
        *e = mine;
        return false;
    }
    for (const struct yaml_item *doc = tree.doc; doc; doc = doc->next) {
        struct sigma_builder b = { .a = a, .e = &mine, .s = s };
        struct sigma_rule    r;

        if (yaml_null(doc))
            continue;                             /* "---" at the end, or a file of comments */
        if (s->rule_n >= SIGMA_RULES_MAX)
            return err_set(e, ERR_LIMIT, "more than %d rules", SIGMA_RULES_MAX);
        mine = (struct err){ 0 };
        if (rule_read(&b, doc, file, own, &r)) {
            struct sigma_rule *at = GROW(a, s->rule, s->rule_n, &s->cap[0]);
            if (at) {
                *at = r;
                s->rule_n++;
                continue;
            }
            err_set(&mine, ERR_MEMORY, "no room for a rule");
        }
        for (const struct sigma_node *n = b.patterns; n; n = n->next)
            pattern_close(n->test.pattern);
        if (mine.kind == ERR_FORMAT) {
            if (!sigma_refuse(s, a, file, yaml_text(doc, STR("title")), mine.what, b.elsewhere, e))
                return false;
            continue;
        }
        *e = mine;
        return false;
    }
    return !tree.damaged || sigma_refuse(s, a, file, STR(""), tree.why.what, false, e);
}
