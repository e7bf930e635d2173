/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_JOINING_HOST_CERTIFICATE_H
#define HF_JOINING_HOST_CERTIFICATE_H

#include "base/error.h"

/**
 * @file host_certificate.h
 * Whether the certificate of a host is for the name that the host goes by. The NATS server gives permissions to the name in the
 * certificate: it lets a host with another name in, and drops all that the host says.
 */

/**
 * Compares the two names.
 * @param host the name in the file of the agent
 * @param certificate_path PEM
 * @return HF_OK, also if the certificate cannot be read now or has no identity of this farm's kind: then connecting tells what is
 * wrong; HF_EINVALID: it is for another host, or for something else than a host
 */
hf_status hf_host_certificate_check(const char *host, const char *certificate_path, hf_error *err);

#endif
