#include "core/text.h"
#include "study/resolve.h"
#include <lithia/core/memory.h>
#include <lithia/io/output_file.h>
#include <lithia/study/submit.h>
#include <stdio.h>
#include <string.h>

/* The most ranks that a stage asks for, and which; 0: no stage runs in LAMMPS. */
static size_t most_ranks(const lithia_study *study, const char **stage)
{
    size_t most = 0;
    for (size_t s = 0; s < study->n_stages; s++)
        for (size_t m = 0; m < study->stage[s].n_members; m++) {
            const lithia_options *options = study->stage[s].member[m].options;
            size_t n;
            const lithia_option *table = lithia_options_table(options, &n);
            if (!lithia_option_find(n, table, "engine") || !lithia_option_find(n, table, "ranks"))
                continue;
            const char *engine = lithia_options_text(options, "engine");
            size_t ranks = (size_t)lithia_options_integer(options, "ranks");
            if (engine && strcmp(engine, "lammps") == 0 && ranks > most) {
                most = ranks;
                *stage = study->stage[s].name;
            }
        }
    return most;
}

/* "HH:MM:SS" or "D-HH:MM:SS" */
static bool is_time(const char *text)
{
    int d, h, m, s, end = 0;
    if (sscanf(text, "%9d-%2d:%2d:%2d%n", &d, &h, &m, &s, &end) == 4 && !text[end])
        return d >= 0 && h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 60;
    end = 0;
    return sscanf(text, "%9d:%2d:%2d%n", &h, &m, &s, &end) == 3 && !text[end] && h >= 0 && m >= 0 && m < 60 && s >= 0 && s < 60;
}

/* One word for a shell, whatever is in it. */
static void add_word(text_page *t, const char *word)
{
    text_puts(t, "'");
    for (const char *c = word; *c; c++)
        text_add(t, *c == '\'' ? "'\\''" : "%c", *c);
    text_puts(t, "'");
}

/* What goes into a line of #SBATCH or of modules must be one line of plain characters. */
static lithia_status check_plain(lithia_context *ctx, const char *what, const char *text)
{
    for (const char *c = text; c && *c; c++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./ ,:", *c))
            return lithia_fail(ctx, LITHIA_INVALID, "%s is \"%s\"; letters, digits and _ - + . / : , are possible", what, text);
    return LITHIA_OK;
}

static void add_name(text_page *t, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    for (const char *c = name; *c && c != dot; c++)
        text_add(t, "%c", strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.", *c) ? *c : '_');
}

static void add_line(text_page *t, const char *line, const char *value)
{
    text_add(t, value ? "#SBATCH --%s=%s\n" : "##SBATCH --%s=FILL_IN\n", line, value);
}

static void add_script(text_page *t, const lithia_study *study, const lithia_submit_options *o, size_t ranks, bool lammps)
{
    text_puts(t, "#!/bin/bash\n# Hand this in from the folder where it lies, as often as needed: sbatch runs it, and what is finished is not run again.\n"
                 "#SBATCH --job-name=");
    add_name(t, study->file->file);
    text_add(t, "\n#SBATCH --ntasks=%zu\n#SBATCH --cpus-per-task=%zu\n#SBATCH --time=%s\n", lammps ? ranks : 1, lammps ? 1 : ranks,
             o->wall_time);
    text_puts(t, "#SBATCH --signal=B:TERM@120\n#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --output=");
    add_name(t, study->file->file);
    text_puts(t, ".%j.log\n");
    add_line(t, "partition", o->partition);
    add_line(t, "account", o->account);
    text_puts(t, "\n# The modules of this cluster with the MPI that lithia-lammps was built with.\n");
    text_add(t, o->modules ? "module purge\nmodule load %s\n" : "#module load %s\n", o->modules ? o->modules : "FILL_IN");
    text_puts(t, "\n# What starts MPI programs here: mpirun of Open MPI, or srun where MPI was built for it (\"srun --mpi=pmix\").\n"
                 "export LITHIA_MPIRUN=\"${LITHIA_MPIRUN:-mpirun}\"\nexport OMP_NUM_THREADS=1\ncd \"$SLURM_SUBMIT_DIR\" || exit 1\n\n");
    add_word(t, o->program);
    text_puts(t, " run ");
    add_word(t, study->file->file);
    text_puts(t, study->file->quick ? " --quick" : "");
    if (o->directory) {
        text_puts(t, " -o ");
        add_word(t, o->directory);
    }
    /* side by side, members in LAMMPS would each take all ranks */
    text_puts(t, lammps ? " --threads 1" : " --threads \"${SLURM_CPUS_PER_TASK:-1}\"");
    text_puts(t, " --quiet &\nlithia=$!\ntrap 'kill -TERM \"$lithia\"' TERM\nwait \"$lithia\"\nstatus=$?\n"
                 "if kill -0 \"$lithia\" 2>/dev/null; then # the wait ended because the time is nearly over: lithia keeps its checkpoint\n"
                 "    wait \"$lithia\"\n    status=$?\nfi\n"
                 "if [ \"$status\" = 130 ]; then # stopped, not failed: go on in the next job\n"
                 "    scontrol requeue \"$SLURM_JOB_ID\"\nfi\nexit \"$status\"\n");
}

static char *script_path(lithia_context *ctx, const lithia_study *study)
{
    const char *file = study->file->file, *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *dot = strrchr(name, '.');
    return lithia_format(ctx, "%.*s%s.slurm", dot && dot > name ? (int)(dot - name) : (int)strlen(name), name,
                         study->file->quick ? ".quick" : "");
}

lithia_status lithia_study_submit(const lithia_study *study, const lithia_submit_options *options, const char *path, lithia_result *result)
{
    lithia_context *ctx = study->ctx;
    lithia_submit_options o = options ? *options : (lithia_submit_options){0};
    const char *stage = NULL;
    size_t most = most_ranks(study, &stage), ranks = o.ranks ? o.ranks : most > 0 ? most : 1;
    o.wall_time = o.wall_time ? o.wall_time : "24:00:00";
    o.program = o.program ? o.program : "lithia";
    if (ranks < most)
        return lithia_fail(ctx, LITHIA_INVALID, "the job would have %zu ranks and stage %s asks for %zu: ask for as many, or change "
                           "`ranks` in the run file", ranks, stage, most);
    if (!is_time(o.wall_time))
        return lithia_fail(ctx, LITHIA_INVALID, "the wall time is \"%s\"; it must be HH:MM:SS or D-HH:MM:SS", o.wall_time);
    LITHIA_TRY(check_plain(ctx, "modules", o.modules));
    LITHIA_TRY(check_plain(ctx, "partition", o.partition));
    LITHIA_TRY(check_plain(ctx, "account", o.account));
    char *own = path ? NULL : script_path(ctx, study);
    if (!path && !own)
        return LITHIA_NOMEM;
    path = path ? path : own;
    text_page t;
    text_start(&t, ctx);
    add_script(&t, study, &o, ranks, most > 0);
    lithia_status status = text_status(&t);
    if (status == LITHIA_OK)
        status = lithia_write_file(ctx, path, t.bytes, t.n);
    if (status == LITHIA_OK) {
        char *command = lithia_format(ctx, "sbatch %s", path);
        lithia_result_text(result, "script", path);
        lithia_result_text(result, "command", command ? command : "sbatch");
        lithia_result_integer(result, "ranks", (int64_t)ranks);
        lithia_result_text(result, "wall_time", o.wall_time);
        lithia_free(command);
    }
    text_free(&t);
    lithia_free(own);
    return status;
}
