// SPDX-License-Identifier: Apache-2.0
/** What to ship, for each chip: the recommended result, and what a step along the Pareto front costs and buys. */
import { element, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { Metric } from "../common/metrics";
import { accuracyError, Choice, differenceError } from "./recommend";
import { State } from "./state";

/** At most so many steps of a front: its ends, and others evenly between them. */
const STEPS = 8;

type Part = HTMLElement | string;

export function nameLink(state: State, i: number): HTMLElement {
  return element("button", { type: "button", class: "link", onclick: () => state.open(i) }, state.data.results.name[i]);
}

function fastest(results: number[], latency: Metric): number {
  return results.reduce((a, b) => ((latency.values[b] as number) < (latency.values[a] as number) ? b : a));
}

function accuracyText(state: State, i: number): string {
  const error = accuracyError(state.data, i), value = state.data.results.accuracy[i] as number;
  return error > 0 ? `${value.toFixed(1)} ± ${error.toFixed(1)} %` : format.percent(value);
}

const latencyText = (state: State, i: number): string =>
  format.duration(state.data.results.latency_ns[i] as number) + (state.data.results.modelled[i] && !state.data.analysed ? " *" : "");

/** The steps of a front that are listed. The recommended one is among them. */
function steps({ front, recommended }: Choice): number[] {
  if (front.length <= STEPS) return front;
  const even = Array.from({ length: STEPS }, (_step, n) => Math.round((n * (front.length - 1)) / (STEPS - 1)));
  return [...new Set([...even, front.indexOf(recommended as number)])].sort((a, b) => a - b).map((n) => front[n]);
}

/** What is gained from one result to another: points of accuracy, milliseconds, and the points that a millisecond buys. */
function gain(state: State, from: number, to: number): { points: number; ms: number; rate: string; isSure: boolean } {
  const r = state.data.results;
  const points = (r.accuracy[to] as number) - (r.accuracy[from] as number), ms = ((r.latency_ns[to] as number) - (r.latency_ns[from] as number)) / 1e6;
  const error = differenceError(state.data, from, to);
  return { points, ms, rate: `${format.plain(Number((points / ms).toPrecision(2)))} points`, isSure: points > error };
}

function frontTable(state: State, choice: Choice): HTMLElement {
  const front = steps(choice), { front: whole, recommended } = choice;
  const figure = (id: string, i: number): string => {
    const metric = state.metric(id), value = metric?.values[i] ?? null;
    return metric && value !== null ? metric.format(value) : "–";
  };
  const rows = front.map((i, n) => {
    const step = n > 0 ? gain(state, front[n - 1], i) : null;
    const name = element("span", {}, nameLink(state, i), i === recommended && element("b", { class: "good" }, " ◆ recommended"));
    return [name, accuracyText(state, i), latencyText(state, i), figure("ram", i), figure("rom", i),
      step && step.ms > 0 ? element("span", { class: step.isSure ? undefined : "soft" }, `${step.rate}${step.isSure ? "" : ", within the error"}`) : "–"];
  });
  return scrolling("What to ship", "card", table(
    [whole.length > front.length ? `${front.length} of ${whole.length} on the front` : "On the front", "Accuracy", "Latency", "RAM", "ROM", "A millisecond more buys"],
    rows, [1, 2, 3, 4, 5]));
}

/** What the recommendation leaves out: results without an accuracy, and the fastest of all. */
function unjudged(state: State, { fit, front }: Choice, latency: Metric, accuracy: Metric): Part[] {
  const missing = fit.filter((i) => accuracy.values[i] === null).length;
  const timed = fit.filter((i) => latency.values[i] !== null);
  if (!missing || !timed.length) return [];
  const quick = fastest(timed, latency);
  const text = `${missing} of ${fit.length} ${missing === 1 ? "has" : "have"} no accuracy and ${missing === 1 ? "is" : "are"} not judged: ` +
    "add accuracy or data to the models. ";
  return front.length && quick === front[0] ? [text] : [text, "The fastest of all: ", nameLink(state, quick),
    ` (${latencyText(state, quick)}${accuracy.values[quick] === null ? ", accuracy unknown" : ""}).`];
}

/** Without accuracies: the ends of the range. */
function extremes(state: State, fit: number[], within: string, latency: Metric): HTMLElement | null {
  const timed = fit.filter((i) => latency.values[i] !== null), { macs } = state.data.results;
  if (!timed.length) return null;
  const quick = fastest(timed, latency), largest = timed.reduce((a, b) => ((macs[b] ?? 0) > (macs[a] ?? 0) ? b : a));
  return element("p", {}, `Fastest${within}: `, nameLink(state, quick), ` (${latencyText(state, quick)}). Most MACs${within}: `, nameLink(state, largest),
    ` (${format.count(macs[largest] ?? 0)} in ${latencyText(state, largest)}). ` +
    "Which one to ship depends on the accuracy, which the spec does not give: add accuracy or data to its models.");
}

/** Why this one, and what it costs compared with the fastest one on the front. */
function reason(state: State, { front, best, recommended }: Choice, within: string): string {
  const chosen = recommended as number, top = best as number;
  const figures = (i: number): string => `${accuracyText(state, i)}, ${latencyText(state, i)}`;
  const why = chosen === top ? `: the most accurate${within} (${figures(top)}). `
    : ` (${figures(chosen)}): the fastest${within} whose accuracy the test set cannot tell from the best one, that of ${state.data.results.name[top]} (${figures(top)}). `;
  if (front.length < 2) return `${why}No other of known accuracy is faster or more accurate.`;
  if (chosen === front[0]) return why;
  const { points, ms, rate } = gain(state, front[0], chosen);
  return `${why}Against the fastest on the front, ${ms.toFixed(ms < 10 ? 2 : 0)} ms more buy ${points.toFixed(1)} points: ${rate} per millisecond.`;
}

function ofChip(state: State, choice: Choice): HTMLElement | null {
  const { data } = state, { fit } = choice;
  const latency = state.metric("latency"), accuracy = state.metric("accuracy");
  if (!latency || !fit.length) return null;
  const title = element("h3", {}, data.chips[choice.chip]);
  const within = fit.some((i) => data.results.verdict[i] === "met") ? " within all limits" : "";
  if (!accuracy) {
    const ends = extremes(state, fit, within, latency);
    return ends && element("div", {}, title, ends);
  }
  const left = unjudged(state, choice, latency, accuracy);
  if (choice.recommended === null) return element("div", {}, title, element("p", {}, ...left));
  return element("div", {}, title, element("p", {}, "Recommended: ", nameLink(state, choice.recommended), reason(state, choice, within), " ", ...left),
    frontTable(state, choice));
}

/** Which chip: the most accurate of the recommended results, and of these the fastest. */
function acrossChips(state: State): HTMLElement | null {
  const { data } = state, r = data.results;
  const all = state.choices.map((choice) => choice.recommended).filter((i): i is number => i !== null);
  if (all.length < 2) return null;
  const most = Math.max(...all.map((i) => r.accuracy[i] as number));
  const equal = all.filter((i) => most - (r.accuracy[i] as number) <= 1e-9).sort((a, b) => (r.latency_ns[a] as number) - (r.latency_ns[b] as number));
  const [first, ...others] = equal, chipOf = (i: number): string => data.chips[r.chip[i]];
  return element("p", {}, "Of all chips: ", nameLink(state, first), " on ", element("b", {}, chipOf(first)), ` (${accuracyText(state, first)}, ${latencyText(state, first)})` +
    (others.length ? `, where it is fastest: ${others.map((i) => `${latencyText(state, i)} on ${chipOf(i)}`).join(", ")}.`
      : `; ${all.filter((i) => i !== first).map((i) => `${accuracyText(state, i)} in ${latencyText(state, i)} on ${chipOf(i)}`).join(", ")}.`));
}

export function whatToShip(state: State): HTMLElement | null {
  const chips = state.choices.map((choice) => ofChip(state, choice)).filter((part) => part !== null);
  return chips.length ? element("section", {}, element("h2", {}, "What to ship"), acrossChips(state), ...chips) : null;
}
