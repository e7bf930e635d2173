// SPDX-License-Identifier: Apache-2.0
/** The metrics of results: their figures, and the factors of their families. */
import * as format from "../common/format";
import { Metric } from "../common/metrics";
import { Change, PageData } from "./data";

function ratio(above: (number | null)[], below: (number | null)[]): (number | null)[] {
  return above.map((value, i) => {
    const divisor = below[i];
    return value === null || !divisor ? null : value / divisor;
  });
}

/** By how much a figure changed. */
export function showChange({ figure, percent }: Change): string {
  return `${percent > 0 ? "+" : ""}${percent.toFixed(2)} ${figure === "accuracy" ? "points" : "%"}`;
}

/** Metrics of which at least one result has a value. */
export function listMetrics(data: PageData): Metric[] {
  const r = data.results;
  const all: Metric[] = [];
  const add = (id: string, title: string, better: -1 | 0 | 1, values: (number | null)[],
    show: (value: number) => string, help: string, limit: number | null = null): void => {
    if (values.some((value) => value !== null))
      all.push({ id, title, help, better, values, format: show, limit, isFactor: false });
  };
  const kind = data.analysed ? "Estimated latency" : "Latency";
  add("latency", kind, -1, r.latency_ns, format.duration, data.analysed ? "by a model of the chip's cycles" : "median of the timed inferences");
  add("accuracy", "Accuracy", 1, r.accuracy, format.percent, "of the model, as given or evaluated");
  add("ram", "RAM", -1, r.ram_bytes, format.bytes, data.analysed ? "planned arena, static data and stack" : "arena, static data and stack, as measured",
    data.limits.ram_bytes);
  add("rom", "ROM", -1, r.rom_bytes, format.bytes, "model and firmware in flash", data.limits.rom_bytes);
  add("macs", "MACs", -1, r.macs, format.count, "multiply-accumulates of an inference", data.limits.macs);
  add("params", "Params", -1, r.params, format.count, "parameters");
  add("image", "Model size", -1, r.image_bytes, format.bytes, "the model as stored in flash");
  add("peak", "Peak memory", -1, r.peak_memory_bytes, format.bytes,
    "largest sum of live activations, by analysis");
  add("arena", "Arena", -1, r.arena_bytes, format.bytes, "memory for activations that the inference used");
  if (!data.analysed) add("cycles", "Cycles", -1, r.cycles, format.count, "median of the timed inferences");
  add("instructions", "Instructions", -1, r.instructions, format.count, "median of the timed inferences");
  add("macs_per_cycle", "MACs per cycle", 1, ratio(r.macs, r.cycles), format.plain,
    "how well the core is used");
  for (const [name, values] of Object.entries(data.factors)) {
    const known = values.filter((value): value is number => value !== null);
    if (new Set(known).size > 1)
      all.push({
        id: `factor:${name}`, title: name, help: `scaling factor ${name}`, better: 0, values,
        format: format.plain, limit: null, isFactor: true,
      });
  }
  return all;
}
