/* SPDX-License-Identifier: Apache-2.0 */
/* Scales a picture to an input tensor and quantises it. */
#include "datasets/picture.h"

#include <math.h>

int8_t hf_quantise(double real, hf_quant quant)
{
    double steps = round(real / (double)quant.scale) + quant.zero_point;
    if (isnan(steps))
        steps = quant.zero_point;
    return (int8_t)(steps < -128 ? -128 : steps > 127 ? 127 : steps);
}

/* An output position between two input positions. */
typedef struct between {
    uint32_t low, high;
    double share; /* of high */
} between;

static between position(int32_t index, int32_t out_size, uint32_t in_size)
{
    double centre = ((double)index + 0.5) * in_size / out_size - 0.5;
    centre = centre < 0 ? 0 : centre > in_size - 1.0 ? in_size - 1.0 : centre;
    uint32_t low = (uint32_t)centre;
    return (between){.low = low, .high = low + 1 < in_size ? low + 1 : low, .share = centre - low};
}

static double blend(const hf_picture *from, between y, between x, uint32_t channel)
{
    size_t row = (size_t)from->width * from->channels;
    const uint8_t *upper = from->pixels + y.low * row + channel,
                  *lower = from->pixels + y.high * row + channel;
    size_t left = (size_t)x.low * from->channels, right = (size_t)x.high * from->channels;
    double top = upper[left] + (upper[right] - upper[left]) * x.share;
    double bottom = lower[left] + (lower[right] - lower[left]) * x.share;
    return top + (bottom - top) * y.share;
}

hf_status hf_picture_to_tensor(const hf_picture *picture, const hf_tensor *tensor,
                               const hf_pixel_range *range, int8_t *out, hf_error *err)
{
    if (tensor->channels != 1 && tensor->channels != 3)
        return HF_FAIL(err, HF_EUNSUPPORTED,
                       "images need a model input of 1 or 3 channels, this one has %d: use .bin files",
                       (int)tensor->channels);
    if (!(tensor->quant.scale > 0))
        return HF_FAIL(err, HF_EINVALID, "the model's input has no quantisation");
    for (int32_t row = 0; row < tensor->height; row++) {
        between y = position(row, tensor->height, picture->height);
        for (int32_t column = 0; column < tensor->width; column++) {
            between x = position(column, tensor->width, picture->width);
            double value[3] = {0};
            for (uint32_t c = 0; c < picture->channels; c++)
                value[c] = blend(picture, y, x, c);
            if (picture->channels == 1)
                value[1] = value[2] = value[0];
            else if (tensor->channels == 1)
                value[0] = (299 * value[0] + 587 * value[1] + 114 * value[2]) / 1000;
            for (int32_t c = 0; c < tensor->channels; c++)
                *out++ = hf_quantise(value[c] * range->factor[c] + range->offset[c], tensor->quant);
        }
    }
    return HF_OK;
}
