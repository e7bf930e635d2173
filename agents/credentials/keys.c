/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "credentials_internal.h"

/* Without this, OpenSSL asks the terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *text, int size, int writing, void *user)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

hf_status hf_key_wrap(EVP_PKEY *pkey, hf_key **out, hf_error *err)
{
    if (!pkey)
        return hf_crypto_fail(err, HF_EFORMAT, "the key cannot be used");
    if (EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(pkey);
        return HF_FAIL(err, HF_EFORMAT, "the key is of another kind, expected Ed25519");
    }
    hf_key *key = malloc(sizeof *key);
    if (!key) {
        EVP_PKEY_free(pkey);
        return HF_FAIL(err, HF_ENOMEM, "no memory for a key");
    }
    key->pkey = pkey;
    *out = key;
    return HF_OK;
}

hf_status hf_key_generate(hf_key **out, hf_error *err)
{
    return hf_key_wrap(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), out, err);
}

hf_status hf_key_from_seed(const uint8_t seed[HF_KEY_SEED_SIZE], hf_key **out, hf_error *err)
{
    return hf_key_wrap(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, HF_KEY_SEED_SIZE), out,
                       err);
}

hf_status hf_key_seed(const hf_key *key, uint8_t seed[HF_KEY_SEED_SIZE], hf_error *err)
{
    size_t size = HF_KEY_SEED_SIZE;
    if (EVP_PKEY_get_raw_private_key(key->pkey, seed, &size) != 1 || size != HF_KEY_SEED_SIZE)
        return hf_crypto_fail(err, HF_EINVALID, "the key has no private part");
    return HF_OK;
}

hf_status hf_key_parse(const char *pem, size_t size, hf_key **out, hf_error *err)
{
    if (size > HF_CREDENTIAL_LIMIT)
        return HF_FAIL(err, HF_EFORMAT, "a private key of %zu bytes, expected at most %d", size,
                       HF_CREDENTIAL_LIMIT);
    BIO *memory = BIO_new_mem_buf(pem, (int)size);
    EVP_PKEY *pkey = memory ? PEM_read_bio_PrivateKey(memory, NULL, no_passphrase, NULL) : NULL;
    BIO_free(memory);
    return hf_key_wrap(pkey, out, err);
}

void hf_key_pem(const hf_key *key, hf_buffer *out)
{
    BIO *memory = BIO_new(BIO_s_secmem());
    if (memory)
        (void)PEM_write_bio_PrivateKey(memory, key->pkey, NULL, NULL, 0, NULL, NULL);
    hf_crypto_take(memory, out);
}

void hf_key_public(const hf_key *key, hf_buffer *out)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory)
        (void)PEM_write_bio_PUBKEY(memory, key->pkey);
    hf_crypto_take(memory, out);
}

void hf_key_free(hf_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

hf_status hf_random_bytes(uint8_t *bytes, size_t size, hf_error *err)
{
    if (RAND_bytes(bytes, (int)size) != 1)
        return hf_crypto_fail(err, HF_EIO, "no random numbers");
    return HF_OK;
}
