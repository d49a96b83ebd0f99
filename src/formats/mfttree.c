#include "formats/mfttree.h"

#include "base/num.h"
#include "base/utf.h"

#include <string.h>

enum { ROOM_MIN = 64 << 10 };

bool mft_tree_open(struct mft_tree *ret, struct arena room, struct err *e)
{
    struct mft_tree *t = ret;
    size_t           all = arena_room(&room);

    *t = (struct mft_tree){ .orphans = MFT_NOTHING };
    if (all < ROOM_MIN)
        return err_set(e, ERR_MEMORY, "no room for a tree of files");
    /* Fixed shares, so that nothing is copied while it grows: what is never touched costs nothing. */
    t->names_cap  = all / 4;
    t->record_cap = all / 16 / sizeof(uint32_t);
    if (t->record_cap > MFT_TREE_RECORDS_MAX)
        t->record_cap = MFT_TREE_RECORDS_MAX;
    t->names     = TAKE(&room, uint8_t, t->names_cap);
    t->of_record = TAKE(&room, uint32_t, t->record_cap);
    t->in_folder = TAKE(&room, uint32_t, t->record_cap);
    t->entry_cap = arena_room(&room) / sizeof *t->entry - 1;
    if (t->entry_cap > UINT32_MAX - 1)
        t->entry_cap = UINT32_MAX - 1;
    t->entry = TAKE(&room, struct mft_entry, t->entry_cap);
    if (!t->names || !t->of_record || !t->in_folder || !t->entry)
        return err_set(e, ERR_MEMORY, "no room for a tree of files");
    return true;
}

/* UTF-16LE to UTF-8 at the end of the names. Lone surrogates become U+FFFD. False: full. */
static bool put_text(struct mft_tree *t, struct str raw)
{
    for (size_t i = 0; i + 1 < raw.n; i += 2) {
        uint32_t c = raw.p[i] | (uint32_t)raw.p[i + 1] << 8;
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < raw.n) {
            uint32_t d = raw.p[i + 2] | (uint32_t)raw.p[i + 3] << 8;
            if (d >= 0xDC00 && d < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (d - 0xDC00);
                i += 2;
            }
        }
        if (t->names_cap - t->names_n < 4)
            return false;
        t->names_n += utf8_put(c, t->names + t->names_n);
    }
    return true;
}

static struct mft_entry *add(struct mft_tree *t, const struct mft_record *m, const struct mft_name *n, struct str stream)
{
    size_t   from = t->names_n;
    uint64_t record = mft_is_base(m) ? m->number : m->base.record;

    if (record >= t->record_cap || t->entry_n == t->entry_cap || n->parent.record > UINT32_MAX ||
        !put_text(t, n->raw) || (stream.n && !(put_text(t, (struct str){ (const uint8_t *)":", 2 }) && put_text(t, stream)))) {
        t->names_n = from;
        t->left_out++;
        return NULL;
    }
    for (; t->record_n <= record; t->record_n++)
        t->of_record[t->record_n] = t->in_folder[t->record_n] = MFT_NOTHING;
    struct mft_entry *x = &t->entry[t->entry_n];
    *x = (struct mft_entry){
        .record = (uint32_t)record, .parent = (uint32_t)n->parent.record, .parent_sequence = n->parent.sequence, .sequence = mft_is_base(m) ? m->sequence : m->base.sequence,
        .name_at = (uint32_t)from, .name_n = (uint16_t)(t->names_n - from), .space = (uint8_t)n->space, .next_in_folder = MFT_NOTHING,
        .created_us = m->standard.created_us, .modified_us = m->standard.modified_us, .born_us = n->times.created_us, .size_bytes = n->size_bytes,
    };
    /* The last one first, but the first entry of a record stays its first: of a folder that is its name. */
    if (t->of_record[record] == MFT_NOTHING) {
        t->of_record[record] = t->entry_n;
        x->next_of_record    = MFT_NOTHING;
    } else {
        struct mft_entry *first = &t->entry[t->of_record[record]];
        x->next_of_record     = first->next_of_record;
        first->next_of_record = t->entry_n;
    }
    x->flags = (uint8_t)(((mft_is_base(m) ? m->is_dir : n->is_dir) && !stream.n ? MFT_IS_DIR : 0) | (m->in_use ? 0 : MFT_IS_DELETED) | (stream.n ? MFT_IS_STREAM : 0) |
                         (mft_is_base(m) ? 0 : MFT_IS_LATE) | (m->standard.whole_seconds ? MFT_IS_WHOLE_SECONDS : 0) |
                         (m->reparse_tag == MFT_TAG_LINK || m->reparse_tag == MFT_TAG_MOUNT ? MFT_IS_LINK : 0));
    t->entry_n++;
    return x;
}

/* The name of a record that stands for the whole file, where there are several (hard links, 8.3). */
static const struct mft_name *best(const struct mft_record *m)
{
    for (size_t i = 0; i < m->name_n; i++)
        if (m->name[i].space != MFT_DOS)
            return &m->name[i];
    return m->name_n ? &m->name[0] : NULL;
}

/* "Zone.Identifier" and what Windows itself keeps beside files: a server has them by the ten thousand, and they say nothing of a web folder. */
static bool dull_stream(struct str raw)
{
    static const char wof[] = "WofCompressedData";
    size_t n = sizeof wof - 1;

    if (raw.n != 2 * n)
        return raw.n == 0;
    for (size_t i = 0; i < n; i++)
        if (raw.p[2 * i] != (uint8_t)wof[i] || raw.p[2 * i + 1])
            return false;
    return true;
}

static uint64_t own_size(const struct mft_record *m, bool *ret_any)
{
    *ret_any = false;
    for (size_t i = 0; i < m->stream_n; i++)
        if (m->stream[i].raw.n == 0 && m->stream[i].first_vcn == 0) {
            *ret_any = true;
            return m->stream[i].size_bytes;
        }
    return 0;
}

void mft_tree_add(struct mft_tree *t, const struct mft_record *m, bool spare)
{
    bool                   any_size, named = false, base = mft_is_base(m);
    uint64_t               size = own_size(m, &any_size);
    const struct mft_name *first = best(m);

    t->files   += base && m->in_use && !m->is_dir;
    t->deleted += base && !m->in_use && m->name_n;
    for (size_t i = 0; i < m->name_n; i++) {
        if (m->name[i].space == MFT_DOS && first != &m->name[i])
            continue;
        struct mft_entry *x = add(t, m, &m->name[i], STR_EMPTY);
        if (!x)
            continue;
        named = true;
        if (any_size)
            x->size_bytes = size;
        x->flags |= spare && !m->in_use ? MFT_IS_SPARE : 0;
    }
    /* A file whose bytes are described in another record: its size is known when that one comes. Its entry may come later still. */
    if (!base && any_size && m->base.record < t->record_n)
        for (uint32_t i = t->of_record[m->base.record]; i != MFT_NOTHING; i = t->entry[i].next_of_record)
            if (t->entry[i].sequence == m->base.sequence && !(t->entry[i].flags & MFT_IS_STREAM))
                t->entry[i].size_bytes = size;
    for (size_t i = 0; base && named && i < m->stream_n; i++) {
        const struct mft_stream *s = &m->stream[i];
        if (s->first_vcn || dull_stream(s->raw) || m->number < 8)
            continue;
        struct mft_entry *x = add(t, m, first, s->raw);
        if (x) {
            x->size_bytes = s->size_bytes;
            x->flags |= spare && !m->in_use ? MFT_IS_SPARE : 0;
        }
    }
}

uint32_t mft_tree_folder_entry(const struct mft_tree *t, struct mft_ref folder)
{
    if (folder.record >= t->record_n)
        return MFT_NOTHING;
    for (uint32_t i = t->of_record[folder.record]; i != MFT_NOTHING; i = t->entry[i].next_of_record) {
        const struct mft_entry *x = &t->entry[i];
        if (!(x->flags & MFT_IS_DIR))
            continue;
        uint16_t then = (uint16_t)(folder.sequence + 1);
        if (x->flags & MFT_IS_DELETED ? x->sequence == folder.sequence || x->sequence == (then ? then : 1) : x->sequence == folder.sequence)
            return i;
    }
    return MFT_NOTHING;
}

void mft_tree_settle(struct mft_tree *t)
{
    for (uint32_t i = 0; i < t->entry_n; i++) {
        struct mft_entry *x = &t->entry[i];
        if (x->flags & MFT_IS_LATE) {
            /* Its times are those of the record it belongs to. */
            for (uint32_t k = t->of_record[x->record]; k != MFT_NOTHING; k = t->entry[k].next_of_record)
                if (!(t->entry[k].flags & MFT_IS_LATE) && t->entry[k].sequence == x->sequence) {
                    x->created_us  = t->entry[k].created_us;
                    x->modified_us = t->entry[k].modified_us;
                    if (t->entry[k].size_bytes && !(t->entry[k].flags & MFT_IS_STREAM))
                        x->size_bytes = t->entry[k].size_bytes;
                    break;
                }
        }
    }
    /* Backwards, so that each chain has the order of the table. */
    for (uint32_t i = t->entry_n; i-- > 0;) {
        struct mft_entry *x = &t->entry[i];
        if (x->record == MFT_ROOT && x->parent == MFT_ROOT)
            continue;
        uint32_t up = mft_tree_folder_entry(t, (struct mft_ref){ x->parent, x->parent_sequence });
        uint32_t *chain = up == MFT_NOTHING ? &t->orphans : &t->in_folder[x->parent];
        if (up == MFT_NOTHING)
            x->flags |= MFT_IS_ORPHAN;
        x->next_in_folder = *chain;
        *chain = i;
    }
}

size_t mft_tree_bytes(const struct mft_tree *t)
{
    return t->entry_n * sizeof *t->entry + 2 * (size_t)t->record_n * sizeof(uint32_t) + t->names_n + 256;
}

bool mft_tree_move(struct mft_tree *t, struct arena room)
{
    struct mft_entry *entry = TAKE(&room, struct mft_entry, t->entry_n + 1);
    uint32_t         *of = TAKE(&room, uint32_t, t->record_n + 1), *in = TAKE(&room, uint32_t, t->record_n + 1);
    uint8_t          *names = TAKE(&room, uint8_t, t->names_n + 1);

    if (!entry || !of || !in || !names)
        return false;
    if (t->entry_n)
        memcpy(entry, t->entry, t->entry_n * sizeof *entry);
    if (t->record_n) {
        memcpy(of, t->of_record, t->record_n * sizeof *of);
        memcpy(in, t->in_folder, t->record_n * sizeof *in);
    }
    if (t->names_n)
        memcpy(names, t->names, t->names_n);
    t->entry = entry, t->of_record = of, t->in_folder = in, t->names = names;
    t->entry_cap = t->entry_n, t->record_cap = t->record_n, t->names_cap = t->names_n;
    return true;
}

struct str mft_entry_name(const struct mft_tree *t, const struct mft_entry *x) { return (struct str){ t->names + x->name_at, x->name_n }; }

static bool path_of(const struct mft_tree *t, uint32_t entry, struct arena *a, struct str *ret)
{
    uint32_t way[MFT_TREE_DEPTH];
    size_t   n = 0, bytes = 0;
    bool     whole = false;

    for (uint32_t i = entry; n < MFT_TREE_DEPTH;) {
        const struct mft_entry *x = &t->entry[i];
        if (x->record == MFT_ROOT) {
            whole = true;
            break;
        }
        way[n++] = i;
        bytes += x->name_n + 1u;
        if (x->flags & MFT_IS_ORPHAN)
            break;
        i = mft_tree_folder_entry(t, (struct mft_ref){ x->parent, x->parent_sequence });
        if (i == MFT_NOTHING)
            break;
    }
    uint8_t *p = NEW(a, uint8_t, bytes + 1);
    size_t   at = 0;
    *ret = STR_EMPTY;
    if (!p)
        return false;
    for (size_t i = n; i-- > 0;) {
        const struct mft_entry *x = &t->entry[way[i]];
        if (at || whole)
            p[at++] = '\\';
        memcpy(p + at, t->names + x->name_at, x->name_n);
        at += x->name_n;
    }
    *ret = (struct str){ p, at };
    return whole;
}

bool mft_tree_path(const struct mft_tree *t, uint32_t entry, struct arena *a, struct str *ret) { return path_of(t, entry, a, ret); }

bool mft_tree_folder(const struct mft_tree *t, struct mft_ref folder, struct arena *a, struct str *ret)
{
    uint32_t i = mft_tree_folder_entry(t, folder);

    *ret = STR("");
    if (folder.record == MFT_ROOT)
        return true;
    return i != MFT_NOTHING && path_of(t, i, a, ret);
}
