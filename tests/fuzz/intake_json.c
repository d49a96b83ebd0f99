/* STIX bundles and MISP events: the properties are in intakefuzz.h. */
#include "intakefuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const kind[] = { "stix", "misp" };
    return intakefuzz(kind, sizeof kind / sizeof *kind, data, n);
}
