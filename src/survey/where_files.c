/* Networks as CSV, the constituency's register, delegated files of the RIRs. */
#include "survey/where_inner.h"

#include "base/num.h"
#include "formats/csvcells.h"

#include <string.h>

enum col { COL_NONE, COL_NET, COL_START, COL_END, COL_COUNTRY, COL_ASN, COL_DOMAIN, COL_ORG, COL_SECTOR, COLS };
enum { CELLS_MAX = 64 };

/* Names in use: GeoLite2, DB-IP, IPinfo, and what people write in a register. */
static enum col col_of(struct str name)
{
    static const struct { const char *name; enum col col; } known[] = {
        { "network", COL_NET }, { "cidr", COL_NET }, { "prefix", COL_NET }, { "networks", COL_NET }, { "ip_range", COL_NET }, { "start", COL_START },
        { "start_ip", COL_START }, { "ip_start", COL_START }, { "first", COL_START }, { "end", COL_END }, { "end_ip", COL_END }, { "ip_end", COL_END },
        { "last", COL_END }, { "country", COL_COUNTRY }, { "cc", COL_COUNTRY }, { "country_code", COL_COUNTRY }, { "country_iso_code", COL_COUNTRY },
        { "asn", COL_ASN }, { "as", COL_ASN }, { "autonomous_system_number", COL_ASN }, { "domain", COL_DOMAIN }, { "domains", COL_DOMAIN },
        { "organisation", COL_ORG }, { "organization", COL_ORG }, { "org", COL_ORG }, { "owner", COL_ORG }, { "sector", COL_SECTOR },
    };

    name = str_trim(name);
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_ieq_c(name, known[i].name))
            return known[i].col;
    return COL_NONE;
}

static bool asn_parse(struct str s, uint32_t *ret)
{
    s = str_trim(s);
    if (str_istarts(s, STR("AS")))
        s = str_from(s, 2);
    return num_u32(s, ret) && *ret != 0;
}

static bool is_country(struct str s)
{
    s = str_trim(s);
    return s.n == 2 && ch_alpha(s.p[0]) && ch_alpha(s.p[1]);
}

struct rows {
    struct where     *w;
    struct csv_cells  c;
    struct csv_cell   cell[CELLS_MAX];
    enum col          col[CELLS_MAX];
    struct str        row;
    struct arena      scratch;
    bool              is_register;
    uint64_t         *good, *bad;
};

static struct str text_of(struct rows *r, enum col col)
{
    for (size_t i = 0; i < r->c.n && i < CELLS_MAX; i++)
        if (r->col[i] == col)
            return str_trim(csv_text(&r->c, r->row, i, &r->scratch));
    return STR_EMPTY;
}

/* The next of a list parted by blanks, ';' or ','. */
static bool one_of(struct str *rest, struct str *ret)
{
    while (rest->n && (ch_space(rest->p[0]) || rest->p[0] == ';' || rest->p[0] == ','))
        *rest = str_from(*rest, 1);
    size_t n = 0;
    while (n < rest->n && !ch_space(rest->p[n]) && rest->p[n] != ';' && rest->p[n] != ',')
        n++;
    *ret = str_sub(*rest, 0, n);
    *rest = str_from(*rest, n);
    return n > 0;
}

static bool register_row(struct rows *r, struct err *e)
{
    struct where *w = r->w;
    struct str    nets = text_of(r, COL_NET), domains = text_of(r, COL_DOMAIN), numbers = text_of(r, COL_ASN), one;
    uint32_t      owner = where_owner(w, text_of(r, COL_ORG), text_of(r, COL_SECTOR)), asn;
    bool          any = false;

    if (owner == UINT32_MAX)
        return err_set(e, ERR_MEMORY, "no room for the register");
    while (one_of(&nets, &one)) {
        struct net n;
        if (!net_parse(one, &n, NULL))
            continue;
        if (!nets_add(w, &w->registered, &n, owner, e))
            return false;
        any = true;
    }
    while (one_of(&domains, &one)) {
        struct str name = str_lower(w->a, str_starts(one, STR("*.")) ? str_from(one, 2) : one);
        if (!name.p || !map_put(&w->domains, w->a, name, owner))
            return err_set(e, ERR_MEMORY, "no room for the register");
        any = true;
    }
    while (one_of(&numbers, &one)) {
        if (!asn_parse(one, &asn))
            continue;
        struct str key = str_fmt(w->a, "%u", asn);
        if (!key.p || !map_put(&w->numbers, w->a, key, owner))
            return err_set(e, ERR_MEMORY, "no room for the register");
        any = true;
    }
    *(any ? r->good : r->bad) += 1;
    return true;
}

static bool network_row(struct rows *r, struct nets *to, struct err *e)
{
    struct str net = text_of(r, COL_NET), start = text_of(r, COL_START), end = text_of(r, COL_END), country = text_of(r, COL_COUNTRY);
    uint32_t   asn = 0;
    uint8_t    a[16], b[16];
    struct net n;
    bool       has_asn = asn_parse(text_of(r, COL_ASN), &asn), one = net.n && net_parse(net, &n, NULL);
    bool       range = !one && start.n && net_ip_parse(start, a) && net_ip_parse(end, b) && memcmp(a, b, 16) <= 0 && net_is4(a) == net_is4(b);

    if ((!one && !range) || (!is_country(country) && !has_asn)) {
        *r->bad += 1;
        return true;
    }
    *r->good += 1;
    uint32_t value = where_place(r->w, country, asn);
    return one ? nets_add(r->w, to, &n, value, e) : nets_add_range(r->w, to, a, b, value, e);
}

/* Without a header: a network or two addresses first, then what looks like a country or an AS number. */
static bool guess(struct rows *r)
{
    struct net n;
    uint8_t    ip[16];
    size_t     at = 0;
    uint32_t   asn;
    struct str first = csv_text(&r->c, r->row, 0, &r->scratch), second = r->c.n > 1 ? csv_text(&r->c, r->row, 1, &r->scratch) : STR_EMPTY;

    if (net_ip_parse(str_trim(first), ip) && net_ip_parse(str_trim(second), ip)) {
        r->col[0] = COL_START;
        r->col[1] = COL_END;
        at = 2;
    } else if (net_parse(str_trim(first), &n, NULL)) {
        r->col[0] = COL_NET;
        at = 1;
    } else {
        return false;
    }
    for (size_t i = at; i < r->c.n && i < CELLS_MAX; i++) {
        struct str s = csv_text(&r->c, r->row, i, &r->scratch);
        if (is_country(s))
            r->col[i] = COL_COUNTRY;
        else if (asn_parse(s, &asn))
            r->col[i] = COL_ASN;
    }
    return true;
}

/* The columns of a header; of one without names, of the first row. *ret_header: that row is used up. */
static bool columns(struct rows *r, bool *ret_header, struct err *e)
{
    bool has[COLS] = { 0 };

    for (size_t i = 0; i < r->c.n && i < CELLS_MAX; i++) {
        enum col c = col_of(csv_text(&r->c, r->row, i, &r->scratch));
        r->col[i] = has[c] ? COL_NONE : c;
        has[c] = true;
    }
    *ret_header = has[COL_NET] || has[COL_DOMAIN] || (has[COL_START] && has[COL_END]);
    r->is_register = *ret_header && (has[COL_ORG] || has[COL_SECTOR]);
    if (*ret_header)
        return true;
    memset(r->col, 0, sizeof r->col);
    if (guess(r))
        return true;
    err_set(e, ERR_FORMAT, "line 1: neither a header nor a network");
    return err_hint(e, "columns: network (or start and end), country, asn; a register: cidr, domain, asn, organisation, sector");
}

bool where_table(struct where *w, struct str text, enum where_kind *ret_kind, uint64_t *rows, uint64_t *bad, struct err *e)
{
    struct where_source *to = &w->file[w->file_n];
    struct rows *r = NEW(w->a, struct rows, 1);
    struct str   line;
    uint8_t      sep = csv_separator(str_sub(text, 0, str_chr(text, '\n')));
    bool         first = true, header = false;

    if (!r)
        return err_set(e, ERR_MEMORY, "no room for a table");
    r->w = w;
    r->good = rows;
    r->bad = bad;
    while (str_cut(&text, '\n', &line)) {
        if (str_ends(line, STR("\r")))
            line.n--;
        if (!str_trim(line).n || (str_starts(line, STR("#")) && first))
            continue;
        uint8_t room[8192];                    /* cells with doubled quotes: what is kept is copied by where_owner */
        r->scratch = (struct arena){ room, room + sizeof room, NULL };
        r->row = line;
        csv_begin(&r->c, r->cell, CELLS_MAX, sep);
        csv_parse(&r->c, line, true);
        if (first && !columns(r, &header, e))
            return false;
        if (first && header) {
            first = false;
            continue;
        }
        first = false;
        if (!(r->is_register ? register_row(r, e) : network_row(r, &to->nets, e)))
            return false;
    }
    *ret_kind = r->is_register ? WHERE_REGISTER : WHERE_NETWORKS;
    if (!r->is_register) {
        to->kind = WHERE_NETWORKS;
        w->file_n++;
    }
    return true;
}

/*
 * "ripencc|AT|ipv4|193.0.0.0|2048|19930901|allocated": IPv4 with a count of addresses, which is no power of two always; IPv6 with a prefix length; asn lines say
 * the country of a number, not of an address. Header and summary lines have other shapes.
 */
bool where_delegated(struct where *w, struct str text, uint64_t *rows, uint64_t *bad, struct err *e)
{
    struct where_source *to = &w->file[w->file_n];
    struct str           line;

    while (str_cut(&text, '\n', &line)) {
        struct str cell[7] = { 0 };
        uint8_t    a[16], b[16];
        uint64_t   n;
        size_t     k = 0;

        if (str_starts(line, STR("#")))
            continue;
        while (k < COUNT_OF(cell) && str_cut(&line, '|', &cell[k]))
            k++;
        bool four = str_eq(cell[2], STR("ipv4")), six = str_eq(cell[2], STR("ipv6"));
        if (k < 6 || (!four && !six) || str_eq(cell[1], STR("*")) || !is_country(cell[1]))
            continue;
        if (!net_ip_parse(cell[3], a) || !num_u64(cell[4], &n) || n == 0 || net_is4(a) != four || (six && n > 128) || (four && n > UINT64_C(1) << 32)) {
            *bad += 1;
            continue;
        }
        memcpy(b, a, sizeof b);
        if (four) {
            uint64_t last = ((uint64_t)a[12] << 24 | (uint64_t)a[13] << 16 | (uint64_t)a[14] << 8 | a[15]) + n - 1;
            if (last > UINT32_MAX) {
                *bad += 1;
                continue;
            }
            for (int i = 0; i < 4; i++)
                b[12 + i] = (uint8_t)(last >> (24 - 8 * i));
        } else {
            struct net x = net_around(a, (uint8_t)n);
            memcpy(a, x.ip, sizeof a);
            net_at(&x, 0, b);
            for (size_t bit = (size_t)n; bit < 128; bit++)
                b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        }
        *rows += 1;
        if (!nets_add_range(w, &to->nets, a, b, where_place(w, cell[1], 0), e))
            return false;
    }
    to->kind = WHERE_DELEGATED;
    w->file_n++;
    return true;
}
