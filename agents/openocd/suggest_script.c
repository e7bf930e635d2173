/* SPDX-License-Identifier: Apache-2.0 */
#include "suggest_script.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "config/openocd_scripts.h"

#define MAX_DEPTH 3 /* of folders: "interface/ftdi/NAME.cfg" */
#define STEM_SIZE 64

typedef struct search {
    char wanted[STEM_SIZE]; /* the name's last part without ".cfg" */
    const char *folder;     /* of OpenOCD's scripts of that kind: "interface/" */
    hf_suggestion suggestion;
    char best[STEM_SIZE]; /* what suggestion.best points to */
    char *out;
} search;

/* "interface/stlnk.cfg" -> "stlnk" */
static void stem_of(const char *name, char stem[STEM_SIZE])
{
    const char *slash = strrchr(name, '/');
    snprintf(stem, STEM_SIZE, "%s", slash ? slash + 1 : name);
    char *end = strrchr(stem, '.');
    if (end && strcmp(end, ".cfg") == 0)
        *end = '\0';
}

static void consider(search *s, const char *relative)
{
    char stem[STEM_SIZE];
    stem_of(relative, stem);
    hf_suggest(&s->suggestion, stem);
    if (s->suggestion.best != stem)
        return;
    snprintf(s->best, sizeof s->best, "%s", stem);
    s->suggestion.best = s->best;
    snprintf(s->out, HF_SCRIPT_NAME_SIZE, "%s", relative);
}

/* Offers every script below root/relative; `relative` is "" or ends with a slash. */
static void walk(search *s, const char *root, const char *relative, int depth)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, relative);
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[HF_SCRIPT_NAME_SIZE];
        size_t length = strlen(entry->d_name);
        bool is_script = length > 4 && strcmp(entry->d_name + length - 4, ".cfg") == 0;
        int size = snprintf(name, sizeof name, "%s%s%s", relative, entry->d_name, is_script ? "" : "/");
        if (entry->d_name[0] == '.' || size >= (int)sizeof name)
            continue;
        if (is_script)
            consider(s, name);
        else if (depth < MAX_DEPTH)
            walk(s, root, name, depth + 1);
    }
    closedir(folder);
}

/* Scripts of the wanted kind in one of OpenOCD's folders. */
static void search_scripts(search *s, const char *root)
{
    walk(s, root, s->folder, 1);
}

void hf_script_suggest(const char *name, const char *program, const char *folder,
                       char out[HF_SCRIPT_NAME_SIZE])
{
    search s = {.folder = strncmp(name, "target/", 7) == 0 ? "target/" : "interface/", .out = out};
    out[0] = '\0';
    stem_of(name, s.wanted);
    s.suggestion.word = s.wanted;
    if (folder)
        walk(&s, folder, "", MAX_DEPTH - 1); /* the user's own folder: not everything below it */
    char dir[HF_SCRIPT_DIR_SIZE];
    if (hf_script_installation(program, dir))
        search_scripts(&s, dir);
    for (size_t i = 0; hf_script_dir(i, dir); i++)
        if (dir[0])
            search_scripts(&s, dir);
}
