/* The plain world: numbers, dates, lists, texts. Here marks end or stay as they are. */
#include "webshell/api_table.h"

static const struct api_member array_m[] = {
    SAME("Clone"), { "Copy", API_PASS, SINK_NONE, "-r", 0, NULL }, CLEAN("Exists"), EVENT("ForEach", "-f"), CLEAN("GetLength"),
    CLEAN("GetUpperBound"), CLEAN("IndexOf"), CLEAN("Length"), CLEAN("LongLength"), CLEAN("Rank"),
};
CLASS(array, "Array", NULL, array_m);
static const struct api_member number_m[] = {
    CLEAN("DaysInMonth"), CLEAN("Empty"), NUMBER("FromMilliseconds"), NUMBER("FromOADate"), NUMBER("FromSeconds"), CLEAN("GetName"),
    CLEAN("GetNames"), CLEAN("GetValues"), CLEAN("IsDefined"), NUMBER("IsNaN"), CLEAN("MaxValue"), CLEAN("MinValue"), NUMBER("new"), CLEAN("NewGuid"),
    CLEAN("Now"), NUMBER("Parse"), NUMBER("ParseExact"), CLEAN("Today"), NUMBER("ToInt32"), CLEAN("ToObject"),
    { "TryParse", API_NUMBER, SINK_NONE, "-r", 0, NULL }, { "TryParseExact", API_NUMBER, SINK_NONE, "----r", 0, NULL }, CLEAN("UtcNow"),
};
CLASS(number, "Int32", NULL, number_m);
