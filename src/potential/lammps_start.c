#include "potential/lammps_start.h"
#include <lithia/core/memory.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_WORDS = 32 };

static bool can_run(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

/* The first of that name on PATH; the caller's, or NULL. */
static char *on_path(lithia_context *ctx, const char *name)
{
    const char *at = getenv("PATH");
    while (at && *at) {
        const char *end = strchrnul(at, ':');
        char *path = lithia_format(ctx, "%.*s/%s", (int)(end - at), at, name);
        if (path && can_run(path))
            return path;
        lithia_free(path);
        at = *end ? end + 1 : end;
    }
    return NULL;
}

/* Beside the running program, which is where an installation and a build have it. */
static char *beside_us(lithia_context *ctx, const char *name)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;
    if (!slash)
        return NULL;
    char *path = lithia_format(ctx, "%.*s/%s", (int)(slash - self), self, name);
    if (path && can_run(path))
        return path;
    lithia_free(path);
    return NULL;
}

static lithia_status find_program(lithia_context *ctx, const char *given, char **program)
{
    *program = NULL;
    const char *wanted = given ? given : getenv("LITHIA_LAMMPS");
    if (wanted && *wanted) {
        if (!can_run(wanted))
            return lithia_fail(ctx, LITHIA_UNSUPPORTED, "%s, given as the LAMMPS worker%s, is no program that can be run", wanted,
                               given ? "" : " by LITHIA_LAMMPS");
        *program = lithia_strdup(ctx, wanted);
        return *program ? LITHIA_OK : LITHIA_NOMEM;
    }
    *program = beside_us(ctx, "lithia-lammps");
    if (!*program)
        *program = on_path(ctx, "lithia-lammps");
    if (!*program)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED,
                           "there is no LAMMPS worker: lithia-lammps is neither beside lithia nor on the PATH. Install LAMMPS's "
                           "library and MPI (Debian: liblammps-dev libopenmpi-dev openmpi-bin), build lithia again, or say where it "
                           "is with LITHIA_LAMMPS=/path/lithia-lammps; --engine embedded needs none of it");
    return LITHIA_OK;
}

static bool in_a_job(void)
{
    static const char *const signs[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "PE_HOSTFILE", "FLUX_JOB_ID", "COBALT_JOBID"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (getenv(signs[i]))
            return true;
    return false;
}

/* Outside a job the ranks are all on this machine. */
static lithia_status check_ranks(lithia_context *ctx, size_t ranks)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
    if (ranks == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "ranks is 0; it must be at least 1");
    if (n > 0 && ranks > (size_t)n && !in_a_job() && !getenv("LITHIA_MPIRUN"))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "%zu ranks are asked for and this machine has %d processors for us: ask for fewer, or run in a job of the "
                           "cluster (lithia run STUDY.yaml --submit slurm)", ranks, n);
    return LITHIA_OK;
}

/* Words of the command: "mpirun -n 4 program socket", with LITHIA_MPIRUN for mpirun ("srun --mpi=pmix"). */
static lithia_status command(lithia_context *ctx, lammps_process *p, char *socket, char *count, char *words[MOST_WORDS])
{
    size_t n = 0;
    if (p->ranks > 1) {
        const char *given = getenv("LITHIA_MPIRUN");
        p->launcher = given && *given ? lithia_strdup(ctx, given) : on_path(ctx, "mpirun");
        if (!p->launcher)
            return lithia_fail(ctx, LITHIA_UNSUPPORTED, "--ranks %zu needs mpirun, which is not on the PATH: install it (Debian: "
                               "openmpi-bin), or say what starts MPI programs here with LITHIA_MPIRUN=\"srun\"", p->ranks);
        if (given && *given) {
            for (char *rest = p->launcher, *word; (word = strsep(&rest, " ")) && n < MOST_WORDS - 5;)
                if (*word)
                    words[n++] = word;
        } else
            words[n++] = p->launcher;
        snprintf(count, 24, "%zu", p->ranks);
        words[n++] = "-n";
        words[n++] = count;
    }
    words[n++] = p->program;
    words[n++] = socket;
    words[n] = NULL;
    return LITHIA_OK;
}

/* The environment, and what Open MPI needs to run as root, and on one machine in a container; there its own files go into our folder. */
static char **environment(lithia_context *ctx, char *temporary)
{
    static const char *const more[] = {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
                                       "OMPI_MCA_rmaps_base_oversubscribe=1", "OMPI_MCA_btl_vader_single_copy_mechanism=none",
                                       "OMPI_MCA_hwloc_base_binding_policy=none", "OMPI_MCA_mpi_yield_when_idle=1",
                                       "OMP_NUM_THREADS=1"};
    size_t n = 0, n_more = in_a_job() ? 2 : sizeof more / sizeof more[0];
    while (environ[n])
        n++;
    char **all = lithia_calloc(ctx, n + n_more + 2, sizeof *all);
    for (size_t i = 0; all && i < n; i++)
        all[i] = strncmp(environ[i], "TMPDIR=", 7) == 0 && !in_a_job() ? temporary : environ[i];
    if (all && !getenv("TMPDIR") && !in_a_job())
        all[n++] = temporary;
    for (size_t i = 0; all && i < n_more; i++) {
        size_t name = (size_t)(strchr(more[i], '=') - more[i]);
        bool given = false;
        for (size_t k = 0; k < n; k++)
            given = given || strncmp(all[k], more[i], name + 1) == 0;
        if (!given)
            for (size_t k = n; k < n + n_more; k++)
                if (!all[k]) {
                    all[k] = (char *)(uintptr_t)more[i];
                    break;
                }
    }
    return all;
}

static lithia_status open_socket(lithia_context *ctx, lammps_process *p, char path[108])
{
    const char *temporary = getenv("TMPDIR");
    if (!temporary || !*temporary || strlen(temporary) > 32)
        temporary = "/tmp"; /* the path of a socket holds 107 characters */
    snprintf(p->folder, sizeof p->folder, "%s/lithia-lammps-XXXXXX", temporary);
    if (!mkdtemp(p->folder)) {
        lithia_status status = lithia_fail_errno(ctx, "cannot make a folder in %s for the LAMMPS worker", temporary);
        p->folder[0] = 0;
        return status;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", p->folder);
    memcpy(path, address.sun_path, sizeof address.sun_path);
    p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->listener < 0 || bind(p->listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(p->listener, 1) != 0)
        return lithia_fail_errno(ctx, "cannot listen at %s for the LAMMPS worker", path);
    return LITHIA_OK;
}

/* As a leader of its own process group, so that a key pressed at the terminal does not reach it and all of it can be ended;
 * with nothing open but its output. */
static int spawn(lammps_process *p, int output, char *const words[], char *const env[])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawn_file_actions_adddup2(&files, output, 2);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    int failed = posix_spawn(&p->pid, words[0], &files, &how, words, env);
    if (failed == ENOENT && !strchr(words[0], '/'))
        failed = posix_spawnp(&p->pid, words[0], &files, &how, words, env);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    if (failed)
        p->pid = 0;
    return failed;
}

lithia_status lammps_process_start(lithia_context *ctx, const char *program, size_t ranks, lammps_process *p)
{
    *p = (lammps_process){.listener = -1, .output = -1, .ranks = ranks};
    char path[108], count[24], *words[MOST_WORDS];
    int ends[2];
    LITHIA_TRY(check_ranks(ctx, ranks));
    LITHIA_TRY(find_program(ctx, program, &p->program));
    LITHIA_TRY(open_socket(ctx, p, path));
    LITHIA_TRY(command(ctx, p, path, count, words));
    char temporary[sizeof p->folder + 8];
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", p->folder);
    char **env = environment(ctx, temporary);
    if (!env)
        return LITHIA_NOMEM;
    lithia_status status = LITHIA_OK;
    if (pipe2(ends, O_CLOEXEC) != 0)
        status = lithia_fail_errno(ctx, "cannot make a pipe for the LAMMPS worker");
    if (status == LITHIA_OK) {
        int failed = spawn(p, ends[1], words, env);
        p->output = ends[0];
        close(ends[1]);
        (void)fcntl(p->output, F_SETFL, O_NONBLOCK);
        errno = failed;
        if (failed)
            status = lithia_fail_errno(ctx, "cannot start %s", words[0]);
    }
    lithia_free(env);
    return status;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    (void)remove(path);
    return 0;
}

void lammps_process_clear(lammps_process *p)
{
    if (p->listener >= 0)
        close(p->listener);
    if (p->output >= 0)
        close(p->output);
    if (p->folder[0])
        (void)nftw(p->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    lithia_free(p->program);
    lithia_free(p->launcher);
    *p = (lammps_process){.listener = -1, .output = -1};
}
