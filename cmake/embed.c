/* embed OUT NAME FILE [NAME FILE ...]: the files' bytes as C arrays and a table sorted as the names are given. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc < 2 || argc % 2 != 0)
        return 2;
    FILE *out = fopen(argv[1], "w");
    if (!out)
        return perror(argv[1]), 4;
    fprintf(out, "/* Written by cmake/embed.c. */\n#include \"core/data_table.h\"\n");
    for (int i = 2; i + 1 < argc; i += 2) {
        FILE *in = fopen(argv[i + 1], "rb");
        if (!in)
            return perror(argv[i + 1]), 4;
        fprintf(out, "static const unsigned char data_%d[] = {", i / 2);
        int byte;
        for (size_t n = 0; (byte = getc(in)) != EOF; n++)
            fprintf(out, "%s%d,", n % 32 == 0 ? "\n" : "", byte);
        fprintf(out, "0};\n");
        if (ferror(in) || fclose(in))
            return perror(argv[i + 1]), 4;
    }
    fprintf(out, "const lithia_data_entry lithia_data_table[] = {\n");
    for (int i = 2; i + 1 < argc; i += 2)
        fprintf(out, "    {\"%s\", data_%d, sizeof data_%d - 1},\n", argv[i], i / 2, i / 2);
    fprintf(out, "    {0, 0, 0}};\n");
    return ferror(out) || fclose(out) ? 4 : 0;
}
