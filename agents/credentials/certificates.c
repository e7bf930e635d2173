/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "credentials_internal.h"

hf_status hf_certificate_wrap(X509 *x509, hf_certificate **out, hf_error *err)
{
    if (!x509)
        return hf_crypto_fail(err, HF_EFORMAT, "not a certificate");
    hf_certificate *certificate = malloc(sizeof *certificate);
    if (!certificate) {
        X509_free(x509);
        return HF_FAIL(err, HF_ENOMEM, "no memory for a certificate");
    }
    certificate->x509 = x509;
    *out = certificate;
    return HF_OK;
}

/* ---- Issuing ---- */

static bool add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    const bool added = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* Built from values that are checked to be names or addresses, because a comma would begin another one. */
static bool add_names(X509 *x509, X509 *issuer, const hf_certificate_order *order)
{
    hf_buffer names = HF_BUFFER_INIT;
    if (order->identity)
        hf_buffer_printf(&names, "URI:%s", order->identity);
    for (uint32_t i = 0; i < order->host_count; i++)
        hf_buffer_printf(&names, "%s%s:%s", names.size > 0 ? "," : "",
                         is_address(order->hosts[i]) ? "IP" : "DNS", order->hosts[i]);
    const bool added = !names.failed && (names.size == 0 || add_extension(x509, issuer, NID_subject_alt_name,
                                                                          hf_buffer_text(&names)));
    hf_buffer_free(&names);
    return added;
}

static bool add_extensions(X509 *x509, X509 *issuer, const hf_certificate_order *order)
{
    switch (order->use) {
    case HF_CERTIFICATE_AUTHORITY:
        return add_extension(x509, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
               add_extension(x509, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    case HF_CERTIFICATE_SERVER:
        return add_extension(x509, issuer, NID_ext_key_usage, "serverAuth") && add_names(x509, issuer, order);
    case HF_CERTIFICATE_CLIENT:
        return add_extension(x509, issuer, NID_ext_key_usage, "clientAuth") && add_names(x509, issuer, order);
    }
    return false;
}

/* Positive, and not zero. */
static bool set_serial(X509 *x509)
{
    unsigned char bytes[8];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40);
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    const bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
    return set;
}

static bool fill(X509 *x509, const hf_certificate_order *order, const hf_key *subject, X509 *issuer,
                 EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(x509);
    return X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509) &&
           ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)order->from_s) &&
           ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)order->until_s) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)order->name, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(x509, X509_get_subject_name(issuer)) == 1 &&
           X509_set_pubkey(x509, subject->pkey) == 1 && add_extensions(x509, issuer, order) &&
           X509_sign(x509, key, NULL) > 0;
}

hf_status hf_certificate_issue(const hf_certificate_order *order, const hf_key *subject,
                               const hf_certificate *authority, const hf_key *authority_key,
                               hf_certificate **out, hf_error *err)
{
    X509 *x509 = X509_new();
    if (!x509 || !fill(x509, order, subject, authority ? authority->x509 : x509,
                       authority ? authority_key->pkey : subject->pkey)) {
        X509_free(x509);
        return hf_crypto_fail(err, HF_EINVALID, "cannot sign a certificate");
    }
    return hf_certificate_wrap(x509, out, err);
}

/* ---- Texts ---- */

hf_status hf_certificate_parse(const char *pem, size_t size, hf_certificate **out, hf_error *err)
{
    if (size > HF_CREDENTIAL_LIMIT)
        return HF_FAIL(err, HF_EFORMAT, "a certificate of %zu bytes, expected at most %d", size,
                       HF_CREDENTIAL_LIMIT);
    BIO *memory = BIO_new_mem_buf(pem, (int)size);
    X509 *x509 = memory ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    BIO_free(memory);
    return hf_certificate_wrap(x509, out, err);
}

hf_status hf_certificate_from_der(const uint8_t *der, size_t size, hf_certificate **out, hf_error *err)
{
    const unsigned char *at = der;
    X509 *x509 = size <= HF_CREDENTIAL_LIMIT ? d2i_X509(NULL, &at, (long)size) : NULL;
    if (x509 && at != der + size) {
        X509_free(x509);
        x509 = NULL;
    }
    return hf_certificate_wrap(x509, out, err);
}

void hf_certificate_pem(const hf_certificate *certificate, hf_buffer *out)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory)
        (void)PEM_write_bio_X509(memory, certificate->x509);
    hf_crypto_take(memory, out);
}

void hf_certificate_der(const hf_certificate *certificate, hf_buffer *out)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory)
        (void)i2d_X509_bio(memory, certificate->x509);
    hf_crypto_take(memory, out);
}

/* ---- What it says ---- */

static bool read_time(const ASN1_TIME *at, int64_t *seconds)
{
    struct tm parts = {0};
    if (ASN1_TIME_to_tm(at, &parts) != 1)
        return false;
    *seconds = (int64_t)timegm(&parts);
    return true;
}

/* The first URI among the alternative names. It is copied only if it fits and is one line of printable ASCII. */
static void read_identity(X509 *x509, char out[HF_IDENTITY_SIZE])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    out[0] = '\0';
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
        const int size = ASN1_STRING_length(uri);
        bool plain = size > 0 && size < HF_IDENTITY_SIZE;
        for (int j = 0; plain && j < size; j++)
            plain = uri->data[j] > ' ' && uri->data[j] < 0x7f;
        if (plain) {
            memcpy(out, uri->data, (size_t)size);
            out[size] = '\0';
        }
        break;
    }
    GENERAL_NAMES_free(names);
}

static bool read_serial(const X509 *x509, char out[41])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *text = number ? BN_bn2hex(number) : NULL;
    const bool fits = text && strlen(text) <= 40;
    if (fits)
        for (size_t i = 0; i <= strlen(text); i++)
            out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
    OPENSSL_free(text);
    BN_free(number);
    return fits;
}

static bool read_digest(const X509 *x509, char out[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(x509, EVP_sha256(), digest, &size) != 1 || size != 32)
        return false;
    for (unsigned i = 0; i < size; i++)
        snprintf(out + (size_t)2 * i, 3, "%02x", digest[i]);
    return true;
}

hf_status hf_certificate_read(const hf_certificate *certificate, hf_certificate_info *out, hf_error *err)
{
    X509 *x509 = certificate->x509;
    hf_certificate_info info = {0};
    if (!read_time(X509_get0_notBefore(x509), &info.from_s) ||
        !read_time(X509_get0_notAfter(x509), &info.until_s) || !read_serial(x509, info.serial) ||
        !read_digest(x509, info.sha256))
        return hf_crypto_fail(err, HF_EFORMAT, "the certificate cannot be read");
    (void)X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, info.name,
                                    sizeof info.name); /* stays empty if there is none */
    for (char *c = info.name; *c; c++)
        if (*c < ' ' || *c >= 0x7f)
            *c = '?';
    read_identity(x509, info.identity);
    *out = info;
    return HF_OK;
}

bool hf_certificate_is_from(const hf_certificate *certificate, const hf_certificate *authority)
{
    EVP_PKEY *key = X509_get0_pubkey(authority->x509);
    const bool is = key && X509_check_issued(authority->x509, certificate->x509) == X509_V_OK &&
                    X509_verify(certificate->x509, key) == 1;
    ERR_clear_error();
    return is;
}

bool hf_certificate_is_for(const hf_certificate *certificate, const hf_key *key)
{
    const bool is = X509_check_private_key(certificate->x509, key->pkey) == 1;
    ERR_clear_error();
    return is;
}

void hf_certificate_free(hf_certificate *certificate)
{
    if (!certificate)
        return;
    X509_free(certificate->x509);
    free(certificate);
}
