/* Tables of casework: the properties are in intakefuzz.h. */
#include "intakefuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const kind[] = { "register", "constituency", "mx", "link", "tip", "statement", "optout", "csirt" };
    return intakefuzz(kind, sizeof kind / sizeof *kind, data, n);
}
