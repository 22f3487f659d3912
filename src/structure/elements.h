/* What the table of elements holds beyond the public header. */
#pragma once
#include <stddef.h>

enum { ELEMENT_ROOM = 128 };
double element_electronegativity(int z); /* Pauling; 0 where there is none */
/* Every symbol, for "did you mean". @return how many */
size_t element_symbols(const char *symbols[ELEMENT_ROOM]);
