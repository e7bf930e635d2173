// SPDX-License-Identifier: Apache-2.0
/** The first screen: what the run gave, what to ship, what changed, what failed, which boards need attention. */
import { PageData } from "./data";
import { element, scrolling, table, tile } from "../common/dom";
import * as format from "../common/format";
import { changesTable, countsText } from "./changes";
import { nameLink, whatToShip } from "./what_to_ship";
import { State } from "./state";

/** Before measuring: how many fit. */
function tilesOfAnalysis(data: PageData): HTMLElement {
  const { results } = data;
  const counts = new Map(data.chips.map((chip, n) => [chip, results.chip.map((c, i) => (c === n ? i : -1)).filter((i) => i >= 0)]));
  const isLimited = Object.values(data.limits).some((limit) => limit !== null);
  return element("div", { class: "tiles" }, tile(String(new Set(results.name).size), "models analysed"),
    ...[...counts].map(([chip, all]) => isLimited && tile(`${all.filter((i) => results.verdict[i] === "met").length} of ${all.length}`, `fit all limits on ${chip}`)));
}

function tiles(data: PageData): HTMLElement {
  const { run, results } = data;
  if (data.analysed) return tilesOfAnalysis(data);
  const measured = results.outcome.filter((outcome) => outcome === "measured").length;
  const judged = Object.values(data.limits).some((limit) => limit !== null) ? measured : 0;
  const met = results.verdict.filter((verdict, i) => results.outcome[i] === "measured" && verdict === "met").length;
  const dead = data.boards.filter((board) => board.dead).length;
  const regressed = data.baseline?.counts.regressed ?? 0;
  return element("div", { class: "tiles" },
    tile(`${measured} of ${results.name.length}`, "measured", measured === results.name.length ? "good" : ""),
    judged > 0 && tile(`${met} of ${judged}`, "meet all limits"),
    run.failed > 0 && tile(String(run.failed), "failed", "bad"),
    run.not_run > 0 && tile(String(run.not_run), "not run", "warn"),
    run.pruned > 0 && tile(String(run.pruned), "pruned: cannot fit", "warn"),
    data.baseline && tile(String(regressed), `worse than run ${data.baseline.run}`, regressed ? "bad" : "good"),
    dead > 0 && tile(String(dead), dead === 1 ? "board needs attention" : "boards need attention", "bad"),
    run.duration_ns !== null && tile(format.elapsed(run.duration_ns), "the run took"));
}

const CHANGES_MOST = 200;

function changes(state: State): HTMLElement | null {
  const { baseline } = state.data;
  if (!baseline) return null;
  return element("section", {}, element("h2", {}, "Changes"),
    element("p", {}, `Against ${baseline.run}, ${format.moment(baseline.started_ms)}: ${countsText(baseline)}.`),
    changesTable(state.data, baseline, (name, _chip, result) => (result === null ? name : nameLink(state, result)), CHANGES_MOST));
}

/** Failed results by cause: each cause once, with the number of results. */
function failures(state: State): HTMLElement | null {
  const { results, failures: boards } = state.data;
  const causes = new Map<string, { fault: string; message: string; count: number; first: number | null }>();
  const note = (fault: string, message: string, result: number | null): void => {
    const cause = causes.get(`${fault}\n${message}`);
    if (cause) cause.count++;
    else causes.set(`${fault}\n${message}`, { fault, message, count: 1, first: result });
  };
  results.outcome.forEach((outcome, i) => {
    if (outcome === "failed" || outcome === "not_run")
      note(results.fault[i] ?? "not run", results.message[i] ?? "", i);
  });
  boards.forEach((failure) => note(failure.fault, `board ${failure.board}: ${failure.message}`, null));
  if (!causes.size) return null;
  return element("section", {}, element("h2", {}, "Failures"), scrolling("Failures", "card", table(
    ["Class", "Cause", "Count", "For example"],
    [...causes.values()].sort((a, b) => b.count - a.count).map((cause) => [
      cause.fault, cause.message, String(cause.count), cause.first === null ? "–" : nameLink(state, cause.first)]), [2])));
}

/** Results that were not flashed because they cannot fit, with the reason. */
function pruned(state: State): HTMLElement | null {
  const { results, chips } = state.data;
  const found = results.name.map((_name, i) => i).filter((i) => results.outcome[i] === "pruned");
  if (!found.length) return null;
  return element("details", { class: "card pruned" }, element("summary", {}, `Pruned before flashing: ${found.length} cannot fit`),
    table(["Variation", "Chip", "Why"], found.slice(0, 200).map((i) =>
      [nameLink(state, i), chips[results.chip[i]], results.message[i] ?? ""])));
}

function attention(data: PageData): HTMLElement | null {
  const dead = data.boards.filter((board) => board.dead);
  if (!dead.length) return null;
  return element("section", {}, element("h2", {}, "Boards that need attention"), element("ul", {}, ...dead.map((board) =>
    element("li", {}, element("b", {}, board.id), ` (${board.chip}): ${board.dead}`))));
}

export function summary(state: State): HTMLElement {
  const { data } = state;
  return element("div", {}, tiles(data), whatToShip(state),
    changes(state), attention(data), failures(state), pruned(state));
}
