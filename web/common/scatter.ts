// SPDX-License-Identifier: Apache-2.0
/** A scatter chart of two metrics: groups by colour, the Pareto front, limits, a rectangle to select with. */
import {
  Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip,
} from "chart.js/chart.mjs";
import { Axis, axisOf } from "./axis";
import { colour, drawInView, element, groupColour, option, replace, table } from "./dom";
import { atEnd, onWindow } from "./lifetime";
import { Metric, paretoFront } from "./metrics";
import { Selection } from "./selection";

Chart.register(LinearScale, LineController, LineElement, LogarithmicScale, PointElement, ScatterController,
  Tooltip);

/** Shapes, so that groups differ without colour too. */
const SHAPES = ["circle", "rectRot", "triangle", "rect", "cross", "star", "crossRot", "dash"];
const LABELS_MOST = 12;

/** Half the size of a point, and the size of the cells in which labels look for points, in pixels. */
const RADIUS = 5;
const CELL = 6;

interface Point { x: number; y: number; result: number }

export class ScatterChart {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { role: "img" });
  private readonly box = element("div", { class: "plot" }, this.canvas);
  private readonly note = element("p", {});
  private readonly values = element("details", { class: "values" });
  private readonly chart: any;
  private x: Metric;
  private y: Metric;
  private size: Metric | null = null;
  private front: number[] = [];

  constructor(private readonly state: Selection, x: Metric, y: Metric, chooses: boolean) {
    this.x = x;
    this.y = y;
    const choose = (label: string, current: Metric | null, set: (metric: Metric | null) => void,
      none: boolean): HTMLElement =>
      element("label", {}, `${label} `, element("select", {
        onchange: (event) => {
          const id = (event.target as HTMLSelectElement).value;
          set(state.metric(id) ?? null);
          this.draw();
        },
      }, none && option("", "same for all", !current),
      ...state.metrics.map((metric) => option(metric.id, metric.title, metric === current))));
    this.root = element("figure", { class: "card chart" },
      chooses
        ? element("figcaption", { class: "choices" },
          choose("Across", x, (metric) => (this.x = metric ?? this.x), false),
          choose("Up", y, (metric) => (this.y = metric ?? this.y), false),
          choose("Size", null, (metric) => (this.size = metric), true))
        : element("figcaption", {}, `${y.title} against ${x.title}`),
      this.box, this.note, this.values);
    this.chart = new Chart(this.canvas, { type: "scatter", data: { datasets: [] }, options: this.options(),
      plugins: [{ id: "marks", beforeDatasetsDraw: () => this.drawLimits(), afterDatasetsDraw: () => this.drawLabels() }] });
    atEnd(() => this.chart.destroy());
    this.brushing();
    this.values.addEventListener("toggle", () => this.listValues());
    this.canvas.setAttribute("aria-label", `Scatter chart of ${y.title} against ${x.title}`);
    const changed = drawInView(this.root, () => this.draw());
    for (const topic of ["shown", "colour", "picked"] as const) state.on(topic, changed);
  }

  private options(): object {
    return {
      animation: false, maintainAspectRatio: false, responsive: true,
      onClick: (_event: unknown, hits: any[]) => {
        if (hits.length) this.state.open(this.point(hits[0]).result);
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          filter: (item: any) => item.raw.result !== undefined,
          callbacks: { label: (item: any) => this.describe(item.raw.result) },
        },
      },
    };
  }

  private point(hit: any): Point {
    return this.chart.data.datasets[hit.datasetIndex].data[hit.index] as Point;
  }

  private describe(i: number): string[] {
    const lines = [this.state.items.title(i)];
    for (const metric of [this.x, this.y, this.size]) {
      const value = metric?.values[i] ?? null;
      if (metric && value !== null) lines.push(`${metric.title}: ${metric.format(value)}`);
    }
    return lines;
  }

  private scale(metric: Metric, axis: Axis): object {
    return {
      type: "linear", grid: { color: colour("--line") }, min: axis.min, max: axis.max,
      ticks: { color: colour("--soft"), maxTicksLimit: 9, stepSize: axis.stepSize, callback: axis.label },
      title: { display: true, color: colour("--soft"), text: metric.title },
    };
  }

  private radius(i: number): number {
    const value = this.size?.values[i];
    if (!this.size || value === null || value === undefined) return 4;
    const known = this.size.values.filter((v): v is number => v !== null);
    const most = known.reduce((a, b) => Math.max(a, b), 0);
    return most > 0 ? 3 + 9 * Math.sqrt(Math.max(value, 0) / most) : 4;
  }

  /** The front of each class: items of different classes (chips) do not compete. */
  private fronts(complete: number[]): number[][] {
    const { classOf } = this.state.items;
    const classes = new Map<number, number[]>();
    for (const i of complete) {
      const one = classOf?.(i) ?? 0;
      if (!classes.has(one)) classes.set(one, []);
      classes.get(one)?.push(i);
    }
    return [...classes.values()].map((items) => paretoFront(items, [this.x, this.y]));
  }

  private draw(): void {
    const { state, x, y } = this;
    const isShown = new Uint8Array(state.count);
    for (const i of state.shown) isShown[i] = 1;
    const groups = new Map<number, Point[]>();
    const hidden: Point[] = [];
    const complete: number[] = [];
    for (let i = 0; i < state.count; i++) {
      const px = x.values[i], py = y.values[i];
      if (px === null || py === null) continue;
      const point = { x: px, y: py, result: i };
      if (!isShown[i]) {
        hidden.push(point);
        continue;
      }
      complete.push(i);
      const group = state.colouring.group[i];
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group)?.push(point);
    }
    const fronts = this.fronts(complete);
    this.front = fronts.flat();
    const datasets: object[] = fronts.map((front) => ({
      type: "line", data: front.map((i) => ({ x: x.values[i], y: y.values[i] })), stepped: false,
      borderColor: colour("--ink"), borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0,
    }));
    for (const [group, points] of [...groups].sort((a, b) => a[0] - b[0]))
      datasets.push({
        data: points, backgroundColor: `${groupColour(group)}b0`, borderColor: groupColour(group),
        pointStyle: SHAPES[group % SHAPES.length],
        radius: this.size ? points.map((p) => this.radius(p.result)) : complete.length > 2000 ? 2 : 4,
      });
    const picked = complete.filter((i) => state.picked.has(i));
    datasets.push({
      data: picked.map((i) => ({ x: x.values[i], y: y.values[i], result: i })), radius: 9,
      backgroundColor: "transparent", borderColor: colour("--ink"), borderWidth: 2,
    });
    datasets.push({
      data: hidden.map(({ x: px, y: py }) => ({ x: px, y: py })), radius: 2,
      backgroundColor: colour("--line"), borderColor: colour("--line"), pointHitRadius: 0,
    });
    this.chart.data.datasets = datasets;
    /* The axes stay as they are when points are filtered: those remain in the chart, in grey. */
    const [across, up] = [x, y].map((metric) => axisOf([...complete, ...hidden.map((point) => point.result)].map((i) => metric.values[i] as number), metric.format));
    this.chart.options.scales = { x: this.scale(x, across), y: this.scale(y, up) };
    this.chart.update("none");
    const range = (name: "x" | "y", metric: Metric, axis: Axis): string =>
      `${metric.title} from ${axis.label(this.chart.scales[name].min)} to ${axis.label(this.chart.scales[name].max)}`;
    this.canvas.setAttribute("aria-label", `Scatter chart of ${complete.length} results: ${range("x", x, across)}, ${range("y", y, up)}; ` +
      "the values of the front are in the list below it");
    replace(this.note, complete.length
      ? `${complete.length} of ${state.count} results` +
        (this.front.length > 1 ? `, ${this.front.length} on ${fronts.length > 1 ? "the Pareto front of their chip (lines)" : "the Pareto front (line)"}. ` : ". ") +
        "Drag a rectangle to select, click a point to open it."
      : "No result that is shown has both values.");
    this.values.open = false;
    this.listValues();
  }

  /** Limits are lines on the quantity that they judge, and the side beyond is shaded. */
  private drawLimits(): void {
    const { ctx, chartArea: area, scales } = this.chart;
    if (!area || !scales.x) return; /* nothing was drawn yet */
    ctx.save();
    ctx.strokeStyle = colour("--bad");
    ctx.fillStyle = `${colour("--bad")}18`;
    ctx.setLineDash([5, 4]);
    for (const [axis, metric] of [["x", this.x], ["y", this.y]] as ["x" | "y", Metric][]) {
      if (metric.limit === null) continue;
      const at = scales[axis].getPixelForValue(metric.limit);
      ctx.beginPath();
      if (axis === "x" && at >= area.left && at <= area.right) {
        ctx.moveTo(at, area.top);
        ctx.lineTo(at, area.bottom);
        ctx.fillRect(at, area.top, area.right - at, area.bottom - area.top);
      } else if (axis === "y" && at >= area.top && at <= area.bottom) {
        ctx.moveTo(area.left, at);
        ctx.lineTo(area.right, at);
        ctx.fillRect(area.left, area.top, area.right - area.left, at - area.top);
      }
      ctx.stroke();
    }
    ctx.restore();
  }

  /** Cells of the chart that points are in, so that no label covers one. */
  private occupied(): Set<number> {
    const { scales } = this.chart;
    const cells = new Set<number>();
    for (const i of this.state.shown) {
      const x = this.x.values[i], y = this.y.values[i];
      if (x === null || y === null) continue;
      const px = scales.x.getPixelForValue(x), py = scales.y.getPixelForValue(y);
      for (const dx of [-RADIUS, RADIUS])
        for (const dy of [-RADIUS, RADIUS]) cells.add(Math.floor((px + dx) / CELL) * 4096 + Math.floor((py + dy) / CELL));
    }
    return cells;
  }

  /** Names of items on the front, where they cover neither a point nor another name. */
  private drawLabels(): void {
    const { ctx, chartArea: area, scales } = this.chart;
    if (!area || !scales.x || !this.front.length) return;
    ctx.save();
    ctx.font = "11px system-ui, sans-serif";
    ctx.fillStyle = colour("--ink");
    const points = this.occupied();
    const seen = new Set<string>(); /* the same model on another chip may be at the same place */
    const taken: [number, number, number, number][] = [];
    const isFree = (box: [number, number, number, number]): boolean => {
      if (box[0] < area.left || box[2] > area.right || box[1] < area.top || box[3] > area.bottom) return false;
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) return false;
      for (let x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x++)
        for (let y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y++) if (points.has(x * 4096 + y)) return false;
      return true;
    };
    for (const i of this.front.slice(-LABELS_MOST)) {
      const name = this.state.items.name(i);
      const text = name.length > 34 ? `${name.slice(0, 33)}…` : name;
      const width = ctx.measureText(text).width;
      const px = scales.x.getPixelForValue(this.x.values[i]), py = scales.y.getPixelForValue(this.y.values[i]);
      const place = `${name} ${px} ${py}`;
      if (seen.has(place)) continue;
      seen.add(place);
      for (const [left, top] of [[px + 9, py - 6], [px - width - 9, py - 6], [px - width / 2, py - 22], [px - width / 2, py + 10], [px + 9, py - 20],
        [px - width - 9, py - 20], [px + 9, py + 8], [px - width - 9, py + 8]]) {
        const box: [number, number, number, number] = [left, top, left + width, top + 12];
        if (!isFree(box)) continue;
        taken.push(box);
        ctx.fillText(text, left, top + 10);
        break;
      }
    }
    ctx.restore();
  }

  /** A rectangle drawn with the pointer selects what is inside. */
  private brushing(): void {
    const frame = element("div", { class: "brush", hidden: true });
    this.box.append(frame);
    let from: [number, number] | null = null;
    const at = (event: PointerEvent): [number, number] => {
      const bounds = this.canvas.getBoundingClientRect();
      return [event.clientX - bounds.left, event.clientY - bounds.top];
    };
    this.canvas.addEventListener("pointerdown", (event) => (from = at(event)));
    this.canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = at(event);
      frame.hidden = Math.abs(to[0] - from[0]) < 5 && Math.abs(to[1] - from[1]) < 5;
      frame.style.left = `${Math.min(from[0], to[0])}px`;
      frame.style.top = `${Math.min(from[1], to[1])}px`;
      frame.style.width = `${Math.abs(to[0] - from[0])}px`;
      frame.style.height = `${Math.abs(to[1] - from[1])}px`;
    });
    onWindow("pointerup", (event) => {
      if (!from) return;
      const [start, end] = [from, at(event)];
      from = null;
      if (!frame.hidden) this.select(start, end);
      frame.hidden = true;
    });
  }

  private select(a: [number, number], b: [number, number]): void {
    const { scales } = this.chart;
    const xs = [a[0], b[0]].map((p) => scales.x.getValueForPixel(p) as number).sort((p, q) => p - q);
    const ys = [a[1], b[1]].map((p) => scales.y.getValueForPixel(p) as number).sort((p, q) => p - q);
    this.state.setBrush(this.state.shown.filter((i) => {
      const x = this.x.values[i], y = this.y.values[i];
      return x !== null && y !== null && x >= xs[0] && x <= xs[1] && y >= ys[0] && y <= ys[1];
    }));
  }

  /** Every chart has its table: the front, which is what the chart shows. */
  private listValues(): void {
    if (!this.values.open) {
      replace(this.values, element("summary", {}, "Values of the Pareto front"));
      return;
    }
    replace(this.values, element("summary", {}, "Values of the Pareto front"),
      table(["Name", this.x.title, this.y.title], this.front.map((i) => [this.state.items.title(i),
        this.x.format(this.x.values[i] as number), this.y.format(this.y.values[i] as number)]), [1, 2]));
  }
}
