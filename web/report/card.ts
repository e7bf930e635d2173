// SPDX-License-Identifier: Apache-2.0
/** A result in detail, unpacked: its layers, the plan of its arena, its trend. */
import { TrendPoint } from "../common/trend_views";
import { DetailBlock, LAYER_FIELDS, PackedPoint, ResultDetails } from "./data";
import { State } from "./state";

export interface Layer {
  name: string; operator: string; shape: string; macs: number; parameter_bytes: number; live_bytes: number;
  /** estimated before measuring; 0 = unknown */
  estimated_cycles: number;
  cycles: number; instructions: number;
}

/** One result in detail. */
export interface Card {
  /** its number */
  result: number;
  details: ResultDetails;
  layers: Layer[];
  /** PLACE_FIELDS numbers a buffer */
  arena: number[];
  /** oldest first */
  trend: TrendPoint[];
}

function unpackPoint([run_id, started_ms, latency_ns, latency_p05_ns, latency_p95_ns, ram_bytes, rom_bytes, accuracy_percent, modelled, ...names]: PackedPoint,
  texts: string[]): TrendPoint {
  const [run_key, outcome, message, board, firmware_id, image_sha256, hilfarm_version, host, clock_source] = names.map((i) => texts[i] ?? null);
  return { run_id, started_ms, latency_ns, latency_p05_ns, latency_p95_ns, ram_bytes, rom_bytes, accuracy_percent, modelled: modelled === 1,
    run_key: run_key ?? "", outcome: outcome ?? "", message, board, firmware_id, image_sha256, hilfarm_version, host, clock_source };
}

/** @param result its number in the run @param index in the block */
export function unpackCard({ texts, arenas, results }: DetailBlock, result: number, index: number): Card {
  const details = results[index];
  return { result, details, layers: layersOf(details.layers, texts), arena: arenas[details.arena] ?? [],
    trend: details.trend.map((point) => unpackPoint(point, texts)).reverse() };
}

function layersOf(flat: number[], texts: string[]): Layer[] {
  const layers: Layer[] = [];
  for (let at = 0; at + LAYER_FIELDS <= flat.length; at += LAYER_FIELDS)
    layers.push({
      name: texts[flat[at]], operator: texts[flat[at + 1]],
      shape: `${flat[at + 2]} x ${flat[at + 3]} x ${flat[at + 4]}`, macs: flat[at + 5],
      parameter_bytes: flat[at + 6], live_bytes: flat[at + 7], cycles: flat[at + 8], instructions: flat[at + 9],
      estimated_cycles: flat[at + 10],
    });
  return layers;
}

export const sumOf = (layers: Layer[], key: "macs" | "cycles" | "estimated_cycles"): number =>
  layers.reduce((sum, layer) => sum + layer[key], 0);

/** Results of the same variation on other chips, this one first. */
export function sameVariation(state: State, i: number): number[] {
  const r = state.data.results;
  return [i, ...r.name.map((_name, k) => k).filter((k) => k !== i && r.name[k] === r.name[i] && r.chip[k] !== r.chip[i])];
}
