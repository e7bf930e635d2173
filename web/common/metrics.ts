// SPDX-License-Identifier: Apache-2.0
/** Metrics: quantities of the items of a view (results, runs, boards) that can be on an axis, in a column, or be a size. */

export interface Metric {
  id: string;
  title: string;
  help: string;
  /** 1: more is better, -1: less is better, 0: neither */
  better: -1 | 0 | 1;
  /** one per item; null = unknown */
  values: (number | null)[];
  format: (value: number) => string;
  limit: number | null;
  isFactor: boolean;
}

/**
 * The items that no other item beats in every metric. Metrics without a direction do not count; items
 * without a value are never on the front.
 */
export function paretoFront(indices: number[], metrics: Metric[]): number[] {
  const judged = metrics.filter((metric) => metric.better !== 0);
  if (!judged.length) return [];
  const complete = indices.filter((i) => judged.every((metric) => metric.values[i] !== null));
  const cost = (metric: Metric, i: number): number => -metric.better * (metric.values[i] as number);
  if (judged.length === 2) {
    /* By the first metric; of the rest, each that improves the second. */
    const [x, y] = judged;
    const sorted = [...complete].sort((a, b) => cost(x, a) - cost(x, b) || cost(y, a) - cost(y, b));
    const front: number[] = [];
    let best = Infinity;
    for (const i of sorted)
      if (cost(y, i) < best) {
        best = cost(y, i);
        front.push(i);
      }
    return front;
  }
  return complete.filter((i) => !complete.some((j) =>
    judged.every((metric) => cost(metric, j) <= cost(metric, i)) &&
    judged.some((metric) => cost(metric, j) < cost(metric, i))));
}
