// SPDX-License-Identifier: Apache-2.0
/** The first screen: what the run gave, what to ship, what changed, what failed, which boards need attention. */
import { PageData } from "./data";
import { element, table, tile } from "../common/dom";
import * as format from "../common/format";
import { Metric, paretoFront } from "../common/metrics";
import { changesTable, countsText } from "./changes";
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

/** The results of a chip that may be shipped: measured, and within all limits. */
function candidates(data: PageData, chip: number): number[] {
  const r = data.results;
  return r.name.map((_name, i) => i).filter((i) => r.chip[i] === chip && r.outcome[i] === "measured" && r.verdict[i] !== "missed");
}

function names(state: State, i: number): HTMLElement {
  return element("button", { type: "button", class: "link", onclick: () => state.open(i) }, state.data.results.name[i]);
}

const CHANGES_MOST = 200;

/** At most so many steps of a front: its ends, and others evenly between them. */
const STEPS = 8;

function steps(front: number[]): number[] {
  if (front.length <= STEPS) return front;
  return Array.from({ length: STEPS }, (_step, n) => front[Math.round((n * (front.length - 1)) / (STEPS - 1))]);
}

/** What each step along the front costs and buys. */
function frontTable(state: State, whole: number[], latency: Metric, accuracy: Metric): HTMLElement {
  const front = steps(whole);
  return element("div", { class: "card scroll" }, table(
    [whole.length > STEPS ? `${STEPS} of ${whole.length} on the front` : "On the front", "Accuracy", "Latency", "RAM", "ROM", "A millisecond more buys"],
    front.map((i, n) => {
      const before = n > 0 ? front[n - 1] : null;
      const gained = before === null ? 0 : (accuracy.values[i] as number) - (accuracy.values[before] as number);
      const paid_ms = before === null ? 0 : ((latency.values[i] as number) - (latency.values[before] as number)) / 1e6;
      const show = (id: string): string => {
        const metric = state.metric(id), value = metric?.values[i] ?? null;
        return metric && value !== null ? metric.format(value) : "–";
      };
      return [names(state, i), accuracy.format(accuracy.values[i] as number), latency.format(latency.values[i] as number),
        show("ram"), show("rom"), before === null || paid_ms <= 0 ? "–" : `${(gained / paid_ms).toFixed(2)} points`];
    }), [1, 2, 3, 4, 5]));
}

/**
 * What the recommendation leaves out: results without an accuracy, and the fastest of all.
 * @param known the fastest whose accuracy is known; null = none is
 */
function unjudged(state: State, fit: number[], latency: Metric, accuracy: Metric, known: number | null): (HTMLElement | string)[] {
  const missing = fit.filter((i) => accuracy.values[i] === null).length;
  const timed = fit.filter((i) => latency.values[i] !== null);
  if (!missing || !timed.length) return [];
  const fastest = timed.reduce((a, b) => ((latency.values[b] as number) < (latency.values[a] as number) ? b : a));
  const text = `${missing} of ${fit.length} ${missing === 1 ? "has" : "have"} no accuracy and ${missing === 1 ? "is" : "are"} not judged: ` +
    "add accuracy or data to the models. ";
  return fastest === known ? [text] : [text, "The fastest of all: ", names(state, fastest),
    ` (${latency.format(latency.values[fastest] as number)}${accuracy.values[fastest] === null ? ", accuracy unknown" : ""}).`];
}

function recommendation(state: State, chip: number): HTMLElement | null {
  const { data } = state;
  const latency = state.metric("latency"), accuracy = state.metric("accuracy");
  const fit = candidates(data, chip);
  if (!latency || !fit.length) return null;
  const title = element("h3", {}, data.chips[chip]);
  const within = fit.some((i) => data.results.verdict[i] === "met") ? " within all limits" : "";
  if (!accuracy) {
    const timed = fit.filter((i) => latency.values[i] !== null);
    if (!timed.length) return null;
    const fastest = timed.reduce((a, b) => ((latency.values[b] as number) < (latency.values[a] as number) ? b : a));
    const macs = data.results.macs;
    const largest = timed.reduce((a, b) => ((macs[b] ?? 0) > (macs[a] ?? 0) ? b : a));
    return element("div", {}, title, element("p", {}, `Fastest${within}: `, names(state, fastest),
      ` (${latency.format(latency.values[fastest] as number)}). Most MACs${within}: `, names(state, largest),
      ` (${format.count(macs[largest] ?? 0)} in ${latency.format(latency.values[largest] as number)}). ` +
      "Which one to ship depends on the accuracy, which the spec does not give: add accuracy or data to its models."));
  }
  const front = paretoFront(fit, [latency, accuracy]);
  if (!front.length) return element("div", {}, title, element("p", {}, ...unjudged(state, fit, latency, accuracy, null)));
  const best = front[front.length - 1];
  return element("div", {}, title, element("p", {}, "Recommended: ", names(state, best),
    `: the most accurate${within} (${accuracy.format(accuracy.values[best] as number)}, ` +
    `${latency.format(latency.values[best] as number)}). ` +
    `${front.length > 1 ? "The others on the front are faster and less accurate." : fit.length > 1 ? "No other of known accuracy is faster or more accurate." : ""} `,
    ...unjudged(state, fit, latency, accuracy, front[0])),
  frontTable(state, front, latency, accuracy));
}

function changes(state: State): HTMLElement | null {
  const { baseline } = state.data;
  if (!baseline) return null;
  return element("section", {}, element("h2", {}, "Changes"),
    element("p", {}, `Against ${baseline.run}, ${format.moment(baseline.started_ms)}: ${countsText(baseline)}.`),
    changesTable(state.data, baseline, (name, _chip, result) => (result === null ? name : names(state, result)), CHANGES_MOST));
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
  return element("section", {}, element("h2", {}, "Failures"), element("div", { class: "card scroll" }, table(
    ["Class", "Cause", "Count", "For example"],
    [...causes.values()].sort((a, b) => b.count - a.count).map((cause) => [
      cause.fault, cause.message, String(cause.count), cause.first === null ? "–" : names(state, cause.first)]), [2])));
}

/** Results that were not flashed because they cannot fit, with the reason. */
function pruned(state: State): HTMLElement | null {
  const { results, chips } = state.data;
  const found = results.name.map((_name, i) => i).filter((i) => results.outcome[i] === "pruned");
  if (!found.length) return null;
  return element("details", { class: "card pruned" }, element("summary", {}, `Pruned before flashing: ${found.length} cannot fit`),
    table(["Variation", "Chip", "Why"], found.slice(0, 200).map((i) =>
      [names(state, i), chips[results.chip[i]], results.message[i] ?? ""])));
}

function attention(data: PageData): HTMLElement | null {
  const dead = data.boards.filter((board) => board.dead);
  if (!dead.length) return null;
  return element("section", {}, element("h2", {}, "Boards that need attention"), element("ul", {}, ...dead.map((board) =>
    element("li", {}, element("b", {}, board.id), ` (${board.chip}): ${board.dead}`))));
}

export function summary(state: State): HTMLElement {
  const { data } = state;
  const advice = data.chips.map((_chip, chip) => recommendation(state, chip)).filter((part) => part !== null);
  return element("div", {}, tiles(data), advice.length > 0 && element("section", {}, element("h2", {}, "What to ship"), ...advice),
    changes(state), attention(data), failures(state), pruned(state));
}
