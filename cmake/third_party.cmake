# SPDX-License-Identifier: Apache-2.0
# Header-only libraries as targets third_party::NAME. Each is found among the system's headers and shown to the compiler
# alone, through a link in the build folder, because a cross compile must not see the rest of the system's headers.
# What is not found comes from its upstream repository by FetchContent; this way is untested.

# header_only(NAME LINK FILE REPOSITORY TAG SUBDIR): FILE is included as LINK/..., or is LINK itself; in the repository it
# stands below SUBDIR. Further arguments are folders to look in instead of the system's.
function(header_only name link file repository tag subdir)
  set(places ${ARGN})
  if(NOT places)
    set(places /usr/local/include /usr/include)  # a cross compile does not look there by itself
  endif()
  find_path(SYNSIGHT_${name}_DIR ${file} PATHS ${places} NO_CMAKE_FIND_ROOT_PATH
    DOC "folder from which ${file} is included")
  set(dir "${SYNSIGHT_${name}_DIR}")
  if(NOT dir)
    include(FetchContent)
    FetchContent_Declare(${name} GIT_REPOSITORY https://github.com/${repository} GIT_TAG ${tag} SOURCE_SUBDIR none)
    FetchContent_MakeAvailable(${name})
    set(dir "${${name}_SOURCE_DIR}/${subdir}")
  endif()
  set(include ${PROJECT_BINARY_DIR}/third_party/${name}/include)
  file(MAKE_DIRECTORY ${include})
  file(CREATE_LINK ${dir}/${link} ${include}/${link} SYMBOLIC)
  add_library(third_party_${name} INTERFACE)
  add_library(third_party::${name} ALIAS third_party_${name})
  target_include_directories(third_party_${name} SYSTEM INTERFACE $<BUILD_INTERFACE:${include}>)
endfunction()

header_only(expected tl tl/expected.hpp TartanLlama/expected v1.0.0 include)
header_only(cli11 CLI CLI/CLI.hpp CLIUtils/CLI11 v2.3.2 include)
header_only(doctest doctest doctest/doctest.h doctest/doctest v2.4.9 .)
header_only(json nlohmann nlohmann/json.hpp nlohmann/json v3.11.2 include)
# Debian 12's own stb is of 2022 and has holes that were closed since; tools/setup takes Debian 13's.
set(stb_dir ${PROJECT_SOURCE_DIR}/.deps/stb)
header_only(stb stb_image.h stb_image.h nothings/stb 5c205738c191bcb0abc65c4febfa9bd25ff35234 .
  ${stb_dir} NO_DEFAULT_PATH)
