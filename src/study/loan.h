/* Options whose value is what an earlier stage gave: the content of a file (`reference: order`), or a number
 * (`p-max: break_0K.first_break.pressure_before`). */
#pragma once
#include "study/resolve.h"

/* Whether a DATA option's text names the structure of an earlier stage; the loan is then the member's.
 *  @param[out] lent  false: it names none
 *  @return INVALID if that stage gives no structure, or several */
lithia_status study_lend_structure(struct lithia_study *study, study_member *m, const lithia_option *row, const char *text,
                                   bool *lent) LITHIA_MUST_USE;
/* Whether the text of an option that wants a number is "stage.path" or "stage[selector].path" of an earlier stage. The value
 * is taken when that stage is done.
 *  @return INVALID if the stage has no such member, or several */
lithia_status study_lend_number(struct lithia_study *study, study_member *m, const lithia_option *row, const char *text,
                                bool *lent) LITHIA_MUST_USE;
