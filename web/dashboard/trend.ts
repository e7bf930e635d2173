// SPDX-License-Identifier: Apache-2.0
/** A variation over nights: latency with its spread, and what changed with each step. */
import { element, replace, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { ApiError, get, query } from "./api";
import { Live } from "./live";
import { TimeChart, TimeSeries } from "./time_chart";
import { TrendResult, View } from "./types";
import { link, pagePath } from "./widgets";

const OFFERED = 50;
const NIGHTS = 500;

/** What can explain a step: each quality of a result, and its name. */
const ORIGINS: [string, (result: TrendResult) => string | null][] = [
  ["firmware", (result) => result.firmware_id], ["image", (result) => result.image_sha256], ["hilfarm", (result) => result.hilfarm_version],
  ["host", (result) => result.host], ["clock", (result) => result.clock_source], ["timing", (result) => (result.modelled ? "modelled" : "silicon")],
];
/** Boards of a farm take turns, so another board explains a step, and is no news without one. */
const BOARD: typeof ORIGINS = [["board", (result) => result.board]];

const brief = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** What is different from the result before, in words. */
function changesSince(before: TrendResult | undefined, now: TrendResult, isStep: boolean): string {
  if (!before || now.outcome !== "measured") return "";
  return [...ORIGINS, ...(isStep ? BOARD : [])].map(([name, of]) => {
    const was = of(before), is = of(now);
    return was !== null && is !== null && was !== is ? `${name}: ${brief(was)} → ${brief(is)}` : "";
  }).filter((text) => text).join("; ");
}

function series(results: TrendResult[], title: string, unit: string, value: (result: TrendResult) => number | null,
  range: (result: TrendResult) => [number | null, number | null], show: (value: number) => string): TimeSeries {
  let before: TrendResult | undefined;
  return {
    title, unit, format: show, open: (index) => (location.hash = `#${pagePath("runs", results[index].run_key)}`),
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
function steps(results: TrendResult[]): HTMLElement {
  const measured = results.filter((result) => result.latency_ns !== null);
  const rows = measured.flatMap((now, i) => {
    const before = measured[i - 1];
    if (!before) return [];
    const percent = (100 * ((now.latency_ns as number) - (before.latency_ns as number))) / (before.latency_ns as number);
    const isOutside = (now.latency_ns as number) < (before.latency_p05_ns as number) || (now.latency_ns as number) > (before.latency_p95_ns as number);
    const change = changesSince(before, now, isOutside);
    if (!change && !isOutside) return [];
    return [[link(pagePath("runs", now.run_key), `run ${now.run_id}`), format.moment(now.started_ms),
      isOutside ? element("span", { class: percent > 0 ? "bad" : "good" }, `${percent > 0 ? "+" : ""}${percent.toFixed(2)} %`) : "within the spread",
      change || "nothing that is recorded"]];
  }).reverse();
  return rows.length ? scrolling("Steps", "card", table(["Run", "When", "Latency", "What changed with it"], rows, [2]))
    : element("p", { class: "soft" }, "No step: the latency stayed within the spread, and nothing changed.");
}

/** The page without a variation: a search by the beginning of its name. */
export function chooseTrend(): View {
  const list = element("ul", { class: "columns" });
  const search = element("input", { type: "search", placeholder: "beginning of a name", oninput: () => read() });
  const read = (): void => {
    const prefix = search.value.trim();
    get<{ variations: { name: string; chip: string }[] }>(`/variations${query({ prefix, limit: OFFERED })}`).then(({ variations }) => {
      if (prefix !== search.value.trim()) return;
      replace(list, ...variations.map(({ name, chip }) => element("li", {}, link(pagePath("trend", name, chip), name), element("span", { class: "soft" }, ` ${chip}`))),
        !variations.length && element("li", { class: "soft" }, "no variation of any run has such a name"),
        variations.length === OFFERED && element("li", { class: "soft" }, "… more: type more of the name"));
    }, (cause: Error) => replace(list, element("li", { class: "bad" }, cause.message)));
  };
  read();
  return { title: "Trends", parts: [element("h1", {}, "Trends"), element("div", { class: "card controls" }, element("label", {}, "Variation ", search)), list] };
}

export async function trend(live: Live, name: string, chip: string): Promise<View> {
  const answer = await get<{ results: TrendResult[] }>(`/trend${query({ name, chip, limit: NIGHTS })}`);
  if (!answer.results.length) throw new ApiError(404, `no run has the variation '${name}' on ${chip}`);
  /* What is still to be measured has not failed. */
  const results = answer.results.filter((result) => result.outcome !== "not_run" || !live.entry(result.run_key)).reverse();
  const charts: TimeChart[] = [];
  const chart = (one: TimeSeries): HTMLElement | false => {
    if (!one.points.some((point) => point.value !== null)) return false;
    charts.push(new TimeChart(one));
    return charts[charts.length - 1].root;
  };
  const none = (): [null, null] => [null, null];
  const isModelled = results.some((result) => result.modelled);
  const newest = results[results.length - 1], latest = [...results].reverse().find((result) => result.latency_ns !== null);
  const shown = latest && `${format.duration(latest.latency_ns as number)}${latest.modelled ? " *" : ""}`;
  return {
    title: name, close: () => charts.forEach((one) => one.close()),
    parts: [element("h1", {}, name), element("p", { class: "sub" }, `on ${chip}, ${results.length} run${results.length === 1 ? "" : "s"}`,
      shown && (newest === latest ? ` · now ${shown}` : ` · last measured in run ${latest.run_id}: ${shown}`)),
    newest && newest !== latest && element("p", { class: "bad" }, `The newest run, ${newest.run_id}, has no latency: ${newest.outcome.replace("_", " ")}` +
      `${newest.message ? `, ${newest.message}` : ""}.`),
    isModelled && element("p", { class: "notice" }, "* Times are modelled: they come from virtual boards."),
    !results.length && element("p", { class: "soft" }, "No run has measured it yet."),
    element("div", { class: "charts" },
      chart(series(results, "Latency, with its spread", "median of the timed inferences", (result) => result.latency_ns,
        (result) => [result.latency_p05_ns, result.latency_p95_ns], format.duration)),
      chart(series(results, "RAM", "arena, static data, stack", (result) => result.ram_bytes, none, format.bytes)),
      chart(series(results, "ROM", "model and firmware", (result) => result.rom_bytes, none, format.bytes)),
      chart(series(results, "Accuracy", "percent", (result) => result.accuracy_percent, none, format.percent))),
    results.length > 0 && element("p", { class: "soft" }, "Diamonds: something changed with this run. Crosses: not measured. A click opens the run."),
    results.length > 0 && element("section", {}, element("h2", {}, "Steps"), steps(results))],
  };
}
