/*
 * where: a file of the operator's on where and whose: networks, a register, a delegated file, RDAP.
 * Properties: what cannot be used names an error, and what is taken has rows; a country is two capital letters; an address of a network that was read is found in the
 * order of the longest prefix without end; the registrable domain is a tail of its name; a sector has a source and a confidence.
 */
#include "survey/where.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void ask(struct where *w, struct arena *a, struct str text)
{
    uint8_t            ip[1][16] = { { 0 } };
    struct str         name[1] = { str_lower(a, str_sub(text, 0, 60)) };
    struct whose_facts f = { .ip = (const uint8_t (*)[16])ip, .ip_n = 1, .name = name, .name_n = 1, .org = name, .org_n = 1, .sector = str_sub(text, 0, 30), .naics = 622110, .asn = 64496 };
    struct whose       r;
    struct err         e = { 0 };
    char               cc[3];
    uint32_t           asn;

    for (unsigned i = 0; i < 64; i++) {
        ip[0][10] = ip[0][11] = i % 2 ? 0xFF : 0;
        ip[0][12] = text.n ? text.p[i % text.n] : 192;
        ip[0][13] = (uint8_t)i;
        where_locate(w, ip[0], cc, &asn);
        if (cc[0] && (cc[0] < 'A' || cc[0] > 'Z' || cc[1] < 'A' || cc[1] > 'Z' || cc[2]))
            abort();
        f.naics = i % 3 ? 0 : i * 1000;
        if (!where_whose(w, a, &f, &r, &e)) {
            if (e.kind != ERR_MEMORY)
                abort();
            return;
        }
        if (r.sector.n ? r.sector_by == WHOSE_UNKNOWN || r.confidence < 0 || r.confidence > 100 : r.confidence != 0)
            abort();
        if (r.domain.n && !str_ends(name[0], r.domain))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char    words[] = "kind,text,sector,confidence\nword,city,municipality,60\npart,hospital,health,70\nsuffix,gov,government,90\nnaics,62,health,70\nnaics,517,,0\n";
    struct pack_file     file = { STR("sectors.csv"), str_c(words) };
    struct pack          p = { .file = &file, .file_n = 1 };
    size_t               room = 16 << 20;
    uint8_t             *block;
    struct where        *w;
    struct err           e = { 0 };
    enum where_kind      kind;
    uint64_t             rows, bad;

    if (n > 16384 || !(block = malloc(room)))
        return 0;
    struct arena a = { block, block + room, NULL };
    if (!where_open(&w, &a, &p, &e))
        abort();
    if (where_add_text(w, (struct str){ data, n }, &kind, &rows, &bad, &e)) {
        if (rows == 0 || !where_kind_name(kind)[0] || !where_ready(w, &e))
            abort();
        ask(w, &a, (struct str){ data, n });
    } else if (e.kind == ERR_NONE || !e.what[0]) {
        abort();
    }
    where_close(w);
    free(block);
    return 0;
}
