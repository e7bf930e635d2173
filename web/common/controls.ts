// SPDX-License-Identifier: Apache-2.0
/** The controls of a selection. */
import { element, groupColour, option, replace } from "./dom";
import { Selection } from "./selection";

/**
 * Filter, colours and their legend, above charts and table.
 * @param searched what the text of the filter is looked for in @param items what the items are called
 */
export function controls(state: Selection, searched: string, items: string): HTMLElement {
  const search = element("input", {
    type: "search", placeholder: searched, oninput: (event) => state.setText((event.target as HTMLInputElement).value),
  });
  const status = element("span", { class: "soft", role: "status" });
  const legend = element("div", { class: "legend" });
  const drawLegend = (): void => {
    const { colouring } = state;
    replace(legend, ...colouring.names.map((name, group) => element("button", {
      type: "button", "aria-pressed": !state.isExcluded(colouring.id, group) ? "true" : "false",
      onclick: () => state.toggleGroup(colouring.id, group),
    }, element("i", { style: `background:${groupColour(group)}` }), name)));
  };
  const drawStatus = (): void => {
    replace(status, `${state.shown.length} of ${state.count} ${items}`);
    drawLegend();
  };
  state.on("shown", drawStatus);
  state.on("colour", drawLegend);
  drawStatus();
  return element("div", { class: "card controls" },
    element("label", {}, "Filter ", search),
    element("label", {}, "Colour by ", element("select", {
      onchange: (event) => state.setColouring((event.target as HTMLSelectElement).value),
    }, ...state.colourings.map((c) => option(c.id, c.title, c === state.colouring)))),
    legend, status,
    element("button", {
      type: "button", onclick: () => {
        search.value = "";
        state.clear();
      },
    }, "Show all"));
}
