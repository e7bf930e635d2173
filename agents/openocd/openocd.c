/* SPDX-License-Identifier: Apache-2.0 */
#include "openocd/openocd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "classify_error.h"
#include "openocd/tcl_rpc.h"
#include "openocd_internal.h"
#include "parse_output.h"
#include "process/child.h"
#include "start_failure.h"

struct hf_openocd {
    hf_child *child;
    hf_rpc *rpc;
    hf_watch *watch;
    uint32_t stop_ms;
    hf_openocd_output said;
};

static hf_status configure(const hf_openocd_options *options, hf_buffer *script, hf_error *err)
{
    /* Port 0: the kernel chooses a free port and OpenOCD prints it, so there is no race for it. */
    hf_buffer_puts(script, "bindto 127.0.0.1; gdb_port disabled; telnet_port disabled; tcl_port 0\n");
    if (options->bitbang_socket) {
        struct sockaddr_un address;
        if (strlen(options->bitbang_socket) >= sizeof address.sun_path)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT,
                              "socket path '%s' has more than %zu characters; choose a shorter work folder",
                              options->bitbang_socket, sizeof address.sun_path - 1);
        hf_buffer_puts(script, "adapter driver remote_bitbang; remote_bitbang port 0; remote_bitbang host ");
        hf_tcl_quote(script, options->bitbang_socket);
        hf_buffer_puts(script, "\ntransport select jtag\n");
    } else {
        hf_buffer_puts(script, "source [find ");
        hf_tcl_quote(script, options->interface_script);
        hf_buffer_puts(script, "]\n");
        if (options->adapter_serial) {
            hf_buffer_puts(script, "adapter serial ");
            hf_tcl_quote(script, options->adapter_serial);
            hf_buffer_putc(script, '\n');
        }
    }
    hf_buffer_printf(script, "source [find %s]\n", options->chip->openocd_target);
    /* Depends on the adapter, not on who started the board: an interface script may select remote_bitbang
     * too. It has no reset lines to wait for, and no clock: once initialised it rejects `adapter speed`,
     * which would abort the reset handlers of the target script. So replace the command by one that only
     * prints. */
    hf_buffer_puts(script, "if {[adapter name] eq \"remote_bitbang\"} {\n"
                           "  jtag_ntrst_delay 0; adapter srst delay 0\n"
                           "  rename {adapter speed} {}\n"
                           "  proc {adapter speed} {khz} {echo \"adapter speed: $khz kHz\"}\n"
                           "}\n");
    hf_buffer_puts(script, "echo {" HF_OPENOCD_CONFIGURED "}; init; poll off\n");
    return script->failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory") : HF_OK;
}

static hf_status start_process(hf_openocd *openocd, const hf_openocd_options *options, hf_error *err)
{
    hf_buffer script = HF_BUFFER_INIT;
    hf_status status = configure(options, &script, err);
    if (status == HF_OK) {
        const char *argv[6] = {options->program};
        size_t count = 1;
        if (options->script_dir) {
            argv[count++] = "-s";
            argv[count++] = options->script_dir;
        }
        argv[count++] = "-c";
        argv[count] = hf_buffer_text(&script);
        hf_child_options child = {
            .name = "OpenOCD",
            .argv = argv,
            .cpu = options->cpu,
            .fault = HF_FAULT_PROBE,
            .transcript = options->transcript,
            .speaker = HF_SPEAKER_OPENOCD,
            .line = hf_openocd_output_line,
            .line_user = &openocd->said,
        };
        status = hf_child_start(&child, &openocd->child, err);
    }
    hf_buffer_free(&script);
    if (status == HF_OK)
        status =
            hf_watch_add(openocd->watch, hf_child_fd(openocd->child), hf_child_ready, openocd->child, err);
    return status;
}

static hf_status await_port(hf_openocd *openocd, const hf_openocd_options *options, const hf_usb_folders *usb,
                            hf_deadline deadline, hf_error *err)
{
    while (!openocd->said.tcl_port) {
        /* The watch reads the same output: the lines arrive in either case. */
        hf_error cause = {0};
        hf_status status =
            hf_watch_wait(openocd->watch, hf_child_fd(openocd->child), POLLIN, deadline, &cause);
        if (status == HF_OK)
            status = hf_child_ready(openocd->child, &cause);
        if (status == HF_ETIMEOUT)
            return hf_openocd_explain_silence(&openocd->said, options, err);
        if (status == HF_ECHILD)
            return hf_openocd_explain_end(&openocd->said, options, usb, hf_child_exit_status(openocd->child),
                                          &cause, err);
        if (status != HF_OK)
            return hf_error_pass(err, &cause);
    }
    return HF_OK;
}

static hf_status check_target(hf_openocd *openocd, hf_deadline deadline, hf_error *err)
{
    const char *examined = NULL;
    char cause[sizeof openocd->said.error];
    memcpy(cause, openocd->said.error, sizeof cause);
    hf_status status = hf_openocd_eval(openocd, deadline, &examined, err, "[target current] was_examined");
    if (status == HF_OK && strcmp(examined, "1") != 0)
        status = HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                            "OpenOCD reaches the probe, but the chip does not respond as expected%s%s",
                            cause[0] ? "; it reported: " : "", cause);
    return status;
}

hf_status hf_openocd_start_on(const hf_openocd_options *options, const hf_usb_folders *usb,
                              hf_deadline deadline, hf_openocd **out, hf_error *err)
{
    hf_openocd *openocd = calloc(1, sizeof *openocd);
    if (!openocd)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    openocd->watch = options->watch;
    openocd->stop_ms = options->stop_ms;
    hf_status status = start_process(openocd, options, err);
    if (status == HF_OK)
        status = await_port(openocd, options, usb, deadline, err);
    if (status == HF_OK)
        status = hf_rpc_connect((uint16_t)openocd->said.tcl_port, options->transcript, openocd->watch,
                                deadline, &openocd->rpc, err);
    if (status == HF_OK)
        status = check_target(openocd, deadline, err);
    if (status != HF_OK) {
        if (err && err->fault == HF_FAULT_NONE && status != HF_ECANCELLED)
            err->fault = HF_FAULT_PROBE;
        hf_openocd_stop(openocd);
        return status;
    }
    *out = openocd;
    return HF_OK;
}

hf_status hf_openocd_start(const hf_openocd_options *options, hf_deadline deadline, hf_openocd **out,
                           hf_error *err)
{
    const hf_usb_folders this_host = {0};
    return hf_openocd_start_on(options, &this_host, deadline, out, err);
}

void hf_openocd_stop(hf_openocd *openocd)
{
    if (!openocd)
        return;
    hf_rpc_close(openocd->rpc);
    if (openocd->child)
        hf_watch_remove(openocd->watch, openocd->child);
    hf_child_stop(openocd->child, openocd->stop_ms);
    free(openocd);
}

hf_status hf_openocd_eval(hf_openocd *openocd, hf_deadline deadline, const char **reply, hf_error *err,
                          const char *format, ...)
{
    hf_buffer script = HF_BUFFER_INIT;
    va_list args;
    va_start(args, format);
    hf_buffer_vprintf(&script, format, args);
    va_end(args);
    hf_openocd_output_forget(&openocd->said);
    hf_error cause = {0};
    hf_status status = script.failed ? HF_FAIL_AS(&cause, HF_FAULT_FARM, HF_ENOMEM, "out of memory")
                                     : hf_rpc_eval(openocd->rpc, script.data, deadline, reply, &cause);
    hf_buffer_free(&script);
    hf_child_alive(openocd->child); /* reads what OpenOCD logged before the reply: it is in the pipe by now */
    if (status == HF_OK)
        return HF_OK;
    if (status == HF_ETARGET) {
        cause.fault = hf_openocd_fault(openocd->said.error, cause.message);
        if (openocd->said.error[0])
            hf_error_context(&cause, HF_FAULT_NONE, "OpenOCD reported '%s'", openocd->said.error);
        else
            hf_error_context(&cause, HF_FAULT_NONE, "OpenOCD");
    }
    return hf_error_pass(err, &cause);
}

const char *hf_openocd_last_error(const hf_openocd *openocd)
{
    return openocd->said.error;
}

const char *hf_openocd_version(const hf_openocd *openocd)
{
    return openocd->said.version;
}

hf_status hf_openocd_ended(hf_openocd *openocd, uint32_t wait_ms, hf_error *err)
{
    hf_error cause = {0};
    hf_status status = hf_child_ended(openocd->child, wait_ms, &cause);
    if (status == HF_OK)
        return HF_OK;
    if (openocd->said.error[0])
        hf_error_context(&cause, HF_FAULT_NONE, "OpenOCD reported '%s'", openocd->said.error);
    return hf_error_pass(err, &cause);
}
