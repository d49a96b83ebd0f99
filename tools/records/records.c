/*
 * records: what the readers make of one text log, as JSON lines; for comparing with other readers.
 *
 *   records FILE            one object a row: line, offset, time, columns by name
 *   records --count FILE    rows=N columns=N damaged=N kind=NAME
 */
#include "emit/json.h"
#include "formats/lines.h"
#include "formats/logkind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 64 << 20, ROW_MEMORY = 16 << 20 };

static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    FILE *f = ctx;

    *got = fread(buf, 1, cap, f);
    return !ferror(f) || err_set(e, ERR_IO, "reading failed");
}

static bool put(void *ctx, struct str s, struct err *e)
{
    (void)ctx;
    return fwrite(s.p, 1, s.n, stdout) == s.n || err_set(e, ERR_IO, "writing failed");
}

static bool skip(void *ctx, struct str s, struct err *e)
{
    (void)ctx, (void)s, (void)e;
    return true;
}

static void print(struct out *o, const struct record *r)
{
    struct js j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "line");
    js_u64(&j, r->line);
    js_key(&j, "time");
    js_time(&j, r->time_us);
    js_key(&j, "columns");
    js_array(&j);
    for (size_t i = 0; i < r->n; i++) {
        js_array(&j);
        js_str(&j, i < r->cols->n ? r->cols->name[i] : STR(""));
        js_str(&j, r->value[i]);
        js_end(&j);
    }
    for (size_t i = 0; i < r->extra_n; i++) {
        js_array(&j);
        js_str(&j, r->extra_name[i]);
        js_str(&j, r->extra_value[i]);
        js_end(&j);
    }
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
}

int main(int argc, char **argv)
{
    bool   count = argc == 3 && strcmp(argv[1], "--count") == 0;
    FILE  *f     = argc == 2 || count ? fopen(argv[argc - 1], "rb") : NULL;
    static uint8_t memory[MEMORY], row_memory[ROW_MEMORY];
    struct arena a = { memory, memory + MEMORY, NULL };
    struct lines *l = NULL;
    struct lines_block b;
    struct err e = { 0 };
    struct log_state s = { .kind = NULL };
    uint64_t rows = 0, damaged = 0, columns = 0;
    static struct out o;

    if (!f) {
        fprintf(stderr, "usage: records [--count] FILE\n");
        return 2;
    }
    out_open(&o, count ? skip : put, NULL);
    /* dated works for W3C rows too: they start with a date in every log that this tool is pointed at */
    bool ok = lines_open(&l, &a, fill, f, true, &e);
    while (ok && lines_next(l, &b, &e)) {
        struct str line, type = STR_EMPTY;
        size_t pos = 0, at;
        uint64_t n = b.line;
        if (!s.kind) {
            s.kind = log_sniff(str_sub(b.text, 0, LOGKIND_HEAD), &type);
            s.keep = (struct arena){ a.beg, a.end, NULL };
            if (!s.kind) {
                fprintf(stderr, "no known log\n");
                return 1;
            }
        }
        for (; lines_step(b.text, &pos, &line, &at); n++) {
            struct arena  scratch = { row_memory, row_memory + ROW_MEMORY, NULL };
            struct record r;
            struct err    bad = { 0 };
            if (line.n && line.p[line.n - 1] == '\r')
                line.n--;
            if (!line.n || s.kind->header(&s, line)) {
                columns = s.cols.n;
                continue;
            }
            if (!s.kind->parse(&s, &scratch, line, &r, &bad)) {
                damaged++;
                continue;
            }
            r.line = n;
            rows++;
            damaged += r.damaged;
            print(&o, &r);
        }
    }
    lines_close(l);
    fclose(f);
    if (count)
        printf("rows=%llu columns=%llu damaged=%llu kind=%s\n", (unsigned long long)rows, (unsigned long long)columns,
               (unsigned long long)damaged, s.kind ? s.kind->name : "none");
    return out_done(&o, &e) && e.kind == ERR_NONE ? 0 : 1;
}
