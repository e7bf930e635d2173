/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_LIBRARY_H
#define HF_BROKER_LIBRARY_H

#include <nats/nats.h>

#include "base/error.h"

/**
 * @file library.h
 * libnats, loaded at run time: nats->natsConnection_Publish(...) is the function of that name.
 */

#define HF_NATS_FUNCTIONS(X)                                                                                 \
    X(natsStatus_GetText)                                                                                    \
    X(natsOptions_Create)                                                                                    \
    X(natsOptions_Destroy)                                                                                   \
    X(natsOptions_SetURL)                                                                                    \
    X(natsOptions_SetName)                                                                                   \
    X(natsOptions_SetCustomInboxPrefix)                                                                      \
    X(natsOptions_SetTimeout)                                                                                \
    X(natsOptions_SetUserInfo)                                                                               \
    X(natsOptions_SetSecure)                                                                                 \
    X(natsOptions_SetExpectedHostname)                                                                       \
    X(natsOptions_LoadCATrustedCertificates)                                                                 \
    X(natsOptions_LoadCertificatesChain)                                                                     \
    X(natsOptions_SetCATrustedCertificates)                                                                  \
    X(natsOptions_SetCertificatesChain)                                                                      \
    X(natsOptions_SetMaxReconnect)                                                                           \
    X(natsOptions_SetReconnectWait)                                                                          \
    X(natsOptions_SetReconnectBufSize)                                                                       \
    X(natsOptions_SetPingInterval)                                                                           \
    X(natsOptions_SetMaxPingsOut)                                                                            \
    X(natsOptions_SetNoEcho)                                                                                 \
    X(natsOptions_SetSendAsap)                                                                               \
    X(natsConnection_Connect)                                                                                \
    X(natsConnection_Publish)                                                                                \
    X(natsConnection_Request)                                                                                \
    X(natsConnection_Subscribe)                                                                              \
    X(natsConnection_JetStream)                                                                              \
    X(natsConnection_Status)                                                                                 \
    X(natsConnection_GetStats)                                                                               \
    X(natsStatistics_Create)                                                                                 \
    X(natsStatistics_GetCounts)                                                                              \
    X(natsStatistics_Destroy)                                                                                \
    X(natsConnection_FlushTimeout)                                                                           \
    X(natsSubscription_Unsubscribe)                                                                          \
    X(natsConnection_Close)                                                                                  \
    X(natsConnection_Destroy)                                                                                \
    X(natsSubscription_SetOnCompleteCB)                                                                      \
    X(natsSubscription_SetPendingLimits)                                                                     \
    X(natsSubscription_Destroy)                                                                              \
    X(natsMsg_GetSubject)                                                                                    \
    X(natsMsg_GetReply)                                                                                      \
    X(natsMsg_GetData)                                                                                       \
    X(natsMsg_GetDataLength)                                                                                 \
    X(natsMsg_Destroy)                                                                                       \
    X(jsOptions_Init)                                                                                        \
    X(jsCtx_Destroy)                                                                                         \
    X(js_GetStreamInfo)                                                                                      \
    X(jsStreamInfo_Destroy)                                                                                  \
    X(kvConfig_Init)                                                                                         \
    X(js_KeyValue)                                                                                           \
    X(js_CreateKeyValue)                                                                                     \
    X(kvStore_Destroy)                                                                                       \
    X(kvStore_CreateString)                                                                                  \
    X(kvStore_UpdateString)                                                                                  \
    X(kvStore_Get)                                                                                           \
    X(kvEntry_Revision)                                                                                      \
    X(kvEntry_ValueString)                                                                                   \
    X(kvEntry_Destroy)

typedef struct hf_nats_library {
#define HF_NATS_POINTER(name)                                                                                \
    __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses): a declaration */
    HF_NATS_FUNCTIONS(HF_NATS_POINTER)
#undef HF_NATS_POINTER
} hf_nats_library;

/** Loads libnats once. @param out static, valid from then on @return HF_OK, or HF_EUNSUPPORTED (class farm, permanent) */
hf_status hf_nats_load(const hf_nats_library **out, hf_error *err);

#endif
