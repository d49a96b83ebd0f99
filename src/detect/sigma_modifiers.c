/*
 * Modifiers of a field: which there are, which go together, in which order.
 *
 * Rule 1   what changes the value (windash, UTF-16, base64) is applied in the order written, and stands before what opens its ends
 *          (contains, startswith, endswith), as "utf16le|base64offset|contains". windash alone may stand on either side.
 * Rule 2   re, cidr, exists, fieldref and the comparisons read the value in their own way, so nothing changes it before them.
 * Source   Sigma specification 2.1, appendix "modifiers".
 */
#include "detect/sigma_code.h"

#include "base/num.h"

#define BIT(m)   (1u << (m))
#define SHAPES   (BIT(MOD_CONTAINS) | BIT(MOD_STARTS) | BIT(MOD_ENDS))
#define RE_FLAGS (BIT(MOD_I) | BIT(MOD_M) | BIT(MOD_S))
#define UTF16    (BIT(MOD_UTF16) | BIT(MOD_WIDE) | BIT(MOD_UTF16LE) | BIT(MOD_UTF16BE))
#define BASE64   (BIT(MOD_BASE64) | BIT(MOD_BASE64_OFFSET))
#define CHANGES  (BIT(MOD_WINDASH) | UTF16 | BASE64)
#define PLAIN    (BIT(MOD_ALL) | BIT(MOD_CASED) | BIT(MOD_NEQ))

static const struct { const char *name; unsigned fits_with; int change; } modifiers[MOD_COUNT] = {
    [MOD_CONTAINS]      = { "contains",     PLAIN | CHANGES | BIT(MOD_FIELDREF), -1 },
    [MOD_STARTS]        = { "startswith",   PLAIN | CHANGES | BIT(MOD_FIELDREF), -1 },
    [MOD_ENDS]          = { "endswith",     PLAIN | CHANGES | BIT(MOD_FIELDREF), -1 },
    [MOD_ALL]           = { "all",          SHAPES | CHANGES | BIT(MOD_RE) | RE_FLAGS | BIT(MOD_CASED) | BIT(MOD_CIDR) | BIT(MOD_FIELDREF), -1 },
    [MOD_RE]            = { "re",           RE_FLAGS | BIT(MOD_ALL) | BIT(MOD_NEQ), -1 },
    [MOD_I]             = { "i",            RE_FLAGS | BIT(MOD_RE) | BIT(MOD_ALL) | BIT(MOD_NEQ), -1 },
    [MOD_M]             = { "m",            RE_FLAGS | BIT(MOD_RE) | BIT(MOD_ALL) | BIT(MOD_NEQ), -1 },
    [MOD_S]             = { "s",            RE_FLAGS | BIT(MOD_RE) | BIT(MOD_ALL) | BIT(MOD_NEQ), -1 },
    [MOD_CIDR]          = { "cidr",         BIT(MOD_ALL) | BIT(MOD_NEQ), -1 },
    [MOD_EXISTS]        = { "exists",       0, -1 },
    [MOD_CASED]         = { "cased",        SHAPES | CHANGES | PLAIN | BIT(MOD_FIELDREF), -1 },
    [MOD_GT]            = { "gt",           0, -1 },
    [MOD_GTE]           = { "gte",          0, -1 },
    [MOD_LT]            = { "lt",           0, -1 },
    [MOD_LTE]           = { "lte",          0, -1 },
    [MOD_NEQ]           = { "neq",          SHAPES | CHANGES | BIT(MOD_CASED) | BIT(MOD_RE) | RE_FLAGS | BIT(MOD_CIDR) | BIT(MOD_FIELDREF), -1 },
    [MOD_FIELDREF]      = { "fieldref",     SHAPES | PLAIN, -1 },
    [MOD_WINDASH]       = { "windash",      SHAPES | PLAIN, CHANGE_WINDASH },
    [MOD_UTF16]         = { "utf16",        PLAIN | BIT(MOD_WINDASH), CHANGE_UTF16 },
    [MOD_WIDE]          = { "wide",         PLAIN | BIT(MOD_WINDASH), CHANGE_UTF16LE },
    [MOD_UTF16LE]       = { "utf16le",      PLAIN | BIT(MOD_WINDASH), CHANGE_UTF16LE },
    [MOD_UTF16BE]       = { "utf16be",      PLAIN | BIT(MOD_WINDASH), CHANGE_UTF16BE },
    [MOD_BASE64]        = { "base64",       PLAIN | BIT(MOD_WINDASH) | UTF16, CHANGE_BASE64 },
    [MOD_BASE64_OFFSET] = { "base64offset", PLAIN | BIT(MOD_WINDASH) | UTF16, CHANGE_BASE64_OFFSET },
};

/* Known to Sigma, not to us: the reason is told in words. */
static const struct { const char *name, *why; } refused[] = {
    { "expand", "placeholders need values that this tool does not have" },
    { "minute", "parts of a time are not compared" }, { "hour", "parts of a time are not compared" }, { "day", "parts of a time are not compared" },
    { "week", "parts of a time are not compared" },   { "month", "parts of a time are not compared" }, { "year", "parts of a time are not compared" },
};

static bool modifier_read(struct sigma_builder *b, struct str word, struct sigma_key *key)
{
    for (size_t m = 0; m < MOD_COUNT; m++)
        if (str_eq(word, str_c(modifiers[m].name))) {
            for (size_t k = 0; k < MOD_COUNT; k++) {
                if (!(key->mods & BIT(k)) || (modifiers[m].fits_with & BIT(k)))
                    continue;
                if (modifiers[m].change >= 0 && (modifiers[k].fits_with & BIT(m)))
                    return err_set(b->e, ERR_FORMAT, "modifier %s belongs before %s", modifiers[m].name, modifiers[k].name);
                return err_set(b->e, ERR_FORMAT, k == m ? "modifier %s stands twice" : "modifier %s does not go with %s", modifiers[m].name,
                               modifiers[k].name);
            }
            if ((BIT(m) & RE_FLAGS) && !(key->mods & BIT(MOD_RE)))
                return err_set(b->e, ERR_FORMAT, "modifier %s needs re before it", modifiers[m].name);
            key->mods |= BIT(m);
            if (modifiers[m].change >= 0 && key->change_n < SIGMA_CHANGES_MAX)    /* rule 1 allows three at most */
                key->change[key->change_n++] = (enum sigma_change)modifiers[m].change;
            return true;
        }
    for (size_t m = 0; m < COUNT_OF(refused); m++)
        if (str_eq(word, str_c(refused[m].name)))
            return err_set(b->e, ERR_FORMAT, "modifier %s: %s", refused[m].name, refused[m].why);
    return err_set(b->e, ERR_FORMAT, "unknown modifier \"%.*s\"", STR_ARG(str_sub(word, 0, 40)));
}

bool sigma_key_read(struct sigma_builder *b, struct str key, struct sigma_key *ret)
{
    struct sigma_key k = { .field = SIGMA_RAW };
    struct str       word;

    str_cut(&key, '|', &k.name);
    while (str_cut(&key, '|', &word))
        if (!modifier_read(b, word, &k))
            return false;
    if (k.name.n == 0) {
        if (k.mods & (BIT(MOD_EXISTS) | BIT(MOD_CIDR) | MODS_ORDER | BIT(MOD_STARTS) | BIT(MOD_ENDS) | BIT(MOD_NEQ) | BIT(MOD_FIELDREF)))
            return err_set(b->e, ERR_FORMAT, "keywords without a field take all, contains, cased, re, windash and encodings only");
    } else if (!sigma_field_index(b, k.name, &k.field)) {
        return false;
    }
    *ret = k;
    return true;
}
