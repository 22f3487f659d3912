/* embed OUT NAME FILE [NAME FILE ...]: a C file that takes in the bytes of the files as they are, by the assembler (a
 * compiler would spend half a minute on arrays that long), with a table sorted as the names are given. */
#include <stdio.h>
#include <stdlib.h>

/* Bytes in a file, or -1. */
static long size_of(const char *path)
{
    FILE *in = fopen(path, "rb");
    long size = in && fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    if (in)
        fclose(in);
    return size;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc % 2 != 0)
        return 2;
    FILE *out = fopen(argv[1], "w");
    if (!out)
        return perror(argv[1]), 4;
    fprintf(out, "/* Written by cmake/embed.c. */\n#include \"core/data_table.h\"\n");
    for (int i = 2; i + 1 < argc; i += 2)
        fprintf(out,
                "__asm__(\".pushsection .rodata\\n.balign 16\\nlithia_data_%d:\\n.incbin \\\"%s\\\"\\n.byte 0\\n.popsection\\n\");\n"
                "extern const unsigned char lithia_data_%d[] __attribute__((visibility(\"hidden\")));\n",
                i / 2, argv[i + 1], i / 2);
    fprintf(out, "const lithia_data_entry lithia_data_table[] = {\n");
    for (int i = 2; i + 1 < argc; i += 2) {
        long size = size_of(argv[i + 1]);
        if (size < 0)
            return perror(argv[i + 1]), 4;
        fprintf(out, "    {\"%s\", lithia_data_%d, %ld},\n", argv[i], i / 2, size);
    }
    fprintf(out, "    {0, 0, 0}};\n");
    return ferror(out) || fclose(out) ? 4 : 0;
}
