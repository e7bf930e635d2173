/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/loader.h"
#include "memory_scans.h"
#include "openocd/tcl_rpc.h"
#include "parse_words.h"
#include "write_file.h"

/* How long the loader may still run when all data is there: programming takes at most 25 us a byte (F7: 100
 * us for 4 bytes, DS11532; L4: 91 us for 8, DS12023). Computing a checksum takes much less. */
#define GRACE_MS       1000u
#define PROGRAM_US     25u
#define THUMB_STATE    0x01000000u /* xPSR.T; thread mode */
#define MAILBOX_WORDS  (sizeof(hf_loader_mailbox) / 4)
#define RESULT_WORDS   3u /* state, errors, crc32 */
#define RESULT_ADDRESS (HF_LOADER_MAILBOX + (uint32_t)offsetof(hf_loader_mailbox, state))

/* IHI0031: registers, and the sticky flags of CTRL/STAT for overrun and error */
#define DP_CTRL_STAT  4u
#define DP_STICKY     0x22u
#define AP_CSW        0u
#define AP_TAR        4u
#define CSW_OTHERS    0xFFFFFFC8u /* all but size and increment */
#define CSW_STREAMING 0x12u       /* words, single increment */

enum usability { UNKNOWN, USABLE, UNUSABLE };

struct hf_flash_loader {
    hf_openocd *openocd;
    const hf_chip *chip;
    const char *file_path;
    hf_transcript *transcript;
    enum usability usability;
    bool loaded;
    char ap[4], dap[64], tap[64]; /* number of the AP and names in OpenOCD */
};

typedef struct result {
    uint32_t state, errors, crc32;
} result;

hf_flash_loader *hf_flash_loader_new(hf_openocd *openocd, const hf_chip *chip, const char *file_path,
                                     hf_transcript *transcript)
{
    hf_flash_loader *loader = calloc(1, sizeof *loader);
    if (loader)
        *loader = (hf_flash_loader){
            .openocd = openocd, .chip = chip, .file_path = file_path, .transcript = transcript};
    return loader;
}

void hf_flash_loader_free(hf_flash_loader *loader)
{
    free(loader);
}

void hf_flash_loader_give_up(hf_flash_loader *loader, const char *why)
{
    loader->usability = UNUSABLE;
    hf_transcript_note(loader->transcript, "%s; from now on with OpenOCD's own flash driver", why);
}

void hf_flash_loader_forget(hf_flash_loader *loader)
{
    loader->loaded = false;
}

/* Without an AP of its own, OpenOCD's Cortex-M target uses the first AHB-AP; here only number 0 is looked at. Its IDR
 * (IHI0031, "AP Identification Register"): class MEM-AP in 16:13, type AHB3 in 3:0. */
#define ASK_FOR_NAMES                                                                                        \
    "if {[transport select] ne {jtag}} {error {not JTAG}}; set hf_target [target current]; "                 \
    "set hf_dap [$hf_target cget -dap]; if {[catch {$hf_target cget -ap-num} hf_ap]} {set hf_ap 0}; "        \
    "if {([$hf_dap apid $hf_ap] & 0x1e00f) != 0x10001} {error {no AHB-AP}}; "                                \
    "list $hf_ap $hf_dap [$hf_target cget -chain-position]"

bool hf_flash_loader_usable(hf_flash_loader *loader, hf_deadline deadline)
{
    if (loader->usability == UNKNOWN) {
        loader->usability = UNUSABLE;
        const char *names = "";
        hf_error ignored = {0};
        hf_status status = hf_openocd_eval(loader->openocd, deadline, &names, &ignored, ASK_FOR_NAMES);
        if (status == HF_OK && sscanf(names, "%3s %63s %63s", loader->ap, loader->dap, loader->tap) == 3)
            loader->usability = USABLE;
    }
    return loader->usability == USABLE;
}

static void append_words(hf_buffer *list, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hf_buffer_printf(list, " 0x%08x", (unsigned)words[i]);
}

static hf_status write_words(const hf_flash_loader *loader, uint32_t address, const uint32_t *words,
                             size_t count, hf_deadline deadline, hf_error *err)
{
    hf_buffer list = HF_BUFFER_INIT;
    append_words(&list, words, count);
    hf_status status =
        list.failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory")
                    : hf_openocd_eval(loader->openocd, deadline, NULL, err, "write_memory 0x%08x 32 {%s}",
                                      (unsigned)address, hf_buffer_text(&list));
    hf_buffer_free(&list);
    return status;
}

static hf_status start(hf_flash_loader *loader, const hf_loader_mailbox *job, hf_deadline deadline,
                       hf_error *err)
{
    uint32_t words[MAILBOX_WORDS];
    memcpy(words, job, sizeof words);
    hf_status status = HF_OK;
    if (!loader->loaded)
        status = write_words(loader, HF_LOADER_CODE, hf_loader_code, hf_loader_code_words, deadline, err);
    if (status == HF_OK)
        status = write_words(loader, HF_LOADER_MAILBOX, words, MAILBOX_WORDS, deadline, err);
    if (status != HF_OK)
        return status;
    loader->loaded = true;
    return hf_openocd_eval(loader->openocd, deadline, NULL, err, "reg xpsr 0x%08x; resume 0x%08x",
                           THUMB_STATE, HF_LOADER_CODE);
}

/* Plays the file. OpenOCD does not know what the scans do to TAR: writing it by OpenOCD's command ends that. */
static hf_status play(const hf_flash_loader *loader, hf_deadline deadline, hf_error *err)
{
    hf_buffer path = HF_BUFFER_INIT;
    hf_tcl_quote(&path, loader->file_path);
    const char *dap = loader->dap;
    hf_status status =
        hf_openocd_eval(loader->openocd, deadline, NULL, err,
                        "%s apreg %s %u [expr {([%s apreg %s %u] & 0x%08x) | 0x%08x}]; svf -tap %s %s quiet; "
                        "set hf_flags [expr [%s dpreg %u]]; %s dpreg %u $hf_flags; %s apreg %s %u 0x%08x; "
                        "if {$hf_flags & 0x%08x} {error {the debug port lost scans}}",
                        dap, loader->ap, AP_CSW, dap, loader->ap, AP_CSW, CSW_OTHERS, CSW_STREAMING,
                        loader->tap, hf_buffer_text(&path), dap, DP_CTRL_STAT, dap, DP_CTRL_STAT, dap,
                        loader->ap, AP_TAR, HF_LOADER_MAILBOX, DP_STICKY);
    hf_buffer_free(&path);
    return status;
}

static hf_status finish(const hf_flash_loader *loader, uint64_t limit_ms, hf_deadline deadline, result *got,
                        hf_error *err)
{
    const char *words = "";
    hf_status status =
        hf_openocd_eval(loader->openocd, deadline, &words, err, "wait_halt %u; read_memory 0x%08x 32 %u",
                        (unsigned)limit_ms, RESULT_ADDRESS, RESULT_WORDS);
    if (status != HF_OK)
        return status;
    uint32_t results[RESULT_WORDS];
    status = hf_openocd_parse_words(words, results, RESULT_WORDS, err);
    if (status != HF_OK)
        return status;
    *got = (result){results[0], results[1], results[2]};
    if (got->state != HF_LOADER_DONE || got->errors != 0)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                          "the loader in the chip's RAM ended with state 0x%08x, flash errors 0x%08x",
                          (unsigned)got->state, (unsigned)got->errors);
    return HF_OK;
}

/* One bufferful at most. */
static hf_status program(hf_flash_loader *loader, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                         hf_deadline deadline, hf_error *err)
{
    const size_t unit_bytes = (size_t)4 * loader->chip->flash_controller.unit_words;
    const size_t filled_bytes = (size_bytes + unit_bytes - 1) / unit_bytes * unit_bytes;
    const hf_loader_mailbox job = {
        .program_address = address,
        .program_bytes = (uint32_t)filled_bytes,
        .flash = loader->chip->flash_controller,
    };
    hf_buffer scans = HF_BUFFER_INIT;
    hf_memory_scans(&scans, HF_LOADER_BUFFER,
                    HF_LOADER_MAILBOX + (uint32_t)offsetof(hf_loader_mailbox, available_bytes), bytes,
                    size_bytes, filled_bytes);
    hf_status status = scans.failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory")
                                    : hf_openocd_write_file(loader->file_path, scans.data, scans.size, err);
    hf_buffer_free(&scans);
    result got;
    if (status == HF_OK)
        status = start(loader, &job, deadline, err);
    if (status == HF_OK)
        status = play(loader, deadline, err);
    if (status == HF_OK)
        status = finish(loader, GRACE_MS + filled_bytes * PROGRAM_US / 1000, deadline, &got, err);
    return status;
}

hf_status hf_flash_loader_program(hf_flash_loader *loader, uint32_t address, const uint8_t *bytes,
                                  size_t size_bytes, hf_deadline deadline, hf_error *err)
{
    const size_t room = loader->chip->ram_base + loader->chip->ram_bytes - HF_LOADER_BUFFER;
    hf_status status = HF_OK;
    for (size_t at = 0; at < size_bytes && status == HF_OK; at += room)
        status = program(loader, address + (uint32_t)at, bytes + at,
                         size_bytes - at < room ? size_bytes - at : room, deadline, err);
    return status;
}

hf_status hf_flash_loader_checksum(hf_flash_loader *loader, uint32_t address, size_t size_bytes,
                                   hf_deadline deadline, uint32_t *crc32, hf_error *err)
{
    const hf_loader_mailbox job = {
        .check_address = address,
        .check_bytes = (uint32_t)size_bytes,
        .flash = loader->chip->flash_controller,
    };
    result got;
    hf_status status = start(loader, &job, deadline, err);
    if (status == HF_OK)
        status = finish(loader, GRACE_MS, deadline, &got, err);
    if (status == HF_OK)
        *crc32 = got.crc32;
    return status;
}
