/* contact show: the whole ladder of a case, best first, with what speaks for and against each rung. */
#include "cli/contact.h"

#include "base/num.h"
#include "cli/case_data.h"
#include "cli/case_screen.h"
#include "cli/contact_line.h"

enum { STORE, CAMPAIGN, LIMIT, PAGE, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [LIMIT]    = CASE_OPT_LIMIT,
    [PAGE]     = CASE_OPT_PAGE,
    [ALL]      = CASE_OPT_ALL,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { OTHER_LINES = 4, EACH_LINES = 3, ADDRESS_COLUMNS = 44 };

static bool organisation(struct case_data *d, int64_t org, struct str *ret, struct err *e)
{
    struct store_stmt *st = NULL;

    *ret = STR_EMPTY;
    if (!store_prepare(d->store, "SELECT name FROM case_org WHERE org = ?1", &st, e))
        return false;
    store_bind_int(st, 1, org);
    if (case_row(&st, e)) {
        *ret = case_text(d, st, 0);
        store_finish(st);
    }
    return e->kind == ERR_NONE;
}

/* One line: a postal address has several. */
static struct str one_line(struct str s, struct arena *a)
{
    struct str one = str_dup(a, s);

    for (size_t i = 0; i < one.n; i++)
        if (one.p[i] == '\n')
            ((uint8_t *)(uintptr_t)one.p)[i] = ',';
    return one;
}

static void text_line(struct case_data *d, const struct contact *c, struct arena a)
{
    struct out *o = d->c->out;
    struct str  against = contact_against(c, &a);
    char        day[CASE_TIME_TEXT], proof[CASE_TIME_TEXT];

    case_cell_c(o, contact_usable(c) ? grade_name(c->grade) : "-", 1);
    case_number(o, c->rung, 2, false);
    case_cell_c(o, contact_channel_name(c->channel), 6);
    if (c->path == PATH_NONE) {
        out_term(o, one_line(c->address, &a), case_columns(d->c) - 13);
    } else {
        case_cell(o, one_line(c->address, &a), ADDRESS_COLUMNS);
        out_c(o, mail_path_name(c->path));
    }
    case_day_text(c->source_us, day);
    case_day_text(c->proof_us, proof);
    out_c(o, "\n     ");
    case_wrap(o, str_fmt(&a, "%s%s%.*s; %.*s, %s%s%s", ladder_rung_name(c->rung), against.n ? "; " : "", STR_ARG(against), STR_ARG(str_sub(c->source, 0, 120)), day,
                         c->proof_us == TIME_NONE ? "" : ", alive ", c->proof_us == TIME_NONE ? "" : proof),
              5, 5, case_columns(d->c), 1);
    if (c->path_why.n) {
        out_c(o, "     ");
        case_wrap(o, c->path_why, 5, 5, case_columns(d->c), 1);
    }
}

static bool show(struct case_data *d, const struct args *a, struct err *e)
{
    struct arena     *keep = &d->c->keep;
    struct out       *o = d->c->out;
    struct case_found f;
    struct case_page  page;
    struct contact   *c;
    struct str        name;
    struct js         j;
    size_t            n;

    if (!case_page_asked(a, LIMIT, PAGE, ALL, OTHER_LINES, EACH_LINES, &page, e) || !case_find(d, a->operand[0], a->value[CAMPAIGN], &f, e))
        return false;
    if (!f.case_)
        return err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
    if (!organisation(d, f.org, &name, e) || !ladder_climb(d->store, f.case_, d->c->os->now_us(d->c->os), keep, &c, &n, e))
        return false;
    enum contact_lack lack = contact_lack_of(c, n);
    struct str        needs = contact_lack_text(lack, c, n, keep);
    if (a->given[JSON]) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");         js_c(&j, "contacts");
        js_key(&j, "case");         js_c(&j, f.name);
        js_key(&j, "organisation"); js_str_or_null(&j, name);
        js_key(&j, "total");        js_u64(&j, n);
        js_key(&j, "usable");       js_u64(&j, contact_usable_n(c, n));
        js_key(&j, "lacks");        js_c(&j, lack ? contact_lack_words[lack] : NULL);
        js_key(&j, "why");          js_str_or_null(&j, needs);
        js_key(&j, "contacts");
        js_array(&j);
        for (size_t i = 0; i < n; i++)
            contact_json(&j, &c[i]);
        js_end(&j);
        js_end(&j);
        out_c(o, "\n");
        return true;
    }
    out_fmt(o, "%s ", f.name);
    out_term(o, name.n ? name : STR("(no name is known)"), case_columns(d->c) - 42);
    out_fmt(o, ": %zu contact%s, %zu to be used\n", n, n == 1 ? "" : "s", contact_usable_n(c, n));
    if (needs.n)
        case_wrap(o, needs, 0, 2, case_columns(d->c), 2);
    uint64_t shown = 0;
    for (size_t i = page.first; i < n && shown < page.n; i++, shown++)
        text_line(d, &c[i], d->c->scratch);
    case_page_more(o, &page, shown, n);
    return true;
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct case_data d = { .c = c };
    struct err       e = { 0 };
    bool             ok = a->operand_n == 1;

    if (!ok) {
        err_set(&e, ERR_USAGE, "one case");
        err_hint(&e, "usage: afterpatch %s %s", v->name, v->usage);
    }
    ok = ok && case_read(&d, c, a->value[STORE], &e) && show(&d, a, &e);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch contact show 2021-000123", "Whom to tell, best first, and by which path" },
    { "afterpatch contact show mail.bakery.example --json", "The same by one of its servers, as JSON" },
    { NULL, NULL },
};

const struct verb verb_contact_show = {
    .name = "contact show", .about = "the ladder of a case: every contact with rung, grade, source, proof of life and mail path", .usage = "[OPTION]... CASE|HOST",
    .text = "Columns: grade (A best, - not to be used), rung, channel, address, path of its mail. Below: what the rung is, who stated it and when, proof of life, what speaks against it; "
            "and why the path is judged so.\n\n"
            "Paths: compromised: through a server of the campaign that nobody vouches for, so that mail carries a minimal text only; unknown: nobody has looked, treated alike; own; provider; "
            "null_mx: the domain takes no mail.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
