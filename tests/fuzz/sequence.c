/* sequence: the same for what is read front to back, and for what archive_probe says of any bytes. */
#include "archivefuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *what, *hint;

    enum archive_kind kind = archive_probe(str_sub((struct str){ data, n }, 0, ARCHIVE_HEAD), STR("x.tar.gz"), &what, &hint);
    MUST(kind != ARCHIVE_OTHER || (what[0] && hint[0]));
    fuzz_archive(data, n, ARCHIVE_SEQUENCE, STR_EMPTY);
    return 0;
}
