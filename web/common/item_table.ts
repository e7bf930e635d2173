// SPDX-License-Identifier: Apache-2.0
/** A table of the items of a selection: sortable, with a choice of columns. Only the rows in view are elements. */
import { element, onResize, replace } from "./dom";
import { onWindow } from "./lifetime";
import { Metric } from "./metrics";
import { Selection } from "./selection";

const ROW_HEIGHT = 32;
const SPARE_ROWS = 12;
const PRINTED_ROWS = 400;

export interface Column {
  id: string;
  title: string;
  help: string;
  /** what the column is sorted by; null = it is not */
  by: Metric | null;
  /** of one item */
  cell: (item: number) => Node | string;
  isNumber: boolean;
  /** is shown until someone chooses otherwise */
  isUsual: boolean;
}

export interface TableTexts { region: string; name: string; nameHelp: string; positionHelp: string }

export class ItemTable {
  readonly root: HTMLElement;
  private readonly chosen: Set<string>;
  private readonly head = element("thead");
  private readonly body = element("tbody");
  private readonly table = element("table", { class: "results" }, this.head, this.body);
  private readonly view: HTMLElement;
  private printing = false;

  constructor(private readonly state: Selection, private readonly columns: Column[], private readonly texts: TableTexts) {
    this.view = element("div", { class: "card view", tabindex: 0, role: "region", "aria-label": texts.region }, this.table);
    this.chosen = new Set(columns.filter((column) => column.isUsual).map((column) => column.id));
    const choices = element("details", { class: "choices" }, element("summary", {}, "Columns"),
      element("div", { class: "checks" }, ...columns.map((column) => element("label", {},
        element("input", {
          type: "checkbox", checked: this.chosen.has(column.id), onchange: () => {
            if (!this.chosen.delete(column.id)) this.chosen.add(column.id);
            this.draw();
          },
        }), ` ${column.title}`))));
    this.root = element("div", {}, choices, this.view);
    this.view.addEventListener("scroll", () => this.drawRows());
    onWindow("beforeprint", () => this.print(true));
    onWindow("afterprint", () => this.print(false));
    for (const topic of ["shown", "order", "picked", "opened"] as const) state.on(topic, () => this.draw());
    onResize(this.view, () => this.drawRows());
    this.draw();
  }

  private shownColumns(): Column[] {
    return this.columns.filter((column) => this.chosen.has(column.id));
  }

  private heading(title: string, help: string, by: Metric | "name" | "position" | null, isNumber: boolean): HTMLElement {
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
      this.heading("#", this.texts.positionHelp, "position", true),
      this.heading(this.texts.name, this.texts.nameHelp, "name", false),
      ...this.shownColumns().map((c) => this.heading(c.title, c.help, c.by, c.isNumber))));
    this.drawRows();
  }

  private row(i: number): HTMLElement {
    const { items, picked, opened } = this.state;
    return element("tr", { class: i === opened ? "opened" : undefined },
      element("td", {}, element("input", {
        type: "checkbox", "aria-label": `compare ${items.title(i)}`, checked: picked.has(i),
        onchange: () => this.state.pick(i),
      })),
      element("td", { class: "n" }, String(i + 1)),
      element("td", { class: "name" }, element("button", {
        type: "button", class: "link", onclick: () => this.state.open(i),
      }, items.name(i))),
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
        element("td", { style: `height:${rows * ROW_HEIGHT}px`, colspan: 3 + this.shownColumns().length })) : null;
    replace(this.body, space(first), ...shown.slice(first, last).map((i) => this.row(i)), space(shown.length - last));
    this.table.setAttribute("aria-rowcount", String(shown.length + 1));
  }

  private print(begins: boolean): void {
    this.printing = begins;
    this.drawRows();
  }
}
