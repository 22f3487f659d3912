#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/structure/species.h>

TEST(symbols_and_numbers_are_inverse)
{
    for (int z = 1; z <= 103; z++) {
        CHECK_EQUAL(lithia_element_number(lithia_element_symbol(z)), z);
        CHECK(lithia_element_mass(z) > 0.0);
    }
    CHECK_EQUAL(lithia_element_number("Li"), 3);
    CHECK_EQUAL(lithia_element_number("Ti"), 22);
    CHECK_EQUAL(lithia_element_number("U"), 92);
    CHECK_EQUAL(lithia_element_number("D"), 1);
    CHECK_EQUAL(lithia_element_number("li"), 0);
    CHECK_EQUAL(lithia_element_number("Xx"), 0);
    CHECK_TEXT(lithia_element_symbol(0), "X");
    CHECK_TEXT(lithia_element_symbol(500), "X");
    CHECK(lithia_element_mass(0) == 0.0);
}

TEST(masses_and_radii_are_the_published_ones)
{
    CHECK_CLOSE(lithia_element_mass(3), 6.94, 0.0, "IUPAC 2016 standard atomic weight");
    CHECK_CLOSE(lithia_element_mass(22), 47.867, 0.0, "IUPAC 2016");
    CHECK_CLOSE(lithia_element_mass(8), 15.999, 0.0, "IUPAC 2016");
    CHECK_CLOSE(lithia_element_radius(3), 1.28, 0.0, "Cordero 2008, table 2");
    CHECK_CLOSE(lithia_element_radius(22), 1.60, 0.0, "Cordero 2008, table 2");
    CHECK_CLOSE(lithia_element_oxidation(3), 1.0, 0.0, "group 1");
    CHECK_CLOSE(lithia_element_oxidation(22), 4.0, 0.0, "TiO2");
    CHECK(isnan(lithia_element_oxidation(26))); /* Fe is 2 or 3: none to rely on */
}

TEST(labels_hold_numbers_and_charges)
{
    lithia_species_list list = {0};
    int li, again, o, fe, ti, plus, co, d;
    CHECK_OK(lithia_species_add(ctx, &list, "Li", &li));
    CHECK_OK(lithia_species_add(ctx, &list, "O2-", &o));
    CHECK_OK(lithia_species_add(ctx, &list, "Fe3", &fe));
    CHECK_OK(lithia_species_add(ctx, &list, "Ti4+", &ti));
    CHECK_OK(lithia_species_add(ctx, &list, "Li+", &plus));
    CHECK_OK(lithia_species_add(ctx, &list, "Co", &co));
    CHECK_OK(lithia_species_add(ctx, &list, "D", &d));
    CHECK_OK(lithia_species_add(ctx, &list, "Li", &again));
    CHECK_EQUAL(li, again);
    CHECK_EQUAL(list.n, 7);
    CHECK(isnan(list.item[li].oxidation));
    CHECK(isnan(list.item[fe].oxidation));
    CHECK_CLOSE(list.item[o].oxidation, -2.0, 0.0, "stated");
    CHECK_CLOSE(list.item[ti].oxidation, 4.0, 0.0, "stated");
    CHECK_CLOSE(list.item[plus].oxidation, 1.0, 0.0, "a bare sign is one charge");
    CHECK_EQUAL(list.item[co].z, 27);
    CHECK_EQUAL(list.item[fe].z, 26);
    CHECK_CLOSE(list.item[d].mass, 2.01410177811, 0.0, "AME 2016");
    CHECK_EQUAL(lithia_species_find(&list, "Ti4+"), ti);
    CHECK_EQUAL(lithia_species_find(&list, "Ti"), -1);
    lithia_species_list_free(&list);
}

TEST(what_is_no_label_is_refused_with_the_nearest_symbol)
{
    lithia_species_list list = {0};
    int index;
    CHECK_FAILS(lithia_species_add(ctx, &list, "LI", &index), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "\"Li\"");
    CHECK_EQUAL(index, -1);
    const char *const bad[] = {"", "Q", "Li?", "Li++", "2Li", "Oxygen", "a label that is far too long", "O-2-"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_FAILS(lithia_species_add(ctx, &list, bad[i], &index), LITHIA_INVALID);
    CHECK_EQUAL(list.n, 0);
    lithia_species_list_free(&list);
}
