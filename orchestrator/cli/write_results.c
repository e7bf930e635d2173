/* SPDX-License-Identifier: Apache-2.0 */
#include "write_results.h"

#include "base/file.h"
#include "output.h"
#include "store_access.h"

hf_exit hf_cli_copy_rendered(const hf_cli_results_source *source, const char *run, const char *what,
                             const char *output)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_exit exit_status = hf_cli_fetch_rendered(source->client, run, what, &text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&text, output);
    hf_buffer_free(&text);
    return exit_status;
}

typedef struct writer {
    hf_store *store;
    int64_t run_id;
    const hf_results_format *format;
    const char *output;
    int fd;
} writer;

static hf_status write_piece(void *user, const void *bytes, size_t size, hf_error *err)
{
    const writer *self = user;
    return hf_write_all(self->fd, self->output ? self->output : "standard output", bytes, size, err);
}

static hf_status produce(void *user, int fd, hf_error *err)
{
    writer *self = user;
    self->fd = fd;
    const hf_text_sink sink = {self, write_piece};
    return hf_store_write_results(self->store, self->run_id, self->format, NULL, &sink, err);
}

hf_exit hf_cli_write_results(const hf_cli_results_source *source, const char *run,
                             const hf_results_format *format, const char *output)
{
    if (!source->db)
        return hf_cli_copy_rendered(source, run, format->name, output);
    writer self = {.format = format, .output = output};
    hf_exit exit_status = hf_cli_open_run(source->db, run, &self.store, &self.run_id);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_produce(output, produce, &self);
    hf_store_close(self.store);
    return exit_status;
}
