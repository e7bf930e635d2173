/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DASHBOARD_PAGE_H
#define DASHBOARD_PAGE_H

#include "browser.h"
#include "daemon_fixture.h"

/**
 * @file dashboard_page.h
 * The dashboard of a daemon in a headless Chromium: one at a time.
 */

/** Expressions for elements: a button by its text, the button of a dialogue that does it, a heading of a column. */
#define BUTTON(text) "[...document.querySelectorAll('button')].find((one) => one.textContent === '" text "')"
#define DIALOG       "document.querySelector('dialog button.primary')"
#define HEAD(text)                                                                                           \
    "[...document.querySelectorAll('.results th button')].find((one) => one.textContent === '" text "')"

/** The browser with the page. */
extern browser *opened;

/** Begins a session and opens the page, signed in, in a window of 1400 x 1000. @return false: there is no Chromium */
bool dashboard_open(daemon_fixture *fixture);
/** Fails the test if the browser complained of anything; then closes it. */
void dashboard_close(void);

/** Opens a page by its address after the '#', and waits until a condition holds there. */
void dashboard_show(const char *page, const char *ready);
/** Waits until the page shows a text. */
void dashboard_expect(const char *text);
/** Waits until the page says what a button did, which is on disk then. @param text its beginning */
void dashboard_expect_said(const char *text);
/** Evaluates an expression. @return its text in static storage, overwritten by the next call */
const char *dashboard_text(const char *script);
long long dashboard_number(const char *script);

/** The median latency of a result as the page shows it. @return static storage */
const char *dashboard_latency(daemon_fixture *fixture, int run, const char *name);

/** A page to be looked at. */
typedef struct dashboard_shot {
    const char *name, *page, *ready;
} dashboard_shot;
/**
 * Keeps pictures of pages in the folder SCREENSHOTS: wide and narrow, light and dark. None may be wider than the window.
 * @param shots ended by one without a name
 */
void dashboard_keep(const dashboard_shot *shots);

#endif
