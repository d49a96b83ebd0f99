/* TLP 2.0 as STIX has it, and its times. See stix_mark.h. */
#include "report/stix_mark.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

static const struct { const char *mark, *level, *uuid; } tlp[] = {
    { "TLP:AMBER",        "amber",        "55d920b0-5e8b-4f79-9ee9-91f868d9b421" },   /* the default: names and paths tell who the victim is */
    { "TLP:CLEAR",        "clear",        "94868c89-83c2-464b-929b-a1a8aa3c8487" },
    { "TLP:GREEN",        "green",        "bab4a63c-aed9-4cf5-a766-dfca5abac2bb" },
    { "TLP:AMBER+STRICT", "amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003" },
    { "TLP:RED",          "red",          "e828b379-4e03-4974-9ac4-e53a884c97c1" },
};

static size_t find(struct str mark)
{
    for (size_t i = 0; i < COUNT_OF(tlp); i++)
        if (str_ieq(mark, str_c(tlp[i].mark)))
            return i;
    return 0;
}

const char *stix_tlp_uuid(struct str mark) { return tlp[find(mark)].uuid; }

void stix_tlp_write(struct js *j, struct str mark)
{
    size_t t = find(mark);
    char   id[64];

    snprintf(id, sizeof id, "marking-definition--%s", tlp[t].uuid);
    js_object(j);
    js_key(j, "type");         js_c(j, "marking-definition");
    js_key(j, "spec_version"); js_c(j, "2.1");
    js_key(j, "id");           js_c(j, id);
    js_key(j, "created");      js_c(j, "2022-10-01T00:00:00.000Z");
    js_key(j, "name");         js_c(j, tlp[t].mark);
    js_key(j, "extensions");
    js_object(j);
    js_key(j, TLP_EXTENSION);
    js_object(j);
    js_key(j, "extension_type"); js_c(j, "property-extension");
    js_key(j, "tlp_2_0");        js_c(j, tlp[t].level);
    js_end(j);
    js_end(j);
    js_end(j);
}

void stix_ms(struct js *j, const char *key, int64_t us)
{
    int64_t ms = us - ((us % 1000) + 1000) % 1000;
    char    text[TIME_TEXT + 8] = "";
    size_t  n;

    time_text(ms, text);
    n = strlen(text);
    if (n == 20)
        memcpy(text + n - 1, ".000Z", 6);
    js_key(j, key);
    js_c(j, text);
}
