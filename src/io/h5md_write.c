/* Writing H5MD. The file is made under the temporary name of an output file and appears when it is whole. */
#include "h5md.h"
#include "h5md_units.h"
#include "output_private.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* libhdf5 prints its errors unless told not to; the caller's way is put back. */
typedef struct {
    H5E_auto2_t print;
    void *data;
} h5_silence;

static void h5_silence_begin(h5_silence *silence)
{
    H5Eget_auto2(H5E_DEFAULT, &silence->print, &silence->data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void h5_silence_end(const h5_silence *silence)
{
    H5Eset_auto2(H5E_DEFAULT, silence->print, silence->data);
}

enum { N_SERIES = 8 };
typedef enum { POSITION, VELOCITY, FORCE, IMAGE, CHARGE, EDGES, ENERGY, STRESS } series_name;

/* A group with value, step and time; the last two are those of the positions, linked. */
typedef struct {
    hid_t value;
    int rank; /* of one frame */
    hsize_t shape[2];
} series;

typedef struct {
    io_target to;
    lithia_output_file *output;
    hid_t file, particles, step, time;
    series of[N_SERIES];
    hsize_t n_frames;
    size_t n_atoms;
    unsigned arrays;
    bool has_cell, has_energy, has_stress;
    int *kind;
} h5_writer;

lithia_status h5md_write_begin(const io_target *target, void **state)
{
    h5_writer *w = lithia_calloc(target->ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    *w = (h5_writer){.to = *target, .file = -1, .particles = -1, .step = -1, .time = -1};
    for (int i = 0; i < N_SERIES; i++)
        w->of[i].value = -1;
    *state = w;
    LITHIA_TRY(lithia_output_file_open(target->ctx, target->path, &w->output));
    const char *path = output_temporary_view(w->output);
    if (!path || output_is_compressed(w->output))
        return lithia_fail(target->ctx, LITHIA_UNSUPPORTED,
                           "%s: H5MD is written to plain files only, neither to a pipe nor compressed", target->path);
    h5_silence silence;
    h5_silence_begin(&silence);
    w->file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    h5_silence_end(&silence);
    return w->file >= 0 ? LITHIA_OK : lithia_fail(target->ctx, LITHIA_IO, "cannot create %s", target->path);
}

static lithia_status failed(const h5_writer *w)
{
    return lithia_fail(w->to.ctx, LITHIA_IO, "cannot write %s: libhdf5 could not put the data down; is the disk full?",
                       w->to.path);
}

static bool text_attribute(hid_t object, const char *name, size_t n, const char *const text[])
{
    hsize_t dims = n;
    size_t longest = 1;
    char room[3][64] = {0};
    for (size_t i = 0; i < n; i++)
        longest = strlen(text[i]) > longest ? strlen(text[i]) : longest;
    longest = longest < 63 ? longest : 63;
    char packed[3 * 64] = {0};
    for (size_t i = 0; i < n && i < 3; i++) {
        snprintf(room[i], sizeof room[i], "%s", text[i]);
        memcpy(packed + i * longest, room[i], longest);
    }
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, longest);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &dims, NULL);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, type, packed) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return good;
}

static bool integer_attribute(hid_t object, const char *name, hsize_t n, const int values[])
{
    hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    hid_t attribute = H5Acreate2(object, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_INT, values) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    return good;
}

/* An extensible dataset: frames, then the shape of one. */
static hid_t growing(hid_t at, const char *name, hid_t type, int rank, const hsize_t shape[])
{
    hsize_t dims[3] = {0}, most[3] = {H5S_UNLIMITED}, chunk[3] = {1}, bytes = 8;
    for (int i = 0; i < rank; i++) {
        dims[i + 1] = most[i + 1] = chunk[i + 1] = shape[i];
        bytes *= shape[i];
    }
    chunk[0] = bytes < 16384 ? 16384 / (bytes ? bytes : 1) : 1; /* small frames share a chunk */
    chunk[0] = chunk[0] > 1024 ? 1024 : chunk[0];
    for (int i = 1; i <= rank; i++) /* chunks are limited to 4 GB */
        chunk[i] = chunk[i] > 10000000 ? 10000000 : chunk[i] ? chunk[i] : 1;
    hid_t space = H5Screate_simple(rank + 1, dims, most), layout = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(layout, rank + 1, chunk);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    hid_t dataset = H5Dcreate2(at, name, type, space, links, layout, H5P_DEFAULT);
    H5Pclose(links);
    H5Pclose(layout);
    H5Sclose(space);
    return dataset;
}

static bool add_series(h5_writer *w, hid_t at, const char *group, series_name which, hid_t type, int rank, hsize_t n,
                       hsize_t m, h5md_dimension dimension)
{
    char name[80];
    series *s = &w->of[which];
    s->rank = rank;
    s->shape[0] = n;
    s->shape[1] = m;
    snprintf(name, sizeof name, "%s/value", group);
    s->value = growing(at, name, type, rank, s->shape);
    bool good = s->value >= 0;
    if (good && dimension != H5MD_NONE)
        good = text_attribute(s->value, "unit", 1, (const char *const[]){h5md_unit_internal(dimension)});
    if (which == POSITION) {
        w->step = growing(w->particles, "position/step", H5T_STD_I64LE, 0, NULL);
        w->time = growing(w->particles, "position/time", H5T_IEEE_F64LE, 0, NULL);
        return good && w->step >= 0 && w->time >= 0 && text_attribute(w->time, "unit", 1, (const char *const[]){"ps"});
    }
    for (int i = 0; i < 2 && good; i++) {
        snprintf(name, sizeof name, "%s/%s", group, i ? "time" : "step");
        good = H5Lcreate_hard(w->particles, i ? "position/time" : "position/step", at, name, H5P_DEFAULT, H5P_DEFAULT) >= 0;
    }
    return good;
}

static bool write_species(h5_writer *w, const lithia_frame *frame)
{
    hid_t type = H5Tenum_create(H5T_NATIVE_INT);
    bool good = type >= 0;
    for (size_t k = 0; k < frame->species.n && good; k++)
        good = H5Tenum_insert(type, frame->species.item[k].label, &(int){(int)k + 1}) >= 0;
    int *number = lithia_calloc(w->to.ctx, frame->n_atoms, sizeof *number);
    good = good && number;
    for (size_t i = 0; i < frame->n_atoms && good; i++)
        number[i] = frame->kind[i] + 1;
    hsize_t n = frame->n_atoms;
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t dataset = good ? H5Dcreate2(w->particles, "species", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) : -1;
    good = dataset >= 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) >= 0;
    if (dataset >= 0)
        H5Dclose(dataset);
    if (good && frame->id) {
        dataset = H5Dcreate2(w->particles, "id", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        good = dataset >= 0 && H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, frame->id) >= 0;
        if (dataset >= 0)
            H5Dclose(dataset);
    }
    H5Sclose(space);
    H5Tclose(type);
    lithia_free(number);
    return good;
}

static bool write_identity(hid_t file)
{
    static const char *const nobody[] = {"lithia"};
    const char *const version[] = {lithia_version()};
    hid_t group = H5Gcreate2(file, "h5md", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool good = group >= 0 && integer_attribute(group, "version", 2, (const int[]){1, 1});
    static const char *const parts[] = {"author", "creator"};
    for (int i = 0; i < 2 && good; i++) {
        hid_t part = H5Gcreate2(group, parts[i], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        good = part >= 0 && text_attribute(part, "name", 1, nobody) && (!i || text_attribute(part, "version", 1, version));
        H5Gclose(part);
    }
    if (good) {
        hid_t module = H5Gcreate2(group, "modules", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        hid_t units = H5Gcreate2(module, "units", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        good = units >= 0 && integer_attribute(units, "version", 2, (const int[]){1, 0});
        H5Gclose(units);
        H5Gclose(module);
    }
    H5Gclose(group);
    return good;
}

/* Everything that is there once, and the empty series. */
static bool write_head(h5_writer *w, const lithia_frame *frame)
{
    hid_t real = w->to.want.digits <= 7 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
    hsize_t n = frame->n_atoms;
    bool good = write_identity(w->file);
    hid_t all = H5Gcreate2(w->file, "particles", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    w->particles = H5Gcreate2(all, "all", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(all);
    good = good && w->particles >= 0 && add_series(w, w->particles, "position", POSITION, real, 2, n, 3, H5MD_LENGTH) &&
           integer_attribute(w->of[POSITION].value, "unwrapped", 1, (const int[]){frame->unwrapped}) &&
           write_species(w, frame);
    if (good && frame->velocity)
        good = add_series(w, w->particles, "velocity", VELOCITY, real, 2, n, 3, H5MD_VELOCITY);
    if (good && frame->force)
        good = add_series(w, w->particles, "force", FORCE, real, 2, n, 3, H5MD_FORCE);
    if (good && frame->image)
        good = add_series(w, w->particles, "image", IMAGE, H5T_STD_I32LE, 2, n, 3, H5MD_NONE);
    if (good && frame->charge)
        good = add_series(w, w->particles, "charge", CHARGE, H5T_IEEE_F64LE, 1, n, 0, H5MD_CHARGE);
    hid_t box = good ? H5Gcreate2(w->particles, "box", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) : -1;
    const char *boundary[3];
    for (int i = 0; i < 3; i++)
        boundary[i] = frame->cell.periodic[i] ? "periodic" : "none";
    good = box >= 0 && integer_attribute(box, "dimension", 1, (const int[]){3}) && text_attribute(box, "boundary", 3, boundary);
    if (good && w->has_cell)
        good = add_series(w, box, "edges", EDGES, H5T_IEEE_F64LE, 2, 3, 3, H5MD_LENGTH);
    if (box >= 0)
        H5Gclose(box);
    if (!good || !(w->has_energy || w->has_stress))
        return good;
    hid_t observables = H5Gcreate2(w->file, "observables", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (good && w->has_energy)
        good = add_series(w, observables, "potential_energy", ENERGY, H5T_IEEE_F64LE, 0, 0, 0, H5MD_ENERGY);
    if (good && w->has_stress)
        good = add_series(w, observables, "stress", STRESS, H5T_IEEE_F64LE, 1, 6, 0, H5MD_STRESS);
    H5Gclose(observables);
    return good;
}

static bool append(hid_t dataset, int rank, const hsize_t shape[], hsize_t frame, hid_t type, const void *values)
{
    hsize_t size[3] = {frame + 1}, start[3] = {frame}, count[3] = {1};
    for (int i = 0; i < rank; i++)
        size[i + 1] = count[i + 1] = shape[i];
    if (H5Dset_extent(dataset, size) < 0)
        return false;
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(rank + 1, count, NULL);
    bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, values) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    return good;
}

static bool append_frame(h5_writer *w, const lithia_frame *frame)
{
    const struct {
        series_name which;
        const void *values;
        hid_t type;
    } part[] = {{POSITION, frame->position, H5T_NATIVE_DOUBLE}, {VELOCITY, frame->velocity, H5T_NATIVE_DOUBLE},
                {FORCE, frame->force, H5T_NATIVE_DOUBLE}, {IMAGE, frame->image, H5T_NATIVE_INT},
                {CHARGE, frame->charge, H5T_NATIVE_DOUBLE}, {EDGES, frame->cell.h, H5T_NATIVE_DOUBLE},
                {ENERGY, &frame->energy, H5T_NATIVE_DOUBLE}, {STRESS, frame->stress, H5T_NATIVE_DOUBLE}};
    bool good = true;
    for (int i = 0; i < N_SERIES && good; i++) {
        const series *s = &w->of[part[i].which];
        if (s->value >= 0)
            good = append(s->value, s->rank, s->shape, w->n_frames, part[i].type, part[i].values);
    }
    int64_t step = frame->step >= 0 ? frame->step : (int64_t)w->n_frames;
    return good && append(w->step, 0, NULL, w->n_frames, H5T_NATIVE_INT64, &step) &&
           append(w->time, 0, NULL, w->n_frames, H5T_NATIVE_DOUBLE, &frame->time);
}

lithia_status h5md_write_add(void *state, const lithia_frame *frame)
{
    h5_writer *w = state;
    lithia_context *ctx = w->to.ctx;
    h5_silence silence;
    bool cell = lithia_cell_volume(&frame->cell) != 0.0, good = true;
    if (w->n_frames == 0) {
        w->n_atoms = frame->n_atoms;
        w->arrays = lithia_frame_arrays(frame);
        w->has_cell = cell;
        w->has_energy = isfinite(frame->energy);
        w->has_stress = isfinite(frame->stress[0]);
        w->kind = lithia_calloc(ctx, frame->n_atoms, sizeof *w->kind);
        if (!w->kind)
            return LITHIA_NOMEM;
        memcpy(w->kind, frame->kind, frame->n_atoms * sizeof *w->kind);
    } else if (frame->n_atoms != w->n_atoms || memcmp(w->kind, frame->kind, w->n_atoms * sizeof *w->kind) != 0 ||
               lithia_frame_arrays(frame) != w->arrays || cell != w->has_cell)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "%s: frame %llu has other atoms or other data than the first; H5MD needs the same in all",
                           w->to.path, (unsigned long long)w->n_frames);
    h5_silence_begin(&silence);
    if (w->n_frames == 0)
        good = write_head(w, frame);
    good = good && append_frame(w, frame);
    h5_silence_end(&silence);
    w->n_frames++;
    return good ? LITHIA_OK : failed(w);
}

/* Everything closed, so that the file is whole. */
static bool close_all(h5_writer *w)
{
    bool good = true;
    for (int i = 0; i < N_SERIES; i++)
        if (w->of[i].value >= 0) {
            good &= H5Dclose(w->of[i].value) >= 0;
            w->of[i].value = -1;
        }
    hid_t *dataset[2] = {&w->step, &w->time};
    for (int i = 0; i < 2; i++)
        if (*dataset[i] >= 0) {
            good &= H5Dclose(*dataset[i]) >= 0;
            *dataset[i] = -1;
        }
    if (w->particles >= 0)
        good &= H5Gclose(w->particles) >= 0;
    w->particles = -1;
    if (w->file >= 0) {
        good &= H5Fflush(w->file, H5F_SCOPE_GLOBAL) >= 0;
        good &= H5Fclose(w->file) >= 0;
    }
    w->file = -1;
    return good;
}

lithia_status h5md_write_finish(void *state)
{
    h5_writer *w = state;
    h5_silence silence;
    h5_silence_begin(&silence);
    bool good = close_all(w);
    h5_silence_end(&silence);
    return good ? lithia_output_file_commit(w->output) : failed(w);
}

void h5md_write_end(void *state)
{
    h5_writer *w = state;
    h5_silence silence;
    h5_silence_begin(&silence);
    close_all(w);
    h5_silence_end(&silence);
    lithia_output_file_free(w->output);
    lithia_free(w->kind);
    lithia_free(w);
}
