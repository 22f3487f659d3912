#include "potential/composition_rule.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *parameter;
    pair_form form;
} rules[N_RULES] = {
    [RULE_DENG_DU_BORON] = {"deng_du_boron", "A", TERM_BUCKINGHAM_INNER},
    [RULE_BMP_BORON] = {"bmp_boron", "D", TERM_MORSE},
};

const char *composition_rule_name(composition_rule rule)
{
    return rules[rule].name;
}

pair_form composition_rule_form(composition_rule rule)
{
    return rules[rule].form;
}

const char *composition_rule_parameter(composition_rule rule)
{
    return rules[rule].parameter;
}

static bool among(const char *symbol, const char *const list[])
{
    for (; *list; list++)
        if (strcmp(symbol, *list) == 0)
            return true;
    return false;
}

bool composition_of(const lithia_frame *frame, composition_result *out)
{
    static const char *const alkali[] = {"Li", "Na", "K", "Rb", "Cs", NULL}, *const earth[] = {"Mg", "Ca", "Sr", "Ba", NULL};
    *out = (composition_result){0};
    double boron = 0.0, silicon = 0.0, modifier = 0.0;
    bool seen[128] = {false};
    for (size_t i = 0; i < frame->n_atoms; i++) {
        int z = frame->species.item[frame->kind[i]].z;
        const char *symbol = lithia_element_symbol(z);
        if (strcmp(symbol, "B") == 0)
            boron += 1.0;
        else if (strcmp(symbol, "Si") == 0)
            silicon += 1.0;
        else if (among(symbol, alkali))
            modifier += 0.5;
        else if (among(symbol, earth))
            modifier += 1.0;
        else if (strcmp(symbol, "O") != 0 && z >= 0 && z < 128 && !seen[z]) {
            seen[z] = true;
            size_t used = strlen(out->others);
            snprintf(out->others + used, sizeof out->others - used, "%s%s", used ? ", " : "", symbol);
        }
    }
    out->R = boron > 0.0 ? modifier / (boron / 2.0) : 0.0;
    out->K = boron > 0.0 ? silicon / (boron / 2.0) : 0.0;
    return boron > 0.0;
}

/* Dell, Bray and Xiao: N4 rises with R to K/16 + 1/2, stays, and falls to nothing at R = 2 + K. */
static double four_fold(double R, double K)
{
    double most = K / 16.0 + 0.5;
    if (R <= most)
        return R;
    if (R <= K / 4.0 + 0.5)
        return most;
    return fmax(0.0, (8.0 + K) / 12.0 * (1.0 - R / (2.0 + K)));
}

void composition_rule_value(composition_rule rule, composition_result *out)
{
    double R = out->R, K = out->K, N4 = out->N4 = four_fold(R, K);
    if (rule == RULE_DENG_DU_BORON) {
        double Rm = K / 16.0 + 0.5, A1 = 11900.0, A2 = 12525.0, T1 = 4350.0, T2 = 85.0;
        double T3 = (A1 + T2 * K * K - A2) / Rm + T1; /* as in the erratum: both branches meet at Rm */
        out->value = R <= Rm ? A1 + T1 * (Rm - (Rm - N4) * (Rm - N4) / Rm) + T2 * K * K : A2 + T3 * N4 * Rm / R;
    } else {
        double square = 1.0 / ((R + 1.0) * (R + 1.0));
        out->value = (2.11081 + square) * exp(0.02063 * R + 0.06312 * K) +
                     (-2.12213 + square) * exp(-7.50152 * R + 0.32778 * K) - 0.001665 * K * K * K - 0.12807 * R;
    }
}

/* Where the third derivative of A exp(-r/rho) - C/r^6 changes sign on its way in: 336 C/r^9 = A exp(-r/rho)/rho^3. */
static double third_derivative_zero(const double p[])
{
    double low = 0.3, high = 9.0 / p[1] * 0.999; /* r^9 exp(-r/rho) rises up to 9 rho */
    for (int i = 0; i < 200; i++) {
        double r = 0.5 * (low + high);
        if (336.0 * p[2] > p[0] * p[1] * p[1] * p[1] * exp(-p[1] * r) * pow(r, 9.0))
            low = r;
        else
            high = r;
    }
    return 0.5 * (low + high);
}

bool composition_rule_apply(composition_rule rule, double value, pair_terms *terms)
{
    for (size_t i = 0; i < terms->n; i++) {
        pair_term *term = &terms->term[i];
        if (term->form != rules[rule].form)
            continue;
        term->p[0] = value;
        if (rule == RULE_DENG_DU_BORON) {
            term->p[3] = third_derivative_zero(term->p);
            return value > 0.0 && pair_inner_solve(term);
        }
        return true;
    }
    return false;
}
