/* Give every file of a folder to the target it is linked with, as the fuzzer would. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int main(int argc, char *argv[])
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    int n_files = 0;
    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER; a folder of inputs is wanted\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!file)
            continue;
        printf("%s\n", path); /* the last line names the culprit of a crash */
        fflush(stdout);
        fseek(file, 0, SEEK_END);
        long size = ftell(file);
        rewind(file);
        uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1); /* exactly as long: a byte too far is seen */
        size_t n = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
        fclose(file);
        LLVMFuzzerTestOneInput(bytes, n);
        free(bytes);
        n_files++;
    }
    closedir(folder);
    printf("%d files\n", n_files);
    return n_files == 0; /* an empty corpus tests nothing */
}
