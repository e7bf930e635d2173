/* SPDX-License-Identifier: Apache-2.0 */
#include "usb_folders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANY_PRODUCT 0

/* Vendor and product ids from OpenOCD's udev rules (contrib/60-openocd.rules of OpenOCD 0.12.0, which Debian
 * installs as /lib/udev/rules.d/60-openocd.rules). Adapters that are also sold as plain serial cables are
 * left out. */
static const struct {
    uint16_t vendor_id, product_id;
    const char *kind;
    const char *script; /* NULL = OpenOCD has one for each model */
} known[] = {
    {0x0483, 0x3744, "ST-LINK/V1", "interface/stlink.cfg"},
    {0x0483, 0x3748, "ST-LINK/V2", "interface/stlink.cfg"},
    {0x0483, 0x374b, "ST-LINK/V2-1", "interface/stlink.cfg"},
    {0x0483, 0x3752, "ST-LINK/V2-1", "interface/stlink.cfg"},
    {0x0483, 0x374d, "STLINK-V3", "interface/stlink.cfg"},
    {0x0483, 0x374e, "STLINK-V3", "interface/stlink.cfg"},
    {0x0483, 0x374f, "STLINK-V3", "interface/stlink.cfg"},
    {0x0483, 0x3753, "STLINK-V3", "interface/stlink.cfg"},
    {0x0483, 0x3754, "STLINK-V3", "interface/stlink.cfg"},
    {0x1366, ANY_PRODUCT, "SEGGER J-Link", "interface/jlink.cfg"},
    {0x0403, 0x6010, "FTDI FT2232", NULL},
    {0x0403, 0x6011, "FTDI FT4232", NULL},
    {0x0403, 0x6014, "FTDI FT232H", NULL},
    {0x15ba, ANY_PRODUCT, "Olimex ARM-USB", NULL},
    {0x0416, ANY_PRODUCT, "Nuvoton Nu-Link", "interface/nulink.cfg"},
    {0x0451, 0xbef3, "TI XDS110", "interface/xds110.cfg"},
    {0x0451, 0xbef4, "TI XDS110", "interface/xds110.cfg"},
    {0x0451, 0xc32a, "TI ICDI", "interface/ti-icdi.cfg"},
    {0x1cbe, 0x00fd, "TI ICDI", "interface/ti-icdi.cfg"},
    {0x04b4, 0xf138, "Cypress KitProg", "interface/kitprog.cfg"},
    {0x04b4, 0xf139, "Cypress KitProg", "interface/kitprog.cfg"},
    {0x09fb, ANY_PRODUCT, "Altera USB-Blaster", NULL},
    {0xc251, 0x2710, "Keil ULINK", NULL},
    {0xc251, 0x2750, "Keil ULINK", NULL},
};

/* Reads the first line of a device's attribute; "" if there is none. */
static void read_attribute(int device_fd, const char *name, char *text, size_t size)
{
    text[0] = '\0';
    int fd = openat(device_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    ssize_t got = read(fd, text, size - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

/* Sets the kind and script of a probe. @return false if the device is not a known probe */
static bool identify(hf_probe *probe, const char *product)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].vendor_id == probe->vendor_id &&
            (known[i].product_id == probe->product_id || known[i].product_id == ANY_PRODUCT)) {
            snprintf(probe->kind, sizeof probe->kind, "%s", known[i].kind);
            probe->script = known[i].script;
            return true;
        }
    /* Many vendors make these: OpenOCD too recognises them by their product name. */
    if (!strstr(product, "CMSIS-DAP"))
        return false;
    snprintf(probe->kind, sizeof probe->kind, "%s", product);
    probe->script = "interface/cmsis-dap.cfg";
    return true;
}

static bool read_probe(int device_fd, const char *nodes, hf_probe *probe)
{
    char vendor[8], product_id[8], product[sizeof probe->kind], bus[8], device[8];
    read_attribute(device_fd, "idVendor", vendor, sizeof vendor);
    read_attribute(device_fd, "idProduct", product_id, sizeof product_id);
    read_attribute(device_fd, "product", product, sizeof product);
    probe->vendor_id = (uint16_t)strtoul(vendor, NULL, 16);
    probe->product_id = (uint16_t)strtoul(product_id, NULL, 16);
    if (!vendor[0] || !identify(probe, product))
        return false;
    read_attribute(device_fd, "serial", probe->serial, sizeof probe->serial);
    read_attribute(device_fd, "busnum", bus, sizeof bus);
    read_attribute(device_fd, "devnum", device, sizeof device);
    probe->bus = (unsigned)strtoul(bus, NULL, 10);
    probe->device = (unsigned)strtoul(device, NULL, 10);
    snprintf(probe->node, sizeof probe->node, "%s/%03u/%03u", nodes, probe->bus, probe->device);
    probe->usable = faccessat(AT_FDCWD, probe->node, R_OK | W_OK, AT_EACCESS) == 0;
    return true;
}

size_t hf_probes_find_in(const hf_usb_folders *folders, hf_probe probes[HF_PROBES_MAX])
{
    const char *nodes = folders->nodes ? folders->nodes : "/dev/bus/usb";
    DIR *devices = opendir(folders->devices ? folders->devices : "/sys/bus/usb/devices");
    size_t count = 0;
    if (!devices)
        return 0;
    for (struct dirent *entry; count < HF_PROBES_MAX && (entry = readdir(devices)) != NULL;) {
        if (entry->d_name[0] == '.' ||
            strchr(entry->d_name, ':')) /* "1-2:1.0": an interface of the device "1-2" */
            continue;
        int fd = openat(dirfd(devices), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        count += read_probe(fd, nodes, &probes[count]);
        close(fd);
    }
    closedir(devices);
    return count;
}

size_t hf_probes_find(hf_probe probes[HF_PROBES_MAX])
{
    const hf_usb_folders this_host = {0};
    return hf_probes_find_in(&this_host, probes);
}

void hf_probes_list(const hf_probe *probes, size_t count, hf_buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        const hf_probe *probe = &probes[i];
        hf_buffer_printf(out, "%s%s %04x:%04x", i ? ", " : "", probe->kind, probe->vendor_id,
                         probe->product_id);
        if (probe->serial[0])
            hf_buffer_printf(out, " with serial number %s", probe->serial);
    }
}
