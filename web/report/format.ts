// SPDX-License-Identifier: Apache-2.0
/** Numbers as people read them. */

function threeDigits(value: number): string {
  const magnitude = Math.abs(value);
  return magnitude >= 100 ? value.toFixed(0) : magnitude >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function scaled(value: number, units: [number, string][]): string {
  for (const [factor, unit] of units)
    if (Math.abs(value) >= factor * 0.9995) return `${threeDigits(value / factor)} ${unit}`.trim();
  const [factor, unit] = units[units.length - 1];
  return `${threeDigits(value / factor)} ${unit}`.trim();
}

export const count = (value: number): string =>
  Math.abs(value) < 1000 ? String(Math.round(value)) : scaled(value, [[1e9, "G"], [1e6, "M"], [1e3, "k"]]);

export const bytes = (value: number): string =>
  Math.abs(value) < 1000 ? `${Math.round(value)} B` : scaled(value, [[1e6, "MB"], [1e3, "KB"]]);

export const duration = (ns: number): string =>
  scaled(ns, [[3600e9, "h"], [60e9, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "us"], [1, "ns"]]);

export const percent = (value: number): string => `${value.toFixed(1)} %`;

export const plain = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

export const moment = (ms: number): string => new Date(ms).toLocaleString(undefined, { timeZoneName: "short" });
