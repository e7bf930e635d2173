/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
/* jerror.h needs jpeglib.h. */
#include <jerror.h>

#include "picture_formats.h"

#define MAX_MEMORY_BYTES (512L << 20) /* for libjpeg; a progressive file needs two bytes per coefficient */
#define MAX_SCANS        200 /* a progressive file has about ten; each takes as long as the whole image */

/* Everything that must survive the longjmp lives here, not in local variables. */
typedef struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    hf_picture picture;
    char message[JMSG_LENGTH_MAX];
    hf_error *err;
} reader;

static void complain(j_common_ptr jpeg)
{
    reader *self = jpeg->client_data;
    jpeg->err->format_message(jpeg, self->message);
    longjmp(self->escape, 1);
}

/* Warnings are about damaged data, which libjpeg would fill with gray. Only extra bytes are harmless. */
static void warn(j_common_ptr jpeg, int level)
{
    if (level < 0 && jpeg->err->msg_code != JWRN_EXTRANEOUS_DATA)
        complain(jpeg);
}

static void discard_message(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void limit_scans(j_common_ptr jpeg)
{
    reader *self = jpeg->client_data;
    if (self->jpeg.input_scan_number > MAX_SCANS) {
        snprintf(self->message, sizeof self->message, "more than %d scans", MAX_SCANS);
        longjmp(self->escape, 1);
    }
}

static hf_status read_pixels(reader *self, const uint8_t *bytes, size_t size)
{
    struct jpeg_decompress_struct *jpeg = &self->jpeg;
    if (setjmp(self->escape))
        return HF_FAIL(self->err, HF_EFORMAT, "a damaged JPEG file: %s", self->message);
    jpeg_create_decompress(jpeg);
    jpeg->mem->max_memory_to_use = MAX_MEMORY_BYTES;
    jpeg->progress = &self->progress;
    jpeg_mem_src(jpeg, bytes, size);
    jpeg_read_header(jpeg, TRUE);
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    uint32_t channels = jpeg->num_components == 1 ? 1 : 3;
    hf_status status =
        hf_picture_allocate(jpeg->image_width, jpeg->image_height, channels, &self->picture, self->err);
    if (status != HF_OK)
        return status;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = self->picture.pixels + (size_t)jpeg->output_scanline * self->picture.width * channels;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return HF_OK;
}

hf_status hf_jpeg_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err)
{
    reader *self = calloc(1, sizeof *self);
    if (!self)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read a JPEG file");
    self->err = err;
    self->jpeg.err = jpeg_std_error(&self->errors);
    self->jpeg.client_data = self;
    self->errors.error_exit = complain;
    self->errors.emit_message = warn;
    self->errors.output_message = discard_message;
    self->progress.progress_monitor = limit_scans;
    hf_status status = read_pixels(self, bytes, size);
    jpeg_destroy_decompress(&self->jpeg);
    if (status == HF_OK)
        *out = self->picture;
    else
        hf_picture_free(&self->picture);
    free(self);
    return status;
}
