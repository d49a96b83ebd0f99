/* pack.yaml, clean/NAME.csv and guidance/en.md. */
#include "pack/parts.h"
#include "pack/table.h"

#include "base/num.h"
#include "formats/yaml.h"

/* --- pack.yaml --- */

static bool list_read(const struct yaml_item *doc, const char *key, struct str *ret, size_t max, size_t *ret_n, struct err *e)
{
    const struct yaml_item *i = yaml_get(doc, str_c(key));
    size_t                  n = 0;

    if (i && i->kind != YAML_LIST)
        return err_set(e, ERR_FORMAT, "line %u: %s is not a list", i->line, key);
    for (const struct yaml_item *k = i ? i->first : NULL; k; k = k->next) {
        if (n == max || k->kind != YAML_TEXT)
            return err_set(e, ERR_FORMAT, "line %u: %s takes at most %zu texts", k->line, key, max);
        ret[n++] = k->text;
    }
    *ret_n = n;
    return true;
}

static bool date_read(const struct yaml_item *dates, const char *key, int64_t *ret, struct err *e)
{
    struct str s = yaml_text(dates, str_c(key));

    *ret = TIME_NONE;
    if (s.n && !time_parse(s, ret))
        return err_set(e, ERR_FORMAT, "dates.%s is no date", key);
    return true;
}

bool pack_head_read(struct pack_building *b, struct str text, struct err *e)
{
    struct pack     *p = b->p;
    struct yaml_tree tree;

    if (!yaml_read(&tree, b->a, text, e))
        return false;
    if (tree.damaged) {
        *e = tree.why;
        return false;
    }
    const struct yaml_item *doc = tree.doc, *dates = yaml_get(doc, STR("dates")), *fix = yaml_get(doc, STR("fix_tokens"));
    struct str kind = yaml_text(doc, STR("kind"));
    p->rules_only = str_eq(kind, STR("rules"));
    p->survey_only = str_eq(kind, STR("survey"));
    if (kind.n && !str_eq(kind, STR("campaign")) && !p->rules_only && !p->survey_only) {
        err_set(e, ERR_FORMAT, "kind is %.*s, a campaign is wanted here", STR_ARG(str_sub(kind, 0, 40)));
        return err_hint(e, "%s", str_eq(kind, STR("baseline")) ? "give a baseline to afterpatch hunt --baseline" : "leave kind out, or write kind: campaign");
    }
    p->id      = yaml_text(doc, STR("id"));
    p->version = yaml_text(doc, STR("version"));
    p->title   = yaml_text(doc, STR("title"));
    if (!p->id.n || !p->version.n || !p->title.n)
        return err_set(e, ERR_FORMAT, "id, version and title are needed");
    p->fix_token      = yaml_text(fix, STR("exchange"));
    p->fix_token_2010 = yaml_text(fix, STR("exchange_2010"));
    return list_read(doc, "cves", p->cve, COUNT_OF(p->cve), &p->cve_n, e) &&
           list_read(doc, "expected", p->expected, COUNT_OF(p->expected), &p->expected_n, e) &&
           date_read(dates, "exploited_from", &p->exploited_from_us, e) && date_read(dates, "disclosed", &p->disclosed_us, e) &&
           date_read(dates, "patched", &p->patched_us, e) && date_read(dates, "mass_from", &p->mass_from_us, e) &&
           date_read(dates, "public_code", &p->public_code_us, e);
}

/* --- clean/NAME.csv: with a column path it lists pages, without one web.config files --- */

static bool clean_row(struct pack_building *b, const struct table *t, bool pages, struct err *e)
{
    struct pack      *p = b->p;
    struct clean_page c = { .path = table_cell(t, "path"), .builds = table_cell(t, "builds") };
    struct str        hex = table_cell(t, "sha256");

    if (!num_unhex(hex, c.sha256, sizeof c.sha256))
        return err_set(e, ERR_FORMAT, "line %u: sha256 is not 64 hex digits", t->line);
    if (pages && !c.path.n)
        return err_set(e, ERR_FORMAT, "line %u: path is empty", t->line);
    if (p->clean_n >= PACK_ROWS_MAX || p->clean_config_n >= PACK_ROWS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d clean files", PACK_ROWS_MAX);
    if (pages) {
        struct clean_page *at = GROW(b->a, p->clean, p->clean_n, &b->clean_cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for clean files");
        *at = c;
        p->clean_n++;
        return true;
    }
    struct str *at = GROW(b->a, p->clean_config, p->clean_config_n, &b->config_cap);
    hex = str_lower(b->a, hex);
    if (!at || !hex.p)
        return err_set(e, ERR_MEMORY, "no room for clean files");
    *at = hex;
    p->clean_config_n++;
    return true;
}

bool pack_clean_read(struct pack_building *b, struct str text, struct err *e)
{
    struct table t;
    struct err   mine = { 0 };

    if (!table_open(&t, b->a, text, e))
        return false;
    if (!table_has(&t, "sha256"))
        return err_set(e, ERR_FORMAT, "line 1: the header lacks sha256");
    bool pages = table_has(&t, "path");
    while (table_next(&t, &mine))
        if (!clean_row(b, &t, pages, e))
            return false;
    if (mine.kind != ERR_NONE) {
        *e = mine;
        return false;
    }
    return true;
}

/* --- guidance: "## id: title", then Markdown until the next one --- */

static bool head_of(struct str line, struct guidance *ret)
{
    size_t colon = str_chr(line, ':');

    if (!str_starts(line, STR("## ")) || colon == STR_NONE || colon <= 3)
        return false;
    ret->id    = str_sub(line, 3, colon);
    ret->title = str_trim(str_from(line, colon + 1));
    for (size_t i = 0; i < ret->id.n; i++)
        if (!ch_alnum(ret->id.p[i]) && ret->id.p[i] != '-' && ret->id.p[i] != '_')
            return false;
    return true;
}

bool pack_guidance_read(struct pack_building *b, struct str text, struct err *e)
{
    struct pack     *p = b->p;
    struct str       rest = text, line;
    struct guidance *now = NULL;
    size_t           number = 0;

    while (str_cut(&rest, '\n', &line)) {
        struct guidance g;
        number++;
        if (!str_starts(line, STR("## "))) {
            if (now)
                now->text.n = (size_t)(line.p - now->text.p) + line.n;
            continue;
        }
        if (!head_of(str_trim(line), &g))
            return err_set(e, ERR_FORMAT, "line %zu: a section is headed \"## id: title\"", number);
        if (pack_guidance(p, g.id))
            return err_set(e, ERR_FORMAT, "line %zu: section %.*s twice", number, STR_ARG(g.id));
        if (p->guide_n >= PACK_FILES_MAX)
            return err_set(e, ERR_LIMIT, "more than %d sections", PACK_FILES_MAX);
        now = GROW(b->a, p->guide, p->guide_n, &b->guide_cap);
        if (!now)
            return err_set(e, ERR_MEMORY, "no room for guidance");
        p->guide_n++;
        *now = g;
        now->text = (struct str){ line.p + line.n, 0 };
    }
    for (size_t i = 0; i < p->guide_n; i++)
        p->guide[i].text = str_trim(p->guide[i].text);
    return true;
}

const struct guidance *pack_guidance(const struct pack *p, struct str id)
{
    for (size_t i = 0; i < p->guide_n; i++)
        if (str_eq(p->guide[i].id, id))
            return &p->guide[i];
    return NULL;
}
