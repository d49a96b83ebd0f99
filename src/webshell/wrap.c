#include "webshell/cutter.h"

#include "base/num.h"
#include "webshell/settings.h"

enum page_wrap wrap_of(struct str text)
{
    static const struct { struct str head; enum page_wrap wrap; } row[] = {
        { STR_INIT("!BDN"), WRAP_MAILBOX }, { STR_INIT("0\x82"), WRAP_CERTIFICATE }, { STR_INIT("0\x83"), WRAP_CERTIFICATE }, { STR_INIT("GIF8"), WRAP_IMAGE },
        { STR_INIT("\x89PNG"), WRAP_IMAGE }, { STR_INIT("\xFF\xD8\xFF"), WRAP_IMAGE }, { STR_INIT("BM"), WRAP_IMAGE }, { STR_INIT("II*\0"), WRAP_IMAGE },
        { STR_INIT("MM\0*"), WRAP_IMAGE }, { STR_INIT("RIFF"), WRAP_IMAGE }, { STR_INIT("PK\3\4"), WRAP_ARCHIVE }, { STR_INIT("Rar!"), WRAP_ARCHIVE },
        { STR_INIT("\x1F\x8B"), WRAP_ARCHIVE }, { STR_INIT("7z\xBC\xAF"), WRAP_ARCHIVE }, { STR_INIT("MSCF"), WRAP_ARCHIVE }, { STR_INIT("%PDF"), WRAP_BINARY },
        { STR_INIT("\xD0\xCF\x11\xE0"), WRAP_BINARY }, { STR_INIT("MZ"), WRAP_BINARY },
    };
    struct settings s;

    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (str_starts(text, row[i].head)) {
            /* Two letters are a head only where text does not follow. */
            bool letters = row[i].head.n == 2 && ch_alpha(row[i].head.p[1]);
            for (size_t b = 2; letters && b < 16 && b < text.n; b++)
                letters = text.p[b] >= 9 && text.p[b] < 0x7F;
            if (!letters)
                return row[i].wrap;
        }
    for (size_t i = 0; i < 5 && i < text.n; i++)
        if (text.p[i] < 9 || (text.p[i] > 13 && text.p[i] < 32) || text.p[i] == 0x7F)
            return WRAP_BINARY;
    if (text.n <= SETTINGS_BYTES_MAX && str_has(text, STR("ternalUrl")) && settings_read(&s, text))
        return WRAP_SETTINGS;
    return WRAP_NONE;
}
