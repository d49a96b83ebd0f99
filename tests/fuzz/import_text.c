/* mail and HealthChecker's text: the properties are in importfuzz.h. */
#include "importfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum obs_source format[] = { OBS_SOURCES, OBS_RECEIVED, OBS_HEALTHCHECKER };
    return importfuzz(format, sizeof format / sizeof *format, "x.txt", data, n);
}
