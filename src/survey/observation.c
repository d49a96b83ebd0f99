#include "survey/observation.h"

#include "base/num.h"

#include <string.h>

/* Lists keep what stood in them: their counts say that it is nothing. */
void observation_clear(struct observation *ret)
{
    memset(ret, 0, offsetof(struct observation, name));
    ret->name_n = 0;
    memset(&ret->name_from, 0, offsetof(struct observation, claim) - offsetof(struct observation, name_from));
    ret->claim_n     = 0;
    ret->observed_us = TIME_NONE;
}

static const char *word(const char *const *list, size_t n, size_t at) { return at < n ? list[at] : "unknown"; }
#define WORD(list, at) word(list, COUNT_OF(list), (size_t)(at))

const char *obs_source_name(enum obs_source s)
{
    static const char *const list[] = {
        "probe", "shadowserver", "shodan", "censys", "zgrab", "nmap", "masscan", "httpx", "binaryedge", "csv", "received", "healthchecker", "statement",
    };
    _Static_assert(sizeof list / sizeof *list == OBS_SOURCES, "every source has its word");
    return WORD(list, s);
}

const char *obs_means_name(enum obs_means m)
{
    static const char *const list[] = { "none", "header", "manifest", "mail_hop", "self_report", "soap", "page_path", "autodiscover", "reported", "activesync" };
    return WORD(list, m);
}

const char *obs_reach_name(enum obs_reach r)
{
    static const char *const list[] = { "unknown", "answered", "refused", "timed_out", "tls_failed", "broken_answer", "no_name" };
    return WORD(list, r);
}

const char *claim_kind_name(enum claim_kind k)
{
    static const char *const list[] = { "unpatched", "patched", "mitigated", "compromised" };
    return WORD(list, k);
}
