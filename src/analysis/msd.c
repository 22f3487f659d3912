#include "analysis/free_diffusion.h"
#include "analysis/msd_sums.h"
#include <lithia/analysis/msd.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

enum { FRAMES_A_BLOCK = 64, DIRECT_LAGS = 16, LABEL = 16 };

typedef struct {
    char label[LABEL];
    size_t first, n; /* rows of the store */
    double charge;
} group;

struct lithia_msd {
    lithia_context *ctx;
    lithia_msd_options want; /* texts point into the two lists below */
    char (*species)[LABEL], (*framework)[LABEL];
    lithia_unwrap *unwrap;

    /* from the first frame */
    size_t n_groups, n_rows;
    group *groups;
    size_t *atom;      /* row -> atom */
    double *reference; /* weights of what stands still, per atom */
    double *charge;    /* formal charges of all atoms; charge_known tells whether all are known */
    bool charge_known;
    double total_charge, origin[3];

    /* the store: blocks of frames, each frame n_rows positions and the charge-weighted sum */
    double **block;
    size_t n_blocks, room;
    double *volume;  /* of each frame */
    size_t volume_room;
    size_t n_frames;
    double time_first, time_last, frame_time;
};

static size_t row_doubles(const lithia_msd *msd)
{
    return 3 * (msd->n_rows + 1);
}

static double *frame_row(const lithia_msd *msd, size_t t)
{
    return msd->block[t / FRAMES_A_BLOCK] + t % FRAMES_A_BLOCK * row_doubles(msd);
}

static lithia_status copy_labels(lithia_context *ctx, const char *what, size_t n, const char *const *from, char (**to)[LABEL])
{
    *to = lithia_calloc(ctx, n, sizeof **to);
    if (!*to)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (!from[i][0] || strlen(from[i]) >= LABEL)
            return lithia_fail(ctx, LITHIA_INVALID, "msd: \"%s\" is no %s", from[i], what);
        for (size_t k = 0; k < i; k++)
            if (strcmp((*to)[k], from[i]) == 0)
                return lithia_fail(ctx, LITHIA_INVALID, "msd: %s %s is named twice", what, from[i]);
        strcpy((*to)[i], from[i]);
    }
    return LITHIA_OK;
}

lithia_status lithia_msd_new(lithia_context *ctx, const lithia_msd_options *options, lithia_msd **out)
{
    *out = NULL;
    lithia_msd_options want = options ? *options : (lithia_msd_options){0};
    want.memory_limit = want.memory_limit == 0 ? (size_t)2 << 30 : want.memory_limit;
    if (!(want.frame_time >= 0.0) || !isfinite(want.frame_time))
        return lithia_fail(ctx, LITHIA_INVALID, "msd: the time between frames is %g ps; it must be above 0", want.frame_time);
    if (want.drift == LITHIA_DRIFT_FRAMEWORK && want.n_framework == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "msd: which species are the framework?");
    lithia_msd *msd = lithia_calloc(ctx, 1, sizeof *msd);
    if (!msd)
        return LITHIA_NOMEM;
    msd->ctx = ctx;
    msd->want = want;
    msd->frame_time = want.frame_time > 0.0 ? want.frame_time : (double)NAN;
    lithia_status status = copy_labels(ctx, "species", want.n_species, want.species, &msd->species);
    if (status == LITHIA_OK)
        status = copy_labels(ctx, "framework species", want.n_framework, want.framework, &msd->framework);
    if (status == LITHIA_OK)
        status = lithia_unwrap_new(ctx, &want.unwrap, &msd->unwrap);
    if (status != LITHIA_OK) {
        lithia_msd_free(msd);
        return status;
    }
    *out = msd;
    return LITHIA_OK;
}

static void forget_first_frame(lithia_msd *msd)
{
    lithia_free(msd->groups);
    lithia_free(msd->atom);
    lithia_free(msd->reference);
    lithia_free(msd->charge);
    msd->groups = NULL;
    msd->atom = NULL;
    msd->reference = NULL;
    msd->charge = NULL;
    msd->n_groups = msd->n_rows = 0;
}

void lithia_msd_free(lithia_msd *msd)
{
    if (!msd)
        return;
    forget_first_frame(msd);
    for (size_t b = 0; b < msd->n_blocks; b++)
        lithia_free(msd->block[b]);
    lithia_free(msd->block);
    lithia_free(msd->volume);
    lithia_free(msd->species);
    lithia_free(msd->framework);
    lithia_unwrap_free(msd->unwrap);
    lithia_free(msd);
}

/* A species is meant by its label or its element's symbol. */
static bool is_meant(const lithia_species *species, const char *name)
{
    return strcmp(species->label, name) == 0 || strcmp(lithia_element_symbol(species->z), name) == 0;
}

static double formal_charge(const lithia_species *species)
{
    return isfinite(species->oxidation) ? species->oxidation : lithia_element_oxidation(species->z);
}

static lithia_status no_species(const lithia_msd *msd, const lithia_frame *frame, const char *name)
{
    char list[256] = "";
    for (size_t s = 0, used = 0; s < frame->species.n && used < sizeof list - 32; s++) {
        used += strlen(frame->species.item[s].label) + (s ? 2 : 0);
        strcat(strcat(list, s ? ", " : ""), frame->species.item[s].label);
    }
    return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: there is no species %s in the trajectory; it has %s", name, list);
}

/* What the first frame says about who is who. */
static lithia_status find_groups(lithia_msd *msd, const lithia_frame *frame)
{
    size_t n = frame->n_atoms, n_groups = msd->want.n_species ? msd->want.n_species : frame->species.n;
    msd->groups = lithia_calloc(msd->ctx, n_groups, sizeof *msd->groups);
    msd->atom = lithia_calloc(msd->ctx, n_groups * n, sizeof *msd->atom);
    msd->reference = lithia_calloc(msd->ctx, n, sizeof *msd->reference);
    msd->charge = lithia_calloc(msd->ctx, n, sizeof *msd->charge);
    if (!msd->groups || !msd->atom || !msd->reference || !msd->charge)
        return LITHIA_NOMEM;
    for (size_t g = 0; g < n_groups; g++) {
        group *one = &msd->groups[msd->n_groups];
        const char *name = msd->want.n_species ? msd->species[g] : frame->species.item[g].label;
        *one = (group){.first = msd->n_rows, .charge = (double)NAN};
        strcpy(one->label, name);
        bool mixed = false;
        for (size_t i = 0; i < n; i++) {
            const lithia_species *species = &frame->species.item[frame->kind[i]];
            if (msd->want.n_species ? !is_meant(species, name) : frame->kind[i] != (int)g)
                continue;
            double charge = formal_charge(species);
            mixed |= one->n > 0 && !(charge == one->charge);
            one->charge = charge;
            msd->atom[msd->n_rows++] = i;
            one->n++;
        }
        if (mixed)
            one->charge = (double)NAN;
        if (one->n == 0 && msd->want.n_species)
            return no_species(msd, frame, name);
        msd->n_groups += one->n > 0;
    }
    msd->charge_known = true;
    msd->total_charge = 0.0;
    double weights = 0.0;
    for (size_t i = 0; i < n; i++) {
        const lithia_species *species = &frame->species.item[frame->kind[i]];
        bool framework = false;
        for (size_t f = 0; f < msd->want.n_framework; f++)
            framework |= is_meant(species, msd->framework[f]);
        msd->reference[i] = msd->want.drift == LITHIA_DRIFT_COM ? species->mass : framework ? 1.0 : 0.0;
        weights += msd->reference[i];
        msd->charge[i] = formal_charge(species);
        msd->charge_known &= isfinite(msd->charge[i]);
        msd->total_charge += msd->charge[i];
    }
    if (msd->want.drift == LITHIA_DRIFT_COM && !(weights > 0.0))
        return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: the atoms have no masses, so there is no centre of mass; say --drift "
                                                     "none or framework");
    for (size_t f = 0; f < msd->want.n_framework && msd->want.drift == LITHIA_DRIFT_FRAMEWORK; f++) {
        bool there = false;
        for (size_t i = 0; i < n; i++)
            there |= is_meant(&frame->species.item[frame->kind[i]], msd->framework[f]);
        if (!there)
            return no_species(msd, frame, msd->framework[f]);
    }
    return LITHIA_OK;
}

/* The time between frames is one and the same. */
static lithia_status check_time(lithia_msd *msd, const lithia_frame *frame)
{
    size_t t = msd->n_frames;
    if (msd->want.frame_time > 0.0 || t == 0)
        return LITHIA_OK;
    if (!isfinite(frame->time) || !isfinite(msd->time_last))
        return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: the frames have no time; give the time from one to the next with "
                                                     "--frame-time");
    double step = frame->time - msd->time_last;
    if (!(step > 0.0))
        return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: frame %zu is at %g ps, the one before at %g ps; time must go on (was a "
                                                     "trajectory written twice into one file?)", t + 1, frame->time, msd->time_last);
    /* Written times may have few digits: compare with the whole span too. */
    if (t >= 2) {
        double expected = msd->time_first + (double)t * msd->frame_time, slack = 1e-3 * msd->frame_time;
        if (fabs(step - msd->frame_time) > 0.02 * msd->frame_time || fabs(frame->time - expected) > 0.5 * msd->frame_time + slack)
            return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: frame %zu comes %g ps after the one before, those before that were "
                                                         "%g ps apart; frames must be evenly spaced (choose some with --frames)",
                               t + 1, step, msd->frame_time);
    }
    return LITHIA_OK;
}

/* Room for one more frame within the limit. */
static lithia_status make_room(lithia_msd *msd)
{
    size_t t = msd->n_frames;
    if (t / FRAMES_A_BLOCK < msd->n_blocks)
        return LITHIA_OK;
    size_t block = FRAMES_A_BLOCK * row_doubles(msd) * sizeof(double), n = t + FRAMES_A_BLOCK, most = 1;
    for (size_t g = 0; g < msd->n_groups; g++)
        most = msd->groups[g].n > most ? msd->groups[g].n : most;
    size_t need = (msd->n_blocks + 1) * block + msd_sums_memory(n, most, n - 1, lithia_threads(msd->ctx)) + 7 * 8 * n;
    if (need > msd->want.memory_limit)
        return lithia_fail(msd->ctx, LITHIA_NOMEM,
                           "msd: %zu frames of %zu atoms need %.0f MB, more than the limit of %.0f MB; raise --memory, take every "
                           "N-th frame (--frames ::N), fewer species, or fewer threads",
                           n, msd->n_rows, (double)need / 1e6, (double)msd->want.memory_limit / 1e6);
    LITHIA_TRY(lithia_reserve(msd->ctx, (void **)&msd->block, &msd->room, msd->n_blocks + 1, sizeof *msd->block));
    LITHIA_TRY(lithia_reserve(msd->ctx, (void **)&msd->volume, &msd->volume_room, n, sizeof *msd->volume));
    double *memory = lithia_calloc(msd->ctx, FRAMES_A_BLOCK * row_doubles(msd), sizeof *memory);
    if (!memory)
        return LITHIA_NOMEM;
    msd->block[msd->n_blocks++] = memory;
    return LITHIA_OK;
}

/* Positions of the last frame, without drift, into the store. */
static void keep(lithia_msd *msd, double volume)
{
    const double(*u)[3] = lithia_unwrap_positions_view(msd->unwrap);
    size_t n = lithia_unwrap_n_atoms(msd->unwrap), t = msd->n_frames;
    double shift[3] = {0}, *row = frame_row(msd, t), *charge = row + 3 * msd->n_rows;
    if (msd->want.drift != LITHIA_DRIFT_NONE) {
        lithia_unwrap_mean(msd->unwrap, msd->reference, shift);
        if (t == 0)
            memcpy(msd->origin, shift, sizeof shift);
        for (int k = 0; k < 3; k++)
            shift[k] -= msd->origin[k];
    }
    for (size_t r = 0; r < msd->n_rows; r++)
        for (size_t k = 0; k < 3; k++)
            row[3 * r + k] = u[msd->atom[r]][k] - shift[k];
    for (size_t k = 0; k < 3; k++) {
        charge[k] = 0.0;
        for (size_t i = 0; i < n; i++)
            charge[k] += msd->charge[i] * (u[i][k] - shift[k]);
    }
    msd->volume[t] = volume;
}

lithia_status lithia_msd_add(lithia_msd *msd, const lithia_frame *frame)
{
    bool first = msd->n_frames == 0;
    LITHIA_TRY(check_time(msd, frame));
    if (first) {
        forget_first_frame(msd);
        lithia_status status = find_groups(msd, frame);
        if (status != LITHIA_OK) {
            forget_first_frame(msd);
            return status;
        }
    }
    LITHIA_TRY(make_room(msd));
    LITHIA_TRY(lithia_unwrap_add(msd->unwrap, frame));
    double volume = fabs(lithia_cell_volume(&frame->cell));
    keep(msd, volume > 0.0 ? volume : (double)NAN);
    if (first)
        msd->time_first = frame->time;
    else if (!(msd->want.frame_time > 0.0))
        msd->frame_time = (frame->time - msd->time_first) / (double)msd->n_frames; /* better with every frame */
    msd->time_last = frame->time;
    msd->n_frames++;
    return LITHIA_OK;
}

size_t lithia_msd_n_frames(const lithia_msd *msd)
{
    return msd->n_frames;
}

double lithia_msd_frame_time(const lithia_msd *msd)
{
    return msd->frame_time;
}

size_t lithia_msd_n_groups(const lithia_msd *msd)
{
    return msd->n_groups;
}

const char *lithia_msd_label_view(const lithia_msd *msd, size_t g)
{
    return msd->groups[g].label;
}

size_t lithia_msd_n_ions(const lithia_msd *msd, size_t g)
{
    return msd->groups[g].n;
}

double lithia_msd_charge(const lithia_msd *msd, size_t g)
{
    return msd->groups[g].charge;
}

double lithia_msd_total_charge(const lithia_msd *msd)
{
    return msd->charge_known ? msd->total_charge : (double)NAN;
}

static double mean_volume(const lithia_msd *msd, size_t from, size_t to)
{
    double sum = 0.0;
    for (size_t t = from; t < to; t++)
        sum += msd->volume[t];
    return to > from ? sum / (double)(to - from) : (double)NAN;
}

double lithia_msd_volume(const lithia_msd *msd)
{
    return mean_volume(msd, 0, msd->n_frames);
}

double lithia_msd_volume_drift(const lithia_msd *msd)
{
    size_t n = msd->n_frames;
    return mean_volume(msd, n / 2, n) / mean_volume(msd, 0, n / 2) - 1.0;
}

const lithia_unwrap *lithia_msd_unwrap_view(const lithia_msd *msd)
{
    return msd->unwrap;
}

/* Paths out of the store, or out of one array. */
typedef struct {
    const lithia_msd *msd;
    size_t first_row, first_frame, n;
    const double *position; /* [frame][ion][3], instead of msd */
    size_t n_ions;
} paths;

static void path_of(const void *self, size_t ion, double *x, double *y, double *z)
{
    const paths *from = self;
    for (size_t t = 0; t < from->n; t++) {
        const double *r = from->position ? from->position + 3 * (t * from->n_ions + ion)
                                         : frame_row(from->msd, from->first_frame + t) + 3 * (from->first_row + ion);
        x[t] = r[0];
        y[t] = r[1];
        z[t] = r[2];
    }
}

static lithia_status curve_from(lithia_context *ctx, const paths *from, size_t n_ions, double frame_time, size_t n_lags,
                                size_t n_direct, lithia_msd_curve *curve)
{
    *curve = (lithia_msd_curve){.n_ions = n_ions, .n_frames = from->n, .n_lags = n_lags, .frame_time = frame_time};
    double *memory = lithia_calloc(ctx, 10 * n_lags, sizeof *memory);
    if (!memory)
        return LITHIA_NOMEM;
    curve->lag = memory;
    curve->msd = curve->lag + n_lags;
    curve->alpha2 = curve->msd + n_lags;
    curve->err = curve->alpha2 + n_lags;
    curve->tensor = curve->err + n_lags;
    lithia_status status = msd_sums(ctx, from->n, n_ions, path_of, from, n_lags, n_direct, curve->tensor, curve->alpha2);
    for (size_t l = 0; l < n_lags && status == LITHIA_OK; l++) {
        const double *d = curve->tensor + 6 * l;
        double second = d[0] + d[1] + d[2], fourth = curve->alpha2[l];
        double windows = free_diffusion_windows(from->n - 1, l + 1) * (double)n_ions;
        curve->lag[l] = (double)(l + 1) * frame_time;
        curve->msd[l] = second;
        curve->alpha2[l] = second > 0.0 ? 3.0 * fourth / (5.0 * second * second) - 1.0 : (double)NAN;
        curve->err[l] = sqrt(fmax(fourth - second * second, 0.0) / windows);
    }
    if (status != LITHIA_OK)
        lithia_msd_curve_free(curve);
    return status;
}

static lithia_status check_range(const lithia_msd *msd, size_t first, size_t *n, size_t *n_lags)
{
    if (first > msd->n_frames)
        first = msd->n_frames;
    size_t left = msd->n_frames - first;
    *n = *n == 0 ? left : *n;
    if (*n < 2 || *n > left)
        return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: %zu frames from frame %zu on; at least 2 of the %zu are needed", *n, first,
                           msd->n_frames);
    *n_lags = *n_lags == 0 || *n_lags > *n - 1 ? *n - 1 : *n_lags;
    return LITHIA_OK;
}

lithia_status lithia_msd_curve_of(const lithia_msd *msd, size_t g, size_t first, size_t n, size_t n_lags,
                                  lithia_msd_curve *curve)
{
    *curve = (lithia_msd_curve){0};
    LITHIA_TRY(check_range(msd, first, &n, &n_lags));
    paths from = {.msd = msd, .first_row = msd->groups[g].first, .first_frame = first, .n = n};
    return curve_from(msd->ctx, &from, msd->groups[g].n, msd->frame_time, n_lags, DIRECT_LAGS, curve);
}

lithia_status lithia_msd_collective(const lithia_msd *msd, size_t first, size_t n, size_t n_lags, lithia_msd_curve *curve)
{
    *curve = (lithia_msd_curve){0};
    LITHIA_TRY(check_range(msd, first, &n, &n_lags));
    if (!msd->charge_known)
        return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: a species has no formal charge; write it in its label (\"Fe3+\")");
    paths from = {.msd = msd, .first_row = msd->n_rows, .first_frame = first, .n = n};
    return curve_from(msd->ctx, &from, 1, msd->frame_time, n_lags, DIRECT_LAGS, curve);
}

lithia_status lithia_msd_of_positions(lithia_context *ctx, size_t n_frames, size_t n_ions, const double position[],
                                      double frame_time, size_t n_lags, size_t n_direct, lithia_msd_curve *curve)
{
    *curve = (lithia_msd_curve){0};
    if (n_frames < 2 || n_ions == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "msd: %zu frames of %zu ions; at least 2 of 1 are needed", n_frames, n_ions);
    paths from = {.position = position, .n_ions = n_ions, .n = n_frames};
    n_lags = n_lags == 0 || n_lags > n_frames - 1 ? n_frames - 1 : n_lags;
    return curve_from(ctx, &from, n_ions, frame_time, n_lags, n_direct, curve);
}

void lithia_msd_curve_free(lithia_msd_curve *curve)
{
    if (!curve)
        return;
    lithia_free(curve->lag);
    *curve = (lithia_msd_curve){0};
}

/* Times of two parts go on evenly. */
static lithia_status check_junction(const lithia_msd *msd, const lithia_msd *later)
{
    if (msd->want.frame_time > 0.0 || msd->n_frames == 0 || later->n_frames == 0)
        return LITHIA_OK;
    double step = later->time_first - msd->time_last, usual = msd->n_frames > 1 ? msd->frame_time : later->frame_time;
    if (isfinite(usual) && !(fabs(step - usual) <= 0.02 * usual))
        return lithia_fail(msd->ctx, LITHIA_INVALID, "msd: the next part begins %g ps after the end of this one, frames are %g ps "
                                                     "apart; parts must follow one another", step, usual);
    return LITHIA_OK;
}

lithia_status lithia_msd_merge(lithia_msd *msd, const lithia_msd *later)
{
    lithia_context *ctx = msd->ctx;
    if (later->n_frames == 0)
        return LITHIA_OK;
    if (msd->n_frames == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "msd: the first part has no frames");
    size_t n = lithia_unwrap_n_atoms(msd->unwrap);
    bool same = later->n_rows == msd->n_rows && later->n_groups == msd->n_groups &&
                lithia_unwrap_n_atoms(later->unwrap) == n && later->want.drift == msd->want.drift &&
                memcmp(later->atom, msd->atom, msd->n_rows * sizeof *msd->atom) == 0;
    if (!same)
        return lithia_fail(ctx, LITHIA_INVALID, "msd: the parts follow different atoms or remove drift differently");
    LITHIA_TRY(check_junction(msd, later));
    double(*offset)[3] = lithia_calloc(ctx, n, sizeof *offset);
    if (!offset)
        return LITHIA_NOMEM;
    lithia_status status = lithia_unwrap_join(msd->unwrap, later->unwrap, offset);
    /* Positions of `later` are u - (reference - its origin); in the joined frame of reference every atom moves by its own
     * offset, and the reference by the weighted mean of them plus the distance of the two origins. */
    double shift[3] = {0}, weights = 0.0, charge[3] = {0}, total = 0.0;
    for (size_t i = 0; i < n && msd->want.drift != LITHIA_DRIFT_NONE; i++) {
        weights += msd->reference[i];
        for (int k = 0; k < 3; k++)
            shift[k] += msd->reference[i] * offset[i][k];
    }
    for (int k = 0; k < 3 && weights > 0.0; k++)
        shift[k] = shift[k] / weights + later->origin[k] - msd->origin[k];
    for (size_t i = 0; i < n; i++) {
        total += msd->charge[i];
        for (int k = 0; k < 3; k++)
            charge[k] += msd->charge[i] * (offset[i][k] - shift[k]);
    }
    for (size_t t = 0; t < later->n_frames && status == LITHIA_OK; t++) {
        status = make_room(msd);
        if (status != LITHIA_OK)
            break;
        const double *from = frame_row(later, t);
        double *to = frame_row(msd, msd->n_frames);
        for (size_t r = 0; r < msd->n_rows; r++)
            for (size_t k = 0; k < 3; k++)
                to[3 * r + k] = from[3 * r + k] + offset[msd->atom[r]][k] - shift[k];
        for (size_t k = 0; k < 3; k++)
            to[3 * msd->n_rows + k] = from[3 * msd->n_rows + k] + charge[k];
        msd->volume[msd->n_frames++] = later->volume[t];
    }
    lithia_free(offset);
    msd->time_last = later->time_last;
    if (!(msd->want.frame_time > 0.0))
        msd->frame_time = (msd->time_last - msd->time_first) / (double)(msd->n_frames - 1);
    return status;
}

lithia_status lithia_msd_save(const lithia_msd *msd, lithia_blob *blob)
{
    lithia_context *ctx = msd->ctx;
    uint64_t head[4] = {msd->n_frames, msd->n_groups, msd->n_rows, lithia_unwrap_n_atoms(msd->unwrap)};
    double times[8] = {msd->time_first, msd->time_last, msd->frame_time, msd->total_charge, msd->charge_known,
                       msd->origin[0], msd->origin[1], msd->origin[2]};
    LITHIA_TRY(lithia_blob_put_tag(ctx, blob, "MSD ", 1));
    LITHIA_TRY(lithia_blob_put(ctx, blob, head, sizeof head));
    if (msd->n_frames == 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_blob_put(ctx, blob, times, sizeof times));
    LITHIA_TRY(lithia_blob_put(ctx, blob, msd->groups, msd->n_groups * sizeof *msd->groups));
    LITHIA_TRY(lithia_blob_put(ctx, blob, msd->atom, msd->n_rows * sizeof *msd->atom));
    LITHIA_TRY(lithia_blob_put(ctx, blob, msd->reference, head[3] * sizeof *msd->reference));
    LITHIA_TRY(lithia_blob_put(ctx, blob, msd->charge, head[3] * sizeof *msd->charge));
    LITHIA_TRY(lithia_unwrap_save(msd->unwrap, blob));
    LITHIA_TRY(lithia_blob_put(ctx, blob, msd->volume, msd->n_frames * sizeof *msd->volume));
    for (size_t t = 0; t < msd->n_frames; t++)
        LITHIA_TRY(lithia_blob_put(ctx, blob, frame_row(msd, t), row_doubles(msd) * sizeof(double)));
    return LITHIA_OK;
}

static lithia_status restore(lithia_msd *msd, lithia_blob *blob)
{
    lithia_context *ctx = msd->ctx;
    uint64_t head[4];
    double times[8];
    LITHIA_TRY(lithia_blob_get_tag(ctx, blob, "MSD ", 1));
    LITHIA_TRY(lithia_blob_get(ctx, blob, head, sizeof head));
    if (head[0] == 0)
        return LITHIA_OK;
    for (int k = 0; k < 4; k++)
        if (head[k] == 0 || head[k] > blob->n)
            return lithia_fail(ctx, LITHIA_PARSE, "state: msd is damaged");
    LITHIA_TRY(lithia_blob_get(ctx, blob, times, sizeof times));
    msd->groups = lithia_calloc(ctx, head[1], sizeof *msd->groups);
    msd->atom = lithia_calloc(ctx, head[2], sizeof *msd->atom);
    msd->reference = lithia_calloc(ctx, head[3], sizeof *msd->reference);
    msd->charge = lithia_calloc(ctx, head[3], sizeof *msd->charge);
    if (!msd->groups || !msd->atom || !msd->reference || !msd->charge)
        return LITHIA_NOMEM;
    msd->n_groups = head[1];
    msd->n_rows = head[2];
    LITHIA_TRY(lithia_blob_get(ctx, blob, msd->groups, msd->n_groups * sizeof *msd->groups));
    LITHIA_TRY(lithia_blob_get(ctx, blob, msd->atom, msd->n_rows * sizeof *msd->atom));
    LITHIA_TRY(lithia_blob_get(ctx, blob, msd->reference, head[3] * sizeof *msd->reference));
    LITHIA_TRY(lithia_blob_get(ctx, blob, msd->charge, head[3] * sizeof *msd->charge));
    LITHIA_TRY(lithia_unwrap_restore(msd->unwrap, blob));
    bool right = lithia_unwrap_n_atoms(msd->unwrap) == head[3];
    for (size_t r = 0; r < msd->n_rows; r++)
        right &= msd->atom[r] < head[3];
    for (size_t g = 0; g < msd->n_groups; g++)
        right &= msd->groups[g].first <= msd->n_rows && msd->groups[g].n <= msd->n_rows - msd->groups[g].first &&
                 memchr(msd->groups[g].label, 0, LABEL) != NULL;
    if (!right)
        return lithia_fail(ctx, LITHIA_PARSE, "state: msd is damaged");
    while (msd->n_frames < head[0]) { /* room is made block by block */
        LITHIA_TRY(make_room(msd));
        size_t left = (size_t)head[0] - msd->n_frames;
        msd->n_frames += left < FRAMES_A_BLOCK ? left : FRAMES_A_BLOCK;
    }
    LITHIA_TRY(lithia_blob_get(ctx, blob, msd->volume, msd->n_frames * sizeof *msd->volume));
    for (size_t t = 0; t < msd->n_frames; t++)
        LITHIA_TRY(lithia_blob_get(ctx, blob, frame_row(msd, t), row_doubles(msd) * sizeof(double)));
    msd->time_first = times[0];
    msd->time_last = times[1];
    msd->frame_time = times[2];
    msd->total_charge = times[3];
    msd->charge_known = times[4] != 0.0;
    memcpy(msd->origin, times + 5, sizeof msd->origin);
    return LITHIA_OK;
}

lithia_status lithia_msd_restore(lithia_msd *msd, lithia_blob *blob)
{
    lithia_status status = restore(msd, blob);
    if (status != LITHIA_OK) {
        forget_first_frame(msd);
        msd->n_frames = 0;
    }
    return status;
}
