#include "cli/scan_in.h"

#include "base/time.h"
#include "survey/observation_out.h"

/* ---- --dry-run ---- */

static bool dry_take(void *ctx, const struct observation *o, struct err *e)
{
    struct scan_in *s = ctx;
    struct out     *to = s->f->c->out;
    struct js       j;

    js_open(&j, to, true);
    observation_json(&j, o);
    out_c(to, "\n");
    return infiles_printed(s->f, to, e);
}

static bool dry_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct scan_in *s = ctx;

    infile_broken_json(s->f->c->out, line, why, raw);
    return infiles_printed(s->f, s->f->c->out, e);
}

/* ---- what came of a file ---- */

struct outcome { struct str name; struct import_result r; enum record_state state; struct record_counts n; const uint8_t *sha256; bool read; };

static void tell_json(struct out *o, const struct outcome *x, bool dry)
{
    struct js j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "file");         js_str(&j, x->name);
    js_key(&j, "sha256");       js_hex(&j, x->sha256, 32);
    js_key(&j, "state");        js_c(&j, x->state == RECORD_WHOLE ? "known" : x->state == RECORD_CONTINUES ? "continued" : "new");
    if (x->read) {
        js_key(&j, "format");       js_c(&j, x->r.format < OBS_SOURCES ? obs_source_name(x->r.format) : NULL);
        js_key(&j, "report");       js_str_or_null(&j, x->r.report);
        js_key(&j, "rows");         js_u64(&j, x->r.rows);
        js_key(&j, "observations"); js_u64(&j, x->r.taken);
        if (!dry) {
            js_key(&j, "new");          js_u64(&j, x->n.observations);
            js_key(&j, "already_known"); js_u64(&j, x->n.passed_over);
        }
        infile_sums_json(&j, &x->r);
    }
    js_end(&j);
    out_c(o, "\n");
}

static void tell_text(struct out *o, const struct outcome *x, bool dry)
{
    const struct import_result *r = &x->r;

    out_term(o, x->name, 200);
    if (!x->read) {
        out_c(o, ": already known, nothing new\n");
        return;
    }
    out_c(o, ": ");
    out_term(o, r->report, 60);
    out_fmt(o, ": %llu rows: %llu observations", (unsigned long long)r->rows, (unsigned long long)r->taken);
    if (!dry)
        out_fmt(o, " (%llu new, %llu already known)", (unsigned long long)x->n.observations, (unsigned long long)x->n.passed_over);
    out_fmt(o, ", %llu about something else, %llu broken\n", (unsigned long long)r->other, (unsigned long long)r->broken);
    infile_sums_text(o, r);
}

static void tell(struct scan_in *s, const struct outcome *x)
{
    /* With --dry-run stdout belongs to the observations. */
    struct out *o = s->dry ? s->f->c->err : s->f->c->out;

    if (s->json)
        tell_json(o, x, s->dry);
    else if (!s->dry || !s->f->c->silent)
        tell_text(o, x, s->dry);
    s->f->bad |= x->r.end.kind != ERR_NONE;
}

/* ---- one file ---- */

bool scan_in_open(struct scan_in *s, struct err *e)
{
    return s->dry || s->record || record_open(&s->record, s->store, s->f->c->os, e);
}

void scan_in_close(struct scan_in *s)
{
    record_close(s->record);
    s->record = NULL;
}

/* A file that came to nothing is given up, for it may be read with other options: what the recorder has of it is not flushed. */
static bool give_up(struct scan_in *s, struct err *e)
{
    struct err also = { 0 };

    scan_in_close(s);
    if (!scan_in_open(s, &also))
        *e = also;
    return false;
}

bool scan_in_one(struct scan_in *s, struct packed *p, struct str name, const uint8_t sha256[32], uint64_t size_bytes, struct err *e)
{
    struct outcome        x = { .name = name, .state = RECORD_NEW, .sha256 = sha256 };
    struct arena          keep = s->f->c->scratch;
    struct import_options opt = s->opt;
    struct record_file    file = { .name = infile_name(name), .format = s->reader, .size_bytes = size_bytes, .again = s->again };
    struct infile         from = { s->f, p };
    struct obs_sink       sink = { s, dry_take, dry_broken };

    opt.by        = s->by;
    opt.file_name = file.name;
    for (size_t i = 0; i < sizeof file.sha256; i++)
        file.sha256[i] = sha256[i];
    if (!s->dry) {
        if (!scan_in_open(s, e) || !record_file_begin(s->record, &file, &x.state, e))
            return false;
        sink = record_sink(s->record);
    }
    x.read = x.state != RECORD_WHOLE;
    if (x.read) {
        if (!import_read(&x.r, &keep, s->f->room, &opt, infile_fill, &from, &sink, e))
            return give_up(s, e);
        if (!s->dry && !record_file_end(s->record, &x.n, e))
            return false;
    }
    tell(s, &x);
    return true;
}

/* ---- options ---- */

bool scan_in_options(struct scan_in *s, struct cli *c, struct str format, struct str map, struct str by, struct str observed, struct err *e)
{
    struct str one_by, domains = by;

    s->opt = (struct import_options){ .format = OBS_SOURCES, .map = map, .now_us = c->os->now_us(c->os), .at_us = TIME_NONE };
    if (format.n && !import_format_find(format, &s->opt.format))
        return err_set(e, ERR_USAGE, "no format \"%.*s\"", STR_ARG(str_sub(format, 0, 60)));
    if (observed.n && !time_parse(observed, &s->opt.at_us)) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no date", STR_ARG(str_sub(observed, 0, 60)));
        return err_hint(e, "write 2021-03-14 or 2021-03-14T02:11:30Z");
    }
    while (str_cut(&domains, ',', &one_by)) {
        one_by = str_trim(one_by);
        if (one_by.n && s->opt.by_n == SCAN_BY_MAX)
            return err_set(e, ERR_USAGE, "more than %d domains", SCAN_BY_MAX);
        if (one_by.n)
            s->by[s->opt.by_n++] = one_by;
    }
    s->reader = str_fmt(&c->keep, "import 1 %.*s %.*s %.*s %.*s", STR_ARG(format), STR_ARG(map), STR_ARG(by), STR_ARG(observed));
    return s->reader.p || err_set(e, ERR_MEMORY, "no room for the options");
}
