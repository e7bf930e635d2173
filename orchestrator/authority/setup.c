/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority_state.h"
#include "base/file.h"

/* ---- Names and addresses ---- */

static bool is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool is_host_name(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    const size_t size = strlen(text);
    return size > 0 && size < HF_NAME_SIZE && text[0] != '-' && text[0] != '.' &&
           strspn(text, allowed) == size;
}

static hf_status add_name(hf_registry *registry, const char *name)
{
    for (uint32_t i = 0; i < registry->name_count; i++)
        if (strcmp(registry->names[i], name) == 0)
            return HF_OK;
    if (registry->name_count == HF_NAMES_MAX)
        return HF_OK; /* those that people gave come first */
    char(*more)[HF_NAME_SIZE] = realloc(registry->names, (registry->name_count + 1u) * sizeof *more);
    if (!more)
        return HF_ENOMEM;
    registry->names = more;
    snprintf(more[registry->name_count++], HF_NAME_SIZE, "%s", name);
    return HF_OK;
}

/* Addresses of this host, but none of a link alone. */
static hf_status add_addresses(hf_registry *registry)
{
    struct ifaddrs *list = NULL;
    hf_status status = HF_OK;
    if (getifaddrs(&list) != 0)
        return HF_OK; /* then only names are known */
    for (const struct ifaddrs *at = list; at && status == HF_OK; at = at->ifa_next) {
        char text[INET6_ADDRSTRLEN];
        const void *address = NULL;
        if (!at->ifa_addr || !(at->ifa_flags & IFF_UP))
            continue;
        if (at->ifa_addr->sa_family == AF_INET)
            address = &((const struct sockaddr_in *)(const void *)at->ifa_addr)->sin_addr;
        else if (at->ifa_addr->sa_family == AF_INET6 &&
                 !IN6_IS_ADDR_LINKLOCAL(
                     &((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr))
            address = &((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr;
        if (address && inet_ntop(at->ifa_addr->sa_family, address, text, sizeof text))
            status = add_name(registry, text);
    }
    freeifaddrs(list);
    return status;
}

static hf_status add_names(hf_registry *registry, const hf_authority_setup *setup, hf_error *err)
{
    char own[HF_NAME_SIZE] = "";
    hf_status status = HF_OK;
    if (setup->name_count > 0) { /* they replace those of before */
        free(registry->names);
        registry->names = NULL;
        registry->name_count = 0;
    }
    for (uint32_t i = 0; i < setup->name_count && status == HF_OK; i++) {
        if (!is_address(setup->names[i]) && !is_host_name(setup->names[i]))
            return HF_FAIL(err, HF_EINVALID, "\"%s\" is neither the name of a host nor an address",
                           setup->names[i]);
        status = add_name(registry, setup->names[i]);
    }
    if (status == HF_OK && gethostname(own, sizeof own - 1) == 0 && is_host_name(own))
        status = add_name(registry, own);
    if (status == HF_OK)
        status = add_name(registry, "localhost");
    if (status == HF_OK)
        status = add_addresses(registry);
    return status == HF_OK ? HF_OK : HF_FAIL(err, status, "no memory for the names of this host");
}

static hf_status set_listen(hf_registry *registry, const char *listen, hf_error *err)
{
    char host[HF_NAME_SIZE], *end = NULL;
    if (!listen && registry->listen[0])
        return HF_OK;
    const char *given = listen ? listen : "0.0.0.0:" HF_DEFAULT_PORT, *colon = strrchr(given, ':');
    const unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    bool ok = colon && colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && port > 0 && port <= 65535 &&
              (size_t)(colon - given) < sizeof host;
    if (ok) {
        const bool brackets = given[0] == '[' && colon[-1] == ']';
        snprintf(host, sizeof host, "%.*s", (int)(colon - given - (brackets ? 2 : 0)),
                 given + (brackets ? 1 : 0));
        ok = is_address(host) || is_host_name(host);
    }
    if (!ok)
        return HF_FAIL(err, HF_EINVALID, "\"%s\": expected ADDRESS:PORT, such as 0.0.0.0:" HF_DEFAULT_PORT,
                       given);
    snprintf(registry->listen, sizeof registry->listen, "%s", given);
    return HF_OK;
}

/* ---- Keys and certificates ---- */

static hf_status save_pair(const hf_authority *authority, const char *name, const hf_key *key,
                           const hf_certificate *certificate, hf_error *err)
{
    char file[32];
    hf_buffer pem = HF_BUFFER_INIT;
    snprintf(file, sizeof file, "%s.key", name);
    hf_key_pem(key, &pem);
    hf_status status = hf_authority_save(authority, file, &pem, err);
    hf_secret_free(&pem);
    if (status != HF_OK)
        return status;
    pem = (hf_buffer)HF_BUFFER_INIT;
    snprintf(file, sizeof file, "%s.pem", name);
    hf_certificate_pem(certificate, &pem);
    status = hf_authority_save(authority, file, &pem, err);
    hf_buffer_free(&pem);
    return status;
}

static hf_status make_ca(const hf_authority *authority, int64_t now_s, hf_error *err)
{
    const hf_certificate_order order = {.use = HF_CERTIFICATE_AUTHORITY,
                                        .name = "hilfarm authority",
                                        .from_s = now_s - HF_BACKDATE_S,
                                        .until_s = now_s + HF_CA_VALID_S};
    hf_key *key = NULL;
    hf_certificate *certificate = NULL;
    hf_status status = hf_key_generate(&key, err);
    if (status == HF_OK)
        status = hf_certificate_issue(&order, key, NULL, NULL, &certificate, err);
    if (status == HF_OK)
        status = save_pair(authority, "ca", key, certificate, err);
    hf_certificate_free(certificate);
    hf_key_free(key);
    return status;
}

static hf_status make_server(const hf_authority *authority, const hf_registry *registry, int64_t now_s,
                             hf_error *err)
{
    const char *names[HF_NAMES_MAX];
    for (uint32_t i = 0; i < registry->name_count; i++)
        names[i] = registry->names[i];
    const hf_certificate_order order = {.use = HF_CERTIFICATE_SERVER,
                                        .name = "hilfarm server",
                                        .hosts = names,
                                        .host_count = registry->name_count,
                                        .from_s = now_s - HF_BACKDATE_S,
                                        .until_s = now_s + HF_HOST_VALID_S};
    hf_key *key = NULL, *ca_key = NULL;
    hf_certificate *certificate = NULL, *ca = NULL;
    hf_status status = hf_authority_load_ca(authority, &ca, &ca_key, err);
    if (status != HF_OK)
        return status;
    status = hf_key_generate(&key, err);
    if (status == HF_OK)
        status = hf_certificate_issue(&order, key, ca, ca_key, &certificate, err);
    if (status == HF_OK)
        status = save_pair(authority, "server", key, certificate, err);
    hf_certificate_free(certificate);
    hf_certificate_free(ca);
    hf_key_free(key);
    hf_key_free(ca_key);
    return status;
}

/* A new certificate for the farm's programs. That of before goes on working until it expires: programs that run have it. */
static hf_status make_farm(const hf_authority *authority, hf_registry *registry, int64_t now_s, hf_error *err)
{
    hf_key *key = NULL;
    hf_certificate *certificate = NULL;
    hf_entry *entry;
    hf_status status = hf_key_generate(&key, err);
    if (status == HF_OK)
        status = hf_authority_sign(authority, registry, HF_ENTRY_FARM, "farm", key, now_s,
                                   now_s + HF_HOST_VALID_S, &certificate, &entry, err);
    if (status == HF_OK)
        status = save_pair(authority, "farm", key, certificate, err);
    hf_certificate_free(certificate);
    hf_key_free(key);
    return status;
}

/* ---- The folder ---- */

/* What root prepares belongs to whom the folder around it belongs to: the user of the daemon and the server. */
static bool hand_over(const char *folder)
{
    char around[PATH_MAX];
    struct stat info;
    return geteuid() != 0 || ((size_t)snprintf(around, sizeof around, "%s/..", folder) < sizeof around &&
                              stat(around, &info) == 0 && chown(folder, info.st_uid, info.st_gid) == 0);
}

static hf_status make_folder(const char *folder, hf_error *err)
{
    struct stat info;
    const bool is_new = access(folder, F_OK) != 0;
    const mode_t before = umask(077);
    hf_status status = hf_make_dirs(folder, err);
    umask(before);
    if (status != HF_OK)
        return status;
    if ((is_new && !hand_over(folder)) || stat(folder, &info) != 0 ||
        ((info.st_mode & 077) && chmod(folder, 0700) != 0))
        return HF_FAIL(err, HF_EIO, "cannot make %s readable by its owner alone: %s", folder,
                       strerror(errno));
    return HF_OK;
}

static hf_status fill(const hf_authority *authority, const hf_authority_setup *setup, int64_t now_s,
                      hf_error *err)
{
    char path[PATH_MAX];
    hf_registry registry = {0};
    hf_buffer config = HF_BUFFER_INIT;
    hf_status status = hf_authority_path(authority, HF_REGISTRY_FILE, path, err);
    if (status != HF_OK)
        return status;
    const bool is_new = access(path, F_OK) != 0;
    if (!is_new)
        status = hf_registry_load(authority, &registry, err);
    if (status == HF_OK)
        status = set_listen(&registry, setup->listen, err);
    if (status == HF_OK)
        status = add_names(&registry, setup, err);
    if (status == HF_OK && is_new)
        status = make_ca(authority, now_s, err);
    if (status == HF_OK)
        status = make_server(authority, &registry, now_s, err);
    if (status == HF_OK)
        status = make_farm(authority, &registry, now_s, err);
    if (status == HF_OK) {
        hf_server_config_render(authority, &registry, &config);
        status = hf_authority_save(authority, HF_AUTHORITY_CONFIG, &config, err);
    }
    hf_registry_tidy(&registry, now_s);
    if (status == HF_OK)
        status = hf_authority_commit(authority, &registry,
                                     err); /* the registry comes last: with it, the folder is complete */
    hf_buffer_free(&config);
    hf_registry_free(&registry);
    return status;
}

hf_status hf_authority_init(const char *folder, const hf_authority_setup *setup, int64_t now_s, hf_error *err)
{
    hf_authority authority;
    hf_status status = make_folder(folder, err);
    if (status != HF_OK)
        return status;
    char *real = realpath(folder, NULL); /* the server's configuration needs absolute paths */
    if (!real || strlen(real) >= sizeof authority.folder || strpbrk(real, "\"\\\n"))
        status = HF_FAIL(err, HF_EINVALID, "%s cannot be used: its path is too long, or has quotes", folder);
    else
        snprintf(authority.folder, sizeof authority.folder, "%s", real);
    free(real);
    if (status != HF_OK)
        return status;
    const int lock = hf_authority_lock(&authority, err);
    if (lock < 0)
        return HF_EBUSY;
    status = fill(&authority, setup, now_s, err);
    close(lock);
    return status;
}
