include(GNUInstallDirs)
install(TARGETS lithia lithia_command EXPORT lithia-targets)
install(DIRECTORY include/lithia DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
