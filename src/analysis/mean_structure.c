#include <lithia/analysis/mean_structure.h>
#include "analysis/frame_state.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

struct lithia_mean_structure {
    lithia_context *ctx;
    size_t n_frames, n;
    bool images;              /* whether frames count crossings themselves */
    lithia_frame frame;       /* the first */
    double sum_h[3][3];
    double total_mass;
    double (*first)[3];       /* fractional, as in the first frame */
    double (*last)[3];        /* fractional, crossings undone, drift left in */
    double (*sum)[3];         /* of fractional coordinates without drift, about `first` */
    double (*moment)[6];      /* of their products xx yy zz yz xz xy */
};

static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

lithia_status lithia_mean_structure_new(lithia_context *ctx, lithia_mean_structure **out)
{
    *out = lithia_calloc(ctx, 1, sizeof **out);
    if (!*out)
        return LITHIA_NOMEM;
    (*out)->ctx = ctx;
    lithia_frame_init(&(*out)->frame);
    return LITHIA_OK;
}

void lithia_mean_structure_free(lithia_mean_structure *m)
{
    if (!m)
        return;
    lithia_frame_free(&m->frame);
    lithia_free(m->first);
    lithia_free(m->last);
    lithia_free(m->sum);
    lithia_free(m->moment);
    lithia_free(m);
}

size_t lithia_mean_structure_n(const lithia_mean_structure *m)
{
    return m->n_frames;
}

const lithia_frame *lithia_mean_structure_first_view(const lithia_mean_structure *m)
{
    return m->n_frames ? &m->frame : NULL;
}

static lithia_status begin(lithia_mean_structure *m, const lithia_frame *frame)
{
    if (m->first)
        return LITHIA_OK;
    LITHIA_TRY(lithia_frame_copy(m->ctx, frame, &m->frame));
    size_t n = frame->n_atoms;
    double(*first)[3] = lithia_calloc(m->ctx, n, sizeof *first), (*last)[3] = lithia_calloc(m->ctx, n, sizeof *last);
    double(*sum)[3] = lithia_calloc(m->ctx, n, sizeof *sum), (*moment)[6] = lithia_calloc(m->ctx, n, sizeof *moment);
    if (!first || !last || !sum || !moment) {
        lithia_free(first), lithia_free(last), lithia_free(sum), lithia_free(moment);
        return LITHIA_NOMEM;
    }
    m->n = n;
    m->images = frame->image != NULL;
    m->first = first, m->last = last, m->sum = sum, m->moment = moment;
    m->total_mass = 0.0;
    for (size_t i = 0; i < n; i++)
        m->total_mass += frame->species.item[frame->kind[i]].mass;
    return LITHIA_OK;
}

/* Mass-weighted mean of a - b. */
static void drift_between(const lithia_mean_structure *m, double (*a)[3], double (*b)[3], double drift[3])
{
    drift[0] = drift[1] = drift[2] = 0.0;
    for (size_t i = 0; i < m->n; i++) {
        double mass = m->total_mass > 0.0 ? m->frame.species.item[m->frame.kind[i]].mass / m->total_mass : 1.0 / (double)m->n;
        for (int k = 0; k < 3; k++)
            drift[k] += mass * (a[i][k] - b[i][k]);
    }
}

lithia_status lithia_mean_structure_add(lithia_mean_structure *m, const lithia_frame *frame)
{
    double inverse[3][3];
    if (frame->n_atoms == 0)
        return lithia_fail(m->ctx, LITHIA_INVALID, "mean structure: a frame has no atoms");
    LITHIA_TRY(lithia_cell_inverse(m->ctx, &frame->cell, inverse));
    LITHIA_TRY(begin(m, frame));
    LITHIA_TRY(frame_state_same_atoms(m->ctx, "mean structure", &m->frame, frame));
    for (size_t i = 0; i < m->n; i++)
        for (int k = 0; k < 3; k++) {
            double s = frame->position[i][0] * inverse[0][k] + frame->position[i][1] * inverse[1][k] +
                       frame->position[i][2] * inverse[2][k];
            if (m->images && frame->image)
                s += frame->image[i][k];
            if (m->n_frames == 0)
                m->first[i][k] = s;
            else if (!m->images && frame->cell.periodic[k])
                s -= nearbyint(s - m->last[i][k]);
            m->last[i][k] = s;
        }
    double drift[3];
    drift_between(m, m->last, m->first, drift);
    for (size_t i = 0; i < m->n; i++) {
        double d[3];
        for (int k = 0; k < 3; k++) {
            d[k] = m->last[i][k] - m->first[i][k] - drift[k];
            m->sum[i][k] += d[k];
        }
        for (int p = 0; p < 6; p++)
            m->moment[i][p] += d[pair[p][0]] * d[pair[p][1]];
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            m->sum_h[i][k] += frame->cell.h[i][k];
    m->n_frames++;
    return LITHIA_OK;
}

lithia_status lithia_mean_structure_result(const lithia_mean_structure *m, lithia_frame *frame)
{
    if (m->n_frames == 0)
        return lithia_fail(m->ctx, LITHIA_INVALID, "mean structure: no frame was given");
    lithia_frame_free(frame);
    LITHIA_TRY(lithia_frame_copy(m->ctx, &m->frame, frame));
    LITHIA_TRY(lithia_frame_resize(m->ctx, frame, m->n, (lithia_frame_arrays(&m->frame) & (LITHIA_CHARGE | LITHIA_ID | LITHIA_OCCUPANCY)) | LITHIA_U_ISO));
    double n = (double)m->n_frames;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            frame->cell.h[i][k] = m->sum_h[i][k] / n;
    const double(*h)[3] = (const double(*)[3])frame->cell.h;
    for (size_t i = 0; i < m->n; i++) {
        double s[3], u = 0.0;
        for (int k = 0; k < 3; k++)
            s[k] = m->first[i][k] + m->sum[i][k] / n;
        lithia_cell_cartesian(h, s, frame->position[i]);
        for (int p = 0; p < 6; p++) { /* sum over x, y, z of (covariance of s) h h */
            int a = pair[p][0], b = pair[p][1];
            double covariance = m->moment[i][p] / n - m->sum[i][a] * m->sum[i][b] / (n * n);
            double metric = h[a][0] * h[b][0] + h[a][1] * h[b][1] + h[a][2] * h[b][2];
            u += (a == b ? 1.0 : 2.0) * covariance * metric;
        }
        frame->u_iso[i] = fmax(0.0, u) / 3.0;
    }
    frame->time = NAN;
    frame->step = -1;
    frame->energy = NAN;
    for (int p = 0; p < 6; p++)
        frame->stress[p] = NAN;
    return lithia_frame_wrap(m->ctx, frame);
}

lithia_status lithia_mean_structure_displacement(const lithia_mean_structure *m, double displacement[][3])
{
    if (m->n_frames == 0)
        return lithia_fail(m->ctx, LITHIA_INVALID, "mean structure: no frame was given");
    double h[3][3], drift[3];
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            h[i][k] = m->sum_h[i][k] / (double)m->n_frames;
    drift_between(m, m->last, m->first, drift);
    for (size_t i = 0; i < m->n; i++)
        for (int k = 0; k < 3; k++) {
            displacement[i][k] = 0.0;
            for (int a = 0; a < 3; a++)
                displacement[i][k] += (m->last[i][a] - m->first[i][a] - drift[a]) * h[a][k];
        }
    return LITHIA_OK;
}

lithia_status lithia_mean_structure_save(const lithia_mean_structure *m, lithia_blob *blob)
{
    uint64_t n[2] = {m->n_frames, m->images};
    LITHIA_TRY(lithia_blob_put_tag(m->ctx, blob, "mean", 1));
    LITHIA_TRY(lithia_blob_put(m->ctx, blob, n, sizeof n));
    if (n[0] == 0)
        return LITHIA_OK;
    LITHIA_TRY(frame_state_put(m->ctx, blob, &m->frame));
    LITHIA_TRY(lithia_blob_put(m->ctx, blob, m->sum_h, sizeof m->sum_h));
    LITHIA_TRY(lithia_blob_put(m->ctx, blob, m->first, m->n * sizeof *m->first));
    LITHIA_TRY(lithia_blob_put(m->ctx, blob, m->last, m->n * sizeof *m->last));
    LITHIA_TRY(lithia_blob_put(m->ctx, blob, m->sum, m->n * sizeof *m->sum));
    return lithia_blob_put(m->ctx, blob, m->moment, m->n * sizeof *m->moment);
}

lithia_status lithia_mean_structure_restore(lithia_mean_structure *m, lithia_blob *blob)
{
    uint64_t n[2];
    LITHIA_TRY(lithia_blob_get_tag(m->ctx, blob, "mean", 1));
    LITHIA_TRY(lithia_blob_get(m->ctx, blob, n, sizeof n));
    if (n[0] == 0)
        return LITHIA_OK;
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = frame_state_get(m->ctx, blob, &frame);
    if (status == LITHIA_OK)
        status = begin(m, &frame);
    lithia_frame_free(&frame);
    LITHIA_TRY(status);
    LITHIA_TRY(lithia_blob_get(m->ctx, blob, m->sum_h, sizeof m->sum_h));
    LITHIA_TRY(lithia_blob_get(m->ctx, blob, m->first, m->n * sizeof *m->first));
    LITHIA_TRY(lithia_blob_get(m->ctx, blob, m->last, m->n * sizeof *m->last));
    LITHIA_TRY(lithia_blob_get(m->ctx, blob, m->sum, m->n * sizeof *m->sum));
    LITHIA_TRY(lithia_blob_get(m->ctx, blob, m->moment, m->n * sizeof *m->moment));
    m->n_frames = (size_t)n[0];
    m->images = n[1];
    return LITHIA_OK;
}

lithia_status lithia_mean_structure_merge(lithia_mean_structure *m, const lithia_mean_structure *later)
{
    if (later->n_frames == 0)
        return LITHIA_OK;
    if (m->n_frames == 0) { /* take it over whole */
        LITHIA_TRY(begin(m, &later->frame));
        m->images = later->images;
        memcpy(m->sum_h, later->sum_h, sizeof m->sum_h);
        memcpy(m->first, later->first, m->n * sizeof *m->first);
        memcpy(m->last, later->last, m->n * sizeof *m->last);
        memcpy(m->sum, later->sum, m->n * sizeof *m->sum);
        memcpy(m->moment, later->moment, m->n * sizeof *m->moment);
        m->n_frames = later->n_frames;
        return LITHIA_OK;
    }
    LITHIA_TRY(frame_state_same_atoms(m->ctx, "mean structure", &m->frame, &later->frame));
    /* The later part's coordinates, brought into the cells that this part's atoms ended in, by whole turns. */
    double n = (double)later->n_frames, mass, drift[3] = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < m->n; i++)
        for (int k = 0; k < 3; k++) {
            double turns = m->images || !m->frame.cell.periodic[k] ? 0.0 : nearbyint(later->first[i][k] - m->last[i][k]);
            mass = m->total_mass > 0.0 ? m->frame.species.item[m->frame.kind[i]].mass / m->total_mass : 1.0 / (double)m->n;
            drift[k] += mass * (later->first[i][k] - turns - m->first[i][k]);
        }
    for (size_t i = 0; i < m->n; i++) {
        double shift[3];
        for (int k = 0; k < 3; k++) {
            double turns = m->images || !m->frame.cell.periodic[k] ? 0.0 : nearbyint(later->first[i][k] - m->last[i][k]);
            /* d of the whole = d of the part + (its first - turns - first - drift) */
            shift[k] = later->first[i][k] - turns - m->first[i][k] - drift[k];
            m->last[i][k] = later->last[i][k] - turns;
        }
        for (int p = 0; p < 6; p++) {
            int a = pair[p][0], b = pair[p][1];
            m->moment[i][p] += later->moment[i][p] + shift[a] * later->sum[i][b] + shift[b] * later->sum[i][a] + n * shift[a] * shift[b];
        }
        for (int k = 0; k < 3; k++)
            m->sum[i][k] += later->sum[i][k] + n * shift[k];
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            m->sum_h[i][k] += later->sum_h[i][k];
    m->n_frames += later->n_frames;
    return LITHIA_OK;
}
