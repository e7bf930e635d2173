// SPDX-License-Identifier: Apache-2.0
/** A chart over time: a line with its spread, marks for what changed, or bars per day. */
import { BarController, BarElement, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js/chart.mjs";
import { Axis, axisBetween } from "./axis";
import { colour, element, paint, replace, scrolling, table } from "./dom";
import * as format from "./format";
import { onColours } from "./lifetime";

Chart.register(BarController, BarElement, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

const DAY_MS = 86400000;
const TICKS = 5;
const NARROWEST = 0.02; /* of the value */

export interface TimePoint {
  at_ms: number;
  value: number | null;
  /** the spread; null = none */
  low: number | null;
  high: number | null;
  /** lines of the tooltip */
  text: string[];
  /** "bad" = drawn as a failure, at the bottom */
  kind: string;
  /** what changed with this point; "" = nothing */
  change: string;
}

export interface TimeSeries {
  title: string;
  unit: string;
  points: TimePoint[];
  format: (value: number) => string;
  open?: (index: number) => void;
}

const SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS;
const STEPS_MS = [1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS).concat([1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  [1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS), [1, 2, 7, 14, 30, 90, 180, 365, 730].map((days) => days * DAY_MS));

/** The part of a time that tells ticks apart: a date, with hours and minutes, or hours, minutes and seconds. */
function timeText(iso: string, step: number, span: number): string {
  if (step >= DAY_MS) return iso.slice(0, 10);
  if (step < MINUTE_MS) return iso.slice(11, 19);
  return span > DAY_MS ? iso.slice(5, 16).replace("T", " ") : iso.slice(11, 16);
}

/**
 * Ticks on whole days, or on whole hours, minutes and seconds where all is within a few days.
 * @param shift_ms from UTC to the time that is shown @param least_ms between two ticks
 */
function timeAxis(times: number[], shift_ms: number, least_ms: number): object {
  const first = Math.min(...times), last = Math.max(...times), span = Math.max(last - first, TICKS * SECOND_MS), middle = (first + last) / 2;
  const step = STEPS_MS.find((one) => one >= least_ms && span / one <= TICKS + 1) ?? STEPS_MS[STEPS_MS.length - 1];
  return {
    type: "linear", min: middle - span * 0.53, max: middle + span * 0.53, grid: { color: paint("--line") },
    afterBuildTicks: (axis: any) => {
      axis.ticks = [];
      for (let at = Math.ceil((axis.min + shift_ms) / step) * step - shift_ms; at <= axis.max; at += step) axis.ticks.push({ value: at });
    },
    ticks: { color: paint("--soft"), maxRotation: 0, autoSkipPadding: 12,
      callback: (value: number) => timeText(new Date(value + shift_ms).toISOString(), step, span) },
  };
}

const localShift_ms = (at_ms: number): number => -new Date(at_ms).getTimezoneOffset() * MINUTE_MS;

/** An axis of values: never so narrow that noise looks like a change. */
function valueAxis(values: number[], show: (value: number) => string): Axis {
  if (!values.length) return axisBetween(0, 1, show);
  const low = Math.min(...values), high = Math.max(...values);
  const span = Math.max(high - low, Math.max(Math.abs(low), Math.abs(high)) * NARROWEST) || 1, middle = (low + high) / 2;
  return axisBetween(middle - 0.6 * span, middle + 0.6 * span, show);
}

export class TimeChart {
  readonly root: HTMLElement;
  private readonly chart: any;
  private isOpen = true;

  constructor(private readonly series: TimeSeries) {
    const canvas = element("canvas", { role: "img", "aria-label": `${series.title}: ${series.points.length} points; the values are in the table below it` });
    const { points } = series;
    const x = (point: TimePoint): number => point.at_ms;
    const line = points.filter((point) => point.value !== null);
    const band = (key: "low" | "high"): object[] => line.map((point) => ({ x: x(point), y: point[key] ?? point.value }));
    const ink = paint("--c0");
    const values = line.flatMap((point) => [point.low, point.high, point.value]).filter((value): value is number => value !== null);
    const { min, max, stepSize, label } = valueAxis(values, series.format);
    this.chart = new Chart(canvas, {
      type: "line",
      data: { datasets: [
        { data: band("low"), borderWidth: 0, pointRadius: 0, pointHitRadius: 0, fill: false },
        { data: band("high"), borderWidth: 0, pointRadius: 0, pointHitRadius: 0, fill: 0, backgroundColor: paint("--c0", "33") },
        { data: line.map((point) => ({ x: x(point), y: point.value, point })), borderColor: ink, backgroundColor: ink, borderWidth: 1.5,
          pointRadius: line.map((point) => (point.change ? 6 : line.length > 60 ? 2 : 3)), pointStyle: line.map((point) => (point.change ? "rectRot" : "circle")),
          pointBackgroundColor: ({ dataIndex }: { dataIndex: number }) => colour(line[dataIndex]?.kind === "bad" ? "--bad" : line[dataIndex]?.change ? "--c1" : "--c0") },
      ] },
      options: {
        animation: false, maintainAspectRatio: false, responsive: true,
        onClick: (_event: unknown, hits: any[]) => {
          const hit = hits.find((one) => one.datasetIndex === 2);
          if (hit && series.open) series.open(points.indexOf(line[hit.index]));
        },
        scales: {
          x: timeAxis(points.map(x), localShift_ms(points[0].at_ms), SECOND_MS),
          y: { min, max, grid: { color: paint("--line") }, title: { display: true, text: series.unit, color: paint("--soft") },
            ticks: { color: paint("--soft"), maxTicksLimit: 9, stepSize, callback: label } },
        },
        plugins: { legend: { display: false }, tooltip: {
          filter: (item: any) => item.datasetIndex === 2,
          callbacks: { title: () => "", label: (item: any) => item.raw.point.text },
        } },
      },
      plugins: [{ id: "failures", afterDatasetsDraw: () => this.drawFailures() }],
    });
    onColours(() => this.isOpen && this.chart.update("none"));
    this.root = element("figure", { class: "card chart" }, element("figcaption", {}, series.title),
      element("div", { class: "plot" }, canvas), this.values());
  }

  /** Crosses at the bottom for runs without a value. */
  private drawFailures(): void {
    const { ctx, chartArea: area, scales } = this.chart;
    if (!area) return;
    ctx.save();
    ctx.strokeStyle = colour("--bad");
    ctx.lineWidth = 2;
    for (const point of this.series.points.filter((one) => one.value === null)) {
      const at = scales.x.getPixelForValue(point.at_ms), y = area.bottom - 8;
      ctx.beginPath();
      ctx.moveTo(at - 4, y - 4);
      ctx.lineTo(at + 4, y + 4);
      ctx.moveTo(at + 4, y - 4);
      ctx.lineTo(at - 4, y + 4);
      ctx.stroke();
    }
    ctx.restore();
  }

  private values(): HTMLElement {
    const holder = element("details", { class: "values" }, element("summary", {}, "Values"));
    holder.addEventListener("toggle", () => {
      if (!holder.open) return;
      replace(holder, element("summary", {}, "Values"), scrolling(`Values of ${this.series.title}`, "", table(["When", "Value", "From", "To", "Change"],
        this.series.points.map((point) => [format.moment(point.at_ms),
          point.value === null ? element("span", { class: "bad" }, point.text[point.text.length - 1] ?? "none") : this.series.format(point.value),
          point.low === null ? "–" : this.series.format(point.low), point.high === null ? "–" : this.series.format(point.high),
          point.change || "–"]), [1, 2, 3])));
    });
    return holder;
  }

  close(): void {
    this.isOpen = false;
    this.chart.destroy();
  }
}

export interface Day { day_ms: number; good: number; bad: number }

/** Bars per day: what succeeded, and on it what failed. */
export class DayChart {
  readonly root: HTMLElement;
  private readonly chart: any;
  private isOpen = true;

  constructor(title: string, days: Day[]) {
    const canvas = element("canvas", { role: "img", "aria-label": `${title} on ${days.length} days; the values are in the table below it` });
    const first = days[0]?.day_ms ?? 0, last = days[days.length - 1]?.day_ms ?? 0;
    const bars = (key: "good" | "bad"): object[] => days.map((day) => ({ x: day.day_ms, y: day[key] }));
    const width = Math.max(2, Math.min(24, 380 / ((last - first) / DAY_MS + 1)));
    this.chart = new Chart(canvas, {
      type: "bar",
      data: { datasets: [
        { label: "succeeded", data: bars("good"), backgroundColor: paint("--c2"), barThickness: width },
        { label: "failed", data: bars("bad"), backgroundColor: paint("--c1"), barThickness: width },
      ] },
      options: {
        animation: false, maintainAspectRatio: false, responsive: true,
        scales: {
          x: { ...timeAxis(days.length ? [first - DAY_MS, last + DAY_MS] : [0, DAY_MS], 0, DAY_MS), stacked: true, offset: false, grid: { color: paint("--line"), offset: false } },
          y: { stacked: true, beginAtZero: true, grid: { color: paint("--line") }, ticks: { color: paint("--soft"), precision: 0, maxTicksLimit: 6 } },
        },
        plugins: { legend: { display: false }, tooltip: { callbacks: {
          title: (items: any[]) => new Date(items[0].raw.x).toISOString().slice(0, 10), label: (item: any) => `${item.raw.y} ${item.dataset.label}`,
        } } },
      },
    });
    onColours(() => this.isOpen && this.chart.update("none"));
    const values = element("details", { class: "values" }, element("summary", {}, "Values"),
      scrolling(`Values of ${title}`, "", table(["Day", "Succeeded", "Failed"], days.map((day) => [
        new Date(day.day_ms).toISOString().slice(0, 10), String(day.good), String(day.bad)]), [1, 2])));
    this.root = element("figure", { class: "card chart" }, element("figcaption", {}, title), element("div", { class: "plot" }, canvas),
      element("p", { class: "key" }, element("i", { style: "background:var(--c2)" }), "succeeded", element("i", { style: "background:var(--c1)" }), "failed"), values);
  }

  close(): void {
    this.isOpen = false;
    this.chart.destroy();
  }
}
