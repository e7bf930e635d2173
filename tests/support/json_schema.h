/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SUPPORT_JSON_SCHEMA_H
#define HF_TEST_SUPPORT_JSON_SCHEMA_H

#include <jansson.h>

/**
 * @file json_schema.h
 * Checks a value against a JSON Schema (draft 2020-12), as far as the schemas of hilfarm use it: type, enum,
 * minimum, properties, required, additionalProperties, items, minItems, maxItems, anyOf, $ref to #/$defs.
 */

/** Fails the test with the path of the first value that does not fit. A keyword that is not known here fails, too. */
void expect_schema(const json_t *schema, const json_t *value);

#endif
