/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_SCHEMA_MIGRATION_H
#define HF_STORE_SCHEMA_MIGRATION_H

#include "store_handle.h"

/**
 * @file schema_migration.h
 * The version of a store's schema, and the steps from one version to the next.
 */

/** Rejects a foreign or newer database with HF_ESTORE, without changing it. */
hf_status hf_schema_identify(hf_store *store, hf_error *err);
/** Brings a new or older database up to date; HF_ESTORE for a foreign or newer one. */
hf_status hf_schema_migrate(hf_store *store, hf_error *err);
/** As hf_schema_identify(), but also rejects an older database. */
hf_status hf_schema_check(hf_store *store, hf_error *err);

#endif
