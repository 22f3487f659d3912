# Debian's packages, gathered into one interface target.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(GSL REQUIRED IMPORTED_TARGET gsl)
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LZMA REQUIRED IMPORTED_TARGET liblzma)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_library(LAPACKE_LIBRARY lapacke REQUIRED)
find_library(SYMSPG_LIBRARY symspg REQUIRED)
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C)
add_library(lithia_dependencies INTERFACE)
target_include_directories(lithia_dependencies SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(lithia_dependencies INTERFACE PkgConfig::GSL PkgConfig::FFTW PkgConfig::YAML PkgConfig::JANSSON
    PkgConfig::ZLIB PkgConfig::LZMA PkgConfig::ZSTD ${LAPACKE_LIBRARY} ${SYMSPG_LIBRARY} ${HDF5_LIBRARIES}
    Threads::Threads m)
