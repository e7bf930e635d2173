// SPDX-License-Identifier: Apache-2.0
/** Axes of values: a range, steps, and the texts of the ticks, all in one unit and with as many digits as tell them apart. */
import * as format from "./format";
import { roundStep } from "./svg";

type Show = (value: number) => string;

const STEPS = 5;
const DECIMALS_MOST = 9;

/** The units of each format, smallest first. */
const UNITS = new Map<Show, [number, string][]>([
  [format.bytes, [[1, " B"], [1024, " KB"], [1024 * 1024, " MB"]]],
  [format.count, [[1, ""], [1e3, " k"], [1e6, " M"], [1e9, " G"]]],
  [format.duration, [[1, " ns"], [1e3, " us"], [1e6, " ms"], [1e9, " s"]]],
  [format.percent, [[1, " %"]]],
]);

export interface Axis {
  min: number;
  max: number;
  stepSize: number;
  /** the text of a tick */
  label: Show;
}

/** An axis from `low` to `high` at least, in steps of 1, 2 or 5 of the largest unit that fits. @param high more than `low` */
export function axisBetween(low: number, high: number, show: Show): Axis {
  const most = Math.max(Math.abs(low), Math.abs(high));
  const units = UNITS.get(show) ?? [[1, ""]];
  const [size, unit] = [...units].reverse().find(([one]) => one <= most) ?? units[0];
  const step = roundStep((high - low) / STEPS / size);
  const decimals = Math.min(DECIMALS_MOST, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const stepSize = step * size;
  return {
    min: Math.floor(low / stepSize) * stepSize, max: Math.ceil(high / stepSize) * stepSize, stepSize,
    label: (value) => (value / size).toFixed(decimals) + unit,
  };
}

/** No value lies nearer to the end of an axis than this part of it: a point there would look cut off. */
const ROOM = 0.015;
const PERCENT_MOST = 100;

/** Leaves room beyond the values, by a step; but below 0 there is nothing, and above 100 % neither. */
function withRoom(axis: Axis, low: number, high: number, show: Show): Axis {
  const least = (axis.max - axis.min) * ROOM, { stepSize } = axis;
  const isBelow = low - axis.min < least && (low < 0 || axis.min - stepSize >= 0);
  const isAbove = axis.max - high < least && !(show === format.percent && axis.max + stepSize > PERCENT_MOST);
  return { ...axis, min: axis.min - (isBelow ? stepSize : 0), max: axis.max + (isAbove ? stepSize : 0) };
}

/** An axis that holds all values with some room, and 0 if they are all the same. */
export function axisOf(values: number[], show: Show): Axis {
  if (!values.length) return axisBetween(0, 1, show);
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  return low < high ? withRoom(axisBetween(low, high, show), low, high, show) : axisBetween(Math.min(low, 0), Math.max(high, 0) || 1, show);
}
