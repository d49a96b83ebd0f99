/* tables: the properties are in importfuzz.h. */
#include "importfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum obs_source format[] = { OBS_SOURCES, OBS_SHADOWSERVER, OBS_CSV, OBS_STATEMENT, OBS_HEALTHCHECKER };
    return importfuzz(format, sizeof format / sizeof *format, "2021-03-15-scan_exchange-x.csv", data, n);
}
