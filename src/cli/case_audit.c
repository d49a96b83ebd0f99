/* case audit: who did what, when, to which case. */
#include "cli/case.h"

#include "cli/case_data.h"
#include "cli/case_screen.h"
#include "emit/json.h"

enum { STORE, LIMIT, PAGE, ALL, JSON };
static const struct opt opts[] = {
    [STORE] = CASE_OPT_STORE,
    [LIMIT] = CASE_OPT_LIMIT,
    [PAGE]  = CASE_OPT_PAGE,
    [ALL]   = CASE_OPT_ALL,
    [JSON]  = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { OTHER_LINES = 4, WIDE = 120, WHO_COLUMNS = 14, WHAT_COLUMNS = 20, ABOUT_COLUMNS = 24 };

struct deed { int64_t at_us; struct str who, what, about, detail; };

/* "case 123" by its name; all else as it is. */
static struct str about_text(struct case_data *d, struct str about)
{
    struct case_found f;
    struct err        none = { 0 };

    if (!str_starts(about, STR("case ")) || !case_find(d, str_from(about, 5), STR_EMPTY, &f, &none))
        return about;
    return str_dup(&d->c->keep, str_c(f.name));
}

static void as_text(struct cli *c, const struct deed *x)
{
    char when[CASE_TIME_TEXT];
    bool wide = case_columns(c) >= WIDE;

    case_minute_text(x->at_us, when);
    case_cell_c(c->out, when, 16);
    case_cell(c->out, x->who, WHO_COLUMNS);
    case_cell(c->out, x->what, WHAT_COLUMNS);
    if (wide)
        case_cell(c->out, x->about, ABOUT_COLUMNS);
    else
        out_term(c->out, x->about, CASE_COLUMNS - 17 - WHO_COLUMNS - WHAT_COLUMNS - 2);
    if (!wide && x->detail.n)
        out_c(c->out, "\n  ");
    out_term(c->out, x->detail, wide ? case_columns(c) - 17 - WHO_COLUMNS - WHAT_COLUMNS - ABOUT_COLUMNS - 3 : CASE_COLUMNS - 2);
    out_c(c->out, "\n");
}

static void as_json(struct js *j, const struct deed *x)
{
    js_object(j);
    js_key(j, "at");     js_time(j, x->at_us);
    js_key(j, "who");    js_str(j, x->who);
    js_key(j, "what");   js_str(j, x->what);
    js_key(j, "about");  js_str_or_null(j, x->about);
    js_key(j, "detail"); js_str_or_null(j, x->detail);
    js_end(j);
}

static bool count(struct case_data *d, struct str about, struct str number, uint64_t *ret, struct err *e)
{
    struct store_stmt *st = NULL;

    if (!store_prepare(d->store, "SELECT count(*) FROM case_audit WHERE ?1 = '' OR about = ?1 OR about = ?2", &st, e))
        return false;
    store_bind_text(st, 1, about);
    store_bind_text(st, 2, number);
    if (!case_row(&st, e))
        return false;
    *ret = (uint64_t)store_int(st, 0);
    store_finish(st);
    return true;
}

static bool list(struct case_data *d, const struct args *args, const struct case_page *p, struct err *e)
{
    static const char sql[] = "SELECT at_us, who, what, about, detail FROM case_audit WHERE ?1 = '' OR about = ?1 OR about = ?2 ORDER BY id DESC LIMIT ?3 OFFSET ?4";
    struct cli        *c = d->c;
    struct str         about = args->operand_n ? str_trim(args->operand[0]) : STR(""), number = STR("");
    struct case_found  f;
    struct err         none = { 0 };
    struct store_stmt *st = NULL;
    uint64_t           total, shown = 0;
    struct js          j;

    /* A case by any of its names; else the very words. */
    if (about.n && case_find(d, about, STR_EMPTY, &f, &none))
        number = str_fmt(&c->keep, "case %lld", (long long)f.case_);
    if (!count(d, about, number, &total, e) || !store_prepare(d->store, sql, &st, e))
        return false;
    store_bind_text(st, 1, about);
    store_bind_text(st, 2, number);
    store_bind_int(st, 3, (int64_t)p->n);
    store_bind_int(st, 4, (int64_t)p->first);
    if (args->given[JSON]) {
        js_open(&j, c->out, false);
        js_object(&j);
        js_key(&j, "view");  js_c(&j, "audit");
        js_key(&j, "total"); js_u64(&j, total);
        js_key(&j, "deeds");
        js_array(&j);
    } else if (total) {
        case_cell_c(c->out, "when (UTC)", 16);
        case_cell_c(c->out, "who", WHO_COLUMNS);
        case_cell_c(c->out, "what", WHAT_COLUMNS);
        out_c(c->out, "about\n");
    } else
        out_c(c->out, about.n ? "nobody did anything to it\n" : "nobody did anything yet\n");
    while (case_row(&st, e)) {
        struct arena keep = c->keep;
        struct deed  x = { store_int(st, 0), case_text(d, st, 1), case_text(d, st, 2), case_text(d, st, 3), case_text(d, st, 4) };

        x.about = about_text(d, x.about);
        if (args->given[JSON])
            as_json(&j, &x);
        else
            as_text(c, &x);
        c->keep = keep;
        shown++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (args->given[JSON]) {
        js_end(&j);
        js_end(&j);
        out_c(c->out, "\n");
    } else
        case_page_more(c->out, p, shown, total);
    return true;
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct case_data d = { 0 };
    struct case_page p;
    struct err       e = { 0 };
    bool             ok = args->operand_n <= 1 || err_set(&e, ERR_USAGE, "one case at a time");

    ok = ok && case_page_asked(args, LIMIT, PAGE, ALL, OTHER_LINES, case_columns(c) >= WIDE ? 1 : 2, &p, &e) && case_read(&d, c, args->value[STORE], &e) && list(&d, args, &p, &e);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case audit", "The newest first, on one screen" },
    { "afterpatch case audit 2021-000123 --all", "All that was done to one case" },
    { NULL, NULL },
};

const struct verb verb_case_audit = {
    .name = "case audit", .about = "who did what, and why", .usage = "[OPTION]... [CASE]",
    .text = "Whatever a person decides or adds stands here with the name, the time and the reason given. Nothing is removed from it.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
