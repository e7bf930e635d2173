/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/doctor.h"

#include "checks.h"

void hf_doctor_examine(const hf_doctor_options *options)
{
    hf_check_openocd(options);
    hf_check_boards(options);
    hf_check_host(options);
    hf_check_files(options);
    hf_check_daemon(options);
    hf_check_broker(options);
}
