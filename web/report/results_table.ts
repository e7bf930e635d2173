// SPDX-License-Identifier: Apache-2.0
/** The table of results: sortable, with a choice of columns. Only the rows in view are elements. */
import { element, onResize, replace } from "./dom";
import { Metric } from "./metrics";
import { State } from "./state";

const ROW_HEIGHT = 32;
const SPARE_ROWS = 12;
const PRINTED_ROWS = 400;

interface Column { id: string; title: string; help: string; by: Metric | "name" | "position" | null; cell: (i: number) => Node | string; isNumber: boolean }

export class ResultsTable {
  readonly root: HTMLElement;
  private readonly columns: Column[];
  private readonly chosen: Set<string>;
  private readonly head = element("thead");
  private readonly body = element("tbody");
  private readonly table = element("table", { class: "results" }, this.head, this.body);
  private readonly view = element("div", { class: "card view", tabindex: 0, role: "region", "aria-label": "Results" }, this.table);
  private printing = false;

  constructor(private readonly state: State) {
    this.columns = this.listColumns();
    const usual = ["accuracy", "macs", "params", "image", "ram", "rom", "latency", "spread", "verdict"];
    this.chosen = new Set(this.columns.map((c) => c.id).filter((id) => usual.includes(id)));
    const choices = element("details", { class: "choices" }, element("summary", {}, "Columns"),
      element("div", { class: "checks" }, ...this.columns.map((column) => element("label", {},
        element("input", {
          type: "checkbox", checked: this.chosen.has(column.id), onchange: () => {
            if (!this.chosen.delete(column.id)) this.chosen.add(column.id);
            this.draw();
          },
        }), ` ${column.title}`))));
    this.root = element("div", {}, choices, this.view);
    this.view.addEventListener("scroll", () => this.drawRows());
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
    for (const topic of ["shown", "picked", "opened"] as const) state.on(topic, () => this.draw());
    onResize(this.view, () => this.drawRows());
    this.draw();
  }

  private listColumns(): Column[] {
    const { data, metrics } = this.state;
    const r = data.results;
    const columns: Column[] = metrics.map((metric) => ({
      id: metric.id, title: metric.title, help: metric.help, by: metric, isNumber: true,
      cell: (i) => {
        const value = metric.values[i];
        if (value === null) return metric.id === "image" && r.image_bytes_min[i] !== null
          ? `≥ ${metric.format(r.image_bytes_min[i] as number)}` : "–";
        const text = metric.format(value) + (metric.id === "latency" && r.modelled[i] ? " *" : "");
        const misses = metric.limit !== null && value > metric.limit;
        return misses ? element("span", { class: "bad" }, text) : text;
      },
    }));
    const after = columns.findIndex((column) => column.id === "latency") + 1;
    columns.splice(after, 0, {
      id: "spread", title: "Spread", help: "half the distance between the fastest and the slowest inference", by: null,
      isNumber: true, cell: (i) => {
        const low = r.latency_low_ns[i], high = r.latency_high_ns[i], median = r.latency_ns[i];
        return low === null || high === null || !median ? "–" : `±${((50 * (high - low)) / median).toFixed(2)} %`;
      },
    });
    columns.push({
      id: "board", title: "Board", help: "that measured it", by: null, isNumber: false,
      cell: (i) => data.boards[r.board[i]]?.id ?? "–",
    }, {
      id: "verdict", title: "Limits", help: "whether the limits of the spec are met", by: null, isNumber: false,
      cell: (i) => this.verdict(i),
    });
    return columns;
  }

  private verdict(i: number): Node | string {
    const { outcome, verdict, message } = this.state.data.results;
    if (outcome[i] !== "measured")
      return element("span", { class: outcome[i] === "failed" ? "bad" : "warn", title: message[i] ?? "" },
        outcome[i].replace("_", " "));
    const judged = verdict[i];
    if (!judged) return "–";
    return element("span", { class: judged === "met" ? "good" : "bad" }, judged);
  }

  private shownColumns(): Column[] {
    return this.columns.filter((column) => this.chosen.has(column.id));
  }

  private heading(title: string, help: string, by: Column["by"], isNumber: boolean): HTMLElement {
    const order = by ? this.state.sortOrder(by) : "none";
    const text = by
      ? element("button", { type: "button", onclick: () => this.state.sort(by) }, title)
      : element("span", {}, title);
    return element("th", {
      scope: "col", class: isNumber ? "n" : undefined, title: help, "aria-sort": by ? order : undefined,
    }, text);
  }

  private draw(): void {
    replace(this.head, element("tr", {},
      element("th", { scope: "col" }, element("span", { class: "hidden" }, "Compare")),
      this.heading("#", "order of the spec", "position", true),
      this.heading("Variation", "click to open", "name", false), element("th", { scope: "col" }, "Chip"),
      ...this.shownColumns().map((c) => this.heading(c.title, c.help, c.by, c.isNumber))));
    this.drawRows();
  }

  private row(i: number): HTMLElement {
    const { data, picked, opened } = this.state;
    return element("tr", { class: i === opened ? "opened" : undefined },
      element("td", {}, element("input", {
        type: "checkbox", "aria-label": `compare ${data.results.name[i]}`, checked: picked.has(i),
        onchange: () => this.state.pick(i),
      })),
      element("td", { class: "n" }, String(i + 1)),
      element("td", { class: "name" }, element("button", {
        type: "button", class: "link", onclick: () => this.state.open(i),
      }, data.results.name[i])),
      element("td", {}, data.chips[data.results.chip[i]]),
      ...this.shownColumns().map((c) => element("td", { class: c.isNumber ? "n" : undefined }, c.cell(i))));
  }

  private drawRows(): void {
    const { shown } = this.state;
    const height = this.view.clientHeight || 600;
    let first = Math.max(0, Math.floor(this.view.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    let last = Math.min(shown.length, first + Math.ceil(height / ROW_HEIGHT) + 2 * SPARE_ROWS);
    if (this.printing) [first, last] = [0, Math.min(shown.length, PRINTED_ROWS)];
    const space = (rows: number): HTMLElement | null =>
      rows > 0 && !this.printing ? element("tr", { class: "space", "aria-hidden": true },
        element("td", { style: `height:${rows * ROW_HEIGHT}px`, colspan: 4 + this.shownColumns().length })) : null;
    replace(this.body, space(first), ...shown.slice(first, last).map((i) => this.row(i)), space(shown.length - last));
    this.table.setAttribute("aria-rowcount", String(shown.length + 1));
  }

  private print(begins: boolean): void {
    this.printing = begins;
    this.drawRows();
  }
}
