/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation as text for the terminal. */
#include <stdio.h>

#include "evaluate/evaluate.h"
#include "evaluate/verify_on_board.h"

static const char seeded_note[] =
    "the weights are generated from a seed, not trained: the accuracy is meaningless and for testing only";

static void estimate_text(const char *name, const hf_estimate *estimate, bool percent, hf_buffer *out)
{
    const double unit = percent ? 100 : 1;
    const int digits = percent ? 2 : 4;
    const char *sign = percent ? " %" : "";
    if (!estimate->has_value) {
        hf_buffer_printf(out, "  %-12s undefined: the samples must include at least two classes\n", name);
        return;
    }
    hf_buffer_printf(out, "  %-12s %.*f%s", name, digits, estimate->value * unit, sign);
    if (estimate->has_interval)
        hf_buffer_printf(out, "   (95 %% confidence: %.*f%s to %.*f%s)\n", digits, estimate->low * unit, sign,
                         digits, estimate->high * unit, sign);
    else
        hf_buffer_puts(out, "   (no confidence interval: too few samples, or perfectly separated)\n");
}

/* The widest name, in characters that a terminal shows. */
static int name_width(const hf_dataset *dataset)
{
    int width = 5;
    for (uint32_t c = 0; c < dataset->class_count; c++) {
        int characters = 0;
        for (const char *at = dataset->classes[c]; *at; at++)
            characters += ((unsigned char)*at & 0xc0) != 0x80; /* not a continuation byte of UTF-8 */
        width = characters > width ? characters : width;
    }
    return width;
}

static void put_name(const char *name, int width, hf_buffer *out)
{
    int characters = 0;
    for (const char *at = name; *at; at++)
        characters += ((unsigned char)*at & 0xc0) != 0x80;
    hf_buffer_printf(out, "%s%*s", name, width - characters, "");
}

static void put_share(const hf_estimate *share, hf_buffer *out)
{
    if (share->has_value)
        hf_buffer_printf(out, "  %8.2f %%", 100 * share->value);
    else
        hf_buffer_printf(out, "  %10s", "-");
}

/* The class, other than its own, that samples of a class are taken for most often. */
static void put_confused(const hf_dataset *dataset, const hf_evaluation *e, uint32_t label, hf_buffer *out)
{
    const uint64_t *row = e->confusion + (size_t)label * e->class_count;
    uint32_t most = UINT32_MAX;
    for (uint32_t p = 0; p < e->class_count; p++)
        if (p != label && row[p] && (most == UINT32_MAX || row[p] > row[most]))
            most = p;
    if (most != UINT32_MAX)
        hf_buffer_printf(out, "  %s (%llu)", dataset->classes[most], (unsigned long long)row[most]);
}

static void per_class_text(const hf_dataset *dataset, const hf_evaluation *e, hf_buffer *out)
{
    const int width = name_width(dataset);
    hf_buffer_printf(out, "\n  %4s  %-*s  %8s  %10s  %10s%s\n", "", width, "class", "samples", "recognised",
                     "precision", e->confusion ? "  most often taken for" : "");
    for (uint32_t c = 0; c < e->class_count; c++) {
        const hf_class_figures *f = &e->per_class[c];
        const hf_estimate recall = hf_wilson(f->right, f->samples),
                          precision = hf_wilson(f->right, f->predicted);
        hf_buffer_printf(out, "  %4u  ", (unsigned)c);
        put_name(dataset->classes[c], width, out);
        hf_buffer_printf(out, "  %8llu", (unsigned long long)f->samples);
        put_share(&recall, out);
        put_share(&precision, out);
        if (e->confusion)
            put_confused(dataset, e, c, out);
        hf_buffer_putc(out, '\n');
    }
}

/* Columns have the numbers of the classes. */
static void confusion_text(const hf_dataset *dataset, const hf_evaluation *e, hf_buffer *out)
{
    const int width = name_width(dataset);
    hf_buffer_printf(out, "\n  %4s  %-*s", "", width, "true");
    for (uint32_t p = 0; p < e->class_count; p++)
        hf_buffer_printf(out, " %7u", (unsigned)p);
    hf_buffer_puts(out, "  <- predicted");
    for (uint32_t t = 0; t < e->class_count; t++) {
        hf_buffer_printf(out, "\n  %4u  ", (unsigned)t);
        put_name(dataset->classes[t], width, out);
        for (uint32_t p = 0; p < e->class_count; p++)
            hf_buffer_printf(out, " %7llu", (unsigned long long)e->confusion[(size_t)t * e->class_count + p]);
    }
    hf_buffer_putc(out, '\n');
}

static void agreement_text(const hf_agreement *a, hf_buffer *out)
{
    hf_buffer_printf(out, "\nagainst %s, on %u samples:\n", a->other, (unsigned)a->compared);
    estimate_text("same class", &a->same, true, out);
    estimate_text("its top-1", &a->other_top1, true, out);
    hf_buffer_printf(out, "  right: both %u, only this model %u, only the other %u\n",
                     (unsigned)a->both_right, (unsigned)a->only_first_right, (unsigned)a->only_other_right);
}

static void board_text(const hf_on_board_result *board, hf_buffer *out)
{
    hf_buffer_printf(out, "\non board %s (%s%s): %u of %u outputs equal to the host's, byte for byte",
                     board->board, board->chip, board->modelled ? ", virtual" : "", (unsigned)board->equal,
                     (unsigned)board->asked);
    if (board->latency_mean_ns)
        hf_buffer_printf(out, "; %.2f ms an inference%s", (double)board->latency_mean_ns / 1e6,
                         board->modelled ? " (modelled)" : "");
    if (board->different || board->failed)
        hf_buffer_printf(out, "\n  %u different, %u without an answer; the first: %s",
                         (unsigned)board->different, (unsigned)board->failed, board->message);
    hf_buffer_putc(out, '\n');
}

void hf_evaluation_text(const hf_evaluated_model *model, const hf_dataset *dataset, const char *data_path,
                        const hf_evaluation *e, const hf_evaluation_extras *extras, hf_buffer *out)
{
    hf_buffer_printf(out, "%s on %s: %u of %u sample%s, %u classes\n", model->name, data_path,
                     (unsigned)e->scored_count, (unsigned)e->available, e->available == 1 ? "" : "s",
                     (unsigned)e->class_count);
    if (model->seeded)
        hf_buffer_printf(out, "  note: %s\n", seeded_note);
    if (e->kind == HF_EVALUATION_CLASSES) {
        estimate_text("top-1", &e->top1, true, out);
        char name[32];
        snprintf(name, sizeof name, "top-%u", (unsigned)e->k);
        if (e->k)
            estimate_text(name, &e->top_k, true, out);
    } else {
        hf_buffer_printf(out, "  mean squared reconstruction error: normal %.6g, %s %.6g\n", e->error_normal,
                         "anomaly", e->error_anomaly);
    }
    estimate_text("AUC", &e->auc, false, out);
    if (e->class_count > 2 && e->auc.has_value)
        hf_buffer_printf(out, "  %-12s (each class against the others, mean over %u classes)\n", "",
                         (unsigned)e->auc_classes);
    if (e->per_class)
        per_class_text(dataset, e, out);
    if (e->confusion)
        confusion_text(dataset, e, out);
    if (dataset->ignored_files)
        hf_buffer_printf(out, "  %u file%s ignored: not images\n", (unsigned)dataset->ignored_files,
                         dataset->ignored_files == 1 ? "" : "s");
    if (e->unreadable)
        hf_buffer_printf(out, "  %u sample%s could not be read and %s excluded\n", (unsigned)e->unreadable,
                         e->unreadable == 1 ? "" : "s", e->unreadable == 1 ? "is" : "are");
    if (extras->agreement)
        agreement_text(extras->agreement, out);
    if (extras->board)
        board_text(extras->board, out);
}
