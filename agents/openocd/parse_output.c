/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_output.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* "FILE:LINE: Error: ...", the form of an error in a script. */
static bool has_position(const char *line)
{
    const char *error = strstr(line, ": Error: ");
    const char *digit = error;
    while (digit && digit > line && isdigit((unsigned char)digit[-1]))
        digit--;
    return error && digit < error && digit > line && digit[-1] == ':';
}

/* The error in a line, or NULL. The position in a script is kept: it is where to look. */
static const char *error_of(const char *line)
{
    if (begins(line, "Error: "))
        return line + strlen("Error: ");
    /* `find` on the command line prints its error without a prefix (OpenOCD 0.12). */
    if (has_position(line) || begins(line, "Runtime Error: ") || begins(line, "Can't find "))
        return line;
    return NULL;
}

/* Lines that never explain a failure. */
static bool is_noise(const char *line)
{
    static const char *const noise[] = {
        "Info : ",         "Debug: ",        "Warn : ",       "DEPRECATED!", "Licensed under ",
        "For bug reports", "http://openocd", "in procedure ", "at file ",    "Listening on"};
    while (isspace((unsigned char)*line))
        line++;
    for (size_t i = 0; i < COUNT_OF(noise); i++)
        if (begins(line, noise[i]))
            return true;
    return *line == '\0';
}

void hf_openocd_output_line(void *user, const char *line)
{
    hf_openocd_output *output = user;
    static const char listening[] = "Info : Listening on port ";
    const char *error = error_of(line);
    if (error && !output->error[0])
        snprintf(output->error, sizeof output->error, "%s", error);
    else if (!output->version[0] && begins(line, "Open On-Chip Debugger"))
        snprintf(output->version, sizeof output->version, "%s", line);
    else if (begins(line, listening) && strstr(line, "for tcl connections"))
        output->tcl_port = (unsigned)strtoul(line + sizeof listening - 1, NULL, 10);
    else if (strcmp(line, HF_OPENOCD_CONFIGURED) == 0)
        output->configured = true;
    else if (!error && !is_noise(line))
        snprintf(output->last, sizeof output->last, "%s", line);
}

void hf_openocd_output_forget(hf_openocd_output *output)
{
    output->error[0] = '\0';
    output->last[0] = '\0';
}

const char *hf_openocd_output_words(const hf_openocd_output *output)
{
    return output->error[0] ? output->error : output->last;
}
