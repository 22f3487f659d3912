#include "fuzz.h"
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

/* The file is read in a process of its own (io/reader_process.h), whose counters of what was run would end with it. There they
 * are laid on shared pages, which the fuzzer knows as extra counters. Without a fuzzer there are none. */
enum { PAGE = 4096, MOST = 64 * PAGE };
static uint8_t shared[MOST] __attribute__((section("__libfuzzer_extra_counters"), aligned(PAGE)));
extern uint8_t __start___sancov_cntrs[] __attribute__((weak)), __stop___sancov_cntrs[] __attribute__((weak));
static int memory = -1;

static void lay_counters(void)
{
    uintptr_t begin = ((uintptr_t)__start___sancov_cntrs + PAGE - 1) / PAGE * PAGE;
    uintptr_t end = (uintptr_t)__stop___sancov_cntrs / PAGE * PAGE; /* whole pages: others hold other variables too */
    if (memory >= 0 && begin < end)
        mmap((void *)begin, end - begin < MOST ? end - begin : MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0);
}

int LLVMFuzzerInitialize(int *n, char ***arguments);
int LLVMFuzzerInitialize(int *n, char ***arguments)
{
    (void)n, (void)arguments;
    memory = memfd_create("counters", MFD_CLOEXEC);
    if (memory < 0 || ftruncate(memory, MOST) != 0 ||
        mmap(shared, MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0) == MAP_FAILED ||
        pthread_atfork(NULL, NULL, lay_counters) != 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_trajectory(bytes, n, &(lithia_read_options){.format = "h5md"});
}
