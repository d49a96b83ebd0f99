/* JSON: the properties are in importfuzz.h. */
#include "importfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum obs_source format[] = { OBS_SOURCES, OBS_SHODAN, OBS_CENSYS, OBS_ZGRAB, OBS_MASSCAN, OBS_HTTPX, OBS_BINARYEDGE, OBS_STATEMENT };
    return importfuzz(format, sizeof format / sizeof *format, "x.json", data, n);
}
