#include "survey/probe_asn.h"

#include "base/num.h"

static struct str unquoted(struct str s)
{
    s = str_trim(s);
    return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? str_sub(s, 1, s.n - 1) : s;
}

bool probe_asn_read(struct net_set *ret, struct arena *a, struct str file, struct err *e)
{
    struct str        rest = file, line, net_text, as_text;
    struct net_entry *entry = NULL;
    size_t            n = 0, cap = 0;
    uint32_t          at = 0, as;

    while (str_cut(&rest, '\n', &line)) {
        struct net net;
        at++;
        line = str_trim(line);
        if (!line.n || line.p[0] == '#')
            continue;
        if (!str_cut(&line, ',', &net_text) || !str_cut(&line, ',', &as_text))
            as_text = STR_EMPTY;
        as_text = unquoted(as_text);
        if (str_istarts(as_text, STR("AS")))
            as_text = str_from(as_text, 2);
        if (!net_parse(unquoted(net_text), &net, NULL) || !num_u32(as_text, &as)) {
            if (n == 0 && at == 1)
                continue;                        /* headings */
            err_set(e, ERR_FORMAT, "AS table: not a line \"CIDR,ASN\"");
            return err_where(e, "line %u", at);
        }
        struct net_entry *to = n < NET_NONE - 1 ? GROW(a, entry, n, &cap) : NULL;
        if (!to)
            return err_set(e, ERR_MEMORY, "no room for the AS table");
        *to = (struct net_entry){ .net = net, .value = as };
        n++;
    }
    net_set_build(ret, entry, n);
    return true;
}
