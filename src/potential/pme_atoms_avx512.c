#define PME_SPREAD pme_spread_avx512
#define PME_GATHER pme_gather_avx512
#include "potential/pme_atoms_body.h"
