// SPDX-License-Identifier: Apache-2.0
/** What the daemon, and those before it, have written to the log. */
import { element, option, replace } from "../common/dom";
import { get, query } from "./api";
import { View } from "./types";
import { action, secondOf } from "./widgets";

const PAGE = 500;
const LEVELS = ["error", "warning", "notice", "info"];
const KINDS: Record<string, string> = { error: "bad", warning: "warn" };

interface Line { number: number; at_ms: number; level: string; text: string }

/** Local days, so that a long log can be read. */
const dayOf = (line: Line): string => secondOf(line.at_ms).slice(0, 10);

export async function log(): Promise<View> {
  const list = element("ol", { class: "card lines", tabindex: 0, "aria-label": "Log, newest line first" });
  const more = element("p"), status = element("span", { class: "soft", role: "status" });
  const search = element("input", { type: "search", placeholder: "text", oninput: () => draw() });
  const level = element("select", { onchange: () => draw() }, ...LEVELS.map((name) => option(name, name, name === "info")));
  let lines: Line[] = []; /* newest first */

  const draw = (): void => {
    const wanted = search.value.trim().toLowerCase(), least = LEVELS.indexOf(level.value);
    const shown = lines.filter((line) => LEVELS.indexOf(line.level) <= least && line.text.toLowerCase().includes(wanted));
    replace(list, ...shown.flatMap((line, i) => [
      i > 0 && dayOf(line) !== dayOf(shown[i - 1]) && element("li", { class: "day soft" }, dayOf(line)),
      element("li", { class: KINDS[line.level] }, element("span", { class: "soft" }, `${secondOf(line.at_ms)} ${line.level} `), line.text)]),
    !shown.length && element("li", { class: "soft" }, "no such line"));
    replace(status, shown.length < lines.length ? `${shown.length} of ${lines.length} lines` : `${lines.length} lines`);
  };
  const read = async (before: number | null): Promise<null> => {
    const page = (await get<{ lines: Line[] }>(`/log${query({ limit: PAGE, before })}`)).lines.reverse();
    lines = before === null ? page : [...lines, ...page];
    draw();
    replace(more, page.length === PAGE && action("Older lines", () => read(lines[lines.length - 1].number)));
    return null;
  };
  await read(null);
  return {
    title: "Log", parts: [element("h1", {}, "Log of the daemon"),
      element("div", { class: "card controls" }, element("label", {}, "Filter ", search), element("label", {}, "Down to ", level), status,
        action("Read again", () => read(null))), list, more],
  };
}
