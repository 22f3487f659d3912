# A stranger's program, built on an installed copy found by pkg-config and by CMake, runs and prints a volume.
command=$1 source=$2 scratch=$3
build=$(dirname "$command")
prefix=$scratch/prefix
rm -rf "$prefix" "$scratch/stranger"
cmake --install "$build" --prefix "$prefix" >install.log 2>&1 || { cat install.log; exit 1; }
mkdir -p "$scratch/stranger" && cd "$scratch/stranger" || exit 1
cat >main.c <<'C'
#include <lithia/lithia.h>
#include <stdio.h>
int main(void)
{
    lithia_context *ctx = lithia_context_new();
    lithia_cell cell;
    if (lithia_cell_from_degrees(ctx, 8.355, 8.355, 8.355, 90, 90, 90, &cell) != LITHIA_OK)
        return 1;
    printf("%.4f\n", lithia_cell_volume(&cell));
    lithia_context_free(ctx);
    return 0;
}
C
sanitize=$(sed -n 's/^LITHIA_SANITIZE:STRING=//p' "$build/CMakeCache.txt")
[ -z "$sanitize" ] || { echo "skipped: a sanitized library wants a sanitized program"; exit 77; }
pc=$(dirname "$(find "$prefix" -name lithia.pc)")
flags=$(sed -n 's/^Cflags: //p; s/^Libs: //p' "$pc/lithia.pc" | sed "s,\${includedir},$prefix/include,; s,\${libdir},${pc%/pkgconfig}," | tr '\n' ' ')
${CC:-cc} -std=c17 main.c -o by_pkgconfig $flags -Wl,-rpath,"${pc%/pkgconfig}" || exit 1
[ "$(./by_pkgconfig)" = 583.2293 ] || { echo "by pkg-config: $(./by_pkgconfig), want 583.2293 (8.355^3)"; exit 1; }
cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(stranger C)
find_package(lithia 0.1 REQUIRED)
add_executable(by_cmake main.c)
target_link_libraries(by_cmake lithia::lithia)
CMAKE
cmake -G Ninja -S . -B out -DCMAKE_PREFIX_PATH="$prefix" >cmake.log 2>&1 && cmake --build out >>cmake.log 2>&1 || { cat cmake.log; exit 1; }
[ "$(out/by_cmake)" = 583.2293 ] || { echo "by CMake: $(out/by_cmake), want 583.2293"; exit 1; }
