#include "study/place.h"
#include "core/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <lithia/io/output_file.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The file that says whose folder this is. */
static const char owner_name[] = "study.txt", lock_name[] = "lock";

static char *default_path(lithia_context *ctx, const runfile *file)
{
    const char *slash = strrchr(file->file, '/'), *name = slash ? slash + 1 : file->file, *dot = strrchr(name, '.');
    int n = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    return lithia_format(ctx, "%.*s%s.out", n, name, file->quick ? ".quick" : "");
}

static char *owner_text(lithia_context *ctx, const runfile *file)
{
    return lithia_format(ctx, "lithia study: %s\nmode: %s\n", file->title, file->quick ? "quick" : "full");
}

/* The content of a small file, "" if there is none. */
static void read_small(const char *path, size_t room, char text[])
{
    FILE *file = fopen(path, "rb");
    text[0] = 0;
    if (!file)
        return;
    text[fread(text, 1, room - 1, file)] = 0;
    fclose(file);
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    bool empty = true;
    for (struct dirent *entry; folder && empty && (entry = readdir(folder));)
        empty = entry->d_name[0] == '.' && (!entry->d_name[1] || strcmp(entry->d_name, "..") == 0);
    if (folder)
        closedir(folder);
    return empty;
}

static lithia_status check_owner(lithia_context *ctx, const study_place *place, const runfile *file)
{
    char *path = study_place_path(place, owner_name), *want = owner_text(ctx, file);
    char have[4096];
    lithia_status status = path && want ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        read_small(path, sizeof have, have);
        have[strcspn(have, "\n")] = have[0] ? ' ' : 0;
        have[strcspn(have, "\n")] = 0;
        for (char *c = want; (c = strchr(c, '\n'));)
            *c = c[1] ? ' ' : 0;
        if (!have[0] && !is_empty(place->path))
            status = lithia_fail(ctx, LITHIA_INVALID, "the folder %s is not empty and holds no study; name another with -o",
                                 place->path);
        else if (have[0] && strcmp(have, want) != 0)
            status = lithia_fail(ctx, LITHIA_INVALID, "the folder %s belongs to another run (%s); name another with -o",
                                 place->path, have);
    }
    lithia_free(path);
    lithia_free(want);
    return status;
}

static lithia_status take_lock(lithia_context *ctx, study_place *place)
{
    char *path = study_place_path(place, lock_name);
    if (!path)
        return LITHIA_NOMEM;
    place->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    lithia_status status = LITHIA_OK;
    if (place->lock < 0) {
        status = lithia_fail_errno(ctx, "cannot write into the folder %s", place->path);
    } else if (flock(place->lock, LOCK_EX | LOCK_NB) != 0) {
        char who[64] = "";
        if (errno == EWOULDBLOCK) {
            read_small(path, sizeof who, who);
            who[strcspn(who, "\n")] = 0;
            status = lithia_fail(ctx, LITHIA_INVALID, "another run (process %s) works in the folder %s", who, place->path);
        } else {
            status = lithia_fail_errno(ctx, "cannot lock %s", path);
        }
    } else if (ftruncate(place->lock, 0) != 0 || dprintf(place->lock, "%ld\n", (long)getpid()) < 0) {
        status = lithia_fail_errno(ctx, "cannot write %s", path);
    }
    lithia_free(path);
    return status;
}

static lithia_status sign(lithia_context *ctx, const study_place *place, const runfile *file)
{
    char *path = study_place_path(place, owner_name), *want = owner_text(ctx, file);
    lithia_status status = path && want ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK && access(path, F_OK) != 0)
        status = lithia_write_file(ctx, path, want, strlen(want));
    lithia_free(path);
    lithia_free(want);
    return status;
}

/* What a killed process was writing (io/output_file.c): ".NAME.PROCESS-N.part". The lock says that nobody writes now. */
static int remove_part(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about;
    const char *name = path + where->base;
    size_t n = strlen(name);
    if (type == FTW_F && name[0] == '.' && n > 5 && strcmp(name + n - 5, ".part") == 0)
        (void)unlink(path);
    return 0;
}

lithia_status study_place_open(lithia_context *ctx, const struct lithia_study *study, const char *path,
                               study_place *place)
{
    *place = (study_place){.ctx = ctx, .lock = -1};
    place->path = path ? lithia_strdup(ctx, path) : default_path(ctx, study->file);
    if (!place->path)
        return LITHIA_NOMEM;
    for (size_t n = strlen(place->path); n > 1 && place->path[n - 1] == '/'; n--)
        place->path[n - 1] = 0;
    struct stat about;
    if (stat(place->path, &about) == 0 && !S_ISDIR(about.st_mode))
        return lithia_fail(ctx, LITHIA_INVALID, "%s is a file; the study writes into a folder (-o names it)", place->path);
    for (char *slash = strchr(place->path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        (void)mkdir(place->path, 0777); /* the last one tells whether it went well */
        *slash = '/';
    }
    if (mkdir(place->path, 0777) != 0 && errno != EEXIST)
        return lithia_fail_errno(ctx, "cannot make the folder %s", place->path);
    LITHIA_TRY(check_owner(ctx, place, study->file));
    LITHIA_TRY(take_lock(ctx, place));
    (void)nftw(place->path, remove_part, 16, FTW_PHYS);
    return sign(ctx, place, study->file);
}

void study_place_close(study_place *place)
{
    if (place->lock >= 0)
        close(place->lock); /* which frees the lock; the file stays, or another run could lock a removed one */
    lithia_free(place->path);
    *place = (study_place){.lock = -1};
}

char *study_place_path(const study_place *place, const char *name)
{
    return lithia_format(place->ctx, "%s/%s", place->path, name);
}

char *study_member_folder(lithia_context *ctx, const study_stage *stage, const study_member *member)
{
    return lithia_format(ctx, "stages/%s%s%s", stage->name, *member->name ? "/" : "", member->name);
}

lithia_status study_place_make(const study_place *place, const char *name)
{
    char *path = study_place_path(place, name);
    if (!path)
        return LITHIA_NOMEM;
    lithia_status status = LITHIA_OK;
    for (char *slash = path + strlen(place->path); slash && status == LITHIA_OK; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            status = lithia_fail_errno(place->ctx, "cannot make the folder %s", path);
        *slash = '/';
    }
    if (status == LITHIA_OK && mkdir(path, 0777) != 0 && errno != EEXIST)
        status = lithia_fail_errno(place->ctx, "cannot make the folder %s", path);
    lithia_free(path);
    return status;
}

void study_place_log(const study_place *place, const char *format, ...)
{
    char *path = study_place_path(place, "log.txt");
    FILE *file = path ? fopen(path, "a") : NULL;
    lithia_free(path);
    if (!file)
        return;
    char stamp[32];
    time_t now = time(NULL);
    struct tm parts;
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    fprintf(file, "%s ", stamp);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    putc('\n', file);
    fclose(file);
}
