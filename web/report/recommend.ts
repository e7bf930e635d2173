// SPDX-License-Identifier: Apache-2.0
/** Which result of a chip to ship: the most accurate one within the limits, or one that the test set cannot tell from it and that is faster. */
import { Metric, paretoFront } from "../common/metrics";
import { PageData } from "./data";

export interface Choice {
  chip: number;
  /** results that were measured and miss no limit */
  fit: number[];
  /** of these, those that no other one beats in latency and accuracy, the fastest first */
  front: number[];
  /** the most accurate one; null = no accuracy is known */
  best: number | null;
  recommended: number | null;
}

/** Half of the 95 % interval of an accuracy, in percentage points; 0 = unknown. */
export function accuracyError(data: PageData, i: number): number {
  const low = data.results.accuracy_low[i], high = data.results.accuracy_high[i];
  return low === null || high === null ? 0 : (high - low) / 2;
}

/**
 * By how much two accuracies may differ by chance, in percentage points: 95 % of the difference of two independent estimates, whose
 * variances add up. 0 = unknown. Models that were scored on the same samples differ less.
 */
export const differenceError = (data: PageData, a: number, b: number): number => Math.hypot(accuracyError(data, a), accuracyError(data, b));

export function choose(data: PageData, metrics: Metric[], chip: number): Choice {
  const r = data.results;
  const fit = r.name.map((_name, i) => i).filter((i) => r.chip[i] === chip && r.outcome[i] === "measured" && r.verdict[i] !== "missed");
  const latency = metrics.find((metric) => metric.id === "latency"), accuracy = metrics.find((metric) => metric.id === "accuracy");
  const front = latency && accuracy ? paretoFront(fit, [latency, accuracy]) : [];
  const best = front.length ? front[front.length - 1] : null;
  const recommended = best === null ? null
    : front.find((i) => (r.accuracy[best] as number) - (r.accuracy[i] as number) <= differenceError(data, i, best)) ?? best;
  return { chip, fit, front, best, recommended };
}
