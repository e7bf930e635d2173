// SPDX-License-Identifier: Apache-2.0
/** Building elements. Text is always set as text, never as markup: names and messages come from outside. */

import { atEnd, onColours, onWindow } from "./lifetime";

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {},
  ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (name === "style") made.style.cssText = String(value); /* a policy may forbid the attribute */
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

export function option(value: string, text: string, selected: boolean): HTMLOptionElement {
  return element("option", { value, selected }, text);
}

/** A table with a caption that readers of the screen hear. Numbers are cells of class "n". */
export function table(heads: string[], rows: Child[][], numbers: number[] = []): HTMLTableElement {
  const isNumber = (column: number): string | undefined => (numbers.includes(column) ? "n" : undefined);
  return element("table", {},
    element("thead", {}, element("tr", {},
      ...heads.map((head, i) => element("th", { scope: "col", class: isNumber(i) }, head)))),
    element("tbody", {}, ...rows.map((cells) => element("tr", {},
      ...cells.map((cell, i) => element("td", { class: isNumber(i) }, cell))))));
}

/** A box that scrolls where its content does not fit: by keyboard too. @param label what readers of the screen hear @param kind more classes */
export const scrolling = (label: string, kind: string, ...children: Child[]): HTMLElement =>
  element("div", { class: `scroll ${kind}`, tabindex: 0, role: "region", "aria-label": label }, ...children);

/** A large number with what it counts. @param kind "good", "bad" or "warn" */
export function tile(value: string, text: string, kind = ""): HTMLElement {
  return element("div", { class: "tile" }, element("b", { class: kind || undefined }, value), element("span", {}, text));
}

export function transcript(text: string | null): HTMLElement | null {
  return text ? element("details", { class: "log" }, element("summary", {}, "transcript"), element("pre", {}, text)) : null;
}

/** Calls `draw` when the element has another size: in the next frame, so that drawing cannot cause a loop. */
export function onResize(watched: Element, draw: () => void): void {
  let size = "";
  new ResizeObserver(() => {
    const now = `${watched.clientWidth} ${watched.clientHeight}`;
    if (now === size) return;
    size = now;
    requestAnimationFrame(draw);
  }).observe(watched);
}

/**
 * Draws what is in view, or nearly. What is not is drawn when it comes into view, or when the page is printed.
 * @return says that there is something new to draw
 */
export function drawInView(watched: Element, draw: () => void): () => void {
  let isInView = false, isDue = true;
  const drawIfDue = (): void => {
    if (!isDue) return;
    isDue = false;
    draw();
  };
  const observer = new IntersectionObserver((entries) => {
    isInView = entries[entries.length - 1].isIntersecting;
    if (isInView) drawIfDue();
  }, { rootMargin: "200px" });
  observer.observe(watched);
  atEnd(() => observer.disconnect());
  const changed = (): void => {
    isDue = true;
    if (isInView) drawIfDue();
  };
  onColours(changed);
  onWindow("beforeprint", drawIfDue);
  return changed;
}

/** The value of a colour of the style sheet ("--c0"). */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The same as an option of a chart, which asks for it whenever it draws. @param opacity two hexadecimal digits; "" = opaque */
export const paint = (name: string, opacity = "") => (): string => colour(name) + opacity;

export const PALETTE = 8;
export const groupColour = (group: number): string => colour(`--c${group % PALETTE}`);
