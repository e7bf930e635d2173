/* SPDX-License-Identifier: Apache-2.0 */
#include "machine_state.h"

uint32_t vb_component_id(uint32_t offset, uint32_t part, uint32_t designer, uint32_t component_class)
{
    switch (offset) { /* CoreSight: PIDR4, PIDR0 to 3, CIDR0 to 3 */
    case 0xFD0:
        return designer >> 8;
    case 0xFE0:
        return part & 0xFF;
    case 0xFE4:
        return (designer & 0xF) << 4 | part >> 8;
    case 0xFE8:
        return designer ? 8 | (designer >> 4 & 7) : 0;
    case 0xFF0:
        return 0x0D;
    case 0xFF4:
        return component_class << 4;
    case 0xFF8:
        return 0x05;
    case 0xFFC:
        return 0xB1;
    default:
        return 0;
    }
}
