/* See numbers.h. */
#include "report/numbers.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

void words_time(int64_t us, char ret[WORDS_TEXT])
{
    ret[0] = '\0';
    if (us == TIME_NONE)
        return;
    char text[TIME_TEXT] = "";
    time_text(us, text);
    if (strlen(text) >= 19)
        snprintf(ret, WORDS_TEXT, "%.10s %.8s", text, text + 11);
}

/* Year, month and day from RFC 3339 text: the calendar is base/time's business. */
static bool civil(int64_t us, int *y, int *m, int *d)
{
    char text[TIME_TEXT] = "";

    if (us == TIME_NONE)
        return false;
    time_text(us, text);
    return sscanf(text, "%4d-%2d-%2d", y, m, d) == 3 && *m >= 1 && *m <= 12;
}

static const char month_name[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

void words_day(int64_t us, char ret[WORDS_TEXT])
{
    int y, m, d;

    ret[0] = '\0';
    if (civil(us, &y, &m, &d))
        snprintf(ret, WORDS_TEXT, "%d %s %d", d, month_name[m - 1], y);
}

void words_short_day(int64_t us, char ret[WORDS_TEXT])
{
    int y, m, d;

    ret[0] = '\0';
    if (civil(us, &y, &m, &d))
        snprintf(ret, WORDS_TEXT, "%d %s", d, month_name[m - 1]);
}

void words_bytes(uint64_t n, char ret[WORDS_TEXT])
{
    static const char *const unit[] = { "bytes", "kB", "MB", "GB", "TB", "PB", "EB" };
    size_t u = 0;
    double v = (double)n;

    for (; v >= 999.95 && u + 1 < COUNT_OF(unit); u++)
        v /= 1000;
    if (u == 0)
        snprintf(ret, WORDS_TEXT, "%llu byte%s", (unsigned long long)n, n == 1 ? "" : "s");
    else
        snprintf(ret, WORDS_TEXT, "%.1f %s", v, unit[u]);
}

void words_count(uint64_t n, char ret[WORDS_TEXT])
{
    char   plain[24];
    int    len = snprintf(plain, sizeof plain, "%llu", (unsigned long long)n);
    size_t w = 0;

    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            ret[w++] = ',';
        ret[w++] = plain[i];
    }
    ret[w] = '\0';
}
