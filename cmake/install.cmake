# What a system gets: the command, the library with its headers, and how others find it (pkg-config and CMake).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS lithia EXPORT lithia-targets)
install(DIRECTORY include/lithia DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET lithia_command)
    install(TARGETS lithia_command)
    install(CODE "
        file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1\")
        execute_process(COMMAND \"$<TARGET_FILE:lithia_command>\" man OUTPUT_FILE
            \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1/lithia.1\" COMMAND_ERROR_IS_FATAL ANY)")
endif()
configure_file(cmake/lithia.pc.in lithia.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/lithia.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# The flags and dependencies are how lithia is built, not what its users need: only the library is exported.
file(WRITE ${CMAKE_BINARY_DIR}/lithia-config.cmake "
get_filename_component(prefix \"\${CMAKE_CURRENT_LIST_DIR}/../../..\" ABSOLUTE)
if(NOT TARGET lithia::lithia)
    add_library(lithia::lithia SHARED IMPORTED)
    file(GLOB location \${prefix}/${CMAKE_INSTALL_LIBDIR}/liblithia.so \${prefix}/lib*/*/liblithia.so \${prefix}/lib*/liblithia.so)
    list(GET location 0 location)
    set_target_properties(lithia::lithia PROPERTIES IMPORTED_LOCATION \${location}
        INTERFACE_INCLUDE_DIRECTORIES \${prefix}/${CMAKE_INSTALL_INCLUDEDIR})
endif()
")
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lithia-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/lithia-config.cmake ${CMAKE_BINARY_DIR}/lithia-config-version.cmake
    DESTINATION lib/cmake/lithia)
