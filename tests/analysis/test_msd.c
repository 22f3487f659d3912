/* Mean-square displacements: transforms against direct sums, closed forms, parts, resumes, memory limit. */
#include "test.h"
#include <lithia/analysis/msd.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>

static double *walk(lithia_context *ctx, size_t frames, size_t ions, double step, uint64_t seed)
{
    double *x = lithia_calloc(ctx, frames * ions * 3, sizeof *x);
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    for (size_t c = 0; c < 3 * ions; c++)
        x[c] = 40.0 * lithia_random_uniform(&random);
    for (size_t t = 1; t < frames; t++)
        for (size_t c = 0; c < 3 * ions; c++)
            x[t * 3 * ions + c] = x[(t - 1) * 3 * ions + c] + step * lithia_random_normal(&random);
    return x;
}

/* The definition, summed. */
static void direct(const double *x, size_t frames, size_t ions, size_t lag, double second[6], double *fourth)
{
    memset(second, 0, 6 * sizeof *second);
    *fourth = 0;
    for (size_t t = 0; t + lag < frames; t++)
        for (size_t i = 0; i < ions; i++) {
            double d[3], d2 = 0;
            for (size_t k = 0; k < 3; k++) {
                d[k] = x[3 * ((t + lag) * ions + i) + k] - x[3 * (t * ions + i) + k];
                d2 += d[k] * d[k];
            }
            double product[6] = {d[0] * d[0], d[1] * d[1], d[2] * d[2], d[1] * d[2], d[0] * d[2], d[0] * d[1]};
            for (int q = 0; q < 6; q++)
                second[q] += product[q] / (double)((frames - lag) * ions);
            *fourth += d2 * d2 / (double)((frames - lag) * ions);
        }
}

TEST(transforms_are_the_direct_sum)
{
    size_t sizes[][2] = {{2, 1}, {3, 5}, {50, 1}, {97, 12}, {200, 40}};
    for (size_t s = 0; s < 5; s++) {
        size_t frames = sizes[s][0], ions = sizes[s][1];
        double *x = walk(ctx, frames, ions, 0.5, s);
        lithia_msd_curve curve;
        CHECK_OK(lithia_msd_of_positions(ctx, frames, ions, x, 0.1, 0, 0, &curve)); /* nothing summed directly */
        CHECK_EQUAL(curve.n_lags, frames - 1);
        for (size_t l = 1; l < frames; l++) {
            double second[6], fourth;
            direct(x, frames, ions, l, second, &fourth);
            double msd = second[0] + second[1] + second[2];
            CHECK_RELATIVE(curve.msd[l - 1], msd, 1e-10, "1e-10: double precision less the cancellation of the mean square radius");
            for (size_t q = 0; q < 6; q++)
                CHECK_CLOSE(curve.tensor[6 * (l - 1) + q], second[q], 1e-10 * msd, "likewise");
            CHECK_CLOSE(curve.alpha2[l - 1], 3 * fourth / (5 * msd * msd) - 1, 1e-8, "fourth powers cancel more");
            CHECK_CLOSE(curve.lag[l - 1], 0.1 * (double)l, 1e-12, "frames times spacing");
        }
        lithia_msd_curve_free(&curve);
        lithia_free(x);
    }
}

TEST(first_lags_keep_their_digits_far_from_home)
{
    size_t frames = 300, ions = 4;
    double *x = walk(ctx, frames, ions, 1e-3, 7);
    for (size_t i = 0; i < frames; i++) /* a common rush of 1 angstrom a frame: 300 angstrom of path, steps of 1e-3 about it */
        for (size_t c = 0; c < 3 * ions; c += 3)
            x[i * 3 * ions + c] += (double)i;
    lithia_msd_curve curve;
    CHECK_OK(lithia_msd_of_positions(ctx, frames, ions, x, 1, 0, 16, &curve));
    for (size_t l = 1; l < frames; l += 37) {
        double second[6], fourth;
        direct(x, frames, ions, l, second, &fourth);
        CHECK_RELATIVE(curve.tensor[6 * (l - 1) + 1], second[1], l <= 16 ? 1e-12 : 1e-9, "y is small beside x");
        CHECK_CLOSE(curve.alpha2[l - 1], 3 * fourth / (5 * pow(second[0] + second[1] + second[2], 2)) - 1, 1e-8, "cancels more");
    }
    lithia_msd_curve_free(&curve);
    lithia_free(x);
}

/* Straight flight: MSD = v^2 t^2 exactly; alpha2 = 3/5 - 1 for one speed. */
TEST(ballistic)
{
    double x[40][2][3];
    for (int t = 0; t < 40; t++)
        for (int i = 0; i < 2; i++)
            for (int k = 0; k < 3; k++)
                x[t][i][k] = (i ? -1.0 : 1.0) * (k + 1) * 0.1 * t;
    lithia_msd_curve curve;
    CHECK_OK(lithia_msd_of_positions(ctx, 40, 2, &x[0][0][0], 0.5, 0, 0, &curve));
    for (size_t l = 1; l < 40; l++) {
        CHECK_RELATIVE(curve.msd[l - 1], 0.14 * (double)(l * l), 1e-11, "(1 + 4 + 9)/100 l^2");
        CHECK_CLOSE(curve.alpha2[l - 1], -0.4, 1e-10, "3/5 - 1");
        CHECK_RELATIVE(curve.tensor[6 * (l - 1) + 3], 0.06 * (double)(l * l), 1e-10, "<dy dz> = 2 x 3/100");
    }
    lithia_msd_curve_free(&curve);
}

TEST(threads_do_not_change_a_bit)
{
    double *x = walk(ctx, 150, 30, 0.3, 3);
    lithia_msd_curve one, four;
    CHECK_OK(lithia_msd_of_positions(ctx, 150, 30, x, 1, 0, 16, &one));
    CHECK_OK(lithia_set_threads(ctx, 4));
    CHECK_OK(lithia_msd_of_positions(ctx, 150, 30, x, 1, 0, 16, &four));
    CHECK(memcmp(one.msd, four.msd, 149 * sizeof *one.msd) == 0);
    CHECK(memcmp(one.alpha2, four.alpha2, 149 * sizeof *one.alpha2) == 0);
    lithia_msd_curve_free(&one);
    lithia_msd_curve_free(&four);
    lithia_free(x);
}

enum { LI = 6, O = 3 };

/* Li walk, O stand, all drift along x; wrapped into a cubic cell of 10 angstrom. */
static void make_frame(lithia_context *ctx, lithia_frame *frame)
{
    int li, o;
    lithia_frame_init(frame);
    CHECK_OK(lithia_species_add(ctx, &frame->species, "O", &o));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Li", &li));
    CHECK_OK(lithia_frame_resize(ctx, frame, LI + O, 0));
    for (int i = 0; i < LI + O; i++)
        frame->kind[i] = i < LI ? li : o;
    for (int k = 0; k < 3; k++) {
        frame->cell.periodic[k] = true;
        frame->cell.h[k][k] = 10;
    }
}

static void set_frame(lithia_context *ctx, lithia_frame *frame, const double *x, size_t t, double drift)
{
    for (int i = 0; i < LI + O; i++)
        for (int k = 0; k < 3; k++)
            frame->position[i][k] = (i < LI ? x[(t * LI + (size_t)i) * 3 + (size_t)k] : 3.0 * i + k) + (k == 0 ? drift * (double)t : 0);
    frame->time = 0.5 * (double)t;
    CHECK_OK(lithia_frame_wrap(ctx, frame));
}

TEST(drift_is_removed_as_asked)
{
    size_t frames = 60;
    double *x = walk(ctx, frames, LI, 0.2, 11);
    lithia_frame frame;
    make_frame(ctx, &frame);
    const char *li = "Li", *o = "O";
    lithia_msd *none, *com, *framework;
    CHECK_OK(lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 1, .species = &li, .drift = LITHIA_DRIFT_NONE}, &none));
    CHECK_OK(lithia_msd_new(ctx, NULL, &com));
    CHECK_OK(lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 1, .species = &li, .drift = LITHIA_DRIFT_FRAMEWORK,
                                                        .n_framework = 1, .framework = &o}, &framework));
    for (size_t t = 0; t < frames; t++) {
        set_frame(ctx, &frame, x, t, 0.3);
        CHECK_OK(lithia_msd_add(none, &frame));
        CHECK_OK(lithia_msd_add(com, &frame));
        CHECK_OK(lithia_msd_add(framework, &frame));
    }
    CHECK_CLOSE(lithia_msd_frame_time(none), 0.5, 1e-12, "from the frames");
    CHECK_CLOSE(lithia_msd_volume(none), 1000, 1e-9, "10^3");
    CHECK_EQUAL(lithia_msd_n_groups(com), 2);
    CHECK_TEXT(lithia_msd_label_view(com, 0), "O");
    CHECK_CLOSE(lithia_msd_charge(com, 0), -2, 0, "oxide");
    CHECK_CLOSE(lithia_msd_total_charge(com), LI - 2.0 * O, 0, "6 Li+, 3 O2-");
    lithia_msd_curve a, b, c, d;
    CHECK_OK(lithia_msd_curve_of(none, 0, 0, 0, 0, &a));
    CHECK_OK(lithia_msd_curve_of(framework, 0, 0, 0, 0, &b));
    CHECK_OK(lithia_msd_curve_of(com, 1, 0, 0, 0, &c));
    CHECK_OK(lithia_msd_of_positions(ctx, frames, LI, x, 0.5, 0, 16, &d));
    double li_mass = 6.94, o_mass = 15.999, part = li_mass / (LI * li_mass + O * o_mass);
    double *centred = lithia_calloc(ctx, frames * LI * 3, sizeof *centred);
    for (size_t t = 0; t < frames; t++)
        for (size_t i = 0; i < LI; i++)
            for (size_t k = 0; k < 3; k++) {
                centred[(t * LI + i) * 3 + k] = x[(t * LI + i) * 3 + k];
                for (size_t j = 0; j < LI; j++)
                    centred[(t * LI + i) * 3 + k] -= part * x[(t * LI + j) * 3 + k];
            }
    lithia_msd_curve e;
    CHECK_OK(lithia_msd_of_positions(ctx, frames, LI, centred, 0.5, 0, 16, &e));
    for (size_t l = 0; l < frames - 1; l++) {
        double drifted = 0.09 * (double)((l + 1) * (l + 1));
        CHECK_RELATIVE(b.msd[l], d.msd[l], 1e-9, "in the frame of O the walk alone is left");
        CHECK(a.msd[l] > 0.5 * drifted); /* without, the drift shows */
        CHECK_RELATIVE(c.msd[l], e.msd[l], 1e-4, "centre of mass: masses to four digits");
    }
    /* charge-weighted sum, frame of O: sum of Li steps (O at rest) */
    lithia_msd_curve collective;
    CHECK_OK(lithia_msd_collective(framework, 0, 0, 0, &collective));
    double *sum = lithia_calloc(ctx, frames * 3, sizeof *sum);
    for (size_t t = 0; t < frames; t++)
        for (size_t i = 0; i < LI; i++)
            for (size_t k = 0; k < 3; k++)
                sum[3 * t + k] += x[(t * LI + i) * 3 + k];
    lithia_msd_curve want;
    CHECK_OK(lithia_msd_of_positions(ctx, frames, 1, sum, 0.5, 0, 16, &want));
    for (size_t l = 0; l < frames - 1; l++)
        CHECK_RELATIVE(collective.msd[l], want.msd[l], 1e-8, "one walker: the sum of six");
    lithia_free(sum);
    lithia_free(centred);
    lithia_msd_curve *all[] = {&a, &b, &c, &d, &e, &collective, &want};
    for (int i = 0; i < 7; i++)
        lithia_msd_curve_free(all[i]);
    lithia_msd_free(none);
    lithia_msd_free(com);
    lithia_msd_free(framework);
    lithia_frame_free(&frame);
    lithia_free(x);
}

TEST(parts_and_resumes_are_the_whole)
{
    size_t frames = 200;
    double *x = walk(ctx, frames, LI, 0.2, 21);
    lithia_frame frame;
    make_frame(ctx, &frame);
    lithia_msd *whole, *resumed, *part, *rest;
    CHECK_OK(lithia_msd_new(ctx, NULL, &whole));
    CHECK_OK(lithia_msd_new(ctx, NULL, &resumed));
    CHECK_OK(lithia_msd_new(ctx, NULL, &part));
    CHECK_OK(lithia_msd_new(ctx, NULL, &rest));
    for (size_t t = 0; t < frames; t++) {
        set_frame(ctx, &frame, x, t, 0.1);
        CHECK_OK(lithia_msd_add(whole, &frame));
        CHECK_OK(lithia_msd_add(resumed, &frame));
        CHECK_OK(lithia_msd_add(t < 77 ? part : rest, &frame));
        if (t == 100) {
            lithia_blob blob = {0};
            CHECK_OK(lithia_msd_save(resumed, &blob));
            lithia_msd_free(resumed);
            CHECK_OK(lithia_msd_new(ctx, NULL, &resumed));
            CHECK_OK(lithia_msd_restore(resumed, &blob));
            size_t n = blob.n;
            for (size_t cut = 0; cut < n; cut += 997) { /* a truncated state is told, not believed */
                lithia_msd *broken;
                blob.read = 0;
                blob.n = cut;
                CHECK_OK(lithia_msd_new(ctx, NULL, &broken));
                CHECK_FAILS(lithia_msd_restore(broken, &blob), LITHIA_PARSE);
                CHECK_EQUAL(lithia_msd_n_frames(broken), 0);
                lithia_msd_free(broken);
            }
            blob.n = n;
            lithia_blob_free(&blob);
        }
    }
    CHECK_OK(lithia_msd_merge(part, rest));
    CHECK_EQUAL(lithia_msd_n_frames(part), frames);
    lithia_msd_curve a, b, c, pa, pc;
    CHECK_OK(lithia_msd_curve_of(whole, 1, 0, 0, 0, &a));
    CHECK_OK(lithia_msd_curve_of(resumed, 1, 0, 0, 0, &b));
    CHECK_OK(lithia_msd_curve_of(part, 1, 0, 0, 0, &c));
    CHECK_OK(lithia_msd_collective(whole, 0, 0, 0, &pa));
    CHECK_OK(lithia_msd_collective(part, 0, 0, 0, &pc));
    for (size_t l = 0; l < frames - 1; l++) {
        CHECK_CLOSE(b.msd[l], a.msd[l], 0, "the same bits");
        CHECK_RELATIVE(c.msd[l], a.msd[l], 1e-9, "sums in another order");
        CHECK_RELATIVE(pc.msd[l], pa.msd[l], 1e-8, "sums in another order");
    }
    /* parts in the wrong order do not fit in time */
    CHECK_FAILS(lithia_msd_merge(rest, whole), LITHIA_INVALID);
    lithia_msd_curve *all[] = {&a, &b, &c, &pa, &pc};
    for (int i = 0; i < 5; i++)
        lithia_msd_curve_free(all[i]);
    lithia_msd_free(whole);
    lithia_msd_free(resumed);
    lithia_msd_free(part);
    lithia_msd_free(rest);
    lithia_frame_free(&frame);
    lithia_free(x);
}

TEST(part_of_the_frames)
{
    double *x = walk(ctx, 100, 5, 0.2, 31);
    lithia_frame frame;
    make_frame(ctx, &frame);
    lithia_msd *msd;
    const char *li = "Li";
    double *six = walk(ctx, 100, LI, 0.2, 5);
    CHECK_OK(lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 1, .species = &li, .drift = LITHIA_DRIFT_NONE,
                                                        .frame_time = 2}, &msd));
    for (size_t t = 0; t < 100; t++) {
        set_frame(ctx, &frame, six, t, 0);
        frame.time = NAN;
        CHECK_OK(lithia_msd_add(msd, &frame));
    }
    lithia_msd_curve a, b;
    CHECK_OK(lithia_msd_curve_of(msd, 0, 30, 50, 20, &a));
    CHECK_OK(lithia_msd_of_positions(ctx, 50, LI, six + 30 * LI * 3, 2, 20, 16, &b));
    CHECK_EQUAL(a.n_lags, 20);
    for (size_t l = 0; l < 20; l++)
        CHECK_RELATIVE(a.msd[l], b.msd[l], 1e-11, "the same frames");
    lithia_msd_curve_free(&a);
    CHECK_FAILS(lithia_msd_curve_of(msd, 0, 60, 50, 0, &a), LITHIA_INVALID);
    lithia_msd_curve_free(&b);
    lithia_msd_free(msd);
    lithia_frame_free(&frame);
    lithia_free(x);
    lithia_free(six);
}

TEST(refusals)
{
    lithia_frame frame;
    make_frame(ctx, &frame);
    lithia_msd *msd;
    const char *na = "Na", *twice[2] = {"Li", "Li"};
    CHECK_FAILS(lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 2, .species = twice}, &msd), LITHIA_INVALID);
    CHECK_OK(lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 1, .species = &na}, &msd));
    CHECK_FAILS(lithia_msd_add(msd, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "it has O, Li");
    lithia_msd_free(msd);
    CHECK_OK(lithia_msd_new(ctx, NULL, &msd));
    CHECK_OK(lithia_msd_add(msd, &frame));
    CHECK_FAILS(lithia_msd_add(msd, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "--frame-time");
    lithia_msd_free(msd);
    CHECK_OK(lithia_msd_new(ctx, NULL, &msd));
    for (int t = 0; t < 5; t++) {
        frame.time = t < 4 ? t : 5;
        CHECK_EQUAL(lithia_msd_add(msd, &frame), t < 4 ? LITHIA_OK : LITHIA_INVALID);
    }
    CHECK_CONTAINS(lithia_message_view(ctx), "evenly spaced");
    frame.time = 3;
    CHECK_FAILS(lithia_msd_add(msd, &frame), LITHIA_INVALID);
    CHECK_EQUAL(lithia_msd_n_frames(msd), 4);
    lithia_msd_free(msd);
    CHECK_OK(lithia_msd_new(ctx, &(lithia_msd_options){.memory_limit = 200000, .frame_time = 1}, &msd));
    lithia_status status = LITHIA_OK;
    for (int t = 0; t < 1000 && status == LITHIA_OK; t++)
        status = lithia_msd_add(msd, &frame);
    CHECK_EQUAL(status, LITHIA_NOMEM);
    CHECK_CONTAINS(lithia_message_view(ctx), "--memory");
    lithia_msd_free(msd);
    lithia_frame_free(&frame);
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    make_frame(ctx, &frame);
    const char *li = "Li";
    lithia_status status = LITHIA_NOMEM;
    for (size_t n = 1; status != LITHIA_OK && n < 200; n++) {
        lithia_msd *msd = NULL;
        lithia_msd_curve curve = {0};
        lithia_fail_allocation(n);
        status = lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 1, .species = &li, .frame_time = 1}, &msd);
        for (int t = 0; t < 3 && status == LITHIA_OK; t++)
            status = lithia_msd_add(msd, &frame);
        if (status == LITHIA_OK)
            status = lithia_msd_curve_of(msd, 0, 0, 0, 0, &curve);
        lithia_fail_allocation(0);
        CHECK(status == LITHIA_OK || status == LITHIA_NOMEM);
        lithia_msd_curve_free(&curve);
        lithia_msd_free(msd);
    }
    CHECK_EQUAL(status, LITHIA_OK);
    lithia_frame_free(&frame);
}
