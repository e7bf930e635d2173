/* SPDX-License-Identifier: Apache-2.0 */
/* The NATS server of a farm of several hosts, and the certificates with which this host reaches it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/secret_file.h"
#include "broker/broker.h"
#include "broker_advisories.h"
#include "broker_greeting.h"
#include "checks.h"
#include "credentials/credentials.h"

#define DAY_S  INT64_C(86400)
#define SOON_S (30 * DAY_S)

/* ---- Keys and certificates ---- */

static void check_key(const hf_doctor_options *options, const char *path)
{
    hf_error err = {0};
    if (hf_secret_check(path, &err) == HF_OK)
        hf_doctor_report(options, HF_DOCTOR_OK, "key", NULL, "%s is readable by its owner only", path);
    else
        hf_doctor_report(options, HF_DOCTOR_FAIL, "key",
                         err.status == HF_ENOTFOUND
                             ? "correct `broker.key` in the farm file"
                             : "give the file to the user of hilfarm, and run `chmod 600` on it",
                         "%s", err.message);
}

static hf_status read_certificate(const char *path, hf_certificate_info *out, hf_error *err)
{
    uint8_t *pem = NULL;
    size_t size = 0;
    hf_certificate *certificate = NULL;
    hf_status status = hf_file_read(path, HF_CREDENTIAL_LIMIT, &pem, &size, err);
    if (status == HF_OK)
        status = hf_certificate_parse((char *)pem, size, &certificate, err);
    if (status == HF_OK)
        status = hf_certificate_read(certificate, out, err);
    hf_certificate_free(certificate);
    free(pem);
    return status;
}

static void check_certificate(const hf_doctor_options *options, const char *path)
{
    static const char renew[] =
        "renew it: on the farm's machine, `hilfarm agent renew` while this host is connected, and see why "
        "hilfarm-renew.timer has not; one that has expired, with `hilfarm agent init` there, or for a host "
        "with "
        "`hilfarm agent token` and `hilfarm agent join`";
    hf_certificate_info info;
    hf_error err = {0};
    const int64_t now_s = (int64_t)time(NULL);
    if (read_certificate(path, &info, &err) != HF_OK) {
        hf_doctor_report(options, HF_DOCTOR_FAIL, "certificate", "correct `broker` in the farm file",
                         "%s: %s", path, err.message);
        return;
    }
    const long long days = (long long)((info.until_s - now_s) / DAY_S);
    if (now_s < info.from_s)
        hf_doctor_report(
            options, HF_DOCTOR_FAIL, "certificate", "set the clock of this host",
            "%s is valid only in %lld days: the clock of this host, or of the one that signed it, is wrong",
            path, (long long)((info.from_s - now_s) / DAY_S) + 1);
    else if (now_s >= info.until_s)
        hf_doctor_report(options, HF_DOCTOR_FAIL, "certificate", renew, "%s expired %lld days ago", path,
                         -days);
    else
        hf_doctor_report(options, info.until_s - now_s < SOON_S ? HF_DOCTOR_WARN : HF_DOCTOR_OK,
                         "certificate", info.until_s - now_s < SOON_S ? renew : NULL,
                         "%s is valid for %lld days", path, days);
}

/* ---- The server ---- */

static void report_advisory(const hf_doctor_options *options, const char *version,
                            const hf_advisory *advisory)
{
    char remedy[256];
    snprintf(remedy, sizeof remedy,
             "install a newer nats-server, unless your distribution has mended this one. With the "
             "configuration of "
             "`hilfarm agent init` it cannot be used: %s",
             advisory->closed_by);
    hf_doctor_report(options, HF_DOCTOR_WARN, "NATS server", remedy, "version %s has %s", version,
                     advisory->id);
}

static void check_version(const hf_doctor_options *options, const char *text)
{
    hf_version version;
    unsigned count = 0;
    if (!hf_version_parse(text, &version)) {
        hf_doctor_report(options, HF_DOCTOR_WARN, "NATS server", "install a released nats-server",
                         "its version \"%s\" is not known", text);
        return;
    }
    for (size_t i = 0; i < hf_advisory_count; i++)
        if (hf_advisory_concerns(&hf_advisories[i], version)) {
            report_advisory(options, text, &hf_advisories[i]);
            count++;
        }
    if (count == 0)
        hf_doctor_report(options, HF_DOCTOR_OK, "NATS server", NULL, "version %s has no known weakness",
                         text);
}

static void check_connection(const hf_doctor_options *options, const hf_broker_config *config)
{
    hf_broker *broker = NULL;
    hf_error err = {0};
    hf_status status = hf_broker_connect(config, "hilfarm-doctor", NULL, &broker, &err);
    if (status == HF_OK)
        hf_doctor_report(options, HF_DOCTOR_OK, "connection", NULL, "%s accepts this host", config->url);
    else
        hf_doctor_report(options, HF_DOCTOR_FAIL, "connection",
                         status == HF_EUNSUPPORTED ? "install libnats3.4"
                         : status == HF_EMISMATCH
                             ? "it was revoked, or the server belongs to another farm: see "
                               "`hilfarm agent list` on the farm's machine"
                             : "check that the server uses a certificate of this farm with its own name in "
                               "it (`hilfarm agent init --name`), and the clocks of both hosts",
                         "%s", err.message);
    hf_broker_close(broker);
}

static void check_server(const hf_doctor_options *options, const hf_broker_config *config)
{
    char version[HF_GREETING_VERSION_SIZE];
    bool demands_tls = false;
    hf_error err = {0};
    if (hf_broker_greeting(config->url, version, &demands_tls, &err) != HF_OK) {
        hf_doctor_report(
            options, HF_DOCTOR_FAIL, "NATS server",
            "start it (`sudo systemctl start hilfarm-broker`), correct `broker.url`, or open its port", "%s",
            err.message);
        return;
    }
    check_version(options, version);
    if (!demands_tls)
        hf_doctor_report(
            options, HF_DOCTOR_WARN, "NATS server",
            "run it with the configuration that `hilfarm agent init` writes",
            "%s does not demand TLS: whoever is on the network can read models and take over boards",
            config->url);
    check_connection(options, config);
}

void hf_check_broker(const hf_doctor_options *options)
{
    const hf_broker_config *config = &options->farm->broker;
    if (!config->url)
        return; /* a farm of one host */
    if (config->key_path)
        check_key(options, config->key_path);
    if (config->ca_path)
        check_certificate(options, config->ca_path);
    if (config->certificate_path)
        check_certificate(options, config->certificate_path);
    check_server(options, config);
}
