/* Regular expressions of a user's rules, judged before they are compiled: an answer within bounds for any bytes, the same each time. */
#include "detect/pattern_cost.h"
#include "detect/pattern_paths.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str s = { data, n < 4096 ? n : 4096 };

    for (int flags = 0; flags < 4; flags++) {
        enum pattern_paths p = pattern_paths(s, flags & 1, flags & 2);
        assert(p == PATHS_FEW || p == PATHS_MANY || p == PATHS_UNKNOWN);
        assert(p == pattern_paths(s, flags & 1, flags & 2));
    }
    (void)pattern_runs_away(s);
    return 0;
}
