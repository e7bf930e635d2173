// SPDX-License-Identifier: Apache-2.0
/** Charts as SVG that are drawn for the width that there is, and again when it changes. */
import { element, onResize, replace, scrolling } from "./dom";

type Attributes = Record<string, string | number | undefined>;

export function svg(tag: string, attributes: Attributes = {}, ...children: (Node | string | null | false)[]): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, String(value));
  for (const child of children) if (child) made.append(child);
  return made;
}

/** What a pointer shows of a mark. */
export const title = (text: string): SVGElement => svg("title", {}, text);

export interface Drawing { height: number; parts: (SVGElement | null | false)[] }

/**
 * A figure with a drawing and a table of its values, which is made when it is opened.
 * @param label what readers of the screen hear
 * @param draw called with the width in pixels
 */
export function drawn(caption: string, label: string, draw: (width: number) => Drawing, values: () => HTMLElement, note = ""): HTMLElement {
  const box = element("div", { class: "drawing" });
  const details = element("details", { class: "values" }, element("summary", {}, "Values"));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(scrolling(`Values of ${caption}`, "", values()));
  });
  const root = element("figure", { class: "card chart" }, element("figcaption", {}, caption), box,
    note && element("p", {}, note), details);
  const redraw = (): void => {
    const width = Math.max(260, box.clientWidth || 600);
    const { height, parts } = draw(width);
    replace(box, svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...parts) as unknown as HTMLElement);
  };
  redraw();
  onResize(box, redraw);
  return root;
}

/** The next larger of 1, 2 and 5 times a power of ten. */
export function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((digit) => digit * power >= value) ?? 10);
}
