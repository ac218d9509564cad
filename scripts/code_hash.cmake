# code_hash.cmake - write a header with the hash of source files: of their names and contents.
#
#   cmake -DOUT=HEADER -DROOT=FOLDER "-DFILES=a.c|b.c" -P code_hash.cmake
#
# Results that are kept between runs carry it, so that nobody has to remember to raise a number.
string(REPLACE "|" ";" files "${FILES}")
list(SORT files)
set(all "")
foreach(name IN LISTS files)
	file(SHA256 "${ROOT}/${name}" one)
	string(APPEND all "${name} ${one}\n")
endforeach()
string(SHA256 hash "${all}")
file(CONFIGURE OUTPUT "${OUT}" CONTENT "#define PM_CODE_HASH \"${hash}\"\n")
