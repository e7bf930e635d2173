/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_DETACHED_H
#define RUN_DETACHED_H

/**
 * Calls a function on a detached thread, as the HTTP server demands of its executor. Ends the program if that fails.
 * @param user not used
 */
void run_detached(void *user, void (*run)(void *argument), void *argument);

#endif
