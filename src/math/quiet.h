/* GSL's error handler ends the process, which a library may not do. It is a global of GSL's; whatever of ours calls GSL
 * turns it off first, once per process, and looks at what the calls return. */
#pragma once
void math_quiet_gsl(void);
