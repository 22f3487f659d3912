#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_trajectory(bytes, n, &(lithia_read_options){.format = "lammps-data"});
}
