/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BROWSER_H
#define BROWSER_H

#include <jansson.h>
#include <stdbool.h>

/**
 * @file browser.h
 * A headless Chromium, driven by the Chrome DevTools Protocol over pipes. Every wait has a deadline; a failure fails the test.
 */

#define BROWSER_DEADLINE_MS 60000

typedef struct browser browser;

/** Starts one with a profile and downloads in `folder`. @return NULL = there is no Chromium; browser_close() */
browser *browser_open(const char *folder);
void browser_close(browser *one);

/** Opens an address. */
void browser_go(browser *one, const char *address);
/** Size of the window in pixels, and the colours that the user prefers. */
void browser_view(browser *one, int width, int height, bool dark);

/** Evaluates JavaScript in the page. @return its value, json_decref() */
json_t *browser_value(browser *one, const char *script);
/** Waits until a condition in JavaScript holds. */
void browser_wait(browser *one, const char *condition);
/** Waits for an element and clicks it. @param script an expression for the element */
void browser_click(browser *one, const char *script);

/**
 * Presses the button of the mouse at one place of an element, moves it to another, and lets go.
 * @param script an expression for the element @param from_x, from_y, to_x, to_y parts of its width and height
 */
void browser_drag(browser *one, const char *script, double from_x, double from_y, double to_x, double to_y);
/** Replaces the text of a field, as by typing. @param script an expression for the field */
void browser_type(browser *one, const char *script, const char *text);

/** Writes what the window shows to a PNG file. */
void browser_screenshot(browser *one, const char *path);
/** Fails the test if the page has written an error or a warning to the console, or violated its policy. */
void browser_expect_no_complaint(browser *one);

#endif
