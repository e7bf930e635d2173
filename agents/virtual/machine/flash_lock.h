/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_FLASH_LOCK_H
#define VB_FLASH_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file flash_lock.h
 * The key sequences that unlock a flash controller's registers: the same on both chips (RM0432 rev 9,
 * 3.3.5; RM0410 rev 4, 3.3.6).
 */

#define VB_FLASH_KEY1    0x45670123u
#define VB_FLASH_KEY2    0xCDEF89ABu
#define VB_FLASH_OPTKEY1 0x08192A3Bu
#define VB_FLASH_OPTKEY2 0x4C5D6E7Fu

/** One key register's progress; zero after a reset. */
typedef struct vb_flash_lock {
    bool half_open; /**< the first key has been written */
    bool dead;      /**< a wrong key: locked until the next reset */
} vb_flash_lock;

/** A key is written. @return true if it was the second of two right ones: the register is unlocked */
static inline bool vb_flash_lock_key(vb_flash_lock *lock, uint32_t value, uint32_t first, uint32_t second)
{
    if (lock->dead || value != (lock->half_open ? second : first)) {
        lock->dead = true;
        return false;
    }
    lock->half_open = !lock->half_open;
    return !lock->half_open;
}

#endif
