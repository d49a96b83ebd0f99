/*
 * sniff: what kind of log a file is, by its first bytes. Only for files that their path does not explain.
 */
#include "evidence/inner.h"

#include "base/num.h"
#include "base/rd.h"
#include "formats/lines.h"
#include "formats/logkind.h"

enum { HEAD_BYTES = 64 << 10 };

struct head { struct str s; size_t at; };

static bool head_fill(void *ctx, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct head *h = ctx;
    size_t       n = h->s.n - h->at < cap ? h->s.n - h->at : cap;

    (void)e;
    for (size_t i = 0; i < n; i++)
        buf[i] = h->s.p[h->at + i];
    h->at += n;
    *ret_got = n;
    return true;
}

/* The first text of the file, inflated and decoded. The view lives in the arena. */
static bool text_head(struct ev *v, const struct ev_node *n, struct arena *a, struct str *ret, struct err *e)
{
    uint8_t *p = NEW(a, uint8_t, HEAD_BYTES);
    size_t   got;

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for the head of a file");
    if (!ev_read(v, n, 0, p, LOGKIND_HEAD, &got, e))
        return false;
    struct str head  = { p, got };
    bool       gz    = got >= 2 && p[0] == 0x1f && p[1] == 0x8b;
    size_t     skip;
    enum utf_kind kind = utf_guess(head, &skip);
    if (!gz && kind != UTF_16LE && kind != UTF_16BE) {
        *ret = str_from(head, skip);
        return true;
    }
    if (gz && !ev_read(v, n, 0, p, HEAD_BYTES, &got, e))
        return false;
    struct head        in = { { p, got }, 0 };
    struct lines      *l;
    struct lines_block b;
    struct err         why = { 0 };
    *ret = STR_EMPTY;
    if (!lines_open(&l, a, head_fill, &in, false, e))
        return false;
    if (lines_next(l, &b, &why)) {
        struct str copy = str_dup(a, str_sub(b.text, 0, LOGKIND_HEAD));
        *ret = copy;
    }
    lines_close(l);
    return true;
}

static const struct { struct str type; enum family family; } types[] = {
    { STR_INIT("iis"), FAM_IIS_FRONT }, { STR_INIT("httperr"), FAM_HTTPERR }, { STR_INIT("httpproxy"), FAM_HTTPPROXY },
    { STR_INIT("ecp-server"), FAM_ECP_SERVER }, { STR_INIT("ecp-activity"), FAM_ECP_ACTIVITY }, { STR_INIT("oab-generator"), FAM_OAB_GENERATOR },
    { STR_INIT("ews"), FAM_EWS }, { STR_INIT("autodiscover"), FAM_AUTODISCOVER }, { STR_INIT("cmdlet"), FAM_CMDLET },
};

bool ev_sniff(struct ev *v, const struct ev_node *n, struct arena scratch, enum family *ret, struct err *e)
{
    struct str head, type = STR_EMPTY;

    uint8_t sign[8];
    size_t  got = 0;
    if (ev_read(v, n, 0, sign, sizeof sign, &got, e) && str_eq((struct str){ sign, got }, STR("ElfFile\0"))) {
        *ret = FAM_EVTX_OTHER;
        return true;
    }
    *e = (struct err){ 0 };
    if (!text_head(v, n, &scratch, &head, e))
        return false;
    *ret = FAM_NONE;
    if (head.n == 0 || !log_sniff(head, &type))
        return true;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq(type, types[i].type))
            *ret = types[i].family;
    return true;
}

/*
 * A minidump whose signature was wiped or replaced, so that nothing finds it: the header's stream directory and its first entries still
 * are those of one. Source: MINIDUMP_HEADER and MINIDUMP_DIRECTORY (minidumpapiset.h); NanoDump writes such headers by default.
 */
static bool is_bent_dump(struct str head)
{
    struct rd r = { .s = head };
    rd_seek(&r, 8);
    uint32_t  n = rd_u32le(&r), rva = rd_u32le(&r);
    bool      wiped = n == 0 && (rva == 0 || rva == 32);

    if (!wiped && (n == 0 || n > 64 || rva != 32))
        return false;
    rd_seek(&r, 32);
    for (int i = 0; i < 2; i++) {
        uint32_t type = rd_u32le(&r), size = rd_u32le(&r), at = rd_u32le(&r);
        if (r.bad || type < 3 || type > 24 || size < 4 || at < 32)
            return false;
    }
    return true;
}

bool ev_is_magic(struct str head)
{
    static const struct str magic[] = { STR_INIT("MDMP"), STR_INIT("regf"), STR_INIT("7z\xBC\xAF\x27\x1C"), STR_INIT("Rar!\x1A\x07"), STR_INIT("PK\x03\x04"),
                                        STR_INIT("MSCF"), STR_INIT("\x1F\x8B\x08"), STR_INIT("!BDN") };
    for (size_t i = 0; i < COUNT_OF(magic); i++)
        if (str_starts(head, magic[i]))
            return true;
    return str_starts(str_from(head, 4), STR("\xEF\xCD\xAB\x89")) || is_bent_dump(head);       /* ESE database */
}

/* Programs under another name. Windows and Defender keep libraries of data in ProgramData\Microsoft: not those. */
bool ev_is_hidden_program(struct str path, struct str head)
{
    return str_starts(head, STR("MZ")) && !str_ihas(path, STR("\\ProgramData\\Microsoft\\")) && !str_ihas(path, STR("\\ProgramData\\Package Cache\\"));
}

bool ev_is_back_end(struct ev *v, const struct ev_node *n, struct arena scratch)
{
    struct str head, line, word;
    struct err why = { 0 };
    size_t     port_at = STR_NONE;

    if (!text_head(v, n, &scratch, &head, &why))
        return false;
    while (str_cut(&head, '\n', &line)) {
        line = str_trim(line);
        if (str_istarts(line, STR("#Fields:"))) {
            struct str rest = str_trim(str_from(line, sizeof "#Fields:" - 1));
            port_at = STR_NONE;
            for (size_t i = 0; str_cut(&rest, ' ', &word); i++)
                if (str_ieq(word, STR("s-port")))
                    port_at = i;
        } else if (line.n && line.p[0] != '#' && port_at != STR_NONE) {
            struct str rest = line;
            for (size_t i = 0; str_cut(&rest, ' ', &word); i++)
                if (i == port_at)
                    return str_eq(word, STR("444")) || str_eq(word, STR("81"));
        }
    }
    return false;
}
