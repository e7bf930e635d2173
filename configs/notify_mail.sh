#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Example for `hilfarm run --markdown night.md --notify ./notify_mail.sh`: mails a night that was not green.
[ "$HILFARM_STATUS" = green ] || mail -s "$HILFARM_SUBJECT" "${MAILTO:-$USER}" <night.md
