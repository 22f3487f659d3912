#include "study/naming.h"
#include <lithia/core/memory.h>
#include <lithia/io/sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_taken(const study_stage *stage, const study_member *m)
{
    for (const study_member *other = stage->member; other < m; other++)
        if (strcmp(other->name, m->name) == 0)
            return true;
    return false;
}

lithia_status study_name_member(struct lithia_study *s, study_stage *stage, study_member *m)
{
    char name[200] = "", label[256] = "";
    for (size_t i = 0; i < m->n_coordinates; i++) {
        const study_coordinate *c = &m->coordinate[i];
        bool bare = strcmp(c->name, "from") == 0;
        snprintf(name + strlen(name), sizeof name - strlen(name), "%s%s%s%s", i ? "-" : "", bare ? "" : c->name,
                 bare ? "" : "_", c->text);
        snprintf(label + strlen(label), sizeof label - strlen(label), "%s%s%s%s", i ? ", " : "", bare ? "" : c->name,
                 bare ? "" : " ", c->text);
    }
    size_t n = 0;
    for (size_t i = 0; name[i]; i++) { /* what every file system takes */
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-", name[i]) != NULL;
        if (plain || (n > 0 && name[n - 1] != '_'))
            name[n++] = plain ? name[i] : '_';
    }
    name[n] = 0;
    if (name[0] == '.')
        name[0] = '_';
    bool only = stage->n_members == 1 && !stage->series;
    m->name = lithia_strdup(s->ctx, only ? "" : name);
    for (int twin = 2; m->name && is_taken(stage, m); twin++) { /* a ladder that comes down again, say */
        lithia_free(m->name);
        m->name = lithia_format(s->ctx, "%s__%d", name, twin);
    }
    m->label = lithia_strdup(s->ctx, label);
    return m->name && m->label ? LITHIA_OK : LITHIA_NOMEM;
}

lithia_status study_give_seed(struct lithia_study *s, const study_stage *stage, study_member *m)
{
    const lithia_option *row = lithia_option_find(stage->task->n_options, stage->task->option, "seed");
    if (!row || row->type != LITHIA_OPTION_INTEGER || lithia_options_given(m->options, "seed"))
        return LITHIA_OK;
    char *words = lithia_format(s->ctx, "%lld/%s/%s", (long long)s->file->seed, stage->name, m->name);
    if (!words)
        return LITHIA_NOMEM;
    lithia_sha256 sha;
    char digest[65];
    lithia_sha256_start(&sha);
    lithia_sha256_add(&sha, words, strlen(words));
    lithia_sha256_text(&sha, digest);
    lithia_free(words);
    digest[12] = 0; /* 48 bits */
    unsigned long long seed = strtoull(digest, NULL, 16);
    double largest = row->max > row->min ? row->max : 4294967295.0, least = row->max > row->min ? row->min : 1.0;
    seed = (unsigned long long)least + seed % ((unsigned long long)(largest - least) + 1);
    snprintf(digest, sizeof digest, "%llu", seed);
    return lithia_options_set(m->options, "seed", digest);
}
