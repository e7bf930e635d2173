// SPDX-License-Identifier: Apache-2.0
/** A scatter chart of two metrics: groups by colour, the Pareto front, limits, a rectangle to select with. */
import {
  ActiveElement, Chart, DataSet, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip,
  TooltipItem,
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
const LABEL_GAP = 12;

/** How far a point may be drawn beyond the axes, in pixels. */
const CLIP = 12;

/** Half the size of a point, and the size of the cells in which labels look for points, in pixels. */
const RADIUS = 5;
const CELL = 6;

/** A name that finds no room is shortened. */
const SHORTENED = 30;

interface Point { x: number; y: number; result: number }
type Box = [left: number, top: number, right: number, bottom: number];

export class ScatterChart {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { role: "img" });
  private readonly box = element("div", { class: "plot" }, this.canvas);
  private readonly note = element("p", {});
  /** what is shown, where nobody can choose */
  private readonly printed = element("figcaption", { class: "paper" });
  private readonly values = element("details", { class: "values" });
  private readonly chart: Chart;
  private x: Metric;
  private y: Metric;
  private size: Metric | null = null;
  private front: number[] = [];
  /** the front of each class, which a line connects */
  private lines: number[][] = [];

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
      chooses && this.printed, this.box, this.note, this.values);
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
      onClick: (_event: unknown, hits: ActiveElement[]) => {
        const [hit] = hits;
        if (hit) this.state.open((this.chart.data.datasets[hit.datasetIndex].data[hit.index] as Point).result);
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          filter: (item: TooltipItem<Partial<Point>>) => item.raw.result !== undefined,
          callbacks: { label: (item: TooltipItem<Point>) => this.describe(item.raw.result) },
        },
      },
    };
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
    replace(this.printed, `${y.title} against ${x.title}`);
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
    this.lines = fronts;
    const datasets: DataSet[] = fronts.map((front) => ({
      type: "line", data: front.map((i) => ({ x: x.values[i], y: y.values[i] })), stepped: false,
      borderColor: colour("--ink"), borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0,
    }));
    for (const [group, points] of [...groups].sort((a, b) => a[0] - b[0]))
      datasets.push({
        data: points, backgroundColor: `${groupColour(group)}b0`, borderColor: groupColour(group),
        pointStyle: SHAPES[group % SHAPES.length], clip: CLIP,
        radius: this.size ? points.map((p) => this.radius(p.result)) : complete.length > 2000 ? 2 : 4,
      });
    const ring = (items: number[], style: object): void => {
      datasets.push({ data: items.map((i) => ({ x: x.values[i], y: y.values[i], result: i })), backgroundColor: "transparent", borderWidth: 2, clip: CLIP, ...style });
    };
    ring(complete.filter((i) => state.picked.has(i)), { radius: 9, borderColor: colour("--ink") });
    const recommended = complete.filter((i) => state.items.recommended?.includes(i));
    ring(recommended, { radius: 11, borderColor: colour("--good"), pointStyle: "rectRot" });
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
        (recommended.length ? "A diamond is around what is recommended. " : "") + this.limitsBeyond([[x, across], [y, up]]) +
        "Drag a rectangle to select, click a point to open it."
      : "No result that is shown has both values.");
    this.values.open = false;
    this.listValues();
  }

  /** The limits that no line can show, because all values are far below them. */
  private limitsBeyond(axes: [Metric, Axis][]): string {
    return axes.filter(([metric, axis]) => metric.limit !== null && metric.limit > axis.max)
      .map(([metric]) => `The limit of ${metric.title}, ${metric.format(metric.limit as number)}, is beyond the chart. `).join("");
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

  private pixel(i: number): [number, number] {
    const { scales } = this.chart;
    return [scales.x.getPixelForValue(this.x.values[i] as number), scales.y.getPixelForValue(this.y.values[i] as number)];
  }

  /** Cells of the chart that points and the lines of the fronts are in, so that no label covers one. */
  private occupied(): Set<number> {
    const cells = new Set<number>();
    const take = (x: number, y: number): void => {
      cells.add(Math.floor(x / CELL) * 4096 + Math.floor(y / CELL));
    };
    for (const i of this.state.shown) {
      if (this.x.values[i] === null || this.y.values[i] === null) continue;
      const [x, y] = this.pixel(i);
      for (const dx of [-RADIUS, RADIUS]) for (const dy of [-RADIUS, RADIUS]) take(x + dx, y + dy);
    }
    for (const line of this.lines)
      line.forEach((i, n) => {
        if (!n) return;
        const [x, y] = this.pixel(line[n - 1]), [toX, toY] = this.pixel(i);
        const steps = Math.max(1, Math.ceil(Math.hypot(toX - x, toY - y) / (CELL / 2)));
        for (let step = 0; step <= steps; step++) take(x + ((toX - x) * step) / steps, y + ((toY - y) * step) / steps);
      });
    return cells;
  }

  /** Names of items on the front, the recommended ones first, where they cover neither a point, nor a line, nor another name. */
  private drawLabels(): void {
    const { ctx, chartArea: area, scales } = this.chart;
    if (!area || !scales.x || !this.front.length) return;
    ctx.save();
    ctx.fillStyle = colour("--ink");
    const points = this.occupied();
    const seen = new Set<string>(); /* the same model on another chip may be at the same place */
    const taken: Box[] = [];
    const isFree = (box: Box): boolean => {
      if (box[0] < area.left || box[2] > area.right || box[1] < area.top || box[3] > area.bottom) return false;
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) return false;
      for (let x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x++)
        for (let y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y++) if (points.has(x * 4096 + y)) return false;
      return true;
    };
    const write = (text: string, px: number, py: number): boolean => {
      const width = ctx.measureText(text).width, beside = px + LABEL_GAP, before = px - width - LABEL_GAP, middle = px - width / 2;
      for (const [left, top] of [[beside, py - 6], [before, py - 6], [beside, py - 20], [before, py - 20], [beside, py + 8], [before, py + 8],
        [middle, py - 26], [middle, py + 14], [beside, py - 32], [before, py - 32], [beside, py + 20], [before, py + 20]]) {
        const box: Box = [left, top, left + width, top + 12];
        if (!isFree(box)) continue;
        taken.push(box);
        ctx.fillText(text, left, top + 10);
        return true;
      }
      return false;
    };
    const isRecommended = (i: number): boolean => this.state.items.recommended?.includes(i) ?? false;
    const rest = this.front.filter((i) => !isRecommended(i));
    for (const i of [...this.front.filter(isRecommended), ...rest.slice(-LABELS_MOST)]) {
      const name = this.state.items.name(i), [px, py] = this.pixel(i), place = `${name} ${px} ${py}`;
      if (seen.has(place)) continue;
      seen.add(place);
      ctx.font = `${isRecommended(i) ? "bold " : ""}11px system-ui, sans-serif`;
      if (!write(name, px, py) && name.length > SHORTENED) write(`${name.slice(0, SHORTENED - 1)}…`, px, py);
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
