// SPDX-License-Identifier: Apache-2.0
/** What is not as in the baseline: the worse results first, then the better ones, then those that cannot be judged. */
import { element, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { Baseline, PageData } from "./data";
import { listMetrics, showChange } from "./result_metrics";

const ORDER = ["regressed", "improved", "uncertain", "not comparable"];
const KINDS: Record<string, string> = { regressed: "bad", improved: "good", uncertain: "warn" };

/** Makes a name that can be opened. @param result its number; null = only the baseline has it */
export type NameCell = (name: string, chip: string, result: number | null) => Node | string;

interface Row { change: string; cells: (Node | string)[] }

function rowsOf(data: PageData, baseline: Baseline, nameCell: NameCell): Row[] {
  const metrics = new Map(listMetrics(data).map((metric) => [metric.id, metric])), r = data.results;
  const head = (name: string, chip: string, result: number | null, change: string): (Node | string)[] =>
    [nameCell(name, chip, result), chip, element("span", { class: KINDS[change] }, change)];
  return [
    ...baseline.changes.map((one) => {
      const metric = metrics.get(one.figure), i = one.result;
      const mark = one.figure === "latency" && r.modelled[i] ? " *" : "";
      const show = (value: number): string => (metric?.format(value) ?? format.plain(value)) + mark;
      return { change: one.change, cells: [...head(r.name[i], data.chips[r.chip[i]], i, one.change), metric?.title ?? one.figure,
        show(one.before), show(one.after), showChange(one)] };
    }),
    ...baseline.others.map((one) => ({
      change: one.change, cells: [...head(one.name, one.chip, one.result, one.change),
        one.was === "modelled" || one.is === "modelled" ? "Timing" : "Outcome", one.was === "missing" ? "not in the baseline" : one.was,
        one.result !== null && one.is === "failed" && r.message[one.result] ? `failed: ${r.message[one.result]}` : one.is === "missing" ? "not in this run" : one.is, ""],
    })),
  ].sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change));
}

/** How many results have each change: "1 regressed, 3 unchanged". */
export function countsText(baseline: Baseline): string {
  return Object.entries(baseline.counts).filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`).join(", ") || "nothing to compare";
}

/** @param most rows of the table */
export function changesTable(data: PageData, baseline: Baseline, nameCell: NameCell, most: number): HTMLElement {
  const rows = rowsOf(data, baseline, nameCell);
  if (!rows.length)
    return element("p", { class: "soft" }, baseline.counts.unchanged ? "No figure changed by more than its spread." : "There is nothing to compare.");
  return element("div", {}, scrolling("Changes", "card", table(["Variation", "Chip", "Change", "Figure", "Before", "Now", ""],
    rows.slice(0, most).map((row) => row.cells), [4, 5, 6])),
  rows.length > most && element("p", { class: "soft" }, `The first ${most} of ${rows.length}.`));
}
