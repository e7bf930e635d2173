// SPDX-License-Identifier: Apache-2.0
/** What a variation is made of: its layers on one axis, its arena over time, and how well the core is used. */
import { table } from "../common/dom";
import * as format from "../common/format";
import { drawn, roundStep, svg, title } from "../common/svg";
import { Card, Layer, sumOf } from "./card";
import { State } from "./state";

const LEFT = 8;
const LANE = 58;

/** Values of the layers, a bar each; the outline is what was estimated. */
export interface Lane { name: string; values: number[]; outline: number[] | null; show: (value: number) => string; colour: string }

/** A lane of bars over the layers; the outline is what was estimated. */
function lane(of: Lane, layers: Layer[], top: number, width: number): SVGElement[] {
  const most = Math.max(...of.values, ...(of.outline ?? []), 1);
  const step = (width - 2 * LEFT) / Math.max(layers.length, 1), bar = Math.max(step - Math.min(2, step / 4), 0.5);
  const height = (value: number): number => (value / most) * (LANE - 22);
  const base = top + LANE - 4;
  const marks = of.values.map((value, i) => svg("rect", {
    x: LEFT + i * step, y: base - height(value), width: bar, height: height(value), fill: `var(${of.colour})`,
  }, title(`${i + 1} ${layers[i].name}, ${layers[i].operator}: ${of.show(value)}` +
    (of.outline?.[i] ? `, estimated ${of.show(of.outline[i])}` : ""))));
  const outlines = (of.outline ?? []).map((value, i) => svg("line", {
    x1: LEFT + i * step, x2: LEFT + i * step + bar, y1: base - height(value), y2: base - height(value),
    stroke: "var(--ink)", "stroke-width": 1.5,
  }));
  return [svg("text", { x: LEFT, y: top + 12, class: "lane" }, `${of.name}: at most ${of.show(most)}`),
    svg("line", { x1: LEFT, x2: width - LEFT, y1: base, y2: base, stroke: "var(--line)" }), ...marks, ...outlines];
}

function layerTable(layers: Layer[], lanes: Lane[]): HTMLElement {
  return table(["#", "Layer", "Operator", ...lanes.map((l) => l.name)], layers.map((layer, i) =>
    [String(i + 1), layer.name, layer.operator, ...lanes.map((l) => (l.values[i] ? l.show(l.values[i]) : "–"))]),
  [0, ...lanes.map((_l, n) => n + 3)]);
}

/** MACs, parameters, live memory and the cycles on each chip, over the same layers. */
export function layersFigure(layers: Layer[], cycles: Lane[], note: string): HTMLElement {
  const lanes: Lane[] = [
    { name: "MACs", values: layers.map((l) => l.macs), outline: null, show: format.count, colour: "--c0" },
    { name: "Parameters", values: layers.map((l) => l.parameter_bytes), outline: null, show: format.bytes, colour: "--c2" },
    { name: "Live memory", values: layers.map((l) => l.live_bytes), outline: null, show: format.bytes, colour: "--c3" },
    ...cycles,
  ];
  return drawn("Layers", `Bars of ${lanes.map((l) => l.name).join(", ")} over ${layers.length} layers; the values are in the list below`,
    (width) => ({ height: lanes.length * LANE + 4, parts: lanes.flatMap((l, n) => lane(l, layers, n * LANE, width)) }),
    () => layerTable(layers, lanes), note);
}

function layersChart(state: State, cards: Card[]): HTMLElement {
  const [{ layers }] = cards, lanes: Lane[] = [];
  let hasEstimate = false;
  for (const { result: k, layers: its } of cards) {
    const chip = state.data.chips[state.data.results.chip[k]];
    const measured = sumOf(its, "cycles") > 0, estimated = sumOf(its, "estimated_cycles") > 0;
    if (its.length !== layers.length || (!measured && !estimated)) continue;
    hasEstimate ||= measured && estimated;
    lanes.push({
      name: measured ? `Cycles on ${chip}` : `Estimated cycles on ${chip}`, colour: "--c1", show: format.count,
      values: its.map((l) => (measured ? l.cycles : l.estimated_cycles)),
      outline: measured && estimated ? its.map((l) => l.estimated_cycles) : null,
    });
  }
  return layersFigure(layers, lanes, hasEstimate ? "A short line is the estimate of a layer's cycles, made before measuring." : "");
}

/** MACs per cycle against the bytes that a MAC needs: parameters and live activations. */
function roofline(state: State, { result: i, layers }: Card): HTMLElement | null {
  const points = layers.filter((l) => l.macs > 0 && l.cycles > 0).map((l) => ({
    layer: l, x: (l.parameter_bytes + l.live_bytes) / l.macs, y: l.macs / l.cycles,
  }));
  if (points.length < 2) return null;
  const operators = [...new Set(points.map((p) => p.layer.operator))];
  const best = points.reduce((a, p) => Math.max(a, p.y), 0);
  const logs = points.map((p) => Math.log10(p.x));
  const low = Math.floor(Math.min(...logs)), high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
  const top = roundStep(best * 1.05), height = 240;
  const draw = (width: number): { height: number; parts: SVGElement[] } => {
    const x = (value: number): number => 46 + ((Math.log10(value) - low) / (high - low)) * (width - 60);
    const y = (value: number): number => height - 34 - (value / top) * (height - 50);
    const parts: SVGElement[] = [];
    for (let decade = low; decade <= high; decade++)
      parts.push(svg("line", { x1: x(10 ** decade), x2: x(10 ** decade), y1: 14, y2: height - 34, stroke: "var(--line)" }),
        svg("text", { x: x(10 ** decade), y: height - 19, class: "lane", "text-anchor": "middle" }, format.plain(10 ** decade)));
    for (let part = 0; part <= 4; part++)
      parts.push(svg("line", { x1: 46, x2: width - 14, y1: y((top * part) / 4), y2: y((top * part) / 4), stroke: "var(--line)" }),
        svg("text", { x: 42, y: y((top * part) / 4) + 4, class: "lane", "text-anchor": "end" }, format.plain((top * part) / 4)));
    parts.push(svg("line", { x1: 46, x2: width - 14, y1: y(best), y2: y(best), stroke: "var(--ink)", "stroke-dasharray": "5 4" }, title(`best layer: ${best.toFixed(3)} MACs per cycle`)));
    const share = sumOf(layers, "cycles");
    for (const p of points)
      parts.push(svg("circle", {
        cx: x(p.x), cy: y(p.y), r: 3 + 9 * Math.sqrt(p.layer.cycles / share), fill: `var(--c${operators.indexOf(p.layer.operator) % 8})`, "fill-opacity": 0.7,
        stroke: "var(--card)",
      }, title(`${p.layer.name}, ${p.layer.operator}: ${p.y.toFixed(3)} MACs per cycle, ${format.plain(p.x)} bytes per MAC, ${format.percent((100 * p.layer.cycles) / share)} of the cycles`)));
    parts.push(svg("text", { x: (width + 46) / 2, y: height - 3, class: "lane", "text-anchor": "middle" }, "bytes per MAC"));
    return { height, parts };
  };
  return drawn(`MACs per cycle on ${state.data.chips[state.data.results.chip[i]]}`,
    `Roofline of ${points.length} layers: at most ${best.toFixed(3)} MACs per cycle; the values are in the list below`, draw,
    () => table(["Layer", "Operator", "Bytes per MAC", "MACs per cycle", "Share of cycles"], points.map((p) => [p.layer.name, p.layer.operator,
      format.plain(p.x), p.y.toFixed(3), format.percent((100 * p.layer.cycles) / sumOf(layers, "cycles"))]), [2, 3, 4]),
    `Bytes are parameters and live activations; the area of a circle is the layer's share of the cycles, the dashed line the best layer. Colours: ${operators.join(", ")}.`);
}

/** Five numbers per buffer: layer (-1: the input, -2: scratch space), offset, bytes, first and last operator. */
const PLACE_FIELDS = 5;

interface Place { name: string; offset: number; bytes: number; first: number; last: number }

function placesOf(flat: number[], layers: Layer[]): Place[] {
  const places: Place[] = [];
  for (let at = 0; at + PLACE_FIELDS <= flat.length; at += PLACE_FIELDS) {
    const node = flat[at];
    places.push({
      name: node === -1 ? "input" : node === -2 ? "scratch space" : layers[node]?.name ?? `layer ${node + 1}`,
      offset: flat[at + 1], bytes: flat[at + 2], first: Math.max(flat[at + 3], 0), last: Math.max(flat[at + 4], 0),
    });
  }
  return places;
}

/** Who occupies which bytes of the arena while which operator runs. @param flat PLACE_FIELDS numbers a buffer */
export function arenaFigure(flat: number[], layers: Layer[]): HTMLElement | null {
  const places = placesOf(flat, layers);
  if (!places.length) return null;
  const size = places.reduce((most, p) => Math.max(most, p.offset + p.bytes), 0);
  const steps = places.reduce((most, p) => Math.max(most, p.last), 0) + 1;
  const height = 260;
  const draw = (width: number): { height: number; parts: SVGElement[] } => {
    const step = (width - 76) / steps;
    const x = (at: number): number => 68 + at * step;
    const y = (bytes: number): number => height - 28 - (bytes / size) * (height - 42);
    const parts: SVGElement[] = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
      svg("line", { x1: 68, x2: width - 8, y1: y(part * size), y2: y(part * size), stroke: "var(--line)" }),
      svg("text", { x: 62, y: y(part * size) + 4, class: "lane", "text-anchor": "end" }, format.bytes(part * size))]);
    places.forEach((p, n) => {
      const wide = (p.last - p.first + 1) * step, high = (p.bytes / size) * (height - 42);
      parts.push(svg("rect", {
        x: x(p.first), y: y(p.offset + p.bytes), width: Math.max(wide, 1), height: Math.max(high, 1), fill: `var(--c${p.name === "scratch space" ? 6 : n % 6})`,
        "fill-opacity": 0.55, stroke: "var(--card)",
      }, title(`${p.name}: ${format.bytes(p.bytes)} at ${p.offset}, operators ${p.first + 1} to ${p.last + 1}`)));
      if (wide > 7 * p.name.length && high > 14)
        parts.push(svg("text", { x: x(p.first) + wide / 2, y: y(p.offset + p.bytes / 2) + 4, class: "lane ink", "text-anchor": "middle" }, p.name));
    });
    parts.push(svg("text", { x: (width + 68) / 2, y: height - 8, class: "lane", "text-anchor": "middle" }, `${steps} operators, in order of execution`));
    return { height, parts };
  };
  return drawn(`Arena over time: ${format.bytes(size)}`, `${places.length} buffers in an arena of ${format.bytes(size)} over ${steps} operators; the values are in the list below`,
    draw, () => table(["Buffer", "Offset", "Bytes", "From operator", "To operator"], places.map((p) =>
      [p.name, String(p.offset), String(p.bytes), String(p.first + 1), String(p.last + 1)]), [1, 2, 3, 4]),
    "As the memory planner placed it. A buffer may begin where its input still lies, if no value is overwritten before it is read.");
}

/** What was estimated before measuring, in words. */
export function estimateText(state: State, { result: i, layers }: Card): string | null {
  const estimated = sumOf(layers, "estimated_cycles"), clock = state.data.results.clock_hz[i], cycles = state.data.results.cycles[i];
  if (!estimated) return null;
  const ns = (value: number): string => (clock ? `${format.duration((value / clock) * 1e9)} (${format.count(value)} cycles)` : `${format.count(value)} cycles`);
  return cycles ? `${ns(estimated)}, ${((100 * (estimated - cycles)) / cycles).toFixed(1)} % from the result` : ns(estimated);
}

/** @param cards the result, and the same variation on other chips */
export function scorecard(state: State, cards: Card[]): (HTMLElement | null)[] {
  const [card] = cards;
  return card.layers.length ? [layersChart(state, cards), arenaFigure(card.arena, card.layers), roofline(state, card)] : [];
}
