// SPDX-License-Identifier: Apache-2.0
/** The page of a run: reads its data and shows them. */
import { element, replace } from "../common/dom";
import { DetailBlock, PageData, unpack } from "./data";
import { runViews } from "./run_views";
import { State } from "./state";

/** The elements that hold data are taken out of the document: the text of a large run takes megabytes. */
function take(selector: string): Element[] {
  const holders = [...document.querySelectorAll(selector)];
  for (const holder of holders) holder.remove();
  return holders;
}

const blocks = take("script.details");

function show(data: PageData): void {
  const state = new State(data, (block) => unpack<DetailBlock>(blocks[block]?.textContent ?? ""));
  const main = document.querySelector("main") as HTMLElement;
  replace(main, ...runViews(state));
  const byHash = (): void => {
    const name = decodeURIComponent(location.hash.slice(1));
    const result = name ? data.results.name.indexOf(name) : -1;
    if (result >= 0) state.open(result);
  };
  addEventListener("hashchange", byHash);
  byHash();
  document.documentElement.dataset.ready = String(state.count);
}

unpack<PageData>(take("#data")[0]?.textContent ?? "").then(show, (error: unknown) => {
  const main = document.querySelector("main") as HTMLElement;
  replace(main, element("p", { class: "bad" }, `The data of this page cannot be read: ${String(error)}`));
});
