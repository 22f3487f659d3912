# What a system gets: the command, the library with its headers, and how others find it (pkg-config and CMake).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS lithia EXPORT lithia-targets)
install(DIRECTORY include/lithia DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET lithia_command)
    install(TARGETS lithia_command)
    # Manual pages and completion, written by the command itself: one page for it and one for each task.
    set(pages "man|${CMAKE_INSTALL_MANDIR}/man1/lithia.1")
    foreach(file ${task_files})
        get_filename_component(name ${file} NAME_WE)
        string(REPLACE "_" "-" name ${name})
        list(APPEND pages "man:${name}|${CMAKE_INSTALL_MANDIR}/man1/lithia-${name}.1")
    endforeach()
    list(APPEND pages "completion:bash|${CMAKE_INSTALL_DATADIR}/bash-completion/completions/lithia"
        "completion:zsh|${CMAKE_INSTALL_DATADIR}/zsh/site-functions/_lithia"
        "completion:fish|${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d/lithia.fish")
    install(CODE "
        foreach(page ${pages})
            string(REPLACE \"|\" \";\" page \"\${page}\")
            list(GET page 0 words)
            list(GET page 1 path)
            string(REPLACE \":\" \";\" words \"\${words}\")
            set(path \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${path}\")
            get_filename_component(folder \"\${path}\" DIRECTORY)
            file(MAKE_DIRECTORY \"\${folder}\")
            execute_process(COMMAND \"$<TARGET_FILE:lithia_command>\" \${words} OUTPUT_FILE \"\${path}\"
                COMMAND_ERROR_IS_FATAL ANY)
        endforeach()")
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
