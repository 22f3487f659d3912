#include "cli/complain.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE_SHOWN = 160 };

bool complain_in_colour(void)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0);
}

/* Line `number` of a plain text file, without its end. false when there is none to show: a compressed or binary file,
 * or a line past what fits on a screen. */
static bool source_line(const char *path, size_t number, char line[LONGEST_LINE_SHOWN + 1])
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t at = 1, n = 0;
    bool found = false, shown = true;
    for (int c; (c = getc(file)) != EOF;) {
        if (at == number) {
            found = true;
            if (c == '\n' || c == '\r')
                break;
            if (n == LONGEST_LINE_SHOWN || (c < ' ' && c != '\t') || c == 127) {
                shown = false;
                break;
            }
            line[n++] = (char)(c == '\t' ? ' ' : c);
        }
        at += c == '\n';
    }
    fclose(file);
    line[n] = 0;
    return found && shown && n > 0;
}

/* How many characters the mark covers: the word, quoted text or number with its unit that begins at `start`. */
static size_t mark_length(const char *start)
{
    if (*start == '"' || *start == '\'') {
        const char *end = strchr(start + 1, *start);
        return end ? (size_t)(end - start) + 1 : strlen(start);
    }
    size_t n = strcspn(start, ",:}]#");
    while (n > 0 && start[n - 1] == ' ')
        n--;
    return n > 0 ? n : 1;
}

void complain(const lithia_context *ctx)
{
    bool colour = complain_in_colour();
    const char *red = colour ? "\033[1;31m" : "", *plain = colour ? "\033[0m" : "";
    lithia_place place = lithia_place_view(ctx);
    if (!place.file) {
        fprintf(stderr, "lithia: %serror:%s %s\n", red, plain, lithia_message_view(ctx));
        return;
    }
    fputs(place.file, stderr);
    if (place.line)
        fprintf(stderr, ":%zu", place.line);
    if (place.line && place.column)
        fprintf(stderr, ":%zu", place.column);
    fprintf(stderr, ": %serror:%s %s\n", red, plain, lithia_message_view(ctx));
    char line[LONGEST_LINE_SHOWN + 1];
    if (!place.line || !source_line(place.file, place.line, line))
        return;
    fprintf(stderr, "%5zu | %s\n", place.line, line);
    if (place.column == 0 || place.column > strlen(line) + 1)
        return;
    fprintf(stderr, "      | %*s%s", (int)place.column - 1, "", red);
    for (size_t n = mark_length(line + place.column - 1); n > 0; n--)
        putc('^', stderr);
    fprintf(stderr, "%s\n", plain);
}

void complain_warnings(const lithia_context *ctx)
{
    bool colour = complain_in_colour();
    for (size_t i = 0; i < lithia_n_warnings(ctx); i++)
        fprintf(stderr, "lithia: %swarning:%s %s\n", colour ? "\033[1;35m" : "", colour ? "\033[0m" : "",
                lithia_warning_view(ctx, i));
}

int exit_status(lithia_status status, bool usage)
{
    switch (status) {
    case LITHIA_OK:
        return 0;
    case LITHIA_INVALID:
        return usage ? 2 : 3;
    case LITHIA_PARSE:
        return 3;
    case LITHIA_IO:
    case LITHIA_UNSUPPORTED:
        return 4;
    case LITHIA_DIVERGED:
        return 5;
    case LITHIA_CANCELLED:
        return 130;
    case LITHIA_NOMEM:
    case LITHIA_INTERNAL:
        break;
    }
    return 70;
}
