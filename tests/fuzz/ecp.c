/* The properties are in logfuzz.h. */
#include "logfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return logfuzz(&log_ecp, data, n);
}
