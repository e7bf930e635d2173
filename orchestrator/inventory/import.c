/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/import.h"

#include "import_boards.h"

static hf_import_format format_of(const hf_yaml_node *root, hf_import_format wanted)
{
    if (wanted != HF_IMPORT_DETECT)
        return wanted;
    return root->kind == HF_NODE_LIST ? HF_IMPORT_TWISTER : HF_IMPORT_LABGRID;
}

static void read_root(hf_import *import, const hf_yaml_node *root, hf_import_format wanted)
{
    const hf_import_format format = format_of(root, wanted);
    const bool twister = format == HF_IMPORT_TWISTER;
    const hf_node_kind expected = twister ? HF_NODE_LIST : HF_NODE_MAP;
    if (root->kind != expected) {
        hf_diagnostics_add(
            import->diagnostics, import->file, root->line, root->column, "%s, expected %s",
            hf_node_kind_name(root->kind),
            wanted == HF_IMPORT_DETECT
                ? "a list of boards (twister's hardware map) or a mapping of groups (labgrid's exporter)"
            : twister ? "a list of boards (twister's hardware map)"
                      : "a mapping of groups (labgrid's exporter)");
        return;
    }
    if (root->count > HF_FARM_MAX_BOARDS) {
        hf_diagnostics_add(import->diagnostics, import->file, root->line, root->column,
                           "%u entries, expected at most %d", root->count, HF_FARM_MAX_BOARDS);
        return;
    }
    import->boards = hf_pool_alloc(import->pool, (root->count + 1) * sizeof *import->boards);
    if (!import->boards)
        return;
    hf_draft_begin(
        import->out,
        twister
            ? "Farm file written by `hilfarm boards import` from a hardware map of twister. Check it with "
              "`hilfarm boards --farm FILE --check`."
            : "Farm file written by `hilfarm boards import` from an exporter configuration of labgrid. Check "
              "it with `hilfarm boards --farm FILE --check`.");
    if (twister)
        hf_import_twister(import, root);
    else
        hf_import_labgrid(import, root);
}

hf_status hf_draft_import(const char *file, const char *text, size_t text_bytes, hf_import_format format,
                          const hf_discovery *found, const char *chip, hf_buffer *out,
                          hf_draft_summary *summary, hf_diagnostics *diagnostics, hf_error *err)
{
    hf_pool pool = {0};
    const uint32_t before = hf_diagnostics_total(diagnostics);
    hf_import import = {
        .file = file, .chip = chip, .found = found, .pool = &pool, .diagnostics = diagnostics, .out = out};
    const hf_yaml_node *root = hf_yaml_parse(file, text, text_bytes, &pool, diagnostics);
    if (root && hf_diagnostics_total(diagnostics) == before)
        read_root(&import, root, format);
    const bool failed = pool.failed || hf_diagnostics_failed(diagnostics);
    hf_pool_free(&pool);
    if (failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", file);
    if (!root || hf_diagnostics_total(diagnostics) != before)
        return HF_FAIL(err, HF_EINVALID, "%s has mistakes", file);
    *summary = import.summary;
    return HF_OK;
}
