/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "hf_test.h"

#include <png.h>

#include <jpeglib.h>

#include "base/file.h"

uint8_t *sample_png(uint32_t width, uint32_t height, int color, int depth, int interlace, const uint8_t *rows,
                    size_t row_bytes, size_t *size)
{
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, size);
    assert_non_null(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    assert_non_null(png);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, width, height, depth, color, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    const png_color palette[] = {{10, 20, 30}, {200, 100, 50}};
    if (color == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 2);
    png_bytepp pointers = calloc(height, sizeof *pointers);
    assert_non_null(pointers);
    for (uint32_t y = 0; y < height; y++)
        pointers[y] = (png_bytep)rows + y * row_bytes; /* libpng only reads them */
    png_write_info(png, info);
    png_write_image(png, pointers);
    png_write_end(png, info);
    free(pointers);
    png_destroy_write_struct(&png, &info);
    fclose(file);
    return (uint8_t *)bytes;
}

uint8_t *sample_jpeg(uint32_t width, uint32_t height, int channels, int progressive, const uint8_t *pixels,
                     size_t *size)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long count = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &count);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)pixels + (size_t)jpeg.next_scanline * width * (size_t)channels;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    *size = count;
    return bytes;
}

void sample_folder(char *path)
{
    snprintf(path, 64, "/tmp/hilfarm-evaluate-XXXXXX");
    assert_non_null(mkdtemp(path));
}

void sample_write(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(hf_make_dirs(path, NULL), HF_OK);
    *slash = '/';
    assert_int_equal(hf_file_write(path, bytes, size, NULL), HF_OK);
}

void sample_write_text(const char *folder, const char *name, const char *text)
{
    sample_write(folder, name, text, strlen(text));
}

void sample_write_gray(const char *folder, const char *name, uint8_t brightness)
{
    uint8_t file[11 + 64];
    static const char header[11] = "P5\n8 8\n255\n"; /* without its NUL */
    memcpy(file, header, sizeof header);
    memset(file + 11, brightness, 64);
    sample_write(folder, name, file, sizeof file);
}

static void set_weights(hf_graph *graph, int32_t index, const int8_t *weights, size_t count,
                        const int32_t *bias, size_t outputs, float scale)
{
    hf_node *node = &graph->nodes[index];
    node->weights = malloc(count);
    node->bias = calloc(outputs, sizeof *node->bias);
    node->weight_scales = calloc(outputs, sizeof *node->weight_scales);
    assert_true(node->weights && node->bias && node->weight_scales);
    memcpy(node->weights, weights, count);
    for (size_t i = 0; i < outputs; i++) {
        node->bias[i] = bias ? bias[i] : 0;
        node->weight_scales[i] = scale;
    }
}

hf_graph *sample_bright_model(void)
{
    hf_graph *graph = NULL;
    int32_t pooled = 0, scores = 0;
    assert_int_equal(hf_graph_new("bright", 4, 4, 1, &graph, NULL), HF_OK);
    const hf_node pool = {.op = HF_OP_AVERAGE_POOL,
                          .name = "pool",
                          .inputs = {graph->input},
                          .input_count = 1,
                          .kernel_height = 4,
                          .kernel_width = 4,
                          .stride_height = 4,
                          .stride_width = 4,
                          .padding = HF_PADDING_VALID};
    assert_int_equal(hf_graph_add(graph, &pool, 0, &pooled, NULL), HF_OK);
    const hf_node dense = {
        .op = HF_OP_DENSE, .name = "scores", .inputs = {pooled}, .input_count = 1, .has_bias = true};
    assert_int_equal(hf_graph_add(graph, &dense, 2, &scores, NULL), HF_OK);
    assert_int_equal(hf_graph_finish(graph, scores, NULL), HF_OK);
    const hf_quant pixels = {.scale = 1.0f / 255, .zero_point = -128};
    graph->tensors[graph->input].quant = graph->tensors[pooled].quant = pixels;
    graph->tensors[scores].quant = (hf_quant){.scale = 1.0f / 127};
    const int8_t weights[] = {-127, 127};
    const int32_t bias[] = {16192, -16192}; /* 0.5 in steps of 1/255 x 1/127 */
    set_weights(graph, 1, weights, 2, bias, 2, 1.0f / 127);
    return graph;
}

hf_graph *sample_clipping_model(void)
{
    hf_graph *graph = NULL;
    int32_t out = 0;
    assert_int_equal(hf_graph_new("clipping", 1, 1, 4, &graph, NULL), HF_OK);
    const hf_node dense = {
        .op = HF_OP_DENSE, .name = "again", .inputs = {graph->input}, .input_count = 1, .has_bias = true};
    assert_int_equal(hf_graph_add(graph, &dense, 4, &out, NULL), HF_OK);
    assert_int_equal(hf_graph_finish(graph, out, NULL), HF_OK);
    graph->tensors[graph->input].quant = (hf_quant){.scale = 1.0f / 16, .zero_point = 3};
    graph->tensors[out].quant = (hf_quant){.scale = 1.0f / 32};
    int8_t weights[16] = {0};
    for (size_t i = 0; i < 4; i++)
        weights[i * 5] = 64;
    set_weights(graph, 0, weights, 16, NULL, 4, 1.0f / 64);
    return graph;
}
