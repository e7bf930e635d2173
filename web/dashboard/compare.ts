// SPDX-License-Identifier: Apache-2.0
/** Two runs side by side: what changed, and by how much. */
import { element, table, tile } from "../common/dom";
import * as format from "../common/format";
import { PageData } from "../report/data";
import { listMetrics, showChange } from "../report/result_metrics";
import { get, segment } from "./api";
import { View } from "./types";
import { link, pagePath, state } from "./widgets";

const ROWS_MOST = 2000;

/** The provenance of a run, to be compared. */
function origins(data: PageData): [string, string][] {
  const firmware = [...new Set(data.results.firmware_id.filter((id): id is string => id !== null))].sort();
  const { run } = data;
  return [["Run", `${run.id}, ${run.key}`], ["Started", format.moment(run.started_ms)], ["State", run.state], ["hilfarm", run.hilfarm_version],
    ["OpenOCD", run.openocd_version ?? "–"], ["Host", run.host], ["Firmware", firmware.join(", ") || "–"],
    ["Boards", data.boards.map((board) => board.id).join(", ")], ["Inferences", `${run.warmup} + ${run.runs}`],
    ["Measured", String(run.measured)], ["Failed", String(run.failed)], ["Spec", run.spec_text]];
}

function provenance(before: PageData, after: PageData): HTMLElement {
  const left = origins(before), right = origins(after);
  return element("div", { class: "card scroll" }, table(["", "Before", "After"], left.map(([title, value], i) => {
    const other = right[i][1];
    if (title === "Spec") return [title, value === other ? "the same" : element("span", { class: "warn" }, "differs"), ""];
    return [title, value, value === other || i < 2 ? other : element("span", { class: "warn" }, other)];
  })));
}

/** Latencies of the variations of both runs. */
function latencies(before: PageData, after: PageData): HTMLElement {
  const metric = listMetrics(after).find((one) => one.id === "latency");
  const key = (data: PageData, i: number): string => `${data.results.name[i]}\n${data.chips[data.results.chip[i]]}`;
  const earlier = new Map(before.results.name.map((_name, i) => [key(before, i), i]));
  const rows = after.results.name.map((name, i) => {
    const j = earlier.get(key(after, i)), now = after.results.latency_ns[i], then = j === undefined ? null : before.results.latency_ns[j];
    return { name, chip: after.chips[after.results.chip[i]], now, then, percent: now !== null && then ? (100 * (now - then)) / then : null };
  }).sort((a, b) => Math.abs(b.percent ?? 0) - Math.abs(a.percent ?? 0));
  const show = (value: number | null): string => (value === null || !metric ? "–" : metric.format(value));
  return element("div", { class: "card scroll" }, table(["Variation", "Chip", "Before", "After", "Change"], rows.slice(0, ROWS_MOST).map((row) => [
    link(pagePath("trend", row.name, row.chip), row.name), row.chip, show(row.then), show(row.now),
    row.percent === null ? "–" : `${row.percent > 0 ? "+" : ""}${row.percent.toFixed(2)} %`]), [2, 3, 4]));
}

function changes(data: PageData): HTMLElement {
  const { baseline } = data;
  const metrics = new Map(listMetrics(data).map((metric) => [metric.id, metric]));
  if (!baseline?.changes.length) return element("p", { class: "soft" }, "No figure changed by more than its spread.");
  return element("div", { class: "card scroll" }, table(["Variation", "Change", "Figure", "Before", "After", ""], baseline.changes.slice(0, ROWS_MOST).map((change) => {
    const metric = metrics.get(change.figure), show = (value: number): string => metric?.format(value) ?? format.plain(value);
    return [`${data.results.name[change.result]} on ${data.chips[data.results.chip[change.result]]}`,
      state(change.change, change.change === "regressed" ? "bad" : "good"), metric?.title ?? change.figure, show(change.before), show(change.after),
      showChange(change)];
  }), [3, 4, 5]));
}

export async function compare(earlier: string, later: string): Promise<View> {
  const [before, after] = await Promise.all([get<PageData>(`/runs/${segment(earlier)}/page.json`),
    get<PageData>(`/runs/${segment(later)}/page.json?baseline=${segment(earlier)}`)]);
  const counts = Object.entries(after.baseline?.counts ?? {}).filter(([, count]) => count > 0);
  return {
    title: "Comparison",
    parts: [element("h1", {}, `Run ${before.run.id} and run ${after.run.id}`),
      element("p", { class: "sub" }, link(pagePath("runs", before.run.key), before.run.name), ", then ", link(pagePath("runs", after.run.key), after.run.name)),
      element("div", { class: "tiles" }, ...counts.map(([name, count]) =>
        tile(String(count), name.replace("_", " "), name === "regressed" ? "bad" : name === "improved" ? "good" : ""))),
      element("section", {}, element("h2", {}, "Changes"), changes(after)),
      element("section", {}, element("h2", {}, "How they were measured"), provenance(before, after)),
      element("section", {}, element("h2", {}, "Latencies"), latencies(before, after))],
  };
}
