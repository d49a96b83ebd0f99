/* sample: writes the test fixture's report in every form: sample KIND DIR, or sample KIND terminal [WIDTH [colour]]. KIND summary and summary-hostile: several servers. */
#include "report/summary_fixture.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

static bool to_file(void *ctx, struct str s, struct err *e)
{
    return fwrite(s.p, 1, s.n, ctx) == s.n || err_set(e, ERR_IO, "cannot write");
}

static bool write_all(const struct report *r, struct out *o, struct arena scratch, const char *dir, struct err *e)
{
    for (size_t i = 0; render_kinds[i]; i++) {
        char  path[1024];
        FILE *f;

        snprintf(path, sizeof path, "%s/%s", dir, render_kinds[i]->file);
        f = fopen(path, "wb");
        if (!f)
            return err_set(e, ERR_IO, "cannot create %s", path);
        out_open(o, to_file, f);
        bool ok = render_kinds[i]->write(o, r, scratch, e);
        if (fclose(f) != 0 || !ok)
            return ok ? err_set(e, ERR_IO, "cannot write %s", path) : false;
    }
    return true;
}

static bool write_summary(struct out *o, const struct summary *s, struct arena scratch, const char *dir, struct err *e)
{
    static const struct { const char *file; bool (*write)(struct out *, const struct summary *, struct arena, struct err *); } form[] = {
        { "summary.json", summary_json }, { "summary.html", summary_html }, { "summary.csv", summary_csv },
    };

    for (size_t i = 0; i < COUNT_OF(form); i++) {
        char  path[1024];
        FILE *f;

        snprintf(path, sizeof path, "%s/%s", dir, form[i].file);
        f = fopen(path, "wb");
        if (!f)
            return err_set(e, ERR_IO, "cannot create %s", path);
        out_open(o, to_file, f);
        bool ok = form[i].write(o, s, scratch, e);
        if (fclose(f) != 0 || !ok)
            return ok ? err_set(e, ERR_IO, "cannot write %s", path) : false;
    }
    return true;
}

int main(int argc, char **argv)
{
    size_t       bytes = 64u << 20;
    uint8_t     *block = malloc(bytes);
    struct out  *o = malloc(sizeof *o);
    struct arena a = { block, block + bytes, NULL };
    struct err   e = { 0 };
    bool         ok = false;

    for (int k = 0; argc >= 3 && k < FIX_KINDS; k++) {
        if (strcmp(argv[1], fixture_name[k]) != 0)
            continue;
        struct fixture *x = fixture_make(&a, (enum fixture_kind)k);
        if (strcmp(argv[2], "terminal") == 0) {
            out_open(o, to_file, stdout);
            ok = render_terminal(o, &x->r, a, argc > 4, argc > 3 ? (uint32_t)atoi(argv[3]) : 80, &e);
        } else {
            ok = write_all(&x->r, o, a, argv[2], &e);
        }
    }
    if (argc >= 3 && strncmp(argv[1], "summary", 7) == 0) {
        struct summary s;
        ok = summary_fixture(&s, &a, strcmp(argv[1], "summary-hostile") == 0, &e);
        if (ok && strcmp(argv[2], "terminal") == 0) {
            out_open(o, to_file, stdout);
            ok = summary_terminal(o, &s, a, argc > 4, argc > 3 ? (uint32_t)atoi(argv[3]) : 80, &e);
        } else if (ok) {
            ok = write_summary(o, &s, a, argv[2], &e);
        }
    }
    if (!ok)
        fprintf(stderr, "sample: %s\nusage: sample full|hostile|clean|missing|empty|huge|summary|summary-hostile DIR|terminal [WIDTH [colour]]\n", e.what);
    free(o);
    free(block);
    return !ok;
}
