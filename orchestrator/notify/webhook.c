/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <strings.h>

#include "notify/notify.h"

hf_status hf_notify_check_url(const char *url, hf_error *err)
{
    if (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID,
                      "'%.200s' is not a URL: expected http://... or https://...", url);
}

/* The answer is of no interest. */
static size_t ignore_answer(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes;
    (void)user;
    return size * count;
}

static hf_status exchange(CURL *curl, const char *url, hf_error *err)
{
    char reason[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    const CURLcode code = curl_easy_perform(curl);
    long answer = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ETIMEOUT, "--webhook %.200s: no answer in time", url);
    if (code != CURLE_OK)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "--webhook %.200s: %s", url,
                          reason[0] ? reason : curl_easy_strerror(code));
    if (answer < 200 || answer > 299)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "--webhook %.200s: the server answered with status %ld",
                          url, answer);
    return HF_OK;
}

hf_status hf_notify_webhook(const char *url, const hf_notice *notice, uint32_t limit_ms, hf_error *err)
{
    hf_status status = hf_notify_check_url(url, err);
    if (status != HF_OK)
        return status;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (curl && headers) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)notice->size_bytes);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, notice->json);
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "hilfarm");
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)limit_ms);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_answer);
        status = exchange(curl, url, err);
    } else {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to notify anyone");
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}
