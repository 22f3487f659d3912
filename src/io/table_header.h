/* Names and units of a table's columns. */
#pragma once
#include <lithia/core/context.h>

enum { TABLE_COLUMNS = 256, TABLE_NAME = 64 };

typedef struct {
    char name[TABLE_NAME], unit[24];
} table_heading;

/* Take a line of names apart. `part` is the parting character, ' ' for blanks of any kind; blanks before and inside of
 * brackets do not part. @return how many; 0 when there are more than TABLE_COLUMNS */
size_t table_headings_read(const char *line, char part, table_heading heading[TABLE_COLUMNS]);
/* EosFit's words: SIGP is sP, P stays P; units are its own: GPa, K, A3 or as the scales say. */
void table_heading_eosfit(table_heading *heading, const char *pressure_unit, const char *temperature_unit);
