// SPDX-License-Identifier: Apache-2.0
/** What views hold beyond their elements: a page that shows one run after the other lets go of it when it shows the next. */

let views = new AbortController();

/** Listens to the window as long as the views that are there now. */
export function onWindow<K extends keyof WindowEventMap>(type: K, listener: (event: WindowEventMap[K]) => void): void {
  addEventListener(type, listener, { signal: views.signal });
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
