/*
 * replay: a fuzz target without libFuzzer.
 *
 * Shape    replay FILE|DIR...: every file of every directory, sorted by name
 *          and without descending, goes once through LLVMFuzzerTestOneInput.
 * Bounds   REPLAY_SIZE_MAX bytes a file, REPLAY_FILES_MAX files a directory.
 * Errors   1: a directory is missing or empty, or a file cannot be read. A
 *          corpus that silently holds nothing would be a test that passes.
 * Owner    every input sits in a heap block of exactly its size, so reading
 *          one byte too far is caught by AddressSanitizer.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_SIZE_MAX = 64 * 1024 * 1024, REPLAY_FILES_MAX = 100000 };

static bool file_run(const char *path)
{
    struct stat st;
    FILE       *f = fopen(path, "rb");

    if (!f || fstat(fileno(f), &st) != 0 || st.st_size < 0 || st.st_size > REPLAY_SIZE_MAX) {
        fprintf(stderr, "replay: %s: %s\n", path, f ? "larger than a corpus file should be" : strerror(errno));
        if (f)
            fclose(f);
        return false;
    }
    size_t   size = (size_t)st.st_size;
    uint8_t *data = malloc(size ? size : 1);
    bool     ok = data && fread(data, 1, size, f) == size;

    fclose(f);
    if (!ok) {
        fprintf(stderr, "replay: %s: cannot be read\n", path);
        free(data);
        return false;
    }
    /* malloc(0) may hand out a readable byte; NULL with size 0 may not. */
    (void)LLVMFuzzerTestOneInput(size ? data : (const uint8_t *)"", size);
    free(data);
    return true;
}

static int not_hidden(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static bool dir_run(const char *dir, size_t *count)
{
    struct dirent **entry = NULL;
    int  n = scandir(dir, &entry, not_hidden, alphasort);
    bool ok = n > 0 && n <= REPLAY_FILES_MAX;

    if (n <= 0)
        fprintf(stderr, "replay: %s: %s\n", dir, n < 0 ? strerror(errno) : "no corpus file in it");
    for (int i = 0; i < n; i++) {
        char        path[4096];
        struct stat st;
        int len = snprintf(path, sizeof path, "%s/%s", dir, entry[i]->d_name);

        if (ok && (len < 0 || (size_t)len >= sizeof path)) {
            fprintf(stderr, "replay: %s: a name in it is too long\n", dir);
            ok = false;
        }
        if (ok && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            ok = file_run(path);
            (*count)++;
        }
        free(entry[i]);
    }
    free(entry);
    return ok;
}

int main(int argc, char **argv)
{
    size_t count = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE|DIR...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        struct stat st;
        size_t before = count;

        if (stat(argv[i], &st) == 0 && S_ISREG(st.st_mode)) {
            if (!file_run(argv[i]))
                return 1;
            count++;
        } else if (!dir_run(argv[i], &count)) {
            return 1;
        }
        if (count == before) {
            fprintf(stderr, "replay: %s: no corpus file in it\n", argv[i]);
            return 1;
        }
    }
    printf("replayed %zu files\n", count);
    return 0;
}
