/*
 * report_fixture: real reports for tests, made by the hunt from evidence of the lab, shortened (tests/corpus/reportin), and one change at a time. Tests only.
 */
#ifndef CASEWORK_REPORT_FIXTURE_H
#define CASEWORK_REPORT_FIXTURE_H

#include "test.h"

#include "casework/report_read.h"

static const char *const fixture_names[] = { "bakery", "two-groups", "shell-removed", "clean", "ways-config", "task-left", "exchange-2010", "born-patched", "mail-theft", "events-beyond", "untouched" };

/* In an exact-size heap block: test_free. */
static inline struct str fixture_load(const char *name)
{
    char   path[512];
    long   n;

    snprintf(path, sizeof path, "%s/tests/corpus/reportin/%s.json", AP_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0)
        fail_msg("%s", path);
    rewind(f);
    uint8_t *p = malloc((size_t)n + 1);
    CHECK(fread(p, 1, (size_t)n, f) == (size_t)n);
    fclose(f);
    struct str s = test_heap(p, (size_t)n);
    free(p);
    return s;
}

/* `was` becomes `is`: the nth time it stands there, from 1; 0: each time. The old block is freed. */
static inline struct str fixture_change(struct str s, const char *was, const char *is, unsigned nth)
{
    size_t   wn = strlen(was), in = strlen(is), n = 0, cap = s.n + 1;
    unsigned seen = 0, done = 0;

    for (size_t i = 0; i + wn <= s.n; i++)
        cap += memcmp(s.p + i, was, wn) == 0 ? in : 0;
    uint8_t *p = malloc(cap);
    for (size_t i = 0; i < s.n;) {
        if (wn <= s.n - i && memcmp(s.p + i, was, wn) == 0 && (++seen == nth || nth == 0)) {
            memcpy(p + n, is, in);
            n += in;
            i += wn;
            done++;
        } else
            p[n++] = s.p[i++];
    }
    if (!done)
        fail_msg("not in the report: %s", was);
    struct str out = test_heap(p, n);
    free(p);
    test_free(s);
    return out;
}

#endif
