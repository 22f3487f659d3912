/* The rows of a CIF's list of sites. */
#pragma once
#include "cif_document.h"
#include <lithia/structure/frame.h>

typedef struct {
    const cif_value *at; /* for messages: the label, else the first coordinate */
    char label[32];      /* as the file names the site */
    char element[4];
    double oxidation;    /* NAN when not stated */
    double s[3], occupancy, u; /* u NAN when not stated */
    int multiplicity;    /* 0 when not stated */
} cif_site;

typedef struct {
    cif_site *site;
    size_t n;
} cif_site_list;

/* Rows without coordinates (dummies) are passed over with a warning, those with occupancy 0 too. */
lithia_status cif_sites_read(const cif_document *document, const cif_block *block, const lithia_cell *cell,
                             cif_site_list *sites) LITHIA_MUST_USE;
void cif_sites_free(cif_site_list *sites);
