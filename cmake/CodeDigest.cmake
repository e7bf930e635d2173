# SPDX-License-Identifier: Apache-2.0
# cmake -DOUTPUT=header.h -DNAME=MACRO -DFILES="a.c;b.h" -DSALT=text -P CodeDigest.cmake
# Writes a header that defines MACRO as the SHA-256 of the files' contents and of a text.
set(all "${SALT}")
foreach(file ${FILES})
    file(SHA256 ${file} digest)
    string(APPEND all " ${digest}")
endforeach()
string(SHA256 digest "${all}")
file(WRITE ${OUTPUT} "/* SPDX-License-Identifier: Apache-2.0 */\n#define ${NAME} \"${digest}\"\n")
