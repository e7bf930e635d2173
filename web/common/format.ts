// SPDX-License-Identifier: Apache-2.0
/** Numbers as people read them: the same texts as orchestrator/report/format_units.c prints. */

/** Three significant digits, or all digits before the point. */
function threeDigits(value: number, unit: string): string {
  const magnitude = Math.abs(value);
  return `${value.toFixed(magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0)} ${unit}`;
}

export function count(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 999.5) return value.toFixed(0);
  if (magnitude < 999.5e3) return threeDigits(value / 1e3, "k");
  return magnitude < 999.5e6 ? threeDigits(value / 1e6, "M") : threeDigits(value / 1e9, "G");
}

export function bytes(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 1023.5) return `${value.toFixed(0)} B`;
  if (magnitude < 1023.95 * 1024) return `${(value / 1024).toFixed(1)} KB`;
  return `${(value / (1024 * 1024)).toFixed(2)} MB`;
}

export function duration(ns: number): string {
  const magnitude = Math.abs(ns);
  if (magnitude < 999.5) return `${ns.toFixed(0)} ns`;
  if (magnitude < 999.5e3) return threeDigits(ns / 1e3, "us");
  if (magnitude < 9.9995e9) return `${(ns / 1e6).toFixed(magnitude < 9.9995e6 ? 3 : magnitude < 99.995e6 ? 2 : 1)} ms`;
  return threeDigits(ns / 1e9, "s");
}

/** A run's duration: "42.6 s", "3 min 20 s", "2 h 5 min". */
export function elapsed(ns: number): string {
  const seconds = ns / 1e9, whole = Math.round(seconds);
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export const percent = (value: number): string => `${value.toFixed(1)} %`;

export const plain = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

/** Local time as the terminal shows it: "2026-11-30 12:57". */
export function moment(ms: number): string {
  const at = new Date(ms), two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
