// SPDX-License-Identifier: Apache-2.0
/** A board as it is now: a card of the overview, and its facts. */
import { element } from "../common/dom";
import * as format from "../common/format";
import { Board } from "./types";
import { ago, link, pagePath, progress, state } from "./widgets";

/** "measuring", or why nothing runs on it; and whether that is good. */
export function boardState(board: Board): [string, string] {
  const { status } = board.view;
  if (board.attention) return ["needs attention", "bad"];
  if (status.disabled) return ["disabled", "soft"];
  if (status.reserved) return ["reserved", "warn"];
  if (status.given_up) return ["given up", "bad"];
  if (status.quarantined) return ["quarantined", "bad"];
  if (board.host_problem) return ["host away", "warn"];
  if (status.in_use) return ["in use by others", "warn"];
  if (status.state === "busy") return ["measuring", ""];
  if (status.state === "checking" || status.state === "opening" || status.state === "closing") return [status.state, ""];
  return ["free", "good"];
}

/** Why the board is as it is, in a sentence. */
export function boardReason(board: Board): string {
  const { status } = board.view;
  if (board.attention) return `${board.attention}${board.attention_ms ? ` (${ago(board.attention_ms)})` : ""}`;
  if (status.disabled) return `by ${board.disabled_by ?? "somebody"}${board.disabled_reason ? `: ${board.disabled_reason}` : ""}`;
  if (status.reserved)
    return `by ${board.reserved_by ?? "somebody"}${board.reserved_until_ms ? ` until ${format.moment(board.reserved_until_ms)}` : ""}` +
      (board.reserved_note ? `: ${board.reserved_note}` : "");
  if (board.host_problem) return `host ${board.host ?? ""}: ${board.host_problem}`;
  if (status.in_use && board.view.in_use) return board.view.in_use;
  if (status.check_requested) return "a health check is due";
  return board.view.failure ? `last failure: ${board.view.failure}` : "";
}

export function boardCard(board: Board): HTMLElement {
  const { view } = board;
  const [text, kind] = boardState(board);
  const isBusy = view.status.state === "busy" && view.job !== null;
  return element("article", { class: `card board ${kind}` },
    element("header", {}, element("h3", {}, link(pagePath("boards", view.id), view.id)), state(text, kind)),
    element("p", { class: "soft" }, `${view.chip}${view.modelled ? ", modelled" : ""}${board.host ? `, on host ${board.host}` : ""}`),
    isBusy && element("p", { class: "job" }, view.job ?? "", element("span", { class: "soft" }, ` ${view.run ?? ""}`)),
    isBusy && (view.phase_of > 0 ? progress(view.phase_done, view.phase_of, view.phase) : element("p", { class: "soft" }, view.phase)),
    boardReason(board) && element("p", { class: kind === "bad" ? "bad" : "soft" }, boardReason(board)),
    element("p", { class: "soft counts" }, `${view.status.done} done, ${view.status.failed} failed since the daemon started`));
}
