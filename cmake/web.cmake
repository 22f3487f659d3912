# The report's page: npm packages and sources into one HTML file, in the build folder. Sets web_page.
# Packages are fetched once per lock file; a build folder that has them needs no network.
find_program(NPM npm)
find_program(NODE NAMES node nodejs)
if(NOT NPM OR NOT NODE)
    message(FATAL_ERROR "The report's page is built with npm, which is not installed: install npm (Debian: apt-get install npm), "
        "or configure with -DLITHIA_REPORT=OFF for reports of plain tables.")
endif()
set(web_source ${CMAKE_SOURCE_DIR}/src/report/web)
set(web_build ${CMAKE_BINARY_DIR}/web)
set(web_page ${web_build}/dist/page.html)
file(GLOB web_files CONFIGURE_DEPENDS ${web_source}/src/*.js ${web_source}/src/*.css)
list(APPEND web_files ${web_source}/page.html ${web_source}/build.mjs)

add_custom_command(OUTPUT ${web_build}/packages.stamp
    COMMAND ${CMAKE_COMMAND} -E copy ${web_source}/package.json ${web_source}/package-lock.json ${web_source}/.npmrc ${web_build}
    COMMAND ${CMAKE_COMMAND} -E chdir ${web_build} ${NPM} ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${web_build}/packages.stamp
    DEPENDS ${web_source}/package.json ${web_source}/package-lock.json ${web_source}/.npmrc
    VERBATIM COMMENT "Fetching the report's npm packages")
add_custom_command(OUTPUT ${web_page}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${web_build}/src
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${web_source}/src ${web_build}/src
    COMMAND ${CMAKE_COMMAND} -E copy ${web_source}/page.html ${web_source}/build.mjs ${web_build}
    COMMAND ${CMAKE_COMMAND} -E chdir ${web_build} ${NODE} build.mjs ${web_page}
    DEPENDS ${web_build}/packages.stamp ${web_files}
    VERBATIM COMMENT "Building the report's page")
