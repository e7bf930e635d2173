// SPDX-License-Identifier: Apache-2.0
/** The first page: boards, queue, and what ended last. */
import { element, replace, scrolling, table, tile } from "../common/dom";
import { get } from "./api";
import { boardCard, boardState } from "./board_card";
import { Live } from "./live";
import { queueTable } from "./queue_table";
import { runsTable } from "./runs";
import { Board, RunRow, View } from "./types";
import { ago, link, state } from "./widgets";

const RECENT = 8;

/** The cards of all boards; only those that changed are made again. */
class Boards {
  readonly root = element("div", { class: "boards" });
  private readonly shown = new Map<string, { json: string; card: HTMLElement }>();

  draw(live: Live): void {
    const rank = (kind: string): number => (kind === "bad" ? 0 : 1);
    const boards = live.boards.map((board, i) => ({ board, i, rank: rank(boardState(board)[1]) }))
      .sort((a, b) => a.rank - b.rank || a.i - b.i);
    const cards = boards.map(({ board }) => {
      const json = JSON.stringify(board), known = this.shown.get(board.view.id);
      if (known?.json === json) return known.card;
      const card = boardCard(board);
      this.shown.set(board.view.id, { json, card });
      return card;
    });
    if (cards.length !== this.root.childElementCount || cards.some((card, i) => this.root.children[i] !== card)) replace(this.root, ...cards);
  }
}

/** The hosts of the boards; null if there is only this one. */
function hostTable(boards: Board[]): HTMLElement | null {
  const names = [...new Set(boards.flatMap((board) => board.host ?? []))].sort();
  if (!names.length) return null;
  return scrolling("Hosts", "card hosts", table(["Host", "State", "Boards", "Measuring", "Last heard"], names.map((name) => {
    const own = boards.filter((board) => board.host === name), first = own[0];
    return [name, first.host_problem ? state(`away: ${first.host_problem}`, "warn") : state("there", "good"), String(own.length),
      String(own.filter((board) => board.view.status.state === "busy").length), first.host_heard_ms ? ago(first.host_heard_ms) : "never"];
  })));
}

export function overview(live: Live): View {
  const boards = new Boards();
  const tiles = element("div"), queue = element("div"), recent = element("div"), hosts = element("section");
  let queued = "";
  const readRecent = (): void => {
    get<{ runs: RunRow[] }>(`/runs?limit=${RECENT}`).then(({ runs }) => replace(recent, runs.length
      ? runsTable(runs.filter((run) => !live.entry(run.key)), null) : element("p", { class: "soft" }, "No run has ended yet.")),
    (cause: Error) => replace(recent, element("p", { class: "bad" }, cause.message)));
  };
  const draw = (): void => {
    boards.draw(live);
    const known = hostTable(live.boards);
    replace(hosts, ...(known ? [element("h2", {}, "Hosts"), known] : []));
    const busy = live.boards.filter((board) => board.view.status.state === "busy").length;
    const bad = live.boards.filter((board) => boardState(board)[1] === "bad").length;
    const left = live.queue.reduce((sum, run) => sum + Math.max(0, run.job_count - run.measured - run.failed - run.not_run - run.pruned), 0);
    replace(tiles, element("div", { class: "tiles" }, tile(`${busy} of ${live.boards.length}`, "boards measure"),
      tile(String(live.queue.length), live.queue.length === 1 ? "run in the queue" : "runs in the queue"),
      tile(String(left), "measurements left"),
      tile(String(bad), bad === 1 ? "board needs attention" : "boards need attention", bad ? "bad" : "good")));
    replace(queue, live.queue.length ? queueTable(live) : element("p", { class: "soft" }, "Nothing is queued or under way."));
    const keys = live.queue.map((run) => run.key).join(" ");
    if (keys !== queued) readRecent(); /* a run has begun or ended */
    queued = keys;
  };
  const stop = live.on(draw);
  draw();
  readRecent();
  return {
    title: "Overview", close: stop,
    parts: [element("h1", {}, "Overview"), tiles,
      element("section", {}, element("h2", {}, "Runs in progress"), queue),
      hosts, element("section", {}, element("h2", {}, "Boards"), boards.root),
      element("section", {}, element("h2", {}, "Ended last"), recent, element("p", {}, link("/runs", "All runs")))],
  };
}
