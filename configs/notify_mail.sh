#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Example for `hilfarm run --markdown night.md --notify ./notify_mail.sh`: mails a night that was not green. With the mail programs of
# the Debian packages bsd-mailx and mailutils, -a adds a header.
[ "$HILFARM_STATUS" = green ] ||
    mail -s "$HILFARM_SUBJECT" -a "Content-Type: text/markdown; charset=utf-8" "${MAILTO:-$USER}" <night.md
