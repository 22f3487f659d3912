#define PME_SPREAD pme_spread_avx2
#define PME_GATHER pme_gather_avx2
#include "potential/pme_atoms_body.h"
