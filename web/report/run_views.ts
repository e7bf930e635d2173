// SPDX-License-Identifier: Apache-2.0
/** The views of a run, as the report and the dashboard show them. */
import { controls } from "../common/controls";
import { element, scrolling, table, transcript } from "../common/dom";
import * as format from "../common/format";
import { ParallelChart } from "../common/parallel";
import { runOutcome } from "../common/run_outcome";
import { ScatterChart } from "../common/scatter";
import { isModelled, PageData } from "./data";
import { Comparison, Details } from "./details";
import { resultsTable } from "./results_table";
import { searchDecisions } from "./search_decisions";
import { State } from "./state";
import { summary } from "./summary";

function charts(state: State): HTMLElement | null {
  const metric = (id: string) => state.metric(id);
  const latency = metric("latency"), accuracy = metric("accuracy");
  const up = accuracy ?? metric("macs");
  if (!up) return null;
  /* The size that the spec limits is that of model and firmware together. */
  const size = state.data.limits.rom_bytes !== null && metric("rom") ? "rom" : "image";
  const pairs: [string, boolean][] = accuracy
    ? [["latency", true], [size, false], ["ram", false], ["macs", false]]
    : [["latency", true], ["ram", false]];
  const parts = pairs.map(([id, chooses]) => {
    const across = metric(id);
    return across && across !== up ? new ScatterChart(state, across, id === "ram" && !accuracy && latency ? latency : up, chooses).root : null;
  });
  return element("div", { class: "charts" }, ...parts, new ParallelChart(state, ["accuracy", "latency", "ram", "rom", "macs"]).root);
}

function boards(data: PageData): HTMLElement | null {
  if (!data.boards.length) return null;
  return element("section", {}, element("h2", {}, "Boards"), scrolling("Boards", "card", table(
    ["Board", "Chip", "Core", "Clock", "Timing", "Attempts", "Failed", "State at the end"],
    data.boards.map((board) => [board.id, board.chip, board.core, board.clock_hz ? `${board.clock_hz / 1e6} MHz` : "–",
      board.clock_hz === null ? "–" : board.modelled ? "modelled" : "silicon", String(board.attempts), String(board.failed),
      board.dead ? element("span", { class: "bad" }, board.dead) : "usable"]), [3, 5, 6])));
}

function provenance(data: PageData): HTMLElement {
  const { run } = data;
  const text = (title: string, content: string | null): HTMLElement | null =>
    content ? element("div", {}, element("h3", {}, title), element("pre", {}, content)) : null;
  return element("details", { class: "card provenance" }, element("summary", {}, "How it was measured"),
    element("dl", {}, ...([["Run", run.key], ["Submitted by", run.owner], ["Started", format.moment(run.started_ms)],
      ["Resumed", run.resumptions ? `${run.resumptions} times` : null], ["hilfarm", run.hilfarm_version],
      ["OpenOCD", run.openocd_version], ["Host", run.host],
      ["Each result", `${run.warmup} warm-up and ${run.runs} timed inferences`]] as [string, string | null][])
      .flatMap(([title, value]) => value ? [element("dt", {}, title), element("dd", {}, value)] : [])),
    text(run.spec_path, run.spec_text), text(run.farm_path ?? "farm file", run.farm_text),
    ...data.failures.map((failure) => transcript(failure.transcript)));
}

function outcome(data: PageData): HTMLElement {
  const regressed = data.run.regressed ?? data.baseline?.counts.regressed ?? 0;
  const [text, kind] = runOutcome({ ...data.run, dead_boards: data.boards.filter((board) => board.dead).length, regressed });
  return element("b", { class: kind || undefined }, text);
}

function heading(data: PageData): HTMLElement {
  const { run, limits } = data;
  const judged = ([["RAM", limits.ram_bytes, format.bytes], ["ROM", limits.rom_bytes, format.bytes], ["MACs", limits.macs, format.count]] as
    [string, number | null, (value: number) => string][])
    .filter(([, limit]) => limit !== null).map(([name, limit, show]) => `${name} ≤ ${show(limit as number)}`);
  return element("header", {}, element("h1", {}, run.name), element("p", { class: "sub" },
    ...(data.analysed ? ["before measuring"] : [`run ${run.id}, ${format.moment(run.started_ms)}, `, outcome(data)]),
    `; limits: ${judged.join(", ") || "none"}${run.tags ? `; tags: ${run.tags}` : ""}`));
}

/** All views of a run, to be put into a page in this order. */
export function runViews(state: State): (HTMLElement | string | null | false)[] {
  const { data } = state;
  const details = new Details(state), comparison = new Comparison(state);
  return [heading(data),
    data.analysed && element("p", { class: "notice" }, "* Nothing was measured: latencies are estimated by a model of each chip's cycles; RAM and ROM are those of the plan with the largest firmware."),
    isModelled(data) && !data.analysed && element("p", { class: "notice" }, "* Times and cycles are modelled: they come from virtual boards, whose cycle counts a timing model computes."),
    data.run.trimmed && element("p", { class: "notice" }, data.run.trimmed),
    state.count ? summary(state) : element("p", { class: "soft" }, "This run has no results."),
    state.count > 0 && element("section", {}, element("h2", {}, "Results"), controls(state, "name, chip, outcome, verdict", "results"), charts(state),
      resultsTable(state), comparison.root), details.root, searchDecisions(state), boards(data), !data.analysed && provenance(data)];
}
