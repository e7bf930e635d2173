// SPDX-License-Identifier: Apache-2.0
/** The page of a variation over nights. */
import { element, replace } from "../common/dom";
import * as format from "../common/format";
import { TrendPoint, trendViews } from "../common/trend_views";
import { ApiError, get, query } from "./api";
import { Live } from "./live";
import { View } from "./types";
import { link, pagePath } from "./widgets";

const OFFERED = 50;
const NIGHTS = 500;

/** The page without a variation: a search by the beginning of its name. */
export function chooseTrend(): View {
  const list = element("ul", { class: "columns" });
  const search = element("input", { type: "search", placeholder: "beginning of a name", oninput: () => read() });
  const read = (): void => {
    const prefix = search.value.trim();
    get<{ variations: { name: string; chip: string }[] }>(`/variations${query({ prefix, limit: OFFERED })}`).then(({ variations }) => {
      if (prefix !== search.value.trim()) return;
      replace(list, ...variations.map(({ name, chip }) => element("li", {}, link(pagePath("trend", name, chip), name), element("span", { class: "soft" }, ` ${chip}`))),
        !variations.length && element("li", { class: "soft" }, "no variation of any run has such a name"),
        variations.length === OFFERED && element("li", { class: "soft" }, "… more: type more of the name"));
    }, (cause: Error) => replace(list, element("li", { class: "bad" }, cause.message)));
  };
  read();
  return { title: "Trends", parts: [element("h1", {}, "Trends"), element("div", { class: "card controls" }, element("label", {}, "Variation ", search)), list] };
}

export async function trend(live: Live, name: string, chip: string): Promise<View> {
  const answer = await get<{ results: TrendPoint[] }>(`/trend${query({ name, chip, limit: NIGHTS })}`);
  if (!answer.results.length) throw new ApiError(404, `no run has the variation '${name}' on ${chip}`);
  /* What is still to be measured has not failed. */
  const results = answer.results.filter((result) => result.outcome !== "not_run" || !live.entry(result.run_key)).reverse();
  const views = trendViews(results, (point) => link(pagePath("runs", point.run_key), `run ${point.run_id}`),
    (point) => (location.hash = `#${pagePath("runs", point.run_key)}`));
  const isModelled = results.some((result) => result.modelled);
  const newest = results[results.length - 1], latest = [...results].reverse().find((result) => result.latency_ns !== null);
  const shown = latest && `${format.duration(latest.latency_ns as number)}${latest.modelled ? " *" : ""}`;
  return {
    title: name, close: views.close,
    parts: [element("h1", {}, name), element("p", { class: "sub" }, `on ${chip}, ${results.length} run${results.length === 1 ? "" : "s"}`,
      shown && (newest === latest ? ` · now ${shown}` : ` · last measured in run ${latest.run_id}: ${shown}`)),
    newest && newest !== latest && element("p", { class: "bad" }, `The newest run, ${newest.run_id}, has no latency: ${newest.outcome.replace("_", " ")}` +
      `${newest.message ? `, ${newest.message}` : ""}.`),
    isModelled && element("p", { class: "notice" }, "* Times are modelled: they come from virtual boards."),
    !results.length && element("p", { class: "soft" }, "No run has measured it yet."),
    views.charts,
    results.length > 0 && element("p", { class: "soft" }, "Diamonds: something changed with this run. Crosses: not measured. A click opens the run."),
    results.length > 0 && element("section", {}, element("h2", {}, "Steps"), views.steps)],
  };
}
