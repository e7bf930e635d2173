/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon, if there is one. */
#include <stdlib.h>

#include "checks.h"
#include "client/client.h"

static void report_failure(const hf_doctor_options *options, hf_status status, const char *address,
                           const char *message)
{
    if (status == HF_ENOTFOUND)
        hf_doctor_report(options, HF_DOCTOR_WARN, "daemon",
                         "start it (`sudo systemctl start hilfarmd`), or remove its socket",
                         "nobody listens at %s", address);
    else
        hf_doctor_report(options, HF_DOCTOR_FAIL, "daemon",
                         status == HF_EUNSUPPORTED
                             ? "install the same version of hilfarm and hilfarmd"
                             : "join the group hilfarm (`sudo adduser $USER hilfarm`) and log in "
                               "again, or correct HILFARM_SOCKET and HILFARM_TOKEN_FILE",
                         "%s", message);
}

void hf_check_daemon(const hf_doctor_options *options)
{
    hf_error err = {0};
    hf_client *client = NULL;
    char *address = hf_client_address();
    if (!address || !*address) {
        hf_doctor_report(options, HF_DOCTOR_OK, "daemon", NULL,
                         "none on this host: `hilfarm run` uses the boards itself");
        free(address);
        return;
    }
    hf_status status = hf_client_open(address, &client, &err);
    if (status == HF_OK)
        hf_doctor_report(options, HF_DOCTOR_OK, "daemon", NULL, "hilfarmd %s at %s, %u board%s",
                         hf_client_daemon(client)->version, address, hf_client_daemon(client)->board_count,
                         hf_client_daemon(client)->board_count == 1 ? "" : "s");
    else
        report_failure(options, status, address, err.message);
    hf_client_free(client);
    free(address);
}
