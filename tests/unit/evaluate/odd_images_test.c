/* SPDX-License-Identifier: Apache-2.0 */
/* Images, folders of them, and .csv files that list them. */
#include "odd_inputs.h"

#include <png.h>
#include <zlib.h>

#include "base/file.h"
#include "sample.h"

static const uint8_t noise[20 * 20 * 3] = {7, 1, 99, 200, 13, 5, 255, 31};

/* Writes an image with `cut` bytes less and byte `changed` (0 = none) inverted. */
static void write_damaged(const char *name, uint8_t *file, size_t size, size_t cut, size_t changed)
{
    if (changed)
        file[changed] ^= 0xff;
    sample_write(odd_folder, name, file, size - cut);
    free(file);
}

static uint8_t *png_of(uint32_t width, uint32_t height, size_t *size)
{
    return sample_png(width, height, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, noise, (size_t)width * 3,
                      size);
}

/* The header of a PNG file whose image data never come. */
static void write_png_header(const char *name, uint32_t width, uint32_t height)
{
    uint8_t file[8 + 25 + 12] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                                 0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    for (int i = 0; i < 4; i++) {
        file[16 + i] = (uint8_t)(width >> (24 - 8 * i));
        file[20 + i] = (uint8_t)(height >> (24 - 8 * i));
    }
    file[24] = 8;
    file[25] = 2;
    const uint32_t check = (uint32_t)crc32(0, file + 12, 17);
    for (int i = 0; i < 4; i++)
        file[29 + i] = (uint8_t)(check >> (24 - 8 * i));
    static const uint8_t data[] = {'I', 'D', 'A', 'T'};
    memcpy(file + 37, data, sizeof data);
    sample_write(odd_folder, name, file, sizeof file);
}

static void write_images(void)
{
    size_t size = 0;
    uint8_t *file = png_of(5, 3, &size);
    write_damaged("a/00.png", file, size, 0, 0);
    file = png_of(20, 2, &size);
    write_damaged("a/01.png", file, size, 0, 0);
    file = sample_jpeg(1, 17, 1, 0, noise, &size);
    write_damaged("a/02.JPEG", file, size, 0, 0);
    file = png_of(20, 20, &size);
    write_damaged("a/10.png", file, size, 20, 0);
    file = png_of(20, 20, &size);
    write_damaged("a/11.png", file, size, 0, size - 20);
    file = png_of(20, 20, &size);
    write_damaged("a/12.png", file, size, 0, 1);
    file = sample_jpeg(20, 20, 3, 0, noise, &size);
    write_damaged("a/20.jpg", file, size, 10, 0);
    file = sample_jpeg(20, 20, 3, 1, noise, &size);
    write_damaged("a/21.jpg", file, size, size / 2, 0);
    sample_write_text(odd_folder, "a/30.ppm", "P6 4 4 255 too few");
    sample_write_text(odd_folder, "a/31.pgm", "P2 2 1 9 3 10");
    sample_write_text(odd_folder, "a/32.pgm", "P5 four 4 255 ");
    sample_write_text(odd_folder, "a/40.png", "Not Found\n");
    sample_write_text(odd_folder, "a/41.png", "GIF89a...");
    sample_write_text(odd_folder, "a/42.png", "");
    write_png_header("a/50.png", 16385, 1);
    write_png_header("a/51.png", 16384, 16384);
    write_png_header("a/52.png", 8192, 8192);
    sample_write_text(odd_folder, "a/53.pgm", "P5 2000000000 2000000000 255 x");
    assert_int_equal(symlink("nowhere.png", odd_path("a/60.png")), 0);
    sample_write_text(odd_folder, "a/notes.txt", "no image");
    sample_write_text(odd_folder, "a/deep.png/x.png", "a odd_folder, no image");
}

static void images_of_all_kinds(void **state)
{
    (void)state;
    static const char *const says[] = {
        NULL, /* three of different sizes */
        NULL,
        NULL,
        "a damaged PNG file: ",
        "a damaged PNG file: ",
        "not an image: expected PNG, JPEG, PGM or PPM",
        "a damaged JPEG file: ",
        "a damaged JPEG file: ",
        "4 x 4 pixels in 7 bytes",
        "sample 1 is missing or above 9",
        "expected width, height and a highest value",
        "not an image: expected PNG",
        "not an image: expected PNG",
        "not an image: expected PNG",
        "a damaged PNG file: ",
        "16384 x 16384 pixels: expected sides of 1 to 16384 and at most 67108864",
        "a damaged PNG file: ",
        "a damaged PGM or PPM file: ",
        "No such file or directory"};
    const hf_tensor input = {.height = 4, .width = 4, .channels = 3, .quant = {1.0f / 255, -128}};
    const hf_sample_reading how = {.input = &input, .pixels = hf_pixels_default()};
    hf_dataset dataset = {0};
    write_images();
    odd_accept(".", 1, sizeof says / sizeof *says, &dataset);
    assert_int_equal(dataset.ignored_files, 1);
    for (uint32_t i = 0; i < dataset.sample_count; i++) {
        const char *path = dataset.samples[i].path;
        hf_sample_inputs inputs = {0};
        hf_error err = {0};
        const hf_status status = hf_dataset_read(&dataset, &dataset.samples[i], &how, &inputs, &err);
        assert_int_equal(status == HF_OK, says[i] == NULL);
        assert_int_equal(inputs.values != NULL, says[i] == NULL);
        if (says[i] && (!strstr(err.message, path) || !strstr(err.message, says[i])))
            fail_msg("%s: expected '%s' in '%s'", path, says[i], err.message);
        free(inputs.values);
    }
    hf_dataset_free(&dataset);
}

static void folders_of_all_kinds(void **state)
{
    (void)state;
    hf_dataset dataset = {0};
    odd_refuse(".", ".", "expected a folder per class with .png");
    sample_write_text(odd_folder, "a/notes.txt", "no image");
    odd_refuse(".", ".", "found 1 folder without images");
    sample_write_gray(odd_folder, "b/1.pgm", 1);
    odd_accept(".", 2, 1, &dataset); /* a class without samples is one */
    assert_int_equal(dataset.samples[0].label, 1);
    hf_dataset_free(&dataset);
    sample_write_gray(odd_folder, "a/1.pgm", 1);
    sample_write_text(odd_folder, "labels.txt",
                      "\xef\xbb\xbf"
                      "a\nb\n"); /* a byte order mark */
    odd_accept(".", 2, 2, &dataset);
    assert_string_equal(dataset.classes[0], "a");
    hf_dataset_free(&dataset);
    sample_write(odd_folder, "labels.txt", "a\0c\nb\n", 6);
    odd_refuse(".", "labels.txt", ":1: expected the name of a class");
    sample_write_text(odd_folder, "labels.txt", "");
    odd_refuse(".", "labels.txt", "no line for the folder 'a'");
    assert_int_equal(unlink(odd_path("labels.txt")), 0);
    assert_int_equal(symlink("nowhere", odd_path("c")), 0);
    odd_refuse(".", "c", "No such file or directory");
}

/* ---- .csv files of images ---- */

static void csv_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t classes, samples; /* 0 samples: refused */
        const char *says;
    } cases[] = {
        {"a.png,0\nb.png,1\n", 2, 2, NULL},
        {"a.png,0\n", 1, 1, NULL},
        {"\xef\xbb\xbf"
         "a.png,0\n",
         1, 1, NULL},
        {"\n\nfile,class\na.png,x\n", 1, 1, NULL},
        {"a.png,x\r\nb.png,y\r\nc.png,x\r\n", 2, 3, NULL},
        {"a.png,3\n", 4, 1, NULL},
        {"a.png,9999\n", 10000, 1, NULL},
        {"a.png,1\nb.png,two\n", 2, 2, NULL},
        {"a.png,+\n", 1, 1, NULL},
        {"", 0, 0, ": the file lists no samples"},
        {"image,label\n", 0, 0, ": the file lists no samples"},
        {"a.png,0\nb.png\n", 0, 0, ":2: expected image,label"},
        {"a.png,0\nb.png,1,2\n", 0, 0, ":2: expected image,label"},
        {"a.png,0\nb.png,\n", 0, 0, ":2: no label"},
        {"a.png,0\nb.txt,1\n", 0, 0, ":2: 'b.txt': expected the name of an image"},
        {"a.png,0\n/b.png,1\n", 0, 0, ":2: '/b.png': expected the name of an image in or below"},
        {"a.png,0\nimage,label\n", 0, 0, ":2: 'image': expected the name of an image"},
        {"a.png,0\nb.png,10000\n", 0, 0, ": label '10000': expected whole numbers from 0 to 9999"},
        {"a.png,0\nb.png,-1\n", 0, 0, ": label '-1': expected whole numbers"},
        {"a.png,1.0\nb.png,10.0\n", 0, 0, ": label '1.0': expected whole numbers"},
        {"a.png,99999999999999999999999\n", 0, 0, ": label '99999999999999999999999': expected"},
        {"a.png,0,train\n", 0, 0, "number of classes '0'"},
        {"nothing of the kind\n", 0, 0, "image,label on all lines"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_dataset dataset = {0};
        sample_write_text(odd_folder, "t.csv", cases[i].text);
        if (cases[i].samples)
            odd_accept("t.csv", cases[i].classes, cases[i].samples, &dataset);
        else
            odd_refuse("t.csv", "t.csv", cases[i].says);
        hf_dataset_free(&dataset);
    }
    sample_write(odd_folder, "t.csv", "a.png,0\n\0", 9);
    odd_refuse("t.csv", "t.csv", "not a text file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {ODD_TEST(images_of_all_kinds), ODD_TEST(folders_of_all_kinds),
                                       ODD_TEST(csv_lines)};
    return cmocka_run_group_tests_name("evaluate_odd_images", tests, NULL, NULL);
}
