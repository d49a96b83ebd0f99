/*
 * packbin: packs/ID/ folders to one C file. Runs while the program is built; src/pack/blob.c tells the layout.
 *
 * Use      packbin OUT.c FOLDER...
 * Order    files by bytes of their names, so the same folder gives the same bytes.
 * Not done links, folders below the third level, files that start with a dot.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { NAMES_MAX = 20000, PATH = 4096 };

struct bytes { uint8_t *p; size_t n, cap; };
struct names { char *name[NAMES_MAX]; size_t n; };

static void fail(const char *what, const char *where)
{
    fprintf(stderr, "packbin: %s: %s\n", where, what);
    exit(1);
}

static void push(struct bytes *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    if (b->cap - b->n < n) {
        b->cap = (b->cap + n) * 2;
        b->p   = realloc(b->p, b->cap);
        if (!b->p)
            fail("no memory", "file");
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static void push_u32(struct bytes *b, size_t v)
{
    uint8_t x[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
    push(b, x, sizeof x);
}

static void list(struct names *ret, const char *root, const char *sub, int depth)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s", root, sub);
    DIR *d = opendir(path);
    if (!d)
        fail("cannot be listed", path);
    for (struct dirent *at; (at = readdir(d));) {
        char        name[PATH], whole[2 * PATH];
        struct stat st;
        if (at->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%.2000s%s%.2000s", sub, sub[0] ? "/" : "", at->d_name);
        snprintf(whole, sizeof whole, "%s/%s", root, name);
        if (lstat(whole, &st) != 0)
            fail("cannot be looked at", whole);
        if (S_ISDIR(st.st_mode) && depth < 2)
            list(ret, root, name, depth + 1);
        if (!S_ISREG(st.st_mode))
            continue;
        if (ret->n == NAMES_MAX)
            fail("too many files", root);
        ret->name[ret->n++] = strdup(name);
    }
    closedir(d);
}

static int by_name(const void *x, const void *y) { return strcmp(*(char *const *)x, *(char *const *)y); }

static void push_file(struct bytes *b, const char *root, const char *name)
{
    char         path[2 * PATH];
    struct bytes text = { 0 };
    uint8_t      block[65536];

    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail("cannot be opened", path);
    for (size_t got; (got = fread(block, 1, sizeof block, f)) > 0;)
        push(&text, block, got);
    if (ferror(f))
        fail("cannot be read", path);
    fclose(f);
    push_u32(b, strlen(name));
    push_u32(b, text.n);
    push(b, name, strlen(name));
    push(b, text.p, text.n);
    free(text.p);
}

static const char *id_of(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    return slash ? slash + 1 : folder;
}

static size_t write_one(FILE *out, int number, const char *folder, size_t *ret_raw)
{
    static struct names names;
    struct bytes        raw = { 0 };

    names.n = 0;
    list(&names, folder, "", 0);
    qsort(names.name, names.n, sizeof *names.name, by_name);
    for (size_t i = 0; i < names.n; i++) {
        push_file(&raw, folder, names.name[i]);
        free(names.name[i]);
    }
    uLongf   n = compressBound(raw.n);
    uint8_t *z = malloc(n);
    if (!z || compress2(z, &n, raw.p ? raw.p : (const Bytef *)"", raw.n, 9) != Z_OK)
        fail("cannot be deflated", folder);

    uint32_t x = 0x9E3779B9u ^ (uint32_t)raw.n;
    fprintf(out, "static const uint8_t blob_%d[] = {", number);
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        fprintf(out, "%s%u,", i % 32 ? "" : "\n", (unsigned)(uint8_t)(z[i] ^ (uint8_t)x));
    }
    fprintf(out, "\n};\n");
    *ret_raw = raw.n;
    free(raw.p);
    free(z);
    return n;
}

int main(int argc, char **argv)
{
    size_t n[64], raw[64];

    if (argc < 2 || argc > 64)
        fail("packbin OUT.c FOLDER...", "usage");
    FILE *out = fopen(argv[1], "wb");
    if (!out)
        fail("cannot be written", argv[1]);
    fprintf(out, "/* Made by tools/packbin from packs/. */\n#include \"pack/parts.h\"\n\n");
    for (int i = 2; i < argc; i++)
        n[i] = write_one(out, i, argv[i], &raw[i]);
    fprintf(out, "const struct pack_blob pack_blobs[] = {\n");
    for (int i = 2; i < argc; i++)
        fprintf(out, "    { \"%s\", blob_%d, %zu, %zu },\n", id_of(argv[i]), i, n[i], raw[i]);
    fprintf(out, "    { NULL, NULL, 0, 0 }\n};\nconst char *const pack_embedded_ids[] = { ");
    for (int i = 2; i < argc; i++)
        fprintf(out, "\"%s\", ", id_of(argv[i]));
    fprintf(out, "NULL };\n");
    if (ferror(out) || fclose(out) != 0)
        fail("cannot be written", argv[1]);
    return 0;
}
