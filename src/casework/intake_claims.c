/* The words in which people say how a server is. */
#include "casework/intake_inner.h"

#include "base/num.h"

#include <string.h>

static const struct intake_claim claims[] = {
    { "vulnerable", FACT_EXPOSURE, EXPOSURE_VULNERABLE, false }, { "unpatched", FACT_EXPOSURE, EXPOSURE_VULNERABLE, false }, { "exposed", FACT_EXPOSURE, EXPOSURE_VULNERABLE, false },
    { "notpatched", FACT_EXPOSURE, EXPOSURE_VULNERABLE, false }, { "vulnerablesystem", FACT_EXPOSURE, EXPOSURE_VULNERABLE, false },
    { "patched", FACT_EXPOSURE, EXPOSURE_PATCHED, false }, { "updated", FACT_EXPOSURE, EXPOSURE_PATCHED, false }, { "fixed", FACT_EXPOSURE, EXPOSURE_PATCHED, false },
    { "mitigated", FACT_EXPOSURE, EXPOSURE_MITIGATED, false },
    { "offline", FACT_EXPOSURE, EXPOSURE_OFFLINE, false }, { "switchedoff", FACT_EXPOSURE, EXPOSURE_OFFLINE, false }, { "disconnected", FACT_EXPOSURE, EXPOSURE_OFFLINE, false },
    { "notaffected", FACT_EXPOSURE, EXPOSURE_NOT_AFFECTED, false }, { "noexchange", FACT_EXPOSURE, EXPOSURE_NOT_AFFECTED, false },
    { "retired", FACT_EXPOSURE, EXPOSURE_RETIRED, false }, { "decommissioned", FACT_EXPOSURE, EXPOSURE_RETIRED, false }, { "migrated", FACT_EXPOSURE, EXPOSURE_RETIRED, false },
    { "compromised", FACT_FINDING, 0, false }, { "backdoor", FACT_FINDING, 0, false }, { "backdoored", FACT_FINDING, 0, false }, { "webshell", FACT_FINDING, 0, false },
    { "shell", FACT_FINDING, 0, false }, { "hacked", FACT_FINDING, 0, false }, { "systemcompromise", FACT_FINDING, 0, false }, { "applicationcompromise", FACT_FINDING, 0, false },
    { "suspected", FACT_FINDING, 0, true }, { "suspicious", FACT_FINDING, 0, true }, { "attacked", FACT_FINDING, 0, true },
    { "removed", FACT_REMOVED, 0, false }, { "cleaned", FACT_REMOVED, 0, false }, { "deleted", FACT_REMOVED, 0, false }, { "rebuilt", FACT_REMOVED, 0, false }, { "reinstalled", FACT_REMOVED, 0, false },
    { "notmine", FACT_NOT_MINE, 0, false }, { "notours", FACT_NOT_MINE, 0, false }, { "wrongowner", FACT_NOT_MINE, 0, false },
    { "hunted", FACT_HUNT, 0, false }, { "searched", FACT_HUNT, 0, false }, { "investigated", FACT_HUNT, 0, false },
    { "replied", FACT_REPLY, 0, false }, { "answered", FACT_REPLY, 0, false }, { "acknowledged", FACT_REPLY, 0, false },
};

const struct intake_claim *intake_claim_find(struct str word)
{
    char   folded[CSV_NAME_MAX];
    size_t n;

    word = str_trim(word);
    if (str_istarts(word, STR("CVE-")) && word.n >= 13 && word.n <= 20)
        return &claims[0];
    for (size_t i = 0; csv_name_fold(word, folded, &n) && n && i < COUNT_OF(claims); i++)
        if (strlen(claims[i].word) == n && memcmp(claims[i].word, folded, n) == 0)
            return &claims[i];
    return NULL;
}
