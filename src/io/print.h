/* Printing numbers into memory, fast. */
#pragma once
#include <lithia/core/status.h>

/* Room that one number, with its sign and exponent, may need. */
enum { PRINT_ROOM = 32 };
/* Write x at p with `digits` significant digits (1 to 17), as short as "%.{digits}g"; 17 gives back the same double.
 * With 15 digits and fewer the last digit may be off by one where the decimal tie is within 1e-3 of that digit.
 * @return behind the last character; no zero byte */
char *print_real(char *p, double x, int digits);
char *print_integer(char *p, int64_t i);
char *print_text(char *p, const char *text);
