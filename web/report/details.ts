// SPDX-License-Identifier: Apache-2.0
/** One result in detail: figures, factors, samples, layers, attempts. Made when it is opened. */
import { element, replace, scrolling, table, transcript } from "../common/dom";
import * as format from "../common/format";
import { trendViews } from "../common/trend_views";
import { Card, Layer, sameVariation } from "./card";
import { estimateText, scorecard } from "./scorecard";
import { State } from "./state";
import { trainingViews } from "./training_curve";

/** A bar behind a number: its share of the largest one. */
function bar(value: number, most: number, text: string): HTMLElement {
  const share = most > 0 ? (100 * value) / most : 0;
  return element("span", { class: "bar", style: `background-size:${share.toFixed(1)}% 70%` }, text);
}

function layerTable(layers: Layer[]): HTMLElement {
  const most = (key: "macs" | "parameter_bytes" | "live_bytes" | "cycles"): number =>
    layers.reduce((a, layer) => Math.max(a, layer[key]), 0);
  const cycles = layers.reduce((sum, layer) => sum + layer.cycles, 0);
  const measured = cycles > 0;
  const heads = ["#", "Layer", "Operator", "Output", "MACs", "Parameters", "Live memory"];
  const rows = layers.map((layer, n) => [
    String(n + 1), layer.name, layer.operator, layer.shape, bar(layer.macs, most("macs"), format.count(layer.macs)),
    bar(layer.parameter_bytes, most("parameter_bytes"), format.bytes(layer.parameter_bytes)),
    bar(layer.live_bytes, most("live_bytes"), format.bytes(layer.live_bytes)),
    ...(measured ? [
      layer.cycles ? bar(layer.cycles, most("cycles"), format.count(layer.cycles)) : "–",
      layer.cycles ? format.percent((100 * layer.cycles) / cycles) : "–",
      layer.cycles && layer.macs ? (layer.macs / layer.cycles).toFixed(2) : "–",
      layer.instructions ? format.count(layer.instructions) : "–",
    ] : []),
  ]);
  const all = measured ? [...heads, "Cycles", "Share", "MACs per cycle", "Instructions"] : heads;
  return scrolling("Layers", "card layers", table(all, rows, [0, 4, 5, 6, 7, 8, 9, 10]));
}

/** Samples as dots on one axis, in the order of the inferences. */
function sampleList(state: State, { result, details }: Card): HTMLElement | null {
  const { samples, samples_deleted } = details, clock = state.data.results.clock_hz[result];
  if (samples_deleted) return element("p", { class: "soft" }, `The ${samples_deleted} samples were deleted.`);
  if (!samples.length || !clock) return null;
  const times = samples.map((cycles) => format.duration((cycles / clock) * 1e9));
  const isSame = samples.every((cycles) => cycles === samples[0]);
  return element("p", {}, `${samples.length} timed inference${samples.length > 1 ? "s" : ""}: ` +
    (isSame ? `all ${times[0]} (${samples[0]} cycles)` : times.slice(0, 40).join(", ") + (times.length > 40 ? ", ..." : "")));
}

function figureList(state: State, card: Card): HTMLElement {
  const list = element("dl", {});
  const add = (title: string, text: string | null): void => {
    if (text !== null) list.append(element("dt", {}, title), element("dd", {}, text));
  };
  const r = state.data.results, { result: i, details } = card;
  for (const metric of state.metrics) {
    const value = metric.values[i];
    add(metric.title, value === null ? null : metric.format(value));
  }
  for (const [title, values] of [["Arena, as planned", r.planned_arena_bytes], ["Static data", r.static_bytes],
    ["Stack", r.stack_bytes], ["Firmware", r.firmware_bytes]] as [string, (number | null)[]][])
    add(title, values[i] === null ? null : format.bytes(values[i] as number));
  if (r.accuracy_low[i] !== null && r.accuracy_low[i] !== r.accuracy_high[i])
    add("Accuracy, 95 % interval", `${format.percent(r.accuracy_low[i] as number)} to ${format.percent(r.accuracy_high[i] as number)}`);
  add("Source of the accuracy", details.accuracy_source);
  add("Core clock", r.clock_hz[i] === null ? null : `${(r.clock_hz[i] as number) / 1e6} MHz, ${details.clock_source ?? "source unknown"}`);
  add("Timing", r.outcome[i] !== "measured" ? null : state.data.analysed ? "estimated" : r.modelled[i] ? "modelled" : "measured on silicon");
  add("Estimated before measuring", estimateText(state, card));
  add("Model file", details.source);
  add("Inputs and outputs", details.ports);
  add("SHA-256 of the image", details.image_sha256);
  add("Firmware", state.data.firmwares[r.firmware[i]] ?? null);
  return list;
}

function attemptList(state: State, { details: { attempts } }: Card): HTMLElement | null {
  if (!attempts.length) return null;
  return scrolling("Attempts", "card", table(
    ["Attempt", "Board", "Took", "Flashing", "Reset", "Inference", "Result"],
    attempts.map(([number, board, , duration, flash, reset, run, fault, message, log]) => [
      String(number), state.data.boards[board]?.id ?? "–", format.duration(duration), format.duration(flash),
      format.duration(reset), format.duration(run),
      element("div", {}, fault ? element("span", { class: "bad" }, `${fault}: ${message ?? ""}`) : "succeeded", transcript(log)),
    ]), [0, 2, 3, 4, 5]));
}

export class Details {
  /** what lets go of its charts */
  private closes: (() => void)[] = [];
  readonly root = element("section", { class: "details", hidden: true, tabindex: -1, "aria-label": "One result" });

  constructor(private readonly state: State) {
    state.on("opened", () => {
      this.root.hidden = state.opened === null;
      if (state.opened !== null) this.open(state.opened).catch((error: unknown) => this.fail(String(error)));
    });
  }

  private fail(text: string): void {
    replace(this.root, element("p", { class: "bad" }, `The details cannot be read: ${text}`));
  }

  /** Shows a result once its details are read, unless another one was opened meanwhile. */
  private async open(i: number): Promise<void> {
    const { state } = this;
    const cards = await Promise.all(sameVariation(state, i).map((k) => state.card(k)));
    if (state.opened !== i) return;
    this.draw(cards);
    this.root.scrollIntoView({ block: "start" });
    this.root.focus({ preventScroll: true });
  }

  /** The variation over nights, if it was in earlier runs. */
  private trend({ trend }: Card): HTMLElement | null {
    if (trend.length < 2) return null;
    const views = trendViews(trend, (point) => `run ${point.run_id}`, undefined, true);
    this.closes.push(views.close);
    return element("section", {}, element("h3", {}, `Over the last ${trend.length} runs`), views.charts,
      element("p", { class: "soft" }, "Diamonds: something changed with this run. Crosses: not measured."), views.steps);
  }

  /** How the weights were trained, if that is known. */
  private training({ details: { training } }: Card): HTMLElement | null {
    if (!training) return null;
    const views = trainingViews(training);
    this.closes.push(views.close);
    return views.root;
  }

  private draw(cards: Card[]): void {
    this.closes.splice(0).forEach((close) => close());
    const { state } = this, { data } = state, [card, ...others] = cards, i = card.result;
    replace(this.root,
      element("h2", {}, data.results.name[i], " ", element("span", { class: "soft" }, `on ${data.chips[data.results.chip[i]]}`),
        ...others.map(({ result: k }) => element("button", { type: "button", class: "link other", onclick: () => state.open(k) }, `on ${data.chips[data.results.chip[k]]}`)),
        element("button", { type: "button", class: "close", onclick: () => state.open(null) }, "Close")),
      data.results.message[i] && element("p", { class: "bad" }, `${data.results.outcome[i].replace("_", " ")}: ${data.results.message[i]}`),
      element("div", { class: "card two" }, figureList(state, card)), !data.analysed && sampleList(state, card), this.trend(card), this.training(card),
      element("div", { class: "charts" }, ...scorecard(state, cards)), card.layers.length > 0 && layerTable(card.layers),
      !data.analysed && element("h3", {}, "Attempts"), !data.analysed && (attemptList(state, card) ?? element("p", { class: "soft" }, "none")));
  }
}

/** The picked results side by side. */
export class Comparison {
  readonly root = element("section", { hidden: true });

  constructor(private readonly state: State) {
    state.on("picked", () => this.draw());
  }

  private draw(): void {
    const { state } = this;
    const picked = [...state.picked].sort((a, b) => a - b);
    this.root.hidden = picked.length < 2;
    if (this.root.hidden) return;
    const { data } = state;
    const rows = state.metrics.map((metric) => {
      const values = picked.map((i) => metric.values[i]);
      const known = values.filter((value): value is number => value !== null);
      const best = metric.better === 0 || known.length < 2 ? null : metric.better > 0 ? Math.max(...known) : Math.min(...known);
      return [metric.title, ...values.map((value) => value === null ? "–"
        : element("span", { class: value === best && !known.every((v) => v === best) ? "good" : undefined }, metric.format(value)))];
    });
    replace(this.root, element("h2", {}, "Side by side"), scrolling("Side by side", "card",
      table(["", ...picked.map((i) => `${data.results.name[i]}, ${data.chips[data.results.chip[i]]}`)], rows,
        picked.map((_i, n) => n + 1))));
  }
}
