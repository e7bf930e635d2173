// SPDX-License-Identifier: Apache-2.0
/** Two runs side by side: what changed, and by how much. */
import { element, scrolling, table, tile } from "../common/dom";
import * as format from "../common/format";
import { changesTable } from "../report/changes";
import { isModelled, PageData } from "../report/data";
import { listMetrics } from "../report/result_metrics";
import { get, segment } from "./api";
import { View } from "./types";
import { link, pagePath } from "./widgets";

const ROWS_MOST = 2000;

/** The provenance of a run, to be compared. */
function origins(data: PageData): [string, string][] {
  const firmware = [...data.firmwares].sort();
  const { run } = data;
  return [["Run", `${run.id}, ${run.key}`], ["Started", format.moment(run.started_ms)], ["State", run.state], ["hilfarm", run.hilfarm_version],
    ["OpenOCD", run.openocd_version ?? "–"], ["Host", run.host], ["Firmware", firmware.join(", ") || "–"],
    ["Boards", data.boards.map((board) => board.id).join(", ")], ["Inferences", `${run.warmup} + ${run.runs}`],
    ["Measured", String(run.measured)], ["Failed", String(run.failed)], ["Spec", run.spec_text]];
}

function provenance(before: PageData, after: PageData): HTMLElement {
  const left = origins(before), right = origins(after);
  return scrolling("How they were measured", "card", table(["Of the run", "Before", "After"], left.map(([title, value], i) => {
    const other = right[i][1];
    if (title === "Spec") return [title, value === other ? "the same" : element("span", { class: "warn" }, "differs"), ""];
    return [title, value, value === other || i < 2 ? other : element("span", { class: "warn" }, other)];
  })));
}

/** Latencies of the variations of either run. */
function latencies(before: PageData, after: PageData): HTMLElement {
  const metric = listMetrics(after).find((one) => one.id === "latency") ?? listMetrics(before).find((one) => one.id === "latency");
  const key = (data: PageData, i: number): string => `${data.results.name[i]}\n${data.chips[data.results.chip[i]]}`;
  const indices = (data: PageData): Map<string, number> => new Map(data.results.name.map((_name, i) => [key(data, i), i]));
  const earlier = indices(before), later = indices(after);
  const rows = [...new Set([...later.keys(), ...earlier.keys()])].map((one) => {
    const [name, chip] = one.split("\n"), i = later.get(one), j = earlier.get(one);
    const now = i === undefined ? null : after.results.latency_ns[i], then = j === undefined ? null : before.results.latency_ns[j];
    const same = i !== undefined && j !== undefined && after.results.modelled[i] === before.results.modelled[j];
    return { name, chip, then: text(before, j), now: text(after, i), percent: same && now !== null && then ? (100 * (now - then)) / then : null };
  }).sort((a, b) => Math.abs(b.percent ?? 0) - Math.abs(a.percent ?? 0));
  function text(data: PageData, i: number | undefined): string {
    if (i === undefined) return "not in this run";
    const value = data.results.latency_ns[i];
    if (value === null || !metric) return data.results.outcome[i].replace("_", " ");
    return metric.format(value) + (data.results.modelled[i] ? " *" : "");
  }
  return scrolling("Latencies", "card", table(["Variation", "Chip", "Before", "After", "Change"], rows.slice(0, ROWS_MOST).map((row) => [
    link(pagePath("trend", row.name, row.chip), row.name), row.chip, row.then, row.now,
    row.percent === null ? "–" : `${row.percent > 0 ? "+" : ""}${row.percent.toFixed(2)} %`]), [2, 3, 4]));
}

export async function compare(earlier: string, later: string): Promise<View> {
  const [before, after] = await Promise.all([get<PageData>(`/runs/${segment(earlier)}/page.json`),
    get<PageData>(`/runs/${segment(later)}/page.json?baseline=${segment(earlier)}`)]);
  const counts = Object.entries(after.baseline?.counts ?? {}).filter(([, count]) => count > 0);
  return {
    title: "Comparison",
    parts: [element("h1", {}, `Run ${before.run.id} and run ${after.run.id}`),
      element("p", { class: "sub" }, link(pagePath("runs", before.run.key), before.run.name), ", then ", link(pagePath("runs", after.run.key), after.run.name)),
      [before, after].some(isModelled) && element("p", { class: "notice" }, "* Times are modelled: they come from virtual boards."),
      element("div", { class: "tiles" }, ...counts.map(([name, count]) =>
        tile(String(count), name, name === "regressed" ? "bad" : name === "improved" ? "good" : ""))),
      element("section", {}, element("h2", {}, "Changes"), after.baseline &&
        changesTable(after, after.baseline, (name, chip) => link(pagePath("trend", name, chip), name), ROWS_MOST)),
      element("section", {}, element("h2", {}, "How they were measured"), provenance(before, after)),
      element("section", {}, element("h2", {}, "Latencies"), latencies(before, after))],
  };
}
