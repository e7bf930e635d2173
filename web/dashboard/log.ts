// SPDX-License-Identifier: Apache-2.0
/** What the daemon has written to its log. */
import { element, replace } from "../common/dom";
import * as format from "../common/format";
import { get } from "./api";
import { View } from "./types";
import { action } from "./widgets";

interface Line { at_ms: number; level: string; text: string }

export async function log(): Promise<View> {
  const list = element("ol", { class: "card lines", tabindex: 0, "aria-label": "The daemon's log" });
  const read = async (): Promise<null> => {
    const { lines } = await get<{ lines: Line[] }>("/log");
    replace(list, ...[...lines].reverse().map((line) => element("li", { class: line.level === "error" ? "bad" : line.level === "warning" ? "warn" : undefined },
      element("span", { class: "soft" }, `${format.moment(line.at_ms)} ${line.level} `), line.text)));
    return null;
  };
  await read();
  return { title: "Log", parts: [element("h1", {}, "Log of the daemon"), element("p", { class: "buttons" }, element("span", { class: "soft" }, "The last lines, newest first. "), action("Read again", read)), list] };
}
