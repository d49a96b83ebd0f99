/* command: any line. The verdict is that of its strongest reason, reasons fall in strength, and what is given are texts of the arena. */
#include "detect/command.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 16 << 20 };
    uint8_t       *room = malloc(ROOM);
    struct arena   a = { room, room + ROOM, NULL };
    struct err     e = { 0 };
    struct command stored, ran;

    if (!command_judge(&stored, &a, (struct str){ data, n }, COMMAND_STORED, 'C', &e) || !command_judge(&ran, &a, (struct str){ data, n }, COMMAND_RAN, 'C', &e))
        abort();                       /* the room is enough for any line */
    for (size_t i = 1; i < stored.reason_n; i++)
        if (stored.reason[i].grade > stored.reason[i - 1].grade)
            abort();
    if (stored.verdict != (stored.reason_n ? stored.reason[0].grade : COMMAND_ORDINARY) || ran.verdict > stored.verdict)
        abort();
    struct str why = command_why(&a, &stored);
    if ((why.n > 0) != (stored.reason_n > 0))
        abort();
    free(room);
    return 0;
}
