/* mft: any bytes as a file table: records keep within their bytes, runs make sense, paths end, the same bytes say the same. */
#include "formats/mfttree.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 1 << 20, SCRATCH = 256 << 10 };

static void inside(struct str s, const uint8_t *raw, size_t n) { MUST(s.n == 0 || (s.p >= raw && s.p + s.n <= raw + n)); }

static uint64_t run(const uint8_t *data, size_t n, struct arena room, struct arena scratch)
{
    static struct mft_record m;
    static struct mft_tree   t;
    struct err e = { 0 };
    uint64_t   sum = 0;
    size_t     size = mft_record_size((struct str){ data, n });

    size = size ? size : 1024;
    MUST(mft_tree_open(&t, room, &e));
    for (size_t at = 0; at < n; at += size) {
        size_t   len = n - at < size ? n - at : size;
        uint8_t *raw = malloc(len);
        MUST(raw);
        memcpy(raw, data + at, len);
        struct err why = { 0 };
        if (mft_record_parse(&m, raw, len, at / size, &why)) {
            MUST(m.name_n <= MFT_NAMES_MAX && m.stream_n <= MFT_STREAMS_MAX);
            for (size_t i = 0; i < m.name_n; i++)
                { inside(m.name[i].raw, raw, len); MUST(m.name[i].raw.n); }
            for (size_t i = 0; i < m.stream_n; i++) {
                struct str     rest = m.stream[i].data;
                int64_t        lcn = 0;
                struct mft_run x;
                bool           bad;
                inside(m.stream[i].raw, raw, len), inside(rest, raw, len);
                MUST(m.stream[i].size_bytes <= INT64_MAX);
                while (!m.stream[i].resident && mft_run_next(&rest, &lcn, &x, &bad))
                    { MUST(x.clusters && x.lcn >= -1); sum += x.clusters; }
            }
            struct str            list = m.has_list && m.list.resident ? m.list.data : STR_EMPTY;
            struct mft_list_entry x;
            for (size_t left = list.n + 1; mft_list_next(&list, &x); left = list.n)
                { MUST(list.n < left); inside(x.raw, raw, len); }
            mft_tree_add(&t, &m, true);
        } else {
            MUST(why.kind == ERR_FORMAT);
        }
        free(raw);
    }
    mft_tree_settle(&t);
    size_t chained = 0;
    for (uint32_t i = 0; i < t.entry_n; i++) {
        struct arena a = scratch;
        struct str   path;
        bool         whole = mft_tree_path(&t, i, &a, &path);
        MUST(path.n < MFT_TREE_DEPTH * 1600);
        sum = sum * 31 + str_hash(path) + whole;
    }
    /* Each entry is in one chain at most: chains end. */
    for (uint32_t r = 0; r < t.record_n; r++)
        for (uint32_t i = t.in_folder[r]; i != MFT_NOTHING; i = t.entry[i].next_in_folder)
            MUST(++chained <= t.entry_n);
    for (uint32_t i = t.orphans; i != MFT_NOTHING; i = t.entry[i].next_in_folder)
        MUST(++chained <= t.entry_n);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t room[ROOM], scratch[SCRATCH];
    struct arena   a = { room, room + sizeof room, NULL }, b = { scratch, scratch + sizeof scratch, NULL };

    if (n > 64 << 10)
        return 0;
    uint64_t one = run(data, n, a, b);
    MUST(run(data, n, a, b) == one);
    return 0;
}
