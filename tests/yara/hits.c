/*
 * hits RULES FILE...: what our adapter says, for compare.py: one line "RULE-FILE RULE FILE" per hit. Rule files that are refused go to stderr.
 */
#include "base/num.h"
#include "base/winpath.h"
#include "detect/rules_dir.h"
#include "detect/yara.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HITS_MAX_FILES = 4096 };

static struct str slurp(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f || fseek(f, 0, SEEK_END) != 0)
        exit(2);
    long     size = ftell(f);
    uint8_t *p = malloc(size > 0 ? (size_t)size : 1);
    rewind(f);
    size_t n = p && size > 0 ? fread(p, 1, (size_t)size, f) : 0;
    fclose(f);
    return (struct str){ p, n };
}

static void look(struct yara_scanner *s, struct arena a, const char *path, bool tell)
{
    struct str         body = slurp(path), name = str_c(path);
    size_t             slash = str_rchr(name, '/');
    struct yara_about  about = { .filename = slash == STR_NONE ? name : str_from(name, slash + 1), .filepath = slash == STR_NONE ? STR_EMPTY : str_sub(name, 0, slash),
                                 .filetype = yara_type(body) };
    struct yara_result r;
    struct err         e = { 0 };
    size_t             dot = str_rchr(about.filename, '.');

    about.extension = dot == STR_NONE ? STR_EMPTY : str_from(about.filename, dot);
    if (!yara_scan(s, &a, body, &about, &r, &e)) {
        fprintf(stderr, "%s: %s\n", path, e.what);
        exit(1);
    }
    if (r.hit_more)
        fprintf(stderr, "%s: %zu more hits than are told\n", path, r.hit_more);
    if (r.limit.n)
        fprintf(stderr, "%s: %.*s\n", path, STR_ARG(r.limit));
    for (size_t i = 0; tell && i < r.hit_n; i++)
        printf("%.*s %.*s %s\n", STR_ARG(r.hit[i].file), STR_ARG(r.hit[i].rule), path);
    free((void *)(uintptr_t)body.p);
}

int main(int argc, char **argv)
{
    size_t       room = (size_t)96 << 20;
    uint8_t     *block = malloc(room);
    struct arena a = { block, block + room, NULL };
    struct os    os = os_posix();
    struct err   e = { 0 };
    struct yara  y = { 0 };
    struct rules_dir d = { 0 };
    struct yara_scanner *s = NULL;
    struct yara_file    *file = NEW(&a, struct yara_file, HITS_MAX_FILES);
    size_t n = 0;

    if (argc < 3 || !block || !rules_dir_add(&d, &a, &os, str_c(argv[1]), &e))
        return 2;
    for (size_t i = 0; i < d.file_n && n < HITS_MAX_FILES; i++)
        if (d.file[i].kind == RULES_YARA) {
            file[n].name = d.file[i].file;
            if (!rules_file_read(&d.file[i], &os, &a, &file[n++].text, &e))
                return 2;
        }
    int64_t before = os.tick_us(&os);
    if (!yara_compile(&y, &a, file, n, &e)) {
        fprintf(stderr, "%s\n", e.what);
        return 1;
    }
    int64_t after = os.tick_us(&os);
    for (size_t i = 0; i < y.refused_n; i++)
        fprintf(stderr, "%s %.*s: %.*s\n", y.refused[i].told_only ? "note" : "refused", STR_ARG(y.refused[i].file), STR_ARG(y.refused[i].why));
    fprintf(stderr, "%zu rules of %zu files, %llu bytes compiled, %lld ms\n", y.rule_n, y.file_n, (unsigned long long)y.compiled_bytes, (long long)(after - before) / 1000);
    if (y.code && yara_scanner_open(&s, &y, YARA_SECONDS, &e))
        for (int i = 2; i < argc; i++)
            look(s, a, argv[i], true);
    yara_scanner_close(s);
    yara_close(&y);
    free(block);
    return 0;
}
