// SPDX-License-Identifier: Apache-2.0
/** The table of results: its columns. */
import { element } from "../common/dom";
import { Column, ItemTable } from "../common/item_table";
import { State } from "./state";

const USUAL = ["chip", "accuracy", "macs", "params", "image", "ram", "rom", "latency", "spread", "verdict"];

function verdict(state: State, i: number): Node | string {
  const { outcome, verdict: verdicts, message } = state.data.results;
  if (outcome[i] !== "measured")
    return element("span", { class: outcome[i] === "failed" ? "bad" : "warn", title: message[i] ?? "" },
      outcome[i].replace("_", " "));
  const judged = verdicts[i];
  if (!judged) return "–";
  return element("span", { class: judged === "met" ? "good" : "bad" }, judged);
}

function listColumns(state: State): Column[] {
  const { data, metrics } = state;
  const r = data.results;
  const text = (id: string, title: string, help: string, cell: Column["cell"], isNumber = false): Column =>
    ({ id, title, help, by: null, cell, isNumber, isUsual: USUAL.includes(id) });
  const columns: Column[] = metrics.map((metric) => ({
    id: metric.id, title: metric.title, help: metric.help, by: metric, isNumber: true, isUsual: USUAL.includes(metric.id),
    cell: (i) => {
      const value = metric.values[i];
      if (value === null) return metric.id === "image" && r.image_bytes_min[i] !== null
        ? `≥ ${metric.format(r.image_bytes_min[i] as number)}` : "–";
      const shown = metric.format(value) + (metric.id === "latency" && r.modelled[i] ? " *" : "");
      const misses = metric.limit !== null && value > metric.limit;
      return misses ? element("span", { class: "bad" }, shown) : shown;
    },
  }));
  const after = columns.findIndex((column) => column.id === "latency") + 1;
  columns.splice(after, 0, text("spread", "Spread", "half the distance between the fastest and the slowest inference", (i) => {
    const low = r.latency_low_ns[i], high = r.latency_high_ns[i], median = r.latency_ns[i];
    return low === null || high === null || !median || r.sample_count[i] < 2 ? "–" : `±${((50 * (high - low)) / median).toFixed(2)} %`;
  }, true));
  return [text("chip", "Chip", data.analysed ? "that the latency is estimated for" : "that it was measured on", (i) => data.chips[r.chip[i]]), ...columns,
    text("board", "Board", "that measured it", (i) => data.boards[r.board[i]]?.id ?? "–"),
    text("verdict", "Limits", "whether the limits of the spec are met", (i) => verdict(state, i))];
}

export function resultsTable(state: State): HTMLElement {
  return new ItemTable(state, listColumns(state),
    { region: "Results", name: "Variation", nameHelp: "click to open", positionHelp: "order of the spec" }).root;
}
