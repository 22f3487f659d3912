#define PME_SPREAD pme_spread_scalar
#define PME_GATHER pme_gather_scalar
#include "potential/pme_atoms_body.h"

void pme_spline(double t, double w[PME_ROW], double dw[PME_ROW])
{
    row8 value, slope;
    spline(t, &value, &slope);
    for (int j = 0; j < PME_ROW; j++)
        w[j] = value[j], dw[j] = slope[j];
}
