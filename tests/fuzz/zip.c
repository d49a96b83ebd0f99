/* zip: whatever the bytes, a tree of harmless names, and members that read the same twice, never beyond what was stated. */
#include "archivefuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_archive(data, n, ARCHIVE_ZIP, STR("secret"));
    return 0;
}
