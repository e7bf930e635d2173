// SPDX-License-Identifier: Apache-2.0
/** Parallel coordinates: a vertical axis per factor or metric, a line per item. Dragging along an axis limits it. */
import { colour, drawInView, element, groupColour, onResize, replace, scrolling, table } from "./dom";
import { onWindow } from "./lifetime";
import { Metric } from "./metrics";
import { Selection } from "./selection";

const HEIGHT = 300;
const TOP = 46;
const BOTTOM = 24;
const SIDE = 60;

export class ParallelChart {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { role: "img", height: HEIGHT });
  private readonly note = element("p", {});
  private readonly axes: Metric[];
  private readonly spans: [number, number][];

  /** @param wanted ids of the metrics that have an axis beside the factors */
  constructor(private readonly state: Selection, wanted: string[]) {
    this.axes = [...state.metrics.filter((metric) => metric.isFactor).slice(0, 6),
      ...wanted.map((id) => state.metric(id)).filter((metric): metric is Metric => metric !== undefined)];
    this.spans = this.axes.map((metric) => {
      const known = metric.values.filter((value): value is number => value !== null);
      return known.reduce<[number, number]>((span, v) => [Math.min(span[0], v), Math.max(span[1], v)],
        [Infinity, -Infinity]);
    });
    this.root = element("figure", { class: "card chart wide" },
      element("figcaption", {}, "Factors and metrics"), scrolling("Parallel coordinates", "", this.canvas), this.note, this.values());
    this.canvas.setAttribute("aria-label", "Parallel coordinates of factors and metrics");
    const changed = drawInView(this.root, () => this.draw());
    state.on("shown", changed);
    state.on("colour", changed);
    onResize(this.root, changed);
    this.dragging();
  }

  /** The axes as a table; the values of the items are in the table of all items. */
  private values(): HTMLElement {
    return element("details", { class: "values" }, element("summary", {}, "Values of the axes"),
      scrolling("Values of the axes", "", table(["Axis", "Least", "Median", "Most", "Known"], this.axes.map((metric) => {
        const known = metric.values.filter((value): value is number => value !== null).sort((a, b) => a - b);
        return [metric.title, ...[0, Math.floor(known.length / 2), known.length - 1].map((n) => metric.format(known[n])), String(known.length)];
      }), [1, 2, 3, 4])));
  }

  private left(axis: number): number {
    const width = this.canvas.clientWidth;
    return this.axes.length < 2 ? width / 2 : SIDE + (axis * (width - 2 * SIDE)) / (this.axes.length - 1);
  }

  private top(axis: number, value: number): number {
    const [low, high] = this.spans[axis];
    const part = high > low ? (value - low) / (high - low) : 0.5;
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  }

  private value(axis: number, y: number): number {
    const [low, high] = this.spans[axis];
    return low + ((HEIGHT - BOTTOM - y) / (HEIGHT - TOP - BOTTOM)) * (high - low);
  }

  private line(context: CanvasRenderingContext2D, i: number): void {
    let isDrawing = false;
    this.axes.forEach((metric, axis) => {
      const value = metric.values[i];
      if (value === null) isDrawing = false;
      else if (isDrawing) context.lineTo(this.left(axis), this.top(axis, value));
      else {
        context.moveTo(this.left(axis), this.top(axis, value));
        isDrawing = true;
      }
    });
  }

  private lines(context: CanvasRenderingContext2D, results: number[], stroke: string): void {
    context.strokeStyle = stroke;
    context.beginPath();
    for (const i of results) this.line(context, i);
    context.stroke();
  }

  private draw(): void {
    const scale = devicePixelRatio || 1;
    this.canvas.style.minWidth = `${this.axes.length * 90}px`;
    this.canvas.width = this.canvas.clientWidth * scale;
    this.canvas.height = HEIGHT * scale;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.scale(scale, scale);
    const isShown = new Uint8Array(this.state.count);
    for (const i of this.state.shown) isShown[i] = 1;
    const hidden: number[] = [];
    const groups = new Map<number, number[]>();
    for (let i = 0; i < this.state.count; i++) {
      const group = this.state.colouring.group[i];
      if (!isShown[i]) hidden.push(i);
      else if (groups.has(group)) groups.get(group)?.push(i);
      else groups.set(group, [i]);
    }
    context.lineWidth = 1;
    this.lines(context, hidden, colour("--line"));
    context.globalAlpha = this.state.shown.length > 500 ? 0.35 : 0.8;
    for (const [group, results] of groups) this.lines(context, results, groupColour(group));
    context.globalAlpha = 1;
    this.drawAxes(context);
    this.canvas.setAttribute("aria-label",
      `Parallel coordinates of ${this.axes.map((metric) => metric.title).join(", ")}; the same limits can be set above the table`);
    replace(this.note, "Drag along an axis to limit it; click the axis to lift the limit.");
  }

  private drawAxes(context: CanvasRenderingContext2D): void {
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    this.axes.forEach((metric, axis) => {
      const x = this.left(axis);
      context.strokeStyle = colour("--soft");
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, TOP);
      context.lineTo(x, HEIGHT - BOTTOM);
      context.stroke();
      context.fillStyle = colour("--ink");
      context.fillText(metric.title, x, 14);
      context.fillStyle = colour("--soft");
      context.fillText(metric.format(this.spans[axis][1]), x, TOP - 14);
      context.fillText(metric.format(this.spans[axis][0]), x, HEIGHT - 6);
      const range = this.state.range(metric.id);
      if (!range) return;
      context.fillStyle = `${colour("--accent")}50`;
      const top = this.top(axis, range[1]);
      context.fillRect(x - 7, top, 14, this.top(axis, range[0]) - top);
    });
  }

  private dragging(): void {
    let axis = -1, from = 0;
    const y = (event: PointerEvent): number => {
      const bounds = this.canvas.getBoundingClientRect();
      return Math.min(HEIGHT - BOTTOM, Math.max(TOP, event.clientY - bounds.top));
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      const x = event.clientX - this.canvas.getBoundingClientRect().left;
      axis = this.axes.findIndex((_metric, i) => Math.abs(this.left(i) - x) < 24);
      from = y(event);
    });
    onWindow("pointerup", (event) => {
      if (axis < 0) return;
      const to = y(event), metric = this.axes[axis];
      const values = [this.value(axis, from), this.value(axis, to)].sort((a, b) => a - b);
      this.state.setRange(metric.id, Math.abs(to - from) < 5 ? null : [values[0], values[1]]);
      axis = -1;
    });
  }
}
