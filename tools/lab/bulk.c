/* bulk: stand-in until the volume generator is here. */
#include "lab/lab.h"

int bulk_main(const char *out, uint64_t seed, uint32_t megabytes, double hit_rate, uint32_t days, enum generation gen)
{
    (void)out; (void)seed; (void)megabytes; (void)hit_rate; (void)days; (void)gen;
    lab_die("not built yet");
}
