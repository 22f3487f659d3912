# data/ and the report's page, turned into one C file by a small program that is built first.
add_executable(lithia_embed ${CMAKE_SOURCE_DIR}/cmake/embed.c)
set_target_properties(lithia_embed PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
file(GLOB_RECURSE data CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/data data/*)
list(SORT data)
set(embed_arguments)
set(embed_files)
foreach(name ${data})
    list(APPEND embed_arguments ${name} ${CMAKE_SOURCE_DIR}/data/${name})
    list(APPEND embed_files ${CMAKE_SOURCE_DIR}/data/${name})
endforeach()
if(LITHIA_REPORT AND EXISTS ${CMAKE_SOURCE_DIR}/src/report/web/package.json)
    include(${CMAKE_SOURCE_DIR}/cmake/web.cmake) # sets web_page: the built page
    list(APPEND embed_arguments report/page.html ${web_page})
    list(APPEND embed_files ${web_page})
endif()
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/data.c
    COMMAND lithia_embed ${CMAKE_BINARY_DIR}/data.c ${embed_arguments}
    DEPENDS lithia_embed ${embed_files} VERBATIM COMMENT "Embedding data")
