// SPDX-License-Identifier: Apache-2.0
/** What views hold beyond their elements: a page that shows one run after the other lets go of it when it shows the next. */

let views = new AbortController();

/** Listens to the window as long as the views that are there now. */
export function onWindow<K extends keyof WindowEventMap>(type: K, listener: (event: WindowEventMap[K]) => void): void {
  addEventListener(type, listener, { signal: views.signal });
}

/* Paper is white, whatever the scheme of the screen. Views listen later, so they find the colours of the paper. */
addEventListener("beforeprint", () => (document.documentElement.dataset.paper = "yes"));
addEventListener("afterprint", () => delete document.documentElement.dataset.paper);

/** Calls `draw` when the colours of the page are others: the user's scheme has changed, or the page is printed. */
export function onColours(draw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal: views.signal });
  onWindow("beforeprint", draw);
  onWindow("afterprint", draw);
}

/** Calls `end` when they end. */
export function atEnd(end: () => void): void {
  views.signal.addEventListener("abort", end, { once: true });
}

/** Ends them all. */
export function endViews(): void {
  views.abort();
  views = new AbortController();
}
