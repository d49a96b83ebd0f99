/* json: whatever evidence says, json-c parses the output and gives back the cleaned text; flat and pretty mean the same. */
#include "base/utf.h"
#include "emit/json.h"
#include "emit/out_mem.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) { fprintf(stderr, "must hold: %s\n", #x); abort(); } } while (0)

static uint8_t memory[1 << 22];

static void check_value(struct json_object *v, struct str want)
{
    MUST(json_object_is_type(v, json_type_string));
    MUST((size_t)json_object_get_string_len(v) == want.n);
    MUST(want.n == 0 || memcmp(json_object_get_string(v), want.p, want.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str   in = { data, n < 65536 ? n : 65536 };
    struct arena a = { memory, memory + sizeof memory, NULL };
    struct str   clean = utf8_clean(&a, in);
    struct out  *o = NEW(&a, struct out, 1);
    size_t       half = in.n / 2;

    MUST(o && clean.p);
    for (int flat = 0; flat < 2; flat++) {
        struct arena   scratch = a;
        struct out_mem m = { .a = &scratch };
        struct js      j;
        struct str     left = str_sub(in, 0, half), left_clean;

        out_open(o, out_mem_put, &m);
        js_open(&j, o, flat);
        js_object(&j);
        js_key(&j, "whole");
        js_str(&j, in);
        js_key(&j, "list");
        js_array(&j);
        js_str(&j, left);
        js_str_or_null(&j, STR_EMPTY);
        js_end(&j);
        js_end(&j);
        if (!out_done(o, NULL))
            return 0;                              /* escapes made it larger than this target's memory */
        left_clean = utf8_clean(&scratch, left);

        struct str out = out_mem_str(&m);
        MUST(utf8_valid(out));
        MUST(!str_has(out, STR("</")) && !str_has(out, STR("\xE2\x80\xA8")) && !str_has(out, STR("\xE2\x80\xAE")));
        for (size_t i = 0; i < out.n; i++)
            MUST((out.p[i] >= 0x20 && out.p[i] != 0x7F) || (!flat && out.p[i] == '\n'));

        struct json_tokener *tok = json_tokener_new();
        json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        struct json_object *root = json_tokener_parse_ex(tok, (const char *)out.p, (int)out.n), *v = NULL;
        MUST(root && json_tokener_get_error(tok) == json_tokener_success);
        MUST(json_object_object_get_ex(root, "whole", &v));
        check_value(v, clean);
        MUST(json_object_object_get_ex(root, "list", &v) && json_object_array_length(v) == 2);
        check_value(json_object_array_get_idx(v, 0), left_clean);
        MUST(json_object_array_get_idx(v, 1) == NULL);
        json_object_put(root);
        json_tokener_free(tok);
    }
    return 0;
}
