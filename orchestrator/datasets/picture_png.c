/* SPDX-License-Identifier: Apache-2.0 */
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "picture_formats.h"

#define MAX_CHUNK_BYTES (8u << 20) /* of text, profiles and similar data, uncompressed */

/* Everything that must survive libpng's longjmp lives here, not in local variables. */
typedef struct reader {
    const uint8_t *bytes;
    size_t size, at;
    png_structp png;
    png_infop info;
    png_bytep *rows;
    hf_picture picture;
    char message[128];
    hf_error *err;
} reader;

static void complain(png_structp png, png_const_charp message)
{
    reader *self = png_get_error_ptr(png);
    snprintf(self->message, sizeof self->message, "%s", message);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep out, size_t count)
{
    reader *self = png_get_io_ptr(png);
    if (count > self->size - self->at)
        png_error(png, "the file ends too early");
    memcpy(out, self->bytes + self->at, count);
    self->at += count;
}

static hf_status read_pixels(reader *self)
{
    if (setjmp(png_jmpbuf(self->png)))
        return HF_FAIL(self->err, HF_EFORMAT, "a damaged PNG file: %s", self->message);
    png_set_user_limits(self->png, HF_PICTURE_MAX_SIDE, HF_PICTURE_MAX_SIDE);
    png_set_chunk_malloc_max(self->png, MAX_CHUNK_BYTES);
    png_set_read_fn(self->png, self, read_bytes);
    png_read_info(self->png, self->info);
    int color = png_get_color_type(self->png, self->info);
    if (color == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(self->png);
    else if (color == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(self->png, self->info) < 8)
        png_set_expand_gray_1_2_4_to_8(self->png);
    png_set_scale_16(self->png);
    png_set_strip_alpha(self->png);
    png_set_interlace_handling(self->png);
    png_read_update_info(self->png, self->info);
    uint32_t width = png_get_image_width(self->png, self->info);
    uint32_t height = png_get_image_height(self->png, self->info);
    uint32_t channels = png_get_channels(self->png, self->info);
    if ((channels != 1 && channels != 3) ||
        png_get_rowbytes(self->png, self->info) != (size_t)width * channels)
        png_error(self->png, "an unsupported pixel format");
    hf_status status = hf_picture_allocate(width, height, channels, &self->picture, self->err);
    if (status != HF_OK)
        return status;
    self->rows = calloc(height, sizeof *self->rows);
    if (!self->rows)
        return HF_FAIL(self->err, HF_ENOMEM, "no memory for an image of %u rows", (unsigned)height);
    for (uint32_t y = 0; y < height; y++)
        self->rows[y] = self->picture.pixels + (size_t)y * width * channels;
    png_read_image(self->png, self->rows);
    png_read_end(self->png, NULL);
    return HF_OK;
}

hf_status hf_png_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err)
{
    reader self = {.bytes = bytes, .size = size, .err = err};
    /* complain() cannot be called before there is a jump buffer: creation itself returns NULL on failure. */
    self.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &self, complain, ignore);
    if (self.png)
        self.info = png_create_info_struct(self.png);
    hf_status status =
        self.info ? read_pixels(&self) : HF_FAIL(err, HF_ENOMEM, "no memory to read a PNG file");
    png_destroy_read_struct(&self.png, &self.info, NULL);
    free(self.rows);
    if (status == HF_OK)
        *out = self.picture;
    else
        hf_picture_free(&self.picture);
    return status;
}
