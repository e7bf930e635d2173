// SPDX-License-Identifier: Apache-2.0
/** What the views of a page share: which results are shown, which are selected, how they are coloured and sorted. */
import { PageData } from "./data";
import { listMetrics, Metric } from "./metrics";

export type Topic = "shown" | "picked" | "colour" | "opened";

export interface Colouring { id: string; title: string; names: string[]; group: number[] }

export class State {
  readonly count: number;
  readonly metrics: Metric[];
  readonly colourings: Colouring[];
  colouring: Colouring;
  /** Results that pass the filter, in the order of the table. */
  shown: number[] = [];
  /** Results picked for comparison. */
  readonly picked = new Set<number>();
  opened: number | null = null;

  private text = "";
  private readonly excluded = new Map<string, Set<number>>();
  private readonly ranges = new Map<string, [number, number]>();
  private brush: Set<number> | null = null;
  private sortBy: Metric | "name" | "position" = "position";
  private ascending = true;
  private readonly listeners = new Map<Topic, (() => void)[]>();

  constructor(readonly data: PageData) {
    this.count = data.results.name.length;
    this.metrics = listMetrics(data);
    const outcomes = [...new Set(data.results.outcome)];
    const all: Colouring[] = [
      { id: "family", title: "family", names: data.families, group: data.results.family },
      { id: "chip", title: "chip", names: data.chips, group: data.results.chip },
      {
        id: "outcome", title: "outcome", names: outcomes.map((name) => name.replace("_", " ")),
        group: data.results.outcome.map((name) => outcomes.indexOf(name)),
      },
    ];
    for (const metric of this.metrics.filter((m) => m.isFactor)) {
      const values = [...new Set(metric.values)].sort((a, b) => (a ?? -Infinity) - (b ?? -Infinity));
      if (values.length <= 8)
        all.push({
          id: metric.id, title: metric.title, names: values.map((v) => (v === null ? "none" : metric.format(v))),
          group: metric.values.map((v) => values.indexOf(v)),
        });
    }
    this.colourings = all.filter((colouring) => colouring.names.length > 1);
    if (!this.colourings.length) this.colourings = [all[0]];
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

  /** Limits the results to those in a rectangle of a chart. @param results null = no limit */
  setBrush(results: number[] | null): void {
    this.brush = results && new Set(results);
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
    this.update();
  }

  sortOrder(by: Metric | "name" | "position"): "ascending" | "descending" | "none" {
    return this.sortBy !== by ? "none" : this.ascending ? "ascending" : "descending";
  }

  setColouring(id: string): void {
    this.colouring = this.colourings.find((colouring) => colouring.id === id) ?? this.colouring;
    this.tell("colour");
  }

  pick(result: number): void {
    if (!this.picked.delete(result)) this.picked.add(result);
    this.tell("picked");
  }

  open(result: number | null): void {
    this.opened = result;
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
    const r = this.data.results;
    const words = `${r.name[i]} ${this.data.chips[r.chip[i]]} ${r.outcome[i]} ${r.verdict[i] ?? ""}`.toLowerCase();
    return this.text.split(/\s+/).every((word) => words.includes(word));
  }

  private compare(a: number, b: number): number {
    const by = this.sortBy;
    if (by === "position") return this.ascending ? a - b : b - a;
    if (by === "name") {
      const names = this.data.results.name;
      return (this.ascending ? 1 : -1) * names[a].localeCompare(names[b], undefined, { numeric: true });
    }
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
