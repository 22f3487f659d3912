/* Time of one molecular-dynamics step (velocity Verlet, NVE) in a force field, after the forces of the first frame were
 * compared with the reference sum. The deck is plain text, as written by bench/md/run.py:
 *     N, then nine cell components (rows), then N rows: label mass x y z vx vy vz (angstrom, angstrom/ps).
 * usage: bench_md DECK FORCEFIELD [name=value...]
 *     steps=N warm=N fs=DT coulomb=dsf|ewald|pme cutoff=A damping=1/A short=A smoothing=none|shift|switch accuracy=E
 *     shells=relaxed|adiabatic (adiabatic ones are moved as particles) precision=double|mixed threads=N kernel=auto|reference|scalar|avx2|avx512 buffer=A energy_every=N check=0|1
 * prints one line of name=value. */
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <lithia/io/file.h>
#include <lithia/potential/forcefield.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void stop(lithia_context *ctx)
{
    fprintf(stderr, "bench_md: %s\n", lithia_message_view(ctx));
    exit(1);
}
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        if ((call) != LITHIA_OK)                                                                                       \
            stop(ctx);                                                                                                 \
    } while (0)

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const char *value_of(int argc, char **argv, const char *name, const char *otherwise)
{
    size_t n = strlen(name);
    for (int i = 3; i < argc; i++)
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
            return argv[i] + n + 1;
    return otherwise;
}

static int index_of(const char *text, const char *const names[], int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return 0;
}

static void read_deck(lithia_context *ctx, const char *path, lithia_frame *frame, double **mass)
{
    FILE *file = fopen(path, "r");
    size_t n;
    lithia_frame_init(frame);
    if (!file || fscanf(file, "%zu", &n) != 1) {
        fprintf(stderr, "bench_md: cannot read %s\n", path);
        exit(1);
    }
    TRY(lithia_frame_resize(ctx, frame, n, LITHIA_VELOCITY));
    *mass = calloc(n, sizeof **mass);
    for (int i = 0; i < 9; i++)
        if (fscanf(file, "%lf", &frame->cell.h[i / 3][i % 3]) != 1)
            exit(1);
    for (int i = 0; i < 3; i++)
        frame->cell.periodic[i] = true;
    for (size_t i = 0; i < n; i++) {
        char label[16];
        double *x = frame->position[i], *v = frame->velocity[i];
        if (fscanf(file, "%15s %lf %lf %lf %lf %lf %lf %lf", label, &(*mass)[i], &x[0], &x[1], &x[2], &v[0], &v[1],
                   &v[2]) != 8)
            exit(1);
        TRY(lithia_species_add(ctx, &frame->species, label, &frame->kind[i]));
    }
    fclose(file);
}

static double kinetic(const lithia_frame *frame, const double *mass)
{
    double sum = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            sum += 0.5 * mass[i] * frame->velocity[i][k] * frame->velocity[i][k];
    return sum * LITHIA_U_A2_PS2_IN_EV;
}

int main(int argc, char **argv)
{
    static const char *const coulombs[] = {"default", "ewald", "pme", "dsf", "wolf", "tapered"},
                             *const smoothings[] = {"default", "none", "shift", "switch", "taper"},
                             *const kernels[] = {"auto", "reference", "scalar", "avx2", "avx512"},
                             *const shells[] = {"default", "relaxed", "fixed", "adiabatic"};
    if (argc < 3) {
        fprintf(stderr, "usage: bench_md DECK FORCEFIELD [name=value...]\n");
        return 2;
    }
    lithia_context *ctx = lithia_context_new();
    TRY(lithia_set_threads(ctx, (size_t)atol(value_of(argc, argv, "threads", "1"))));
    lithia_frame frame;
    double *mass;
    read_deck(ctx, argv[1], &frame, &mass);
    lithia_forcefield *ff;
    FILE *file = fopen(argv[2], "r");
    if (file) {
        static char text[1 << 20];
        size_t n = fread(text, 1, sizeof text, file);
        fclose(file);
        TRY(lithia_forcefield_read(ctx, argv[2], text, n, &ff));
    } else {
        TRY(lithia_forcefield_shipped(ctx, argv[2], &ff));
    }
    lithia_forcefield_options want = {
        .coulomb = (lithia_coulomb_method)index_of(value_of(argc, argv, "coulomb", ""), coulombs, 6),
        .coulomb_cutoff = atof(value_of(argc, argv, "cutoff", "0")),
        .damping = atof(value_of(argc, argv, "damping", "0")),
        .short_cutoff = atof(value_of(argc, argv, "short", "0")),
        .accuracy = atof(value_of(argc, argv, "accuracy", "0")),
        .smoothing = (lithia_smoothing)index_of(value_of(argc, argv, "smoothing", ""), smoothings, 5),
        .kernel = (lithia_kernel)index_of(value_of(argc, argv, "kernel", ""), kernels, 5),
        .precision = strcmp(value_of(argc, argv, "precision", "double"), "mixed") == 0 ? LITHIA_PRECISION_MIXED : LITHIA_PRECISION_DOUBLE,
        .shells = (lithia_shell_mode)index_of(value_of(argc, argv, "shells", ""), shells, 4),
        .shell_tolerance = atof(value_of(argc, argv, "shell_tolerance", "0")),
        .buffer = atof(value_of(argc, argv, "buffer", "0")),
    };
    lithia_potential potential;
    TRY(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential));
    if (want.shells == LITHIA_SHELLS_ADIABATIC) {
        lithia_frame particles;
        lithia_frame_init(&particles);
        TRY(potential.class_view->unfold(potential.self, &frame, &particles));
        lithia_frame_free(&frame);
        frame = particles;
        mass = realloc(mass, frame.n_atoms * sizeof *mass);
        for (size_t i = 0; i < frame.n_atoms; i++)
            mass[i] = frame.species.item[frame.kind[i]].mass;
    }
    size_t n = frame.n_atoms;
    lithia_evaluation e = {.force = lithia_calloc(ctx, n, sizeof *e.force)};
    TRY(lithia_potential_evaluate(&potential, &frame, &e));

    double force_error = NAN;
    if (atoi(value_of(argc, argv, "check", "1"))) {
        lithia_forcefield_options slow = want;
        slow.kernel = LITHIA_KERNEL_REFERENCE;
        slow.precision = LITHIA_PRECISION_DOUBLE;
        if (slow.coulomb == LITHIA_COULOMB_PME) {
            slow.coulomb = LITHIA_COULOMB_EWALD;
            slow.accuracy = 1e-9;
        }
        lithia_potential reference;
        TRY(lithia_forcefield_potential(ctx, ff, &slow, &frame, &reference));
        lithia_evaluation r = {.force = lithia_calloc(ctx, n, sizeof *r.force)};
        TRY(lithia_potential_evaluate(&reference, &frame, &r));
        double sum = 0.0, difference = 0.0;
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) {
                sum += r.force[i][k] * r.force[i][k];
                difference += (r.force[i][k] - e.force[i][k]) * (r.force[i][k] - e.force[i][k]);
            }
        force_error = sqrt(difference / sum);
        lithia_free(r.force);
        lithia_potential_free(&reference);
    }

    double dt = 1e-3 * atof(value_of(argc, argv, "fs", "1"));
    long warm = atol(value_of(argc, argv, "warm", "10")), steps = atol(value_of(argc, argv, "steps", "100"));
    long energy_every = atol(value_of(argc, argv, "energy_every", "1"));
    double cpu = 0.0, wall = 0.0, first = 0.0;
    for (long step = 0; step < warm + steps; step++) {
        if (step == warm) {
            cpu = cpu_seconds();
            wall = wall_seconds();
            first = e.energy + kinetic(&frame, mass);
        }
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) {
                frame.velocity[i][k] += 0.5 * dt / (mass[i] * LITHIA_U_A2_PS2_IN_EV) * e.force[i][k];
                frame.position[i][k] += dt * frame.velocity[i][k];
            }
        e.no_energy = (step + 1) % energy_every != 0 && step + 1 != warm && step + 1 != warm + steps;
        TRY(lithia_potential_evaluate(&potential, &frame, &e));
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++)
                frame.velocity[i][k] += 0.5 * dt / (mass[i] * LITHIA_U_A2_PS2_IN_EV) * e.force[i][k];
    }
    cpu = (cpu_seconds() - cpu) / (double)steps;
    wall = (wall_seconds() - wall) / (double)steps;
    double last = e.energy + kinetic(&frame, mass);
    printf("atoms=%zu cpu_ms=%.4f wall_ms=%.4f atom_steps_per_s=%.4g force_error=%.2e energy_eV=%.8f "
           "drift_eV_per_atom=%.2e temperature_K=%.0f\n",
           n, 1e3 * cpu, 1e3 * wall, (double)n / cpu, force_error, e.energy, (last - first) / (double)n,
           kinetic(&frame, mass) / (1.5 * (double)n * LITHIA_BOLTZMANN_EV_K));
    lithia_potential_free(&potential);
    lithia_forcefield_free(ff);
    lithia_free(e.force);
    free(mass);
    lithia_frame_free(&frame);
    lithia_context_free(ctx);
    return 0;
}
