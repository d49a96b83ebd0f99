/* paper_index: the desk's list of what lies in a folder. */
#include "notify/paper_inner.h"

#include "base/num.h"
#include "emit/csv.h"
#include "notify/outbox_inner.h"

struct into { struct os *os; struct os_file f; };
static bool into_file(void *ctx, struct str s, struct err *e) { struct into *x = ctx; return x->os->write(x->os, x->f, s, e); }

static struct str one_line(struct arena *a, struct str s)
{
    struct str d = str_dup(a, s);

    for (size_t i = 0; i < d.n; i++)
        if (d.p[i] == '\n' || d.p[i] == '\r')
            ((uint8_t *)(uintptr_t)d.p)[i] = ' ';
    return d;
}

static void index_row(struct str only_to, struct csv *c, struct store_stmt *st, struct arena a)
{
    struct case_campaign k = { .begun_us = store_time(st, 10), .report_us = store_time(st, 11), .patch_us = store_time(st, 12), .code_us = store_time(st, 13) };
    char name[CASE_NAME_TEXT], when[TIME_TEXT];

    case_name(store_int(st, 2), case_year(&k), name);
    csv_cell(c, store_text(st, 0));
    csv_u64(c, 1 + (uint64_t)store_int(st, 9));
    csv_i64(c, store_int(st, 1));
    csv_cell(c, str_c(name));
    csv_cell(c, str_c(notice_stage_name((enum notice_stage)store_int(st, 3))));
    csv_cell(c, str_c(notice_finding_name((enum notice_finding)store_int(st, 4))));
    csv_cell(c, store_text(st, 5));
    csv_cell(c, only_to.n ? only_to : one_line(&a, store_text(st, 6)));
    time_text(store_int(st, 8), when);
    csv_cell(c, str_c(when));
    csv_cell(c, str_c(notice_step_name((enum notice_step)store_int(st, 7))));
    csv_end(c);
}

struct index { struct ledger *l; struct str folder, given, only_to; enum contact_channel channel; };

static bool index_rows(const struct index *x, struct csv *c, struct arena a, struct err *e)
{
    static const char *const head[] = { "file", "copies", "notice", "case", "stage", "finding", "language", "to", "written", "state" };
    struct store_stmt       *st;
    enum store_got           got;

    for (size_t i = 0; i < COUNT_OF(head); i++)
        csv_cell(c, str_c(head[i]));
    csv_end(c);
    if (!bind_open(ledger_store(x->l), "SELECT p.name, n.id, n.case_id, n.stage, n.finding, n.language, n.contact, n.state, p.at_us, p.copies, c.begun_us, c.report_us, c.patch_us, c.code_us "
                                       "FROM notify_paper p JOIN notify_notice n ON n.id = p.notice JOIN case_campaign c ON c.id = n.campaign "
                                       "WHERE (p.folder = ?1 OR p.folder = ?3) AND n.channel = ?2 AND n.written > 0 ORDER BY p.name",
                   BOUND(B_TEXT(x->folder), B_INT(x->channel), B_TEXT(x->given)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW)
        index_row(x->only_to, c, st, a);
    store_finish(st);
    return got == STORE_DONE;
}

bool paper_index(struct ledger *l, struct os *os, struct str folder, struct str given, enum contact_channel channel, struct str only_to, struct arena a, struct err *e)
{
    const struct index x = { l, folder, given, only_to, channel };
    struct into        f = { os, OS_FILE_NONE };
    struct out        *o = NEW(&a, struct out, 1);
    struct str         path = paper_path(&a, folder, STR(PAPER_INDEX));
    struct csv         c;

    if (!o || !path.p)
        return err_set(e, ERR_MEMORY, "no room for the index");
    if (!os->create(os, path, &f.f, e))
        return false;
    out_open(o, into_file, &f);
    csv_open(&c, o, true);
    bool ok = index_rows(&x, &c, a, e) && out_done(o, e) && os->commit(os, &f.f, e);
    os->close(os, &f.f);
    return ok;
}
