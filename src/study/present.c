#include "study/present.h"
#include "study/collect.h"
#include "study/compare.h"
#include "study/member.h"
#include "core/text.h"
#include <lithia/core/memory.h>
#include <lithia/io/output_file.h>
#include <lithia/io/trajectory.h>
#include <lithia/report/report.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Structures that are shown of one stage: the first and the last of a long series, all of a short one. */
enum { MOST_SHOWN = 3 };

/* Findings of one stage that are said at the head. */
enum { MOST_SAID = 8 };

/* What one section needs beyond the results. */
typedef struct {
    lithia_report_member *member;
    lithia_report_structure structure[MOST_SHOWN];
    lithia_frame frame[MOST_SHOWN];
    size_t n_structures;
    lithia_result *options, *collected;
    const char **warning;
    size_t n_warnings;
    char *command, *text;
    const char *paragraph[1];
} section_content;

typedef struct {
    lithia_context *ctx;
    const study_place *place;
    const study_outcome *outcome;
    const struct lithia_study *study;
    section_content *content;
    lithia_report_section *section;
    char **paragraph, **finding_text;
    char **found_text; /* of the results' own findings */
    size_t n_found;
    lithia_report_finding *finding;
    size_t n_paragraphs, n_findings, room_findings;
    const char **input_path, **input_sha256;
    char *command, *seed;
} page;

static const runfile_section *section_of(const runfile *file, const char *stage)
{
    for (size_t i = 0; i < file->n_sections; i++)
        if (strcmp(file->section[i].stage->text, stage) == 0)
            return &file->section[i];
    return NULL;
}

/* With `figures:` given, sections that are not in it come closed. */
static bool is_folded(const runfile *file, const char *stage)
{
    const runfile_section *section = section_of(file, stage);
    if (section)
        return section->folded;
    const yaml_node *figures = file->figures;
    if (!figures)
        return false;
    if (figures->kind == YAML_WORD)
        return strcmp(figures->text, stage) != 0;
    for (size_t i = 0; i < figures->n; i++)
        if (strcmp(figures->item[i].text, stage) == 0)
            return false;
    return true;
}

static lithia_status add_structures(page *p, size_t s, section_content *content)
{
    const study_stage *stage = &p->study->stage[s];
    const runfile_section *asked = section_of(p->study->file, stage->name);
    size_t n = stage->n_members, shown[MOST_SHOWN] = {0, 1, 2}, n_shown = n <= MOST_SHOWN ? n : 2;
    if (!stage->task->gives_structure)
        return LITHIA_OK;
    if (n > MOST_SHOWN)
        shown[1] = n - 1;
    for (size_t i = 0; i < n_shown; i++) {
        const study_member *member = &stage->member[shown[i]];
        char *folder = study_member_folder(p->ctx, stage, member);
        char *path = folder ? lithia_format(p->ctx, "%s/%s/structure.extxyz", p->place->path, folder) : NULL;
        lithia_frame *frame = &content->frame[content->n_structures];
        lithia_frame_init(frame);
        lithia_status status = path ? LITHIA_OK : LITHIA_NOMEM;
        bool there = path && access(path, F_OK) == 0;
        if (there)
            status = lithia_read_structure(p->ctx, path, NULL, frame);
        lithia_free(folder);
        lithia_free(path);
        LITHIA_TRY(status);
        if (!there)
            continue;
        content->structure[content->n_structures] = (lithia_report_structure){.frame = frame,
            .caption = *member->label ? member->label : stage->name, .centres = asked ? asked->centres : NULL,
            .ligand = asked ? asked->ligand : NULL};
        content->n_structures++;
    }
    return LITHIA_OK;
}

/* Warnings of all members, each text once with the members that had it left out of the words. */
static lithia_status add_warnings(page *p, size_t s, section_content *content)
{
    const study_stage *stage = &p->study->stage[s];
    char **all = NULL;
    size_t n = 0, room = 0;
    lithia_status status = LITHIA_OK;
    for (size_t k = 0; k < stage->n_members && status == LITHIA_OK; k++) {
        lithia_result *group = NULL;
        status = member_warnings(p->ctx, p->place, stage, &stage->member[k], &group);
        const lithia_result *list = status == LITHIA_OK ? lithia_result_find(group, "warnings") : NULL;
        const char *const *texts = list ? lithia_result_texts_view(list) : NULL;
        for (size_t i = 0; texts && i < lithia_result_n(list) && status == LITHIA_OK; i++) {
            bool known = false;
            for (size_t j = 0; j < n && !known; j++)
                known = strcmp(all[j], texts[i]) == 0;
            if (known)
                continue;
            status = lithia_reserve(p->ctx, (void **)&all, &room, n + 1, sizeof *all);
            if (status == LITHIA_OK && !(all[n++] = lithia_strdup(p->ctx, texts[i])))
                status = LITHIA_NOMEM;
        }
        lithia_result_free(group);
    }
    content->warning = (const char **)all;
    content->n_warnings = all ? n : 0;
    for (size_t i = 0; i < content->n_warnings; i++)
        if (!all[i])
            content->n_warnings = i;
    return status;
}

static lithia_status add_members(page *p, size_t s, section_content *content, lithia_report_section *section)
{
    const study_stage *stage = &p->study->stage[s];
    content->member = lithia_calloc(p->ctx, stage->n_members, sizeof *content->member);
    if (!content->member)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < stage->n_members; k++) {
        const study_member *m = &stage->member[k];
        const study_coordinate *last = m->n_coordinates > 0 ? &m->coordinate[m->n_coordinates - 1] : NULL;
        content->member[k] = (lithia_report_member){.result = p->outcome->result[s][k], .value = last ? last->number : NAN,
            .label = last && (m->n_coordinates > 1 || isnan(last->number)) ? m->label : NULL};
        if (last && stage->series && k == 0) {
            section->variable = last->name;
            section->unit = last->unit;
        }
    }
    section->n_members = stage->n_members;
    section->member = content->member;
    if (stage->n_members < 2)
        return LITHIA_OK;
    content->collected = lithia_result_new(p->ctx);
    if (!content->collected)
        return LITHIA_NOMEM;
    section->collected = content->collected;
    return collect_series(p->ctx, stage, (const lithia_result *const *)p->outcome->result[s], content->collected);
}

static lithia_status add_section(page *p, size_t s)
{
    const study_stage *stage = &p->study->stage[s];
    const runfile *file = p->study->file;
    const runfile_section *asked = section_of(file, stage->name);
    section_content *content = &p->content[s];
    lithia_report_section *section = &p->section[s];
    *section = (lithia_report_section){.stage = stage->name, .title = asked ? asked->title : NULL,
        .task = stage->task->name, .summary = stage->task->summary, .folded = is_folded(file, stage->name)};
    LITHIA_TRY(add_members(p, s, content, section));
    LITHIA_TRY(add_structures(p, s, content));
    LITHIA_TRY(add_warnings(p, s, content));
    content->options = lithia_result_new(p->ctx);
    const char *slash = strrchr(file->file, '/');
    content->command = lithia_format(p->ctx, "lithia run %s%s --only %s", slash ? slash + 1 : file->file,
                                     file->quick ? " --quick" : "", stage->name);
    if (!content->options || !content->command)
        return LITHIA_NOMEM;
    lithia_options_echo(stage->member[0].options, content->options);
    LITHIA_TRY(lithia_result_status(content->options));
    if (asked && asked->text) {
        LITHIA_TRY(study_outcome_expand(p->ctx, p->outcome, asked->text, &content->text));
        content->paragraph[0] = content->text;
        section->n_paragraphs = 1;
        section->paragraph = content->paragraph;
    }
    section->options = content->options;
    section->command = content->command;
    section->n_structures = content->n_structures;
    section->structure = content->structure;
    section->n_warnings = content->n_warnings;
    section->warning = content->warning;
    return LITHIA_OK;
}

static void free_content(section_content *content)
{
    for (size_t i = 0; i < content->n_structures; i++)
        lithia_frame_free(&content->frame[i]);
    for (size_t i = 0; i < content->n_warnings; i++)
        lithia_free((void *)(uintptr_t)content->warning[i]);
    lithia_free(content->warning);
    lithia_free(content->member);
    lithia_result_free(content->options);
    lithia_result_free(content->collected);
    lithia_free(content->command);
    lithia_free(content->text);
}

static lithia_status expand_words(page *p, const yaml_node *words, char ***texts, size_t *n)
{
    size_t many = !words ? 0 : words->kind == YAML_LIST ? words->n : 1;
    *n = 0;
    *texts = lithia_calloc(p->ctx, many, sizeof **texts);
    if (!*texts)
        return LITHIA_NOMEM;
    for (; *n < many; ++*n)
        LITHIA_TRY(study_outcome_expand(p->ctx, p->outcome, words->kind == YAML_LIST ? words->item[*n].text : words->text,
                                        &(*texts)[*n]));
    return LITHIA_OK;
}

static lithia_verdict verdict_named(const char *word)
{
    static const char *const words[] = {"note", "agrees", "differs", "caution", "open"};
    for (int i = 0; i < 5; i++)
        if (word && strcmp(word, words[i]) == 0)
            return (lithia_verdict)i;
    return LITHIA_VERDICT_NOTE;
}

static lithia_status add_finding(page *p, lithia_verdict verdict, const char *text, const char *stage)
{
    LITHIA_TRY(lithia_reserve(p->ctx, (void **)&p->finding, &p->room_findings, p->n_findings + 1, sizeof *p->finding));
    p->finding[p->n_findings++] = (lithia_report_finding){.verdict = verdict, .text = text, .section = stage};
    return LITHIA_OK;
}

static const char *word_of(const lithia_result *item, const char *name)
{
    const lithia_result *node = lithia_result_find(item, name);
    return node ? lithia_result_text_view(node) : NULL;
}

/* The i-th finding of a member, or NULL. */
static const lithia_result *finding_of(const page *p, size_t stage, size_t member, size_t i)
{
    const lithia_result *list = lithia_result_find(p->outcome->result[stage][member], "findings");
    return list ? lithia_result_child(list, i) : NULL;
}

/* Whether two members of a stage say the same, word for word. */
static bool say_the_same(const page *p, size_t stage, size_t one, size_t other)
{
    const lithia_result *a, *b;
    for (size_t i = 0;; i++) {
        a = finding_of(p, stage, one, i);
        b = finding_of(p, stage, other, i);
        if (!a || !b)
            return !a && !b;
        const char *x = word_of(a, "text"), *y = word_of(b, "text");
        if (!x || !y || strcmp(x, y) != 0)
            return false;
    }
}

static const int rank[] = {0, 1, 3, 4, 2}; /* of note, agrees, differs, caution, open */

/* Members in a row that say the same, from `first`. @return the last of them; its most cautious verdict, and whether it says anything */
static size_t run_of(const page *p, size_t s, size_t first, lithia_verdict *worst, bool *any)
{
    size_t last = first;
    const lithia_result *item;
    while (last + 1 < p->study->stage[s].n_members && say_the_same(p, s, first, last + 1))
        last++;
    *worst = LITHIA_VERDICT_NOTE;
    *any = false;
    for (size_t i = 0; (item = finding_of(p, s, first, i)); i++) {
        lithia_verdict verdict = verdict_named(word_of(item, "verdict"));
        *worst = rank[verdict] > rank[*worst] ? verdict : *worst;
        *any = true;
    }
    return last;
}

/* What is said of a stage as one sentence for the head: "phase: pressure 0 GPa to pressure 65 GPa: spinel. pressure 70 GPa: ...".
 * Members in a row that say the same say it once; the mark is the most cautious of all. Of a long series (replicas, say, that
 * differ in every number) the first of the most cautious stand for all. */
static lithia_status add_stage_findings(page *p, size_t s)
{
    const study_stage *stage = &p->study->stage[s];
    lithia_verdict worst = LITHIA_VERDICT_NOTE, own;
    size_t n_runs = 0, shown = 0;
    bool any;
    for (size_t k = 0; k < stage->n_members; k = run_of(p, s, k, &own, &any) + 1) {
        (void)run_of(p, s, k, &own, &any);
        n_runs += any;
        worst = any && rank[own] > rank[worst] ? own : worst;
    }
    if (n_runs == 0)
        return LITHIA_OK;
    bool many = n_runs > MOST_SAID;
    text_page t;
    text_start(&t, p->ctx);
    text_add(&t, "%s:", stage->name);
    for (size_t k = 0, last; k < stage->n_members; k = last + 1) {
        last = run_of(p, s, k, &own, &any);
        if (!any || (many && (own != worst || shown == MOST_SAID - 1)))
            continue;
        const char *from = stage->member[k].label, *to = stage->member[last].label;
        const lithia_result *item;
        for (size_t i = 0; (item = finding_of(p, s, k, i)); i++) {
            const char *text = word_of(item, "text");
            text_add(&t, " %s%s%s%s%s", from, last > k ? " to " : "", last > k ? to : "", *from ? ": " : "", text ? text : "");
        }
        shown++;
    }
    if (n_runs > shown)
        text_add(&t, " (%zu more in the section.)", n_runs - shown);
    lithia_status status = text_status(&t);
    if (status == LITHIA_OK)
        status = lithia_resize(p->ctx, (void **)&p->found_text, p->n_found, p->n_found + 1, sizeof *p->found_text);
    if (status == LITHIA_OK) {
        char *words = lithia_format(p->ctx, "%.*s", (int)t.n, t.bytes);
        p->found_text[p->n_found++] = words;
        status = words ? add_finding(p, worst, words, stage->name) : LITHIA_NOMEM;
    }
    text_free(&t);
    return status;
}

/* The run file's own ("differs: words" gives the verdict), then what the results say of themselves. */
static lithia_status add_findings(page *p, size_t *n_texts)
{
    LITHIA_TRY(expand_words(p, p->study->file->findings, &p->finding_text, n_texts));
    for (size_t i = 0; i < *n_texts; i++) {
        const char *words = p->finding_text[i], *colon = strchr(words, ':');
        char head[16] = "";
        if (colon && (size_t)(colon - words) < sizeof head)
            memcpy(head, words, (size_t)(colon - words));
        lithia_verdict verdict = verdict_named(head);
        bool named = verdict != LITHIA_VERDICT_NOTE || strcmp(head, "note") == 0;
        LITHIA_TRY(add_finding(p, verdict, named ? colon + 1 + strspn(colon + 1, " ") : words, NULL));
    }
    for (size_t s = 0; s < p->study->n_stages; s++)
        LITHIA_TRY(add_stage_findings(p, s));
    return LITHIA_OK;
}

static lithia_status add_provenance(page *p, lithia_report_provenance *provenance, const char *resolved)
{
    const struct lithia_study *study = p->study;
    const char *slash = strrchr(study->file->file, '/');
    p->command = lithia_format(p->ctx, "lithia run %s%s", slash ? slash + 1 : study->file->file,
                               study->file->quick ? " --quick" : "");
    p->seed = lithia_format(p->ctx, "%lld", (long long)study->file->seed);
    p->input_path = lithia_calloc(p->ctx, study->n_files, sizeof *p->input_path);
    p->input_sha256 = lithia_calloc(p->ctx, study->n_files, sizeof *p->input_sha256);
    if (!p->command || !p->seed || !p->input_path || !p->input_sha256)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < study->n_files; i++) {
        p->input_path[i] = study->input[i].written;
        p->input_sha256[i] = study->input[i].sha256;
    }
    *provenance = (lithia_report_provenance){.n_commands = 1, .command = (const char *const *)&p->command, .seed = p->seed,
        .n_inputs = study->n_files, .input_path = p->input_path, .input_sha256 = p->input_sha256, .study = resolved};
    return LITHIA_OK;
}

/* The sections in the order of the run file's `sections`, then those that it does not name, in the order of the stages. */
static void put_in_order(const struct lithia_study *study, const lithia_report_section *made, lithia_report_section *ordered)
{
    size_t n = 0;
    for (size_t i = 0; i < study->file->n_sections; i++)
        for (size_t s = 0; s < study->n_stages; s++)
            if (strcmp(study->file->section[i].stage->text, study->stage[s].name) == 0)
                ordered[n++] = made[s];
    for (size_t s = 0; s < study->n_stages; s++)
        if (!section_of(study->file, study->stage[s].name))
            ordered[n++] = made[s];
}

lithia_status present_study(lithia_context *ctx, const study_place *place, const study_outcome *outcome,
                            const char *resolved, lithia_result *result)
{
    const struct lithia_study *study = outcome->study;
    page p = {.ctx = ctx, .place = place, .outcome = outcome, .study = study};
    lithia_report report = {.title = study->file->report_title ? study->file->report_title : study->file->title};
    comparisons table = {0};
    size_t n_finding_texts = 0, n = 0;
    char *html = NULL, *path = NULL;
    p.content = lithia_calloc(ctx, study->n_stages, sizeof *p.content);
    p.section = lithia_calloc(ctx, study->n_stages, sizeof *p.section);
    lithia_report_section *ordered = lithia_calloc(ctx, study->n_stages, sizeof *ordered);
    lithia_status status = p.content && p.section && ordered ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t s = 0; status == LITHIA_OK && s < study->n_stages; s++)
        status = add_section(&p, s);
    if (status == LITHIA_OK)
        status = expand_words(&p, study->file->intro, &p.paragraph, &p.n_paragraphs);
    if (status == LITHIA_OK)
        status = add_findings(&p, &n_finding_texts);
    if (status == LITHIA_OK)
        status = comparisons_make(ctx, outcome, &table, result);
    if (status == LITHIA_OK)
        status = add_provenance(&p, &report.provenance, resolved);
    if (status == LITHIA_OK) {
        report.n_paragraphs = p.n_paragraphs;
        report.paragraph = (const char *const *)p.paragraph;
        report.n_findings = p.n_findings;
        report.finding = p.finding;
        report.n_comparisons = table.n;
        report.comparison = table.row;
        report.n_sections = study->n_stages;
        put_in_order(study, p.section, ordered);
        report.section = ordered;
        status = lithia_report_write(ctx, &report, &html, &n);
    }
    if (status == LITHIA_OK) {
        path = study_place_path(place, "report.html");
        status = path ? lithia_write_file(ctx, path, html, n) : LITHIA_NOMEM;
    }
    lithia_free(html);
    lithia_free(path);
    comparisons_free(&table);
    for (size_t s = 0; p.content && s < study->n_stages; s++)
        free_content(&p.content[s]);
    for (size_t i = 0; p.paragraph && i < p.n_paragraphs; i++)
        lithia_free(p.paragraph[i]);
    for (size_t i = 0; p.finding_text && i < n_finding_texts; i++)
        lithia_free(p.finding_text[i]);
    lithia_free(p.content);
    lithia_free(p.section);
    lithia_free(ordered);
    lithia_free(p.paragraph);
    lithia_free(p.finding_text);
    for (size_t i = 0; i < p.n_found; i++)
        lithia_free(p.found_text[i]);
    lithia_free(p.found_text);
    lithia_free(p.finding);
    lithia_free(p.input_path);
    lithia_free(p.input_sha256);
    lithia_free(p.command);
    lithia_free(p.seed);
    return status;
}
