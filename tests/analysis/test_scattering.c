#include "test.h"
#include <lithia/analysis/scattering.h>
#include <lithia/core/memory.h>

static lithia_scattering *tables(lithia_context *ctx, const char *label, double oxidation, lithia_scattering_options options)
{
    lithia_species_list list = {0};
    int index;
    CHECK_OK(lithia_species_add(ctx, &list, label, &index));
    list.item[index].oxidation = oxidation;
    lithia_scattering *scattering;
    CHECK_OK(lithia_scattering_new(ctx, &list, &options, &scattering));
    lithia_species_list_free(&list);
    return scattering;
}

/* Values of gemmi 0.6.7 (single precision) and periodictable 1.6.1, which read the published tables independently. */
TEST(form_factors_agree_with_other_programs)
{
    static const struct {
        const char *label;
        double oxidation, s, f;
        lithia_scattering_table table;
    } row[] = {
        {"Li", NAN, 0.0, 2.999500275, LITHIA_XRAY_IT92}, {"Li", NAN, 0.25, 1.624828219, LITHIA_XRAY_IT92},
        {"Li", NAN, 1.7, 0.07357516885, LITHIA_XRAY_IT92}, {"O", NAN, 0.25, 4.807835102, LITHIA_XRAY_IT92},
        {"O", NAN, 1.7, 0.8572058678, LITHIA_XRAY_IT92}, {"Ti", NAN, 0.8, 6.686274052, LITHIA_XRAY_IT92},
        {"La", NAN, 0.8, 22.02580452, LITHIA_XRAY_IT92}, {"U", NAN, 0.25, 72.74194336, LITHIA_XRAY_IT92},
        {"Li", 1.0, 0.4, 1.265443231, LITHIA_XRAY_WK_IONS}, {"Li", 1.0, 3.0, 0.0110506798, LITHIA_XRAY_WK_IONS},
        {"O", -2.0, 0.0, 9.998401, LITHIA_XRAY_WK_IONS}, {"O", -2.0, 3.0, 0.2923148422, LITHIA_XRAY_WK_IONS},
        {"Ti", 4.0, 0.4, 10.81522807, LITHIA_XRAY_WK_IONS}, {"Fe", 3.0, 0.4, 13.84258934, LITHIA_XRAY_WK},
        {"Fe", NAN, 3.0, 1.651127685, LITHIA_XRAY_WK_IONS},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        lithia_scattering *scattering = tables(ctx, row[i].label, row[i].oxidation, (lithia_scattering_options){.table = row[i].table});
        double f[2];
        lithia_scattering_factor(scattering, 0, row[i].s, f);
        CHECK_CLOSE(f[0], row[i].f, 1e-5, "coefficients of up to 20 are kept with six digits; gemmi sums in single precision");
        CHECK(f[1] == 0.0);
        CHECK(!lithia_scattering_is_complex(scattering));
        lithia_scattering_free(scattering);
    }
}

TEST(dispersion_is_added_at_tabulated_wavelengths)
{
    double f[2], plain[2];
    lithia_scattering *with = tables(ctx, "Ti", NAN, (lithia_scattering_options){.dispersion = true, .wavelength = 1.5405929});
    lithia_scattering *without = tables(ctx, "Ti", NAN, (lithia_scattering_options){.table = LITHIA_XRAY_IT92});
    lithia_scattering_factor(with, 0, 0.3, f);
    lithia_scattering_factor(without, 0, 0.3, plain);
    CHECK_CLOSE(f[0] - plain[0], 0.22008, 5e-5, "gemmi's Cromer-Liberman, kept with four decimals");
    CHECK_CLOSE(f[1], 1.80684, 5e-5, "likewise");
    CHECK(lithia_scattering_is_complex(with));
    lithia_scattering_free(with), lithia_scattering_free(without);
    lithia_scattering *molybdenum = tables(ctx, "Ba", NAN, (lithia_scattering_options){.dispersion = true, .wavelength = 0.7093});
    lithia_scattering_factor(molybdenum, 0, 0.0, f);
    CHECK_CLOSE(f[1], 2.27858, 5e-5, "gemmi");
    lithia_scattering_free(molybdenum);
}

TEST(neutron_lengths_and_isotopes)
{
    double b[2];
    lithia_scattering *natural = tables(ctx, "Li", NAN, (lithia_scattering_options){.table = LITHIA_NEUTRON});
    lithia_scattering_factor(natural, 0, 0.7, b);
    CHECK_CLOSE(b[0], -1.90, 1e-12, "Rauch & Waschkowski (2003)");
    CHECK_TEXT(lithia_scattering_unit(natural), "fm");
    lithia_scattering_free(natural);
    const char *const isotope[] = {"Li=7Li"};
    lithia_scattering *seven =
        tables(ctx, "Li", NAN, (lithia_scattering_options){.table = LITHIA_NEUTRON, .n_isotopes = 1, .isotope = isotope});
    lithia_scattering_factor(seven, 0, 0.0, b);
    CHECK_CLOSE(b[0], -2.22, 1e-12, "Rauch & Waschkowski (2003)");
    lithia_scattering_free(seven);
    lithia_scattering *heavy = tables(ctx, "D", NAN, (lithia_scattering_options){.table = LITHIA_NEUTRON});
    lithia_scattering_factor(heavy, 0, 0.0, b);
    CHECK_CLOSE(b[0], 6.674, 1e-12, "deuterium is 2H");
    lithia_scattering_free(heavy);
}

TEST(what_a_table_lacks_is_named)
{
    lithia_species_list list = {0};
    int index;
    CHECK_OK(lithia_species_add(ctx, &list, "Ti", &index));
    list.item[index].oxidation = 1.0;
    lithia_scattering *scattering;
    CHECK_FAILS(lithia_scattering_new(ctx, &list, &(lithia_scattering_options){.table = LITHIA_XRAY_WK_IONS}, &scattering), LITHIA_UNSUPPORTED);
    CHECK(scattering == NULL);
    CHECK_CONTAINS(lithia_message_view(ctx), "Ti1+");
    CHECK_CONTAINS(lithia_message_view(ctx), "Ti2+, Ti3+, Ti4+");
    CHECK_FAILS(lithia_scattering_new(ctx, &list, &(lithia_scattering_options){.dispersion = true, .wavelength = 1.2}, &scattering),
                LITHIA_UNSUPPORTED);
    CHECK_CONTAINS(lithia_message_view(ctx), "0.6199");
    CHECK_FAILS(lithia_scattering_new(ctx, &list, &(lithia_scattering_options){.dispersion = true}, &scattering), LITHIA_INVALID);
    CHECK_FAILS(lithia_scattering_new(ctx, &list, &(lithia_scattering_options){.table = LITHIA_NEUTRON, .dispersion = true, .wavelength = 1.5405929},
                                      &scattering),
                LITHIA_INVALID);
    const char *const isotope[] = {"Li=7Li"}, *const unknown[] = {"Ti=99Ti"};
    CHECK_FAILS(lithia_scattering_new(ctx, &list, &(lithia_scattering_options){.table = LITHIA_NEUTRON, .n_isotopes = 1, .isotope = isotope},
                                      &scattering),
                LITHIA_INVALID);
    CHECK_FAILS(lithia_scattering_new(ctx, &list, &(lithia_scattering_options){.table = LITHIA_NEUTRON, .n_isotopes = 1, .isotope = unknown},
                                      &scattering),
                LITHIA_UNSUPPORTED);
    CHECK_CONTAINS(lithia_message_view(ctx), "48Ti");
    lithia_species_list_free(&list);
}

TEST(every_allocation_may_fail)
{
    lithia_species_list list = {0};
    int index;
    CHECK_OK(lithia_species_add(ctx, &list, "Ti", &index));
    lithia_scattering *scattering = NULL;
    for (size_t n = 1;; n++) {
        lithia_fail_allocation(n);
        lithia_status status = lithia_scattering_new(ctx, &list, NULL, &scattering);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK)
            break;
        CHECK_EQUAL(status, LITHIA_NOMEM);
        CHECK(scattering == NULL && n < 20);
    }
    lithia_scattering_free(scattering);
    lithia_species_list_free(&list);
}
