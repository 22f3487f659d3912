/** @file
 * What a call returns, and the markers every public declaration carries.
 *
 * A function that can fail returns a lithia_status; the message waits in the context it was given.
 * The codes are few and are sorted by who can mend the failure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LITHIA_API extern "C" __attribute__((visibility("default")))
#else
#define LITHIA_API __attribute__((visibility("default")))
#endif
#define LITHIA_MUST_USE __attribute__((warn_unused_result))
#define LITHIA_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))

/** How a call ended. */
typedef enum {
    LITHIA_OK = 0,
    LITHIA_INVALID,     /**< the caller's argument, option or model: exit status 3 (2 on the command line) */
    LITHIA_PARSE,       /**< the file: the message has file:line:column; exit status 3 */
    LITHIA_IO,          /**< the system: no file, no space, no permission; exit status 4 */
    LITHIA_NOMEM,       /**< out of memory; exit status 70 */
    LITHIA_UNSUPPORTED, /**< not in this build or not for this input; exit status 4 */
    LITHIA_DIVERGED,    /**< the numbers: did not converge, blew up; exit status 5 */
    LITHIA_CANCELLED,   /**< stopped by the user; exit status 130 */
    LITHIA_INTERNAL     /**< us: a bug; exit status 70 */
} lithia_status;

/** Leave the function with the status of `call` unless it is LITHIA_OK. For functions that own nothing. */
#define LITHIA_TRY(call)                                                                                               \
    do {                                                                                                               \
        lithia_status lithia_try_status_ = (call);                                                                     \
        if (lithia_try_status_ != LITHIA_OK)                                                                           \
            return lithia_try_status_;                                                                                 \
    } while (0)

/** @return the name of a status in lower case, "invalid", for messages and JSON; never NULL */
LITHIA_API const char *lithia_status_name(lithia_status status);
