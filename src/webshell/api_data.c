/* The plain world: numbers, dates, lists, texts. Here marks end or stay as they are. */
#include "webshell/api_table.h"

static const struct api_member array_m[] = {
    { "ConstrainedCopy", API_PASS, SINK_NONE, "--r", 0, NULL }, { "Copy", API_PASS, SINK_NONE, "-rr", 0, NULL }, CLEAN("Exists"), EVENT("ForEach", "-f"), CLEAN("IsFixedSize"), CLEAN("Rank"),
};
CLASS(array, "Array", NULL, array_m);
static const struct api_member buffer_m[] = { { "BlockCopy", API_PASS, SINK_NONE, "--r", 0, NULL }, CLEAN("ByteLength"), { "SetByte", API_PASS, SINK_NONE, "r", 0, NULL } };
CLASS(buffer, "Buffer", NULL, buffer_m);
static const struct api_member number_m[] = {
    CLEAN("DaysInMonth"), CLEAN("Empty"), NUMBER("FromMilliseconds"), NUMBER("FromOADate"), NUMBER("FromSeconds"), CLEAN("GetName"),
    CLEAN("GetNames"), CLEAN("GetValues"), CLEAN("IsDefined"), NUMBER("IsNaN"), CLEAN("MaxValue"), CLEAN("MinValue"), NUMBER("new"), CLEAN("NewGuid"),
    CLEAN("Now"), NUMBER("Parse"), NUMBER("ParseExact"), CLEAN("Today"), NUMBER("ToInt32"), CLEAN("ToObject"),
    { "TryParse", API_NUMBER, SINK_NONE, "-r", 0, NULL }, { "TryParseExact", API_NUMBER, SINK_NONE, "----r", 0, NULL }, CLEAN("UtcNow"),
};
CLASS(number, "Int32", NULL, number_m);
/* Text: what is known of it fold tells; the marks stay. */
static const struct api_member encoding_m[] = {
    SAME("ASCII"), SAME("BigEndianUnicode"), PASS("Convert", 0, NULL), SAME("Default"), PASS("GetBytes", 0, NULL), PASS("GetChars", 0, NULL),
    SAME("GetEncoding"), PASS("GetString", 0, NULL), SAME("Unicode"), SAME("UTF32"), SAME("UTF7"), SAME("UTF8"), CLEAN("WebName"),
};
CLASS(encoding, "Encoding", NULL, encoding_m);
static const struct api_member builder_m[] = {
    FIELD("Append", "d*"), FIELD("AppendFormat", "d*"), FIELD("AppendJoin", "d*"), FIELD("AppendLine", "d"), CLEAN("Capacity"), TEXT("Chars"),
    CLEAN("Clear"), FIELD("Insert", "-d"), FIELD("new", "d"), SAME("Remove"), SAME("Replace"), TEXT("ToString"),
};
CLASS(string_builder, "StringBuilder", NULL, builder_m);
static const struct api_member string_m[] = {
    CLEAN("GetHashCode"), CLEAN("GetTypeCode"), CLEAN("IndexOfAny"), CLEAN("IsNormalized"), CLEAN("LastIndexOfAny"),
};
CLASS(string, "String", NULL, string_m);
