/* Shapes of anion units, from bond lengths and angles. */
#include <lithia/core/units.h>
#include <lithia/generate/anion_unit.h>
#include <math.h>
#include <string.h>

typedef enum { TETRAHEDRON, TRIANGLE, CORNER_SHARING, ETHANE_LIKE } unit_shape;

static const struct {
    const char *name;
    int charge;
    unit_shape shape;
    int centre, ligand;
    double r0;      /* bond-valence parameter of centre and ligand */
    double valence; /* that the centre has to give to its ligands */
} table[] = {
    {"PS4", -3, TETRAHEDRON, 15, 16, 2.145, 5.0},     {"P2S7", -4, CORNER_SHARING, 15, 16, 2.145, 5.0},
    {"P2S6", -4, ETHANE_LIKE, 15, 16, 2.145, 4.0},    {"PO4", -3, TETRAHEDRON, 15, 8, 1.617, 5.0},
    {"P2O7", -4, CORNER_SHARING, 15, 8, 1.617, 5.0},  {"BO3", -3, TRIANGLE, 5, 8, 1.371, 3.0},
    {"BO4", -5, TETRAHEDRON, 5, 8, 1.371, 3.0},
};

static const double phosphorus_pair = 2.20;     /* P-P */
static const double bridge_angle_deg = 115.0; /* centre - bridging ligand - centre */

/* Length of a bond of valence s. */
static double bond_length(double r0, double s)
{
    return r0 - 0.37 * log(s);
}

static void add(lithia_anion_unit *u, int z, double x, double y, double w)
{
    u->z[u->n_atoms] = z;
    u->position[u->n_atoms][0] = x;
    u->position[u->n_atoms][1] = y;
    u->position[u->n_atoms][2] = w;
    u->n_atoms++;
}

/* Three ligands about a centre, tetrahedral with the direction `axis` in which the fourth partner lies (a unit vector in the
 * xz plane). With turn 0 the first lies in that plane, on the side of e1; turn in rad about the axis. */
static void add_three(lithia_anion_unit *u, int z, const double centre[3], const double axis[3], double bond, double turn)
{
    const double e1[3] = {axis[2], 0.0, -axis[0]}, e2[3] = {0.0, 1.0, 0.0};
    double along = -bond / 3.0, aside = bond * sqrt(8.0) / 3.0; /* cos 109.47 deg = -1/3 */
    for (int k = 0; k < 3; k++) {
        double t = turn + 2.0 * LITHIA_PI / 3.0 * k, c = aside * cos(t), s = aside * sin(t);
        add(u, z, centre[0] + along * axis[0] + c * e1[0] + s * e2[0], centre[1] + along * axis[1] + c * e1[1] + s * e2[1],
            centre[2] + along * axis[2] + c * e1[2] + s * e2[2]);
    }
}

static void shape_corner_sharing(lithia_anion_unit *u, int centre, int ligand, double terminal, double bridging)
{
    double half = 0.5 * bridge_angle_deg * LITHIA_PI / 180.0;
    const double a[3] = {bridging * sin(half), 0.0, bridging * cos(half)}, b[3] = {-a[0], 0.0, a[2]};
    const double to_bridge_a[3] = {-sin(half), 0.0, -cos(half)}, to_bridge_b[3] = {sin(half), 0.0, -cos(half)};
    add(u, centre, a[0], a[1], a[2]);
    add(u, centre, b[0], b[1], b[2]);
    add(u, ligand, 0.0, 0.0, 0.0);
    /* e1 of both points along -x: one terminal ligand of each away from the other centre */
    add_three(u, ligand, a, to_bridge_a, terminal, LITHIA_PI);
    add_three(u, ligand, b, to_bridge_b, terminal, 0.0);
}

static void shape(lithia_anion_unit *u, size_t row)
{
    int centre = table[row].centre, ligand = table[row].ligand;
    double r0 = table[row].r0, valence = table[row].valence, r;
    const double origin[3] = {0}, up[3] = {0.0, 0.0, 1.0}, down[3] = {0.0, 0.0, -1.0};
    switch (table[row].shape) {
    case TETRAHEDRON:
        r = bond_length(r0, valence / 4.0);
        add(u, centre, 0.0, 0.0, 0.0);
        add(u, ligand, 0.0, 0.0, r);
        add_three(u, ligand, origin, up, r, 0.0);
        u->bond = r;
        break;
    case TRIANGLE:
        r = bond_length(r0, valence / 3.0);
        add(u, centre, 0.0, 0.0, 0.0);
        for (int k = 0; k < 3; k++)
            add(u, ligand, r * cos(2.0 * LITHIA_PI / 3.0 * k), r * sin(2.0 * LITHIA_PI / 3.0 * k), 0.0);
        u->bond = r;
        break;
    case CORNER_SHARING: /* the bridge has valence 1 to each side, the terminal ones share the rest */
        u->bond = bond_length(r0, 1.0);
        shape_corner_sharing(u, centre, ligand, bond_length(r0, (valence - 1.0) / 3.0), u->bond);
        break;
    case ETHANE_LIKE:
        r = bond_length(r0, valence / 3.0);
        const double a[3] = {0.0, 0.0, 0.5 * phosphorus_pair}, b[3] = {0.0, 0.0, -0.5 * phosphorus_pair};
        add(u, centre, a[0], a[1], a[2]);
        add(u, centre, b[0], b[1], b[2]);
        add_three(u, ligand, a, down, r, 0.0);
        add_three(u, ligand, b, up, r, 0.0); /* its e1 points the other way: staggered */
        u->bond = r;
        break;
    }
}

const char *lithia_anion_unit_name(size_t i)
{
    return i < sizeof table / sizeof table[0] ? table[i].name : NULL;
}

lithia_status lithia_anion_unit_find(lithia_context *ctx, const char *name, lithia_anion_unit *unit)
{
    size_t row = 0, n = sizeof table / sizeof table[0];
    while (row < n && strcmp(table[row].name, name) != 0)
        row++;
    *unit = (lithia_anion_unit){0};
    if (row == n)
        return lithia_fail(ctx, LITHIA_INVALID, "there is no anion unit \"%s\"; there are PS4, P2S7, P2S6, PO4, P2O7, BO3, BO4",
                           name);
    unit->name = table[row].name;
    unit->charge = table[row].charge;
    shape(unit, row);
    double mean[3] = {0};
    for (size_t i = 0; i < unit->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            mean[k] += unit->position[i][k] / (double)unit->n_atoms;
    for (size_t i = 0; i < unit->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            unit->position[i][k] -= mean[k];
    return LITHIA_OK;
}
