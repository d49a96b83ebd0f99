#include "base/time.h"

#include <stdio.h>

static int64_t days_from_civil(int y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int     yoe = (int)(y - era * 400);
    int     doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int     doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static int month_days(int y, int m)
{
    static const int d[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0) ? 29 : d[m - 1];
}

/* A leap second or a zone may carry a time over the edge, where it would have no text any more. */
static bool in_range(int64_t us, int64_t *ret)
{
    if (us < INT64_C(-11644473600) * TIME_SECOND || us >= INT64_C(253402300800) * TIME_SECOND)
        return false;
    *ret = us;
    return true;
}

bool time_civil(int y, int mo, int d, int h, int mi, int s, int us, int64_t *ret)
{
    if (y < 1601 || y > 9999 || mo < 1 || mo > 12 || d < 1 || d > month_days(y, mo) || h < 0 || h > 23 ||
        mi < 0 || mi > 59 || s < 0 || s > 60 || us < 0 || us > 999999)
        return false;
    return in_range(days_from_civil(y, mo, d) * TIME_DAY + h * TIME_HOUR + mi * TIME_MINUTE + s * TIME_SECOND + us, ret);
}

static bool digits(struct str s, size_t at, size_t n, int *ret)
{
    int v = 0;

    if (s.n < n || at > s.n - n)
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (!ch_digit(s.p[i]))
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *ret = v;
    return true;
}

static bool is(struct str s, size_t at, uint8_t c) { return at < s.n && s.p[at] == c; }

bool time_parse(struct str s, int64_t *ret)
{
    int     y, mo, d, h = 0, mi = 0, sec = 0, us = 0;
    int64_t zone = 0, t;
    size_t  at = 10;

    if (!digits(s, 0, 4, &y) || !is(s, 4, '-') || !digits(s, 5, 2, &mo) || !is(s, 7, '-') || !digits(s, 8, 2, &d))
        return false;
    if (is(s, at, 'T') || is(s, at, ' ')) {
        if (!digits(s, at + 1, 2, &h) || !is(s, at + 3, ':') || !digits(s, at + 4, 2, &mi))
            return false;
        at += 6;
        if (is(s, at, ':')) {
            if (!digits(s, at + 1, 2, &sec))
                return false;
            at += 3;
            if (is(s, at, '.') || is(s, at, ',')) {
                int place = 100000;
                at++;
                if (at >= s.n || !ch_digit(s.p[at]))
                    return false;
                for (; at < s.n && ch_digit(s.p[at]); at++, place /= 10)
                    us += (s.p[at] - '0') * place;
            }
        }
        if (is(s, at, 'Z')) {
            at++;
        } else if (is(s, at, '+') || is(s, at, '-')) {
            int zh, zm;
            if (!digits(s, at + 1, 2, &zh) || !is(s, at + 3, ':') || !digits(s, at + 4, 2, &zm) || zh > 15 || zm > 59)
                return false;
            zone = (zh * 60 + zm) * TIME_MINUTE * (s.p[at] == '-' ? -1 : 1);
            at += 6;
        }
    }
    if (at != s.n || !time_civil(y, mo, d, h, mi, sec, us, &t))
        return false;
    return in_range(t - zone, ret);
}

void time_text(int64_t us, char ret[TIME_TEXT])
{
    ret[0] = '\0';
    if (us == TIME_NONE)
        return;
    int64_t days = us / TIME_DAY, rest = us % TIME_DAY;
    if (rest < 0) {
        rest += TIME_DAY;
        days--;
    }
    int64_t z   = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int     doe = (int)(z - era * 146097);
    int     yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int     doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int     mp  = (5 * doy + 2) / 153;
    int     m   = mp < 10 ? mp + 3 : mp - 9;
    int     y   = (int)(yoe + era * 400) + (m <= 2);
    int     d   = doy - (153 * mp + 2) / 5 + 1;
    int     h   = (int)(rest / TIME_HOUR), mi = (int)(rest / TIME_MINUTE % 60), s = (int)(rest / TIME_SECOND % 60);
    int     f   = (int)(rest % TIME_SECOND);

    if (y < 1601 || y > 9999)
        return;
    int n = snprintf(ret, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, h, mi, s);
    if (f && f % 1000 == 0)
        n += snprintf(ret + n, TIME_TEXT - (size_t)n, ".%03d", f / 1000);
    else if (f)
        n += snprintf(ret + n, TIME_TEXT - (size_t)n, ".%06d", f);
    snprintf(ret + n, TIME_TEXT - (size_t)n, "Z");
}

int64_t time_filetime(uint64_t ticks)
{
    if (ticks == 0 || ticks > UINT64_C(2650467743999999999))   /* 9999-12-31T23:59:59.9999999 */
        return TIME_NONE;
    return (int64_t)(ticks / 10) - INT64_C(11644473600000000);
}
