/* Parameters of B-O that their authors let depend on the composition. */
#pragma once
#include "potential/pair_terms.h"
#include <lithia/structure/frame.h>

typedef enum {
    RULE_DENG_DU_BORON, /* A of buckingham_inner, and its r0: L. Deng, J. Du, J. Am. Ceram. Soc. 102, 2482 (2019) and erratum */
    RULE_BMP_BORON,     /* D of morse: M. Bertani et al., J. Am. Ceram. Soc. 105, 7254 (2022), erratum 106, 5104 (2023) */
    N_RULES
} composition_rule;

/* A composition as the rules see it, and what a rule made of it. */
typedef struct {
    double R;  /* (alkali oxide + alkaline-earth oxide)/B2O3 */
    double K;  /* SiO2/B2O3 */
    double N4; /* fraction of four-fold boron, Dell, Bray and Xiao, J. Non-Cryst. Solids 58, 1 (1983) */
    double value;
    char others[64]; /* elements that the rule knows nothing of, "P, Ti" */
} composition_result;

const char *composition_rule_name(composition_rule rule);
/* The form it fits to, and the parameter it sets: "buckingham_inner", "A". */
pair_form composition_rule_form(composition_rule rule);
const char *composition_rule_parameter(composition_rule rule);
/* False without boron: nothing to do. */
bool composition_of(const lithia_frame *frame, composition_result *out);
/* The value for out->R and K; sets N4 and value. */
void composition_rule_value(composition_rule rule, composition_result *out);
/* Set it in the pair's term of that form; false if the term has no repulsive inner branch with it. */
bool composition_rule_apply(composition_rule rule, double value, pair_terms *terms);
