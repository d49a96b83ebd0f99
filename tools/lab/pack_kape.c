/*
 * pack_kape: a target's output: files below a folder for each drive, VSS1 for a shadow copy, copy and skip logs beside them.
 *
 * Traps    what lies deep (here: Temporary ASP.NET Files) moves to LongFileNames with its path in a text file beside it; with deduplication
 *          a file whose bytes were copied before is only named in the skip log; a shadow copy holds yesterday's state: half a log, and pages
 *          that were removed since.
 * Source   fact sheet on interchange formats, 2.2. Names in LongFileNames are a guess, labelled so.
 */
#include "lab/pack.h"

#include <stdlib.h>
#include <string.h>

struct kape {
    struct pack_list list;
    struct buf       copied, skipped;
    const char     **seen;            /* SHA-1 of what was copied */
    size_t           seen_n, long_n;
    bool             dedupe;
    const char      *base;            /* of the logs: 2021-03-12T10_00_00_1234567_Exchange */
};

static const char *kape_time(struct pack *p, int64_t us) { return pack_time(p, us, '-', " ", ':', 7); }

static void one(struct pack *p, struct kape *k, struct pack_item it, const char *source, const char *destination)
{
    const char *sha1 = pack_digest(p, &it, PACK_SHA1), *to = pack_win(p, destination);

    if (k->dedupe)
        for (size_t i = 0; i < k->seen_n; i++)
            if (!strcmp(k->seen[i], sha1)) {
                buf_fmt(&k->skipped, "%s,%s,Deduped\r\n", source, sha1);
                return;
            }
    k->seen[k->seen_n++] = sha1;
    /* pack_win made "X:" of the first letter: here the destination is below E:\KAPE\out. */
    buf_fmt(&k->copied, "%s,%s,E:\\KAPE\\out\\%c%s,%llu,%s,%s,%s,%s,%s,%s\r\n", kape_time(p, p->stamp_us), source, to[0], to + 2, (unsigned long long)it.size, sha1, "False",
            kape_time(p, it.mtime_us), kape_time(p, it.mtime_us), kape_time(p, p->stamp_us), "00:00:00.0010000");
    it.name = destination;
    pack_push(&k->list, &it);
}

static void shadow(struct pack *p, struct kape *k, const struct pack_item *it)
{
    one(p, k, *it, pool_fmt(&p->keep, "C:\\___vssMount\\vss001%s", pack_win(p, it->name) + 2), pool_fmt(&p->keep, "VSS1%s", it->name + 1));
}

static void collect(struct pack *p, struct kape *k)
{
    struct pack_list old = { 0 };

    k->base = pool_fmt(&p->keep, "%s_1234567_Exchange", pack_time(p, p->stamp_us, '-', "T", '_', 0));
    k->seen = calloc(p->file.n + 64, sizeof *k->seen);
    if (!k->seen)
        lab_die("out of memory");
    buf_str(&k->copied, "\xef\xbb\xbf" "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n");
    buf_str(&k->skipped, "\xef\xbb\xbf" "SourceFile,SourceFileSha1,Reason\r\n");
    for (size_t i = 0; i < p->file.n; i++) {
        const struct pack_item *it = &p->file.item[i];
        if (it->dir)
            continue;
        if (pack_like(it->name, "*/Temporary ASP.NET Files/*")) {
            const char *leaf = strrchr(it->name, '/') + 1, *name = pool_fmt(&p->keep, "LongFileNames/%03zu_%s", k->long_n++, leaf);
            struct buf  b = { 0 };
            buf_str(&b, pack_win(p, it->name));
            one(p, k, *it, pack_win(p, it->name), name);
            pack_mem(p, &k->list, pool_fmt(&p->keep, "%s.txt", name), &b, p->stamp_us);
        } else
            one(p, k, *it, pack_win(p, it->name), it->name);
    }
    pack_file_table(p, &old, "C/$MFT");
    one(p, k, old.item[0], "C:\\$MFT", "C/$MFT");
    old.n = 0;
    for (size_t i = 0; i < p->file.n; i++) {
        const struct pack_item *it = &p->file.item[i];
        if (it->name[0] == 'C' && pack_like(it->name, "*/applicationHost.config"))
            pack_push(&old, it);
        if (it->name[0] == 'C' && pack_like(it->name, "*/W3SVC1/u_ex210303*")) {
            struct buf b = { 0 };
            pack_half(p, it, &b);
            pack_mem(p, &old, it->name, &b, it->mtime_us - TIME_HOUR);
        }
    }
    if (p->file.n)
        pack_removed_pages(p, &old);
    for (size_t i = 0; i < old.n; i++)
        if (old.item[i].name[0] == 'C')
            shadow(p, k, &old.item[i]);
    free(old.item);
    free(k->seen);
    pack_mem(p, &k->list, pool_fmt(&p->keep, "%s_copylog.csv", k->base), &k->copied, p->stamp_us);
    pack_mem(p, &k->list, pool_fmt(&p->keep, "%s_skiplog.csv", k->base), &k->skipped, p->stamp_us);
    struct buf console = { 0 };
    buf_fmt(&console, "KAPE\r\nMachine name: %s\r\n", p->server);
    pack_mem(p, &k->list, pool_fmt(&p->keep, "%s_ConsoleLog.txt", k->base), &console, p->stamp_us);
    pack_sort(&k->list);
}

void pack_kape(struct pack *p)
{
    struct kape k = { 0 };

    collect(p, &k);
    pack_made(p, &k.list, PACK_FOLDER, (struct pack_how){ 0 }, "tdest");
    free(k.list.item);
}

void pack_kape_zip(struct pack *p)
{
    struct kape  k = { .dedupe = true };
    struct civil c = civil_of(p->stamp_us);

    collect(p, &k);
    pack_made(p, &k.list, PACK_ZIP, (struct pack_how){ 0 },
              pool_fmt(&p->keep, "%04d-%02d-%02dT%02d%02d%02d_Exchange_%s.zip", c.year, c.month, c.day, c.hour, c.minute, c.second, p->server));
    free(k.list.item);
}
