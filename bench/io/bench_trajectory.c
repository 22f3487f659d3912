/* Atom lines a second, reading and writing, one core. The baselines are in the design notes: ASE 0.4 to 0.8 million lines
 * a second, MDTraj 0.9, LAMMPS 0.8.   bench_trajectory [ATOMS FRAMES FOLDER] */
#include <lithia/core/random.h>
#include <lithia/io/frame_writer.h>
#include <lithia/io/trajectory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

/* Processor time, that of ended processes included: H5MD is read in one of its own. */
static double now(void)
{
    struct timespec t;
    struct rusage ended;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    getrusage(RUSAGE_CHILDREN, &ended);
    return (double)(t.tv_sec + ended.ru_utime.tv_sec + ended.ru_stime.tv_sec) + 1e-9 * (double)t.tv_nsec +
           1e-6 * (double)(ended.ru_utime.tv_usec + ended.ru_stime.tv_usec);
}

static void check(lithia_context *ctx, lithia_status status)
{
    if (status == LITHIA_OK)
        return;
    fprintf(stderr, "%s\n", lithia_message_view(ctx));
    exit(1);
}

static void make(lithia_context *ctx, lithia_frame *frame, size_t n, bool velocities)
{
    static const char *const label[3] = {"Li", "Ti", "O"};
    lithia_random random;
    int kind;
    lithia_random_seed(&random, 1, 0);
    lithia_frame_init(frame);
    for (int i = 0; i < 3; i++)
        check(ctx, lithia_species_add(ctx, &frame->species, label[i], &kind));
    check(ctx, lithia_frame_resize(ctx, frame, n, velocities ? LITHIA_VELOCITY : 0));
    frame->cell = (lithia_cell){{{80, 0, 0}, {0, 80, 0}, {0, 0, 80}}, {true, true, true}};
    for (size_t i = 0; i < n; i++) {
        frame->kind[i] = (int)(3 * i / n); /* grouped, as VASP wants it */
        for (int k = 0; k < 3; k++) {
            frame->position[i][k] = 80.0 * lithia_random_uniform(&random);
            if (velocities)
                frame->velocity[i][k] = 5.0 * lithia_random_normal(&random);
        }
    }
}

static void run(lithia_context *ctx, const char *folder, const char *name, size_t n_atoms, size_t n_frames, int digits,
                bool velocities)
{
    char path[1024], sha[65];
    lithia_frame frame;
    lithia_frame_writer *writer;
    lithia_trajectory *trajectory;
    const lithia_write_options options = {.digits = digits};
    struct stat about;
    bool end = false;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    make(ctx, &frame, n_atoms, velocities);
    double t = now();
    check(ctx, lithia_frame_writer_open(ctx, path, &options, &writer));
    for (size_t i = 0; i < n_frames; i++) {
        frame.step = (int64_t)i;
        check(ctx, lithia_frame_writer_add(writer, &frame));
    }
    check(ctx, lithia_frame_writer_commit(writer));
    lithia_frame_writer_free(writer);
    double write = now() - t, sum = 0.0, last = frame.position[n_atoms - 1][2];
    stat(path, &about);
    t = now();
    check(ctx, lithia_trajectory_open(ctx, path, NULL, &trajectory));
    for (size_t n = 0;; n++) {
        check(ctx, lithia_trajectory_next(trajectory, &frame, &end));
        if (end) {
            if (n != n_frames || !(fabs(frame.position[n_atoms - 1][2] - last) < 1e-4)) {
                fprintf(stderr, "%s: what was read is not what was written\n", path);
                exit(1);
            }
            break;
        }
        sum += frame.position[0][0];
    }
    check(ctx, lithia_trajectory_sha256(trajectory, sha));
    lithia_trajectory_close(trajectory);
    double read = now() - t, lines = (double)(n_atoms * n_frames) * 1e-6;
    printf("%-22s %2d digits%s  %7.1f MB  read %6.2f M lines/s  write %6.2f M lines/s\n", name, digits,
           velocities ? " + velocities" : "             ", (double)about.st_size * 1e-6, lines / read, lines / write);
    lithia_frame_free(&frame);
    remove(path);
}

int main(int argc, char *argv[])
{
    size_t n_atoms = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000, n_frames = argc > 2 ? strtoul(argv[2], NULL, 10) : 40;
    const char *folder = argc > 3 ? argv[3] : "/tmp";
    lithia_context *ctx = lithia_context_new();
    run(ctx, folder, "bench.extxyz", n_atoms, n_frames, 8, false);
    run(ctx, folder, "bench.extxyz", n_atoms, n_frames, 8, true);
    run(ctx, folder, "bench.extxyz", n_atoms, n_frames, 17, false);
    run(ctx, folder, "bench.dump", n_atoms, n_frames, 6, false);
    run(ctx, folder, "bench.dump", n_atoms, n_frames, 8, true);
    run(ctx, folder, "bench.xdatcar", n_atoms, n_frames, 8, false);
    run(ctx, folder, "bench.extxyz.zst", n_atoms, n_frames, 8, false);
    run(ctx, folder, "bench.h5", n_atoms, n_frames, 17, false);
    lithia_context_free(ctx);
    return 0;
}
