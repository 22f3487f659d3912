#include "h5md.h"
#include "h5md_units.h"
#include "reader_process.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one quantity of the particles is: a dataset for all frames, or a group with value, step and time. */
typedef struct {
    hid_t value; /* < 0: not there */
    bool varies;
    hsize_t n_frames;
    double unit; /* to internal units */
} element;

typedef struct {
    io_input in;
    const char *name;
    hid_t file, particles;
    element position, velocity, force, image_flags, charge, box, energy, stress;
    hid_t step, time;
    double time_unit;
    size_t n_atoms, frame, n_frames;
    bool box_is_matrix, unwrapped, periodic[3];
    lithia_species_list species;
    int *kind;
    int64_t *id;
} h5_reader;

static lithia_status wrong(const h5_reader *r, const char *what)
{
    return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s", what);
}

static int sniff(const char *head, size_t n)
{
    return n >= 8 && memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0 ? 3 : 0;
}

static bool there(hid_t at, const char *name)
{
    return H5Lexists(at, name, H5P_DEFAULT) > 0 && H5Oexists_by_name(at, name, H5P_DEFAULT) > 0;
}

static bool is_group(hid_t at, const char *name)
{
    H5O_info_t about;
    return there(at, name) && H5Oget_info_by_name(at, name, &about, H5P_DEFAULT) >= 0 && about.type == H5O_TYPE_GROUP;
}

/* The text of a string attribute, fixed or variable, or of the i-th of several; cut off at the room. */
static bool attribute_text(hid_t object, const char *name, size_t index, char *room, size_t size)
{
    room[0] = 0;
    if (H5Aexists(object, name) <= 0)
        return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    size_t length = H5Tget_size(type);
    bool good = attribute >= 0 && type >= 0 && H5Tget_class(type) == H5T_STRING && n > 0 && n <= 16 &&
                (hssize_t)index < n && length > 0 && length <= 4096;
    if (good && H5Tis_variable_str(type) > 0) {
        char *text[16] = {0};
        good = H5Aread(attribute, type, text) >= 0 && text[index];
        if (good)
            snprintf(room, size, "%s", text[index]);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
    } else if (good) {
        char *text = lithia_calloc(NULL, (size_t)n, length);
        good = text && H5Aread(attribute, type, text) >= 0;
        if (good)
            snprintf(room, size, "%.*s", (int)length, text + index * length);
        lithia_free(text);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return good;
}

static lithia_status unit_of(h5_reader *r, hid_t object, const char *what, h5md_dimension dimension, double *factor)
{
    char text[64];
    *factor = 1.0;
    if (!attribute_text(object, "unit", 0, text, sizeof text)) {
        lithia_warn(r->in.ctx, "%s: %s has no unit; %s is taken", r->name, what, h5md_unit_internal(dimension));
        return LITHIA_OK;
    }
    if (h5md_unit_factor(dimension, text, factor))
        return LITHIA_OK;
    return lithia_fail_at(r->in.ctx, r->name, 0, 0, "the unit \"%s\" of %s is not known", text, what);
}

/* Open `name` below `at`; `rank` dimensions belong to one frame. Checks sizes against what is stored. */
static lithia_status open_element(h5_reader *r, hid_t at, const char *name, int rank, const hsize_t shape[],
                                  h5md_dimension dimension, element *e)
{
    char what[80];
    hsize_t dims[8] = {0};
    snprintf(what, sizeof what, "%.60s", name);
    *e = (element){.value = -1, .unit = 1.0};
    if (!there(at, name))
        return LITHIA_OK;
    e->varies = is_group(at, name);
    if (e->varies) {
        hid_t group = H5Gopen2(at, name, H5P_DEFAULT);
        e->value = there(group, "value") ? H5Dopen2(group, "value", H5P_DEFAULT) : -1;
        H5Gclose(group);
    } else
        e->value = H5Dopen2(at, name, H5P_DEFAULT);
    if (e->value < 0)
        return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s cannot be opened", what);
    hid_t space = H5Dget_space(e->value), type = H5Dget_type(e->value);
    int n = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    H5T_class_t class = H5Tget_class(type);
    size_t size = H5Tget_size(type);
    if (n > 0 && n <= 8)
        H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    H5Tclose(type);
    if (class != H5T_FLOAT && class != H5T_INTEGER && class != H5T_ENUM)
        return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s holds no numbers", what);
    if (n != rank + (e->varies ? 1 : 0))
        return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s has %d dimensions, %d are wanted", what, n,
                              rank + (e->varies ? 1 : 0));
    e->n_frames = e->varies ? dims[0] : 1;
    double total = (double)size * (double)e->n_frames;
    for (int i = 0; i < rank; i++) {
        hsize_t have = dims[i + (e->varies ? 1 : 0)];
        if (shape[i] && have != shape[i])
            return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s has %llu rows where %llu are wanted", what,
                                  (unsigned long long)have, (unsigned long long)shape[i]);
        total *= (double)have;
    }
    /* A damaged header may claim any size; compression shrinks a thousandfold at most. */
    if (total > 65536.0 && total > 2000.0 * (double)H5Dget_storage_size(e->value))
        return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s claims %.3g bytes but the file stores only %llu for it", what,
                              total, (unsigned long long)H5Dget_storage_size(e->value));
    return dimension == H5MD_NONE ? LITHIA_OK : unit_of(r, e->value, what, dimension, &e->unit);
}

/* One frame's numbers of an element as doubles or, with memory_type, as what that says. */
static lithia_status read_element(h5_reader *r, const element *e, size_t frame, int rank, const hsize_t shape[],
                                  hid_t memory_type, void *to, const char *what)
{
    hsize_t start[4] = {0}, count[4];
    int at = 0;
    if (e->varies) {
        start[0] = e->n_frames == 1 ? 0 : frame;
        count[at++] = 1;
    }
    for (int i = 0; i < rank; i++)
        count[at++] = shape[i];
    hid_t space = H5Dget_space(e->value), memory = H5Screate_simple(rank ? rank : 1, rank ? shape : (hsize_t[]){1}, NULL);
    bool good = space >= 0 && memory >= 0;
    if (good && e->varies)
        good = start[0] < e->n_frames && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
    good = good && H5Dread(e->value, memory_type, memory, space, H5P_DEFAULT, to) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    if (!good)
        return lithia_fail_at(r->in.ctx, r->name, 0, 0, "frame %zu: %s cannot be read; the file is damaged or cut off",
                              frame, what);
    return LITHIA_OK;
}

static herr_t first_group(hid_t at, const char *name, const H5L_info_t *link, void *found)
{
    (void)link;
    char *room = found;
    if (room[0] || !is_group(at, name) || strlen(name) > 200)
        return 0;
    hid_t group = H5Gopen2(at, name, H5P_DEFAULT);
    if (there(group, "position"))
        snprintf(room, 201, "%s", name);
    H5Gclose(group);
    return 0;
}

/* The bytes of a file that libhdf5 cannot open by itself: compressed, from a pipe, or in memory. */
typedef struct {
    char *bytes; /* NULL: it can */
    size_t n;
} file_image;

static lithia_status open_file(h5_reader *r, const file_image *image)
{
    const char *path = lithia_file_plain_path_view(r->in.file);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (image->bytes && (H5Pset_fapl_core(access, 1 << 16, 0) < 0 || H5Pset_file_image(access, image->bytes, image->n) < 0)) {
        H5Pclose(access);
        return wrong(r, "the HDF5 file cannot be taken into memory");
    }
    r->file = H5Fopen(image->bytes ? "image.h5" : path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (r->file < 0)
        return wrong(r, "this is no HDF5 file, or it is damaged or cut off");
    if (!is_group(r->file, "particles"))
        return wrong(r, "this HDF5 file has no group `particles`; is it H5MD?");
    char group[201] = "";
    hid_t all = H5Gopen2(r->file, "particles", H5P_DEFAULT);
    hsize_t at = 0;
    H5Literate(all, H5_INDEX_NAME, H5_ITER_INC, &at, first_group, group);
    r->particles = group[0] ? H5Gopen2(all, group, H5P_DEFAULT) : -1;
    H5Gclose(all);
    return r->particles >= 0 ? LITHIA_OK : wrong(r, "no group below `particles` has positions");
}

static lithia_status open_box(h5_reader *r)
{
    static const hsize_t any[2] = {3, 3};
    if (!is_group(r->particles, "box"))
        return LITHIA_OK;
    hid_t box = H5Gopen2(r->particles, "box", H5P_DEFAULT);
    for (size_t i = 0; i < 3; i++) {
        char text[32];
        r->periodic[i] = attribute_text(box, "boundary", i, text, sizeof text) && strcmp(text, "periodic") == 0;
    }
    lithia_status status = LITHIA_OK;
    if (there(box, "edges")) { /* a vector or a matrix, once or for each frame */
        hid_t edges = is_group(box, "edges") ? H5Dopen2(box, "edges/value", H5P_DEFAULT) : H5Dopen2(box, "edges", H5P_DEFAULT);
        hid_t space = H5Dget_space(edges);
        int rank = H5Sget_simple_extent_ndims(space) - (is_group(box, "edges") ? 1 : 0);
        H5Sclose(space);
        H5Dclose(edges);
        r->box_is_matrix = rank == 2;
        status = open_element(r, box, "edges", r->box_is_matrix ? 2 : 1, any, H5MD_LENGTH, &r->box);
    }
    H5Gclose(box);
    return status;
}

/* step and time of the positions. */
static lithia_status open_times(h5_reader *r)
{
    static const char *const names[2] = {"position/step", "position/time"};
    hid_t *to[2] = {&r->step, &r->time};
    for (int i = 0; i < 2; i++) {
        *to[i] = there(r->particles, names[i]) ? H5Dopen2(r->particles, names[i], H5P_DEFAULT) : -1;
        if (*to[i] < 0)
            continue;
        hid_t space = H5Dget_space(*to[i]);
        hsize_t n = 0;
        int rank = H5Sget_simple_extent_ndims(space);
        if (rank == 1)
            H5Sget_simple_extent_dims(space, &n, NULL);
        H5Sclose(space);
        if (rank != 0 && (rank != 1 || n < r->n_frames))
            return lithia_fail_at(r->in.ctx, r->name, 0, 0, "%s does not have a value for each of %zu frames", names[i],
                                  r->n_frames);
    }
    return r->time >= 0 ? unit_of(r, r->time, "position/time", H5MD_TIME, &r->time_unit) : LITHIA_OK;
}

static double number_attribute(hid_t object, const char *name)
{
    double value = 0.0;
    if (H5Aexists(object, name) <= 0)
        return 0.0;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), space = H5Aget_space(attribute);
    if (H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0)
        value = 0.0;
    H5Sclose(space);
    H5Aclose(attribute);
    return value;
}

/* The value of frame i of a one-dimensional dataset; a scalar is the increment, with an offset as attribute. */
static double series_value(hid_t dataset, size_t i)
{
    double value = NAN;
    hid_t space = H5Dget_space(dataset);
    hsize_t start = i, one = 1;
    if (H5Sget_simple_extent_ndims(space) == 0) {
        if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0)
            value = value * (double)i + number_attribute(dataset, "offset");
    } else {
        hid_t memory = H5Screate_simple(1, &one, NULL);
        if (H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &one, NULL) < 0 ||
            H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, &value) < 0)
            value = NAN;
        H5Sclose(memory);
    }
    H5Sclose(space);
    return value;
}

/* Numbers of species become names: of an enumeration its members', else as --types says, else atomic numbers. */
static lithia_status name_species(h5_reader *r, hid_t type, const int number[])
{
    lithia_context *ctx = r->in.ctx;
    bool named = H5Tget_class(type) == H5T_ENUM;
    if (!named && r->in.want.types)
        LITHIA_TRY(io_types_read(ctx, r->in.want.types, &r->species));
    if (!named && !r->in.want.types)
        lithia_warn(ctx, "%s: the numbers of the species are taken as atomic numbers; --types names them otherwise", r->name);
    int last = -1, last_kind = -1;
    for (size_t i = 0; i < r->n_atoms; i++) {
        char label[64] = "";
        if (number[i] == last && i) {
            r->kind[i] = last_kind;
            continue;
        }
        if (named) {
            if (H5Tenum_nameof(type, &number[i], label, sizeof label) < 0)
                return lithia_fail_at(ctx, r->name, 0, 0, "species %d of atom %zu is not in the enumeration", number[i], i + 1);
        } else if (r->in.want.types) {
            if (number[i] < 1 || (size_t)number[i] > r->species.n)
                return lithia_fail_at(ctx, r->name, 0, 0, "species %d of atom %zu is not named by --types", number[i], i + 1);
            scan_copy(label, sizeof label, r->species.item[number[i] - 1].label, strlen(r->species.item[number[i] - 1].label));
        } else {
            if (number[i] < 1 || number[i] > 118)
                return lithia_fail_at(ctx, r->name, 0, 0, "species %d of atom %zu is no atomic number; name them, --types",
                                      number[i], i + 1);
            snprintf(label, sizeof label, "%s", lithia_element_symbol(number[i]));
        }
        if (io_kind(ctx, &r->species, label, strlen(label), 0, &r->kind[i]) != LITHIA_OK) {
            char why[300];
            scan_copy(why, sizeof why, lithia_message_view(ctx), strlen(lithia_message_view(ctx)));
            return wrong(r, why);
        }
        last = number[i];
        last_kind = r->kind[i];
    }
    return LITHIA_OK;
}

static lithia_status read_species(h5_reader *r)
{
    lithia_context *ctx = r->in.ctx;
    const hsize_t shape[1] = {r->n_atoms};
    element e;
    LITHIA_TRY(open_element(r, r->particles, "species", 1, shape, H5MD_NONE, &e));
    if (e.value < 0)
        return wrong(r, "there is no `species`");
    int *number = lithia_calloc(ctx, r->n_atoms, sizeof *number);
    r->kind = lithia_calloc(ctx, r->n_atoms, sizeof *r->kind);
    lithia_status status = number && r->kind ? LITHIA_OK : LITHIA_NOMEM;
    hid_t type = H5Dget_type(e.value), memory = H5T_NATIVE_INT;
    if (H5Tget_class(type) == H5T_ENUM) { /* as enumeration of ints, so that names can be asked for */
        hid_t native = H5Tget_native_type(type, H5T_DIR_ASCEND);
        H5Tclose(type);
        type = native;
        memory = type;
        if (type < 0 || H5Tget_size(type) != sizeof(int))
            status = status == LITHIA_OK ? wrong(r, "the enumeration of species is not made of 4-byte integers") : status;
    }
    if (status == LITHIA_OK)
        status = read_element(r, &e, 0, 1, shape, memory, number, "species");
    if (status == LITHIA_OK)
        status = name_species(r, type, number);
    H5Tclose(type);
    H5Dclose(e.value);
    lithia_free(number);
    return status;
}

static lithia_status read_ids(h5_reader *r)
{
    const hsize_t shape[1] = {r->n_atoms};
    element e;
    LITHIA_TRY(open_element(r, r->particles, "id", 1, shape, H5MD_NONE, &e));
    if (e.value < 0)
        return LITHIA_OK;
    r->id = lithia_calloc(r->in.ctx, r->n_atoms, sizeof *r->id);
    lithia_status status = r->id ? read_element(r, &e, 0, 1, shape, H5T_NATIVE_INT64, r->id, "id") : LITHIA_NOMEM;
    H5Dclose(e.value);
    return status;
}

static lithia_status open_all(h5_reader *r, const file_image *image)
{
    LITHIA_TRY(open_file(r, image));
    const hsize_t free_shape[2] = {0, 3};
    LITHIA_TRY(open_element(r, r->particles, "position", 2, free_shape, H5MD_LENGTH, &r->position));
    hid_t space = H5Dget_space(r->position.value);
    hsize_t dims[3] = {0};
    H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    hsize_t n = dims[r->position.varies ? 1 : 0];
    if (n > IO_ATOMS_MOST)
        return wrong(r, "there are more atoms than a frame can hold");
    r->n_atoms = (size_t)n;
    r->n_frames = (size_t)r->position.n_frames;
    r->unwrapped = r->position.varies && number_attribute(r->position.value, "unwrapped") != 0.0;
    const hsize_t vectors[2] = {n, 3}, scalars[1] = {n}, six[1] = {6};
    LITHIA_TRY(open_element(r, r->particles, "velocity", 2, vectors, H5MD_VELOCITY, &r->velocity));
    LITHIA_TRY(open_element(r, r->particles, "force", 2, vectors, H5MD_FORCE, &r->force));
    LITHIA_TRY(open_element(r, r->particles, "image", 2, vectors, H5MD_NONE, &r->image_flags));
    LITHIA_TRY(open_element(r, r->particles, "charge", 1, scalars, H5MD_CHARGE, &r->charge));
    LITHIA_TRY(open_box(r));
    if (is_group(r->file, "observables")) {
        hid_t observables = H5Gopen2(r->file, "observables", H5P_DEFAULT);
        lithia_status status = open_element(r, observables, "potential_energy", 0, six, H5MD_ENERGY, &r->energy);
        if (status == LITHIA_OK)
            status = open_element(r, observables, "stress", 1, six, H5MD_STRESS, &r->stress);
        H5Gclose(observables);
        LITHIA_TRY(status);
    }
    element *all[] = {&r->velocity, &r->force, &r->image_flags, &r->charge, &r->box, &r->energy, &r->stress};
    static const char *const names[] = {"velocity", "force", "image", "charge", "box/edges", "potential_energy", "stress"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i]->value >= 0 && all[i]->varies && all[i]->n_frames != 1 && all[i]->n_frames != r->n_frames) {
            if (all[i] == &r->box)
                return lithia_fail_at(r->in.ctx, r->name, 0, 0, "the box is given for %llu frames, positions for %zu",
                                      (unsigned long long)r->box.n_frames, r->n_frames);
            lithia_warn(r->in.ctx, "%s: %s is given for other frames than the positions and is not used", r->name, names[i]);
            H5Dclose(all[i]->value);
            all[i]->value = -1;
        }
    LITHIA_TRY(open_times(r));
    LITHIA_TRY(read_species(r));
    return read_ids(r);
}

/* In the reader's own process; its end closes everything. */
static lithia_status begin(const io_input *input, const void *image, void **state)
{
    h5_reader *r = lithia_calloc(input->ctx, 1, sizeof *r);
    if (!r)
        return LITHIA_NOMEM;
    const element none = {.value = -1};
    *r = (h5_reader){.in = *input, .name = lithia_file_name_view(input->file), .file = -1, .particles = -1, .step = -1,
                     .time = -1, .time_unit = 1.0, .position = none, .velocity = none, .force = none,
                     .image_flags = none, .charge = none, .box = none, .energy = none, .stress = none};
    *state = r;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return open_all(r, image);
}

static lithia_status read_vectors(h5_reader *r, const element *e, double (*to)[3], const char *what)
{
    const hsize_t shape[2] = {r->n_atoms, 3};
    LITHIA_TRY(read_element(r, e, r->frame, 2, shape, H5T_NATIVE_DOUBLE, to, what));
    for (size_t i = 0; i < r->n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            to[i][k] *= e->unit;
            if (!isfinite(to[i][k]))
                return lithia_fail_at(r->in.ctx, r->name, 0, 0, "frame %zu, atom %zu: %s is not finite", r->frame, i + 1, what);
        }
    return LITHIA_OK;
}

static lithia_status read_box(h5_reader *r, lithia_frame *frame)
{
    static const hsize_t matrix[2] = {3, 3}, vector[1] = {3};
    double edge[9] = {0};
    if (r->box.value < 0)
        return LITHIA_OK;
    LITHIA_TRY(read_element(r, &r->box, r->frame, r->box_is_matrix ? 2 : 1, r->box_is_matrix ? matrix : vector,
                            H5T_NATIVE_DOUBLE, edge, "box/edges"));
    for (int i = 0; i < 3; i++) {
        frame->cell.periodic[i] = r->periodic[i];
        for (int k = 0; k < 3; k++)
            frame->cell.h[i][k] = (r->box_is_matrix ? edge[3 * i + k] : i == k ? edge[i] : 0.0) * r->box.unit;
    }
    double volume = lithia_cell_volume(&frame->cell);
    return volume != 0.0 && isfinite(volume) ? LITHIA_OK : wrong(r, "the box has no volume");
}

static lithia_status read_arrays(h5_reader *r, lithia_frame *frame)
{
    const hsize_t vectors[2] = {r->n_atoms, 3}, scalars[1] = {r->n_atoms}, six[1] = {6};
    LITHIA_TRY(read_vectors(r, &r->position, frame->position, "position"));
    if (frame->velocity)
        LITHIA_TRY(read_vectors(r, &r->velocity, frame->velocity, "velocity"));
    if (frame->force)
        LITHIA_TRY(read_vectors(r, &r->force, frame->force, "force"));
    if (frame->image)
        LITHIA_TRY(read_element(r, &r->image_flags, r->frame, 2, vectors, H5T_NATIVE_INT, frame->image, "image"));
    if (frame->charge) {
        LITHIA_TRY(read_element(r, &r->charge, r->frame, 1, scalars, H5T_NATIVE_DOUBLE, frame->charge, "charge"));
        for (size_t i = 0; i < r->n_atoms; i++)
            frame->charge[i] *= r->charge.unit;
    }
    if (r->energy.value >= 0) {
        LITHIA_TRY(read_element(r, &r->energy, r->frame, 0, six, H5T_NATIVE_DOUBLE, &frame->energy, "potential_energy"));
        frame->energy *= r->energy.unit;
    }
    if (r->stress.value >= 0) {
        LITHIA_TRY(read_element(r, &r->stress, r->frame, 1, six, H5T_NATIVE_DOUBLE, frame->stress, "stress"));
        for (int i = 0; i < 6; i++)
            frame->stress[i] *= r->stress.unit;
    }
    return read_box(r, frame);
}

static lithia_status read_frame(h5_reader *r, lithia_frame *frame)
{
    lithia_context *ctx = r->in.ctx;
    io_rows rows = {.safe = SIZE_MAX}; /* sizes were checked against the file */
    unsigned arrays = (r->velocity.value >= 0 ? LITHIA_VELOCITY : 0) | (r->force.value >= 0 ? LITHIA_FORCE : 0) |
                      (r->charge.value >= 0 ? LITHIA_CHARGE : 0) | (r->image_flags.value >= 0 ? LITHIA_IMAGE : 0) |
                      (r->id ? LITHIA_ID : 0);
    LITHIA_TRY(io_rows_begin(ctx, &rows, frame, r->n_atoms, arrays));
    memcpy(frame->kind, r->kind, r->n_atoms * sizeof *r->kind);
    if (r->id)
        memcpy(frame->id, r->id, r->n_atoms * sizeof *r->id);
    frame->unwrapped = r->unwrapped;
    LITHIA_TRY(io_frame_species(ctx, frame, &r->species));
    LITHIA_TRY(read_arrays(r, frame));
    double step = r->step >= 0 ? series_value(r->step, r->frame) : NAN;
    frame->step = step >= 0.0 && step < 9e15 ? (int64_t)step : -1;
    frame->time = r->time >= 0 ? series_value(r->time, r->frame) * r->time_unit : NAN;
    return io_frame_sort(ctx, frame, r->name, 0);
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    h5_reader *r = state;
    *end = r->frame >= r->n_frames;
    if (*end)
        return LITHIA_OK;
    LITHIA_TRY(read_frame(r, frame));
    r->frame++;
    return LITHIA_OK;
}

/* libhdf5 is not made for damaged files: it runs in a process of its own, this one never asks it anything. */
static lithia_status open_reader(const io_input *input, void **state)
{
    file_image image = {0};
    double size;
    lithia_file_progress(input->file, &(double){0}, &size);
    if (!lithia_file_plain_path_view(input->file)) {
        LITHIA_TRY(lithia_file_rest(input->file, (size_t)1 << 32, &image.bytes, &image.n));
        size = (double)image.n;
    }
    reader_job job = {.library = "HDF5", .open = begin, .next = next_frame, .argument = &image, .bytes = size,
                      .way_out = "`h5dump FILE` shows where, `h5repack FILE NEW` saves what can be read"};
    lithia_status status = reader_process_open(input, &job, state);
    lithia_free(image.bytes);
    return status;
}

const io_format io_h5md = {
    .about = {.name = "h5md", .summary = "H5MD (HDF5)", .extensions = ".h5md .h5 .hdf5", .reads = true, .writes = true,
              .many = true,
              .holds = LITHIA_VELOCITY | LITHIA_FORCE | LITHIA_CHARGE | LITHIA_IMAGE | LITHIA_ID | LITHIA_HOLDS_CELL |
                       LITHIA_HOLDS_ENERGY | LITHIA_HOLDS_TIME | LITHIA_HOLDS_LABELS | LITHIA_HOLDS_ORDER |
                       LITHIA_HOLDS_BOUNDARY},
    .sniff = sniff, .open = open_reader, .next = reader_process_next, .close = reader_process_close, .own_file = true,
    .begin = h5md_write_begin, .add = h5md_write_add, .finish = h5md_write_finish, .end = h5md_write_end};
