# The table of tasks: one row per file src/task/<name>.c.
file(GLOB task_files CONFIGURE_DEPENDS src/task/*.c)
set(task_declarations "")
set(task_rows "")
foreach(file ${task_files})
    get_filename_component(name ${file} NAME_WE)
    if(name STREQUAL "run")
        set(name run_study) # lithia_task_run is a type
    endif()
    string(APPEND task_declarations "extern const lithia_task lithia_task_${name};\n")
    string(APPEND task_rows "    &lithia_task_${name},\n")
endforeach()
configure_file(cmake/task_table.c.in task_table.c @ONLY)
