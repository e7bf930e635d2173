// SPDX-License-Identifier: Apache-2.0
/** The history of runs, a page at a time. */
import { element, replace, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { runOutcome } from "../common/run_outcome";
import { get, query } from "./api";
import { RunRow, View } from "./types";
import { link, pagePath, state } from "./widgets";

const PAGE = 50;

/** @param picked the runs that are chosen for a comparison; null = they cannot be chosen */
export function runsTable(runs: RunRow[], picked: { has: (id: number) => boolean; toggle: (run: RunRow) => void } | null): HTMLElement {
  return scrolling("Runs", "card", table(
    [...(picked ? ["Compare"] : []), "#", "Run", "Started", "State", "Measured", "Failed", "Not run", "Pruned", "Worse", "Took", "Owner", "Tags"],
    runs.map((run) => [
      ...(picked ? [element("input", {
        type: "checkbox", "aria-label": `compare run ${run.id}`, checked: picked.has(run.id), onchange: () => picked.toggle(run),
      })] : []),
      String(run.id), link(pagePath("runs", run.key), run.name), element("span", { class: "when" }, format.moment(run.started_ms)),
      state(...runOutcome(run)), String(run.measured),
      run.failed ? element("span", { class: "bad" }, String(run.failed)) : "0", String(run.not_run), String(run.pruned),
      run.compared ? String(run.regressed) : "–", run.duration_ns ? format.elapsed(run.duration_ns) : "–", run.owner ?? "–", run.tags ?? "",
    ]), (picked ? [1, 5, 6, 7, 8, 9, 10] : [0, 4, 5, 6, 7, 8, 9])));
}

export function history(): View {
  const list = element("div"), more = element("p"), compare = element("p");
  const picked: RunRow[] = [];
  let runs: RunRow[] = [], name = "";
  const drawCompare = (): void => {
    const [after, before] = [...picked].sort((a, b) => b.id - a.id);
    replace(compare, picked.length === 2
      ? link(pagePath("compare", before.id, after.id), `Compare run ${before.id} with run ${after.id}`)
      : element("span", { class: "soft" }, "Choose two runs to compare them."));
  };
  const draw = (): void => {
    replace(list, runs.length ? runsTable(runs, {
      has: (id) => picked.some((run) => run.id === id),
      toggle: (run) => {
        const at = picked.findIndex((one) => one.id === run.id);
        if (at >= 0) picked.splice(at, 1);
        else picked.push(run);
        if (picked.length > 2) {
          picked.shift();
          draw();
        }
        drawCompare();
      },
    }) : element("p", { class: "soft" }, name ? `There is no run of '${name}'.` : "There is no run yet."));
    drawCompare();
  };
  const read = async (before: number | null): Promise<void> => {
    const asked = name;
    const page = await get<{ runs: RunRow[] }>(`/runs${query({ limit: PAGE, before, name })}`);
    if (asked !== name) return;
    runs = before === null ? page.runs : [...runs, ...page.runs];
    draw();
    replace(more, page.runs.length === PAGE && element("button", { type: "button", onclick: () => void read(runs[runs.length - 1].id) }, "Older runs"));
  };
  const failed = (cause: Error): void => replace(list, element("p", { class: "bad" }, cause.message));
  const search = element("input", { type: "search", placeholder: "name of a spec", onchange: () => {
    name = search.value.trim();
    read(null).catch(failed);
  } });
  read(null).catch(failed);
  return { title: "Runs", parts: [element("h1", {}, "Runs"), element("div", { class: "card controls" }, element("label", {}, "Spec ", search), compare), list, more] };
}
