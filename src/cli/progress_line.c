#include "cli/progress_line.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "42 s", "3 min 20 s", "2 h 05 min" */
static void write_duration(double seconds, size_t n, char out[])
{
    long s = lround(seconds);
    if (s < 100)
        snprintf(out, n, "%ld s", s);
    else if (s < 6000)
        snprintf(out, n, "%ld min %02ld s", s / 60, s % 60);
    else
        snprintf(out, n, "%ld h %02ld min", s / 3600, s / 60 % 60);
}

static void draw(void *self, const char *label, double done, double total)
{
    progress_line *line = self;
    double t = now();
    if (strncmp(line->label, label, sizeof line->label - 1) != 0) {
        snprintf(line->label, sizeof line->label, "%s", label);
        line->begun = t;
        line->from = done;
    }
    if (t - line->begun < 1.0 || t - line->drawn < 0.2)
        return;
    line->drawn = t;
    double rate = (done - line->from) / (t - line->begun);
    char text[256], left[32];
    int n;
    if (total > 0.0 && rate > 0.0) {
        write_duration((total - done) / rate, sizeof left, left);
        n = snprintf(text, sizeof text, "%s %.0f of %.0f (%.0f%%), %.3g/s, %s left", label, done, total,
                     100.0 * done / total, rate, left);
    } else {
        n = snprintf(text, sizeof text, "%s %.0f, %.3g/s", label, done, rate);
    }
    struct winsize window;
    int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : 80;
    if (n > width - 1)
        n = width - 1;
    fprintf(stderr, "\r%.*s\033[K", n, text);
    fflush(stderr);
    line->shown = true;
}

void progress_line_start(progress_line *line, lithia_context *ctx, bool quiet)
{
    *line = (progress_line){.wanted = !quiet && isatty(STDERR_FILENO), .begun = now()};
    if (line->wanted)
        lithia_set_progress(ctx, draw, line);
}

void progress_line_clear(progress_line *line)
{
    if (line->shown)
        fputs("\r\033[K", stderr);
    line->shown = false;
}
