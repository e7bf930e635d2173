// SPDX-License-Identifier: Apache-2.0
/** What a search decided before this run, and why: `hilfarm optimize` records it with the spec, as comments. */
import { element, scrolling, table } from "../common/dom";
import { State } from "./state";
import { nameLink } from "./what_to_ship";

const LINE = /^# hilfarm optimize, decision: ([a-z]+) \| (.*?) \| (kept|dropped) \| (.*)$/gm;

export function searchDecisions(state: State): HTMLElement | null {
  const { run, results } = state.data;
  const found = [...(run.spec_text ?? "").matchAll(LINE)];
  if (!found.length) return null;
  const rows = found.map(([, step, name, decision, reason]) => {
    const result = name ? results.name.indexOf(name) : -1;
    return [step, result >= 0 ? nameLink(state, result) : name || "all",
      decision === "kept" ? element("b", {}, decision) : element("span", { class: "soft" }, decision), reason];
  });
  return element("section", {}, element("h2", {}, "Decisions of the search"),
    element("p", { class: "soft" }, "What hilfarm optimize decided before this run, in order, with its reasons."),
    scrolling("Decisions of the search", "card view", table(["Step", "Variation", "Decision", "Reason"], rows)));
}
