// SPDX-License-Identifier: Apache-2.0
/** The layers of a scorecard and its arena over time, drawn as in the report. */
import { element, replace } from "../common/dom";
import * as format from "../common/format";
import { Layer } from "../report/card";
import { arenaFigure, Lane, layersFigure } from "../report/scorecard";
import { Scorecard } from "./types";

function layersOf(card: Scorecard): Layer[] {
  return card.layers.map((layer) => ({
    name: layer.name, operator: layer.type, shape: layer.output.join(" x "), macs: layer.macs, parameter_bytes: layer.parameter_bytes,
    live_bytes: layer.live_bytes, estimated_cycles: Object.values(layer.cycles_estimated)[0] ?? 0, cycles: 0, instructions: 0,
  }));
}

/** Shows a figure in the place of another; a table of values that was open stays open. */
function exchange(place: HTMLElement, figure: HTMLElement | null): void {
  const wasOpen = place.querySelector("details")?.open ?? false;
  replace(place, figure);
  const values = place.querySelector("details");
  if (values && wasOpen) values.open = true;
}

/** Figures that are drawn again with each scorecard. The arena is known of a compiled model only; until then the last one is shown, faded. */
export function layerFigures(): { root: HTMLElement; show: (card: Scorecard | null) => void } {
  const layers = element("div"), arena = element("div");
  const root = element("section", { hidden: true }, element("h2", {}, "Layers"), element("div", { class: "charts" }, layers, arena));
  return {
    root,
    show: (card) => {
      root.hidden = !card;
      if (!card) return;
      const its = layersOf(card);
      const lanes: Lane[] = card.latency_estimated.map(({ chip }) => ({
        name: `Estimated cycles on ${chip}`, values: card.layers.map((layer) => layer.cycles_estimated[chip] ?? 0), outline: null, show: format.count, colour: "--c1",
      }));
      exchange(layers, layersFigure(its, lanes, ""));
      arena.classList.toggle("outdated", !card.arena_map);
      if (card.arena_map) exchange(arena, arenaFigure(card.arena_map, its));
    },
  };
}
