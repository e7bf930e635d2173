// SPDX-License-Identifier: Apache-2.0
/** What the views of a page share: which items are shown, which are picked, how they are coloured and sorted. */
import { Metric } from "./metrics";

/** "order": the same items are shown in another order. */
export type Topic = "shown" | "order" | "picked" | "colour" | "opened";

/** A way to colour items: the names of its groups, and the group of each item. */
export interface Colouring { id: string; title: string; names: string[]; group: number[] }

/** What a selection is made from. The functions take the number of an item. */
export interface Items {
  count: number;
  metrics: Metric[];
  colourings: Colouring[];
  name: (item: number) => string;
  /** the name, and what tells apart items of the same name */
  title: (item: number) => string;
  /** what the text of the filter is looked for in */
  words: (item: number) => string;
  /** Only items of the same class (chip) compete for the Pareto front. Without it all do. */
  classOf?: (item: number) => number;
  /** Items that the page recommends: marked in charts. */
  recommended?: number[];
}

/** Colourings by the factors that have few values. */
export function colouringsOfFactors(metrics: Metric[]): Colouring[] {
  const found: Colouring[] = [];
  for (const metric of metrics.filter((m) => m.isFactor)) {
    const values = [...new Set(metric.values)].sort((a, b) => (a ?? -Infinity) - (b ?? -Infinity));
    if (values.length <= 8)
      found.push({
        id: metric.id, title: metric.title, names: values.map((v) => (v === null ? "none" : metric.format(v))),
        group: metric.values.map((v) => values.indexOf(v)),
      });
  }
  return found;
}

export class Selection {
  readonly count: number;
  readonly metrics: Metric[];
  readonly colourings: Colouring[];
  colouring: Colouring;
  /** Items that pass the filter, in the order of the table. */
  shown: number[] = [];
  /** Items picked for comparison. */
  readonly picked = new Set<number>();
  opened: number | null = null;

  private text = "";
  /** What the text is looked for in, in lower case, once it was asked for. */
  private readonly words: string[] = [];
  private readonly excluded = new Map<string, Set<number>>();
  private readonly ranges = new Map<string, [number, number]>();
  private brush: Set<number> | null = null;
  private sortBy: Metric | "name" | "position" = "position";
  private ascending = true;
  private readonly listeners = new Map<Topic, (() => void)[]>();

  constructor(readonly items: Items) {
    this.count = items.count;
    this.metrics = items.metrics;
    this.colourings = items.colourings.filter((colouring) => colouring.names.length > 1);
    if (!this.colourings.length) this.colourings = items.colourings.slice(0, 1);
    this.colouring = this.colourings[0];
    this.update();
  }

  metric(id: string): Metric | undefined {
    return this.metrics.find((metric) => metric.id === id);
  }

  on(topic: Topic, listener: () => void): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  private tell(topic: Topic): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  setText(text: string): void {
    this.text = text.trim().toLowerCase();
    this.update();
  }

  /** Hides or shows one group of a colouring (a family, a chip, an outcome). */
  toggleGroup(colouring: string, group: number): void {
    const groups = this.excluded.get(colouring) ?? new Set<number>();
    if (!groups.delete(group)) groups.add(group);
    this.excluded.set(colouring, groups);
    this.update();
  }

  isExcluded(colouring: string, group: number): boolean {
    return this.excluded.get(colouring)?.has(group) ?? false;
  }

  /** Limits a metric to a range. @param range null = no limit */
  setRange(metric: string, range: [number, number] | null): void {
    if (range) this.ranges.set(metric, range);
    else this.ranges.delete(metric);
    this.update();
  }

  range(metric: string): [number, number] | undefined {
    return this.ranges.get(metric);
  }

  /** Limits the items to those in a rectangle of a chart. @param items null = no limit */
  setBrush(items: number[] | null): void {
    this.brush = items && new Set(items);
    this.update();
  }

  get hasBrush(): boolean {
    return this.brush !== null;
  }

  get isFiltered(): boolean {
    return this.shown.length < this.count;
  }

  clear(): void {
    this.text = "";
    this.excluded.clear();
    this.ranges.clear();
    this.brush = null;
    this.update();
  }

  sort(by: Metric | "name" | "position"): void {
    this.ascending = this.sortBy === by ? !this.ascending : true;
    this.sortBy = by;
    this.shown = [...this.shown].sort((a, b) => this.compare(a, b));
    this.tell("order");
  }

  sortOrder(by: Metric | "name" | "position"): "ascending" | "descending" | "none" {
    return this.sortBy !== by ? "none" : this.ascending ? "ascending" : "descending";
  }

  setColouring(id: string): void {
    this.colouring = this.colourings.find((colouring) => colouring.id === id) ?? this.colouring;
    this.tell("colour");
  }

  pick(item: number): void {
    if (!this.picked.delete(item)) this.picked.add(item);
    this.tell("picked");
  }

  open(item: number | null): void {
    this.opened = item;
    this.tell("opened");
  }

  private passes(i: number): boolean {
    if (this.brush && !this.brush.has(i)) return false;
    for (const [id, groups] of this.excluded) {
      const colouring = this.colourings.find((c) => c.id === id);
      if (colouring && groups.has(colouring.group[i])) return false;
    }
    for (const [id, [low, high]] of this.ranges) {
      const value = this.metric(id)?.values[i] ?? null;
      if (value === null || value < low || value > high) return false;
    }
    if (!this.text) return true;
    const words = (this.words[i] ??= this.items.words(i).toLowerCase());
    return this.text.split(/\s+/).every((word) => words.includes(word));
  }

  private compare(a: number, b: number): number {
    const by = this.sortBy;
    if (by === "position") return this.ascending ? a - b : b - a;
    if (by === "name")
      return (this.ascending ? 1 : -1) * this.items.name(a).localeCompare(this.items.name(b), undefined, { numeric: true });
    const x = by.values[a], y = by.values[b];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || a - b;
    return (this.ascending ? x - y : y - x) || a - b;
  }

  private update(): void {
    const shown: number[] = [];
    for (let i = 0; i < this.count; i++) if (this.passes(i)) shown.push(i);
    this.shown = shown.sort((a, b) => this.compare(a, b));
    this.tell("shown");
  }
}
