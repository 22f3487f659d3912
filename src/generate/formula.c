/* Chemical formulas with whole numbers and brackets. */
#include <lithia/generate/pack.h>
#include <ctype.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    const char *all, *at;
    size_t depth;
} formula_text;

static lithia_status refuse(const formula_text *t, const char *why)
{
    return lithia_fail(t->ctx, LITHIA_INVALID, "formula \"%s\": %s at character %zu", t->all, why, (size_t)(t->at - t->all) + 1);
}

/* A whole number of at most six digits; 1 if there is none. */
static lithia_status read_number(formula_text *t, size_t *number)
{
    size_t digits = 0;
    *number = 0;
    while (isdigit((unsigned char)*t->at)) {
        if (++digits > 6)
            return refuse(t, "the number is too large");
        *number = 10 * *number + (size_t)(*t->at++ - '0');
    }
    if (*t->at == '.')
        return refuse(t, "amounts must be whole numbers (multiply the formula)");
    if (digits == 0)
        *number = 1;
    return *number == 0 ? refuse(t, "an amount of 0 makes no sense") : LITHIA_OK;
}

/* Everything up to the end or a closing bracket. */
static lithia_status read_group(formula_text *t, size_t amount[128])
{
    while (*t->at && *t->at != ')') {
        size_t inner[128] = {0}, number;
        if (*t->at == '(') {
            if (++t->depth > 8)
                return refuse(t, "brackets are nested too deep");
            t->at++;
            LITHIA_TRY(read_group(t, inner));
            if (*t->at != ')')
                return refuse(t, "a bracket is not closed");
            t->at++;
            t->depth--;
        } else {
            char symbol[3] = {t->at[0], 0, 0};
            if (islower((unsigned char)t->at[1]))
                symbol[1] = t->at[1];
            int z = lithia_element_number(symbol);
            if (z == 0)
                return refuse(t, "no element");
            t->at += strlen(symbol);
            inner[z] = 1;
        }
        LITHIA_TRY(read_number(t, &number));
        for (int z = 0; z < 128; z++) {
            amount[z] += inner[z] * number;
            if (amount[z] > 100000000)
                return refuse(t, "more than 10^8 atoms");
        }
    }
    return LITHIA_OK;
}

lithia_status lithia_formula_read(lithia_context *ctx, const char *formula, size_t amount[128])
{
    formula_text t = {.ctx = ctx, .all = formula, .at = formula};
    memset(amount, 0, 128 * sizeof *amount);
    if (!*formula)
        return lithia_fail(ctx, LITHIA_INVALID, "the formula is empty");
    LITHIA_TRY(read_group(&t, amount));
    return *t.at == ')' ? refuse(&t, "a bracket too many") : LITHIA_OK;
}
