# ghstats_graphql_queries(TARGET FOLDER)
#
# Compiles the queries of src/FOLDER/*.graphql into TARGET as the constants that src/FOLDER/queries.h declares: each with
# the fragments it spreads (FOLDER/fragments/, ...CommitPage is commit_page.graphql), without comments and indentation.
function(ghstats_graphql_queries target folder)
  set(root ${CMAKE_SOURCE_DIR}/src/${folder})
  file(GLOB queries CONFIGURE_DEPENDS ${root}/*.graphql)
  file(GLOB fragments CONFIGURE_DEPENDS ${root}/fragments/*.graphql)
  list(REMOVE_ITEM queries ${root}/schema.graphql)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${queries} ${fragments})

  set(constants "")
  foreach(query IN LISTS queries)
    get_filename_component(snake ${query} NAME_WE)
    file(READ ${query} text)
    if(NOT text MATCHES "query ([A-Z][A-Za-z]*)")
      message(FATAL_ERROR "${query}: no operation with a name")
    endif()
    set(name ${CMAKE_MATCH_1})
    set(added "")
    while(TRUE)
      string(REGEX MATCHALL "\\.\\.\\.[A-Z][A-Za-z]*" spread "${text}")
      list(REMOVE_ITEM spread ${added} "")
      if(NOT spread)
        break()
      endif()
      list(GET spread 0 fragment)
      list(APPEND added ${fragment})
      string(REGEX REPLACE "([a-z])([A-Z])" "\\1_\\2" fragment "${fragment}")
      string(REPLACE "..." "" fragment "${fragment}")
      string(TOLOWER "${fragment}" fragment)
      file(READ ${root}/fragments/${fragment}.graphql more)
      string(APPEND text "${more}")
    endwhile()
    string(REGEX REPLACE "#[^\n]*" "" text "${text}")
    string(REGEX REPLACE "[ \n]+" " " text "${text}")
    string(STRIP "${text}" text)
    string(APPEND constants "const Query k${name}{\"${name}\", \"graphql_${snake}\", R\"graphql(${text})graphql\"};\n")
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/${folder}/queries.cc CONTENT
"// Made by cmake/graphql_queries.cmake.
#include \"${folder}/queries.h\"

namespace ghstats::github::queries {

${constants}
}  // namespace ghstats::github::queries
")
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated/${folder}/queries.cc)
endfunction()
