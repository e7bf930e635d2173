// SPDX-License-Identifier: Apache-2.0
/** A variation over nights: charts with the spread, and what changed with each step. */
import { element, scrolling, table } from "./dom";
import * as format from "./format";
import { TimeChart, TimeSeries } from "./time_chart";

/** The result of a variation in one run, as far as its trend needs it. */
export interface TrendPoint {
  run_id: number; run_key: string; started_ms: number; hilfarm_version: string | null; host: string | null; outcome: string; message: string | null;
  latency_ns: number | null; latency_p05_ns: number | null; latency_p95_ns: number | null; ram_bytes: number | null; rom_bytes: number | null;
  accuracy_percent: number | null; board: string | null; modelled: boolean; firmware_id: string | null; image_sha256: string | null;
  clock_source: string | null;
}

/** Makes the cell that names a run. */
type RunCell = (point: TrendPoint) => Node | string;

/** What can explain a step: each quality of a result, and its name. */
const ORIGINS: [string, (result: TrendPoint) => string | null][] = [
  ["firmware", (result) => result.firmware_id], ["image", (result) => result.image_sha256], ["hilfarm", (result) => result.hilfarm_version],
  ["host", (result) => result.host], ["clock", (result) => result.clock_source], ["timing", (result) => (result.modelled ? "modelled" : "silicon")],
];
/** Boards of a farm take turns, so another board explains a step, and is no news without one. */
const BOARD: typeof ORIGINS = [["board", (result) => result.board]];

const brief = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** What is different from the result before, in words. */
function changesSince(before: TrendPoint | undefined, now: TrendPoint, isStep: boolean): string {
  if (!before || now.outcome !== "measured") return "";
  return [...ORIGINS, ...(isStep ? BOARD : [])].map(([name, of]) => {
    const was = of(before), is = of(now);
    return was !== null && is !== null && was !== is ? `${name}: ${brief(was)} → ${brief(is)}` : "";
  }).filter((text) => text).join("; ");
}

function series(results: TrendPoint[], title: string, unit: string, value: (result: TrendPoint) => number | null,
  range: (result: TrendPoint) => [number | null, number | null], show: (value: number) => string, open?: (result: TrendPoint) => void): TimeSeries {
  let before: TrendPoint | undefined;
  return {
    title, unit, format: show, open: open && ((index) => open(results[index])),
    points: results.map((result) => {
      const change = changesSince(before, result, false), [low, high] = range(result), y = value(result);
      if (result.outcome === "measured") before = result;
      return {
        at_ms: result.started_ms, value: y, low, high, change, kind: result.outcome === "measured" ? "" : "bad",
        text: [`run ${result.run_id}, ${format.moment(result.started_ms)}`, y === null ? `${result.outcome}: ${result.message ?? ""}` : show(y),
          low !== null && high !== null && low !== high ? `5 % to 95 %: ${show(low)} to ${show(high)}` : "", change].filter((line) => line),
      };
    }),
  };
}

/** Steps: where the latency left the spread of the night before, with what changed. */
function steps(results: TrendPoint[], runCell: RunCell): HTMLElement {
  const measured = results.filter((result) => result.latency_ns !== null);
  const rows = measured.flatMap((now, i) => {
    const before = measured[i - 1];
    if (!before) return [];
    const percent = (100 * ((now.latency_ns as number) - (before.latency_ns as number))) / (before.latency_ns as number);
    const isOutside = (now.latency_ns as number) < (before.latency_p05_ns as number) || (now.latency_ns as number) > (before.latency_p95_ns as number);
    const change = changesSince(before, now, isOutside);
    if (!change && !isOutside) return [];
    return [[runCell(now), format.moment(now.started_ms),
      isOutside ? element("span", { class: percent > 0 ? "bad" : "good" }, `${percent > 0 ? "+" : ""}${percent.toFixed(2)} %`) : "within the spread",
      change || "nothing that is recorded"]];
  }).reverse();
  return rows.length ? scrolling("Steps", "card", table(["Run", "When", "Latency", "What changed with it"], rows, [2]))
    : element("p", { class: "soft" }, "No step: the latency stayed within the spread, and nothing changed.");
}

export interface TrendViews { charts: HTMLElement; steps: HTMLElement; close: () => void }

/**
 * @param points oldest first @param runCell names a run in the table of steps
 * @param open called when a point is clicked @param isBrief of RAM, ROM and accuracy only what has changed
 */
export function trendViews(points: TrendPoint[], runCell: RunCell, open?: (point: TrendPoint) => void, isBrief = false): TrendViews {
  const charts: TimeChart[] = [];
  const chart = (one: TimeSeries): HTMLElement | false => {
    const values = new Set(one.points.map((point) => point.value).filter((value) => value !== null));
    if (!values.size || (isBrief && charts.length && values.size === 1)) return false;
    charts.push(new TimeChart(one));
    return charts[charts.length - 1].root;
  };
  const none = (): [null, null] => [null, null];
  return {
    charts: element("div", { class: "charts" },
      chart(series(points, "Latency, with its spread", "median of the timed inferences", (point) => point.latency_ns,
        (point) => [point.latency_p05_ns, point.latency_p95_ns], format.duration, open)),
      chart(series(points, "RAM", "arena, static data, stack", (point) => point.ram_bytes, none, format.bytes, open)),
      chart(series(points, "ROM", "model and firmware", (point) => point.rom_bytes, none, format.bytes, open)),
      chart(series(points, "Accuracy", "percent", (point) => point.accuracy_percent, none, format.percent, open))),
    steps: steps(points, runCell), close: () => charts.forEach((one) => one.close()),
  };
}
