/*
 * page_out: what the analyser says of one file, for people and as a line of JSON.
 *
 * JSON     {"file", "sha256", "verdict": "back_door|review|inert|clean", "kind", "flows": [{"kind", "verdict", "line", "text", "steps": [{"line", "text"}]}],
 *          "context": [...], "key", "gate", "language", "why"}, one line a file. sha256 is null where the file could not be read whole.
 * Escaping through the doors of emit: names of files and items are an intruder's.
 */
#ifndef CLI_PAGE_OUT_H
#define CLI_PAGE_OUT_H

#include "base/hash.h"
#include "emit/out.h"
#include "webshell/analyse.h"

struct page_said {
    struct str      path;
    bool            hashed;
    uint8_t         sha256[HASH_SHA256_BYTES];
    struct analysis a;
};

void page_out_json(struct out *o, const struct page_said *s);
void page_out_text(struct out *o, const struct page_said *s, bool colour);

#endif
