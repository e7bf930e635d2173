// SPDX-License-Identifier: Apache-2.0
/** One run: followed while it is under way, with the views of the report. */
import { element, replace, scrolling, table, tile } from "../common/dom";
import * as format from "../common/format";
import { DetailBlock, PageData } from "../report/data";
import { runViews } from "../report/run_views";
import { State } from "../report/state";
import { download, follow, get, post, query, segment } from "./api";
import { Live } from "./live";
import { overOf, runButtons } from "./queue_table";
import { QueueEntry, RunEvent, RunRow, RunView, View } from "./types";
import { action, ask, link, pagePath, progress } from "./widgets";

const LINES_MOST = 500;
const REPORTS: [string, string][] = [["report.html", "HTML"], ["results.csv", "CSV"], ["layers.csv", "layers, CSV"], ["results.json", "JSON"],
  ["summary.md", "Markdown"], ["junit.xml", "JUnit"]];

/** An event in a sentence, as the terminal prints it. @return its text, and whether it is a failure */
function sentence(event: RunEvent): [string, boolean] {
  const model = `[${event.finished}/${event.job_count}] ${event.job ?? ""}`, why = `${event.fault}: ${event.message}`;
  switch (event.kind) {
    case "measured": return [`${model}: ${format.duration(event.latency_ns)}${event.modelled ? " modelled" : ""} on ${event.board} (${event.chip})`, false];
    case "failed": return [`${model}: failed on ${event.chip}: ${why}`, true];
    case "pruned": return [`${model}: pruned on ${event.chip}: ${event.message}`, false];
    case "not_run": return [`${model}: not run on ${event.chip}: ${event.message}`, true];
    case "attempt_failed": return [`attempt ${event.attempt} of ${event.job} on ${event.board} failed (${why})`, true];
    case "board_failed": return [`board ${event.board} cannot be used (${why})`, true];
    case "board_quarantined": return [`board ${event.board} is quarantined for ${format.elapsed(event.quarantine_ns)} (${why})`, true];
    case "board_given_up": return [`board ${event.board} is given up for this run (${why})`, true];
    case "board_awaited": return [`waiting for board ${event.board}: ${event.message}`, false];
    case "board_in_use": return [`continuing without board ${event.board}: ${event.message}`, false];
    case "store_waits": return [`${event.message}; measuring continues, and results are kept until they can be stored`, true];
    default: return [event.kind === "store_written" ? "the store can be written again" : event.kind, false];
  }
}

/** The log of a run. */
class Log {
  readonly root = element("ol", { class: "card lines", "aria-label": "What happened", tabindex: 0 });
  count = 0;

  add(text: string, isBad: boolean): void {
    const atEnd = this.root.scrollTop + this.root.clientHeight >= this.root.scrollHeight - 8;
    this.root.append(element("li", { class: isBad ? "bad" : undefined }, text));
    if (this.root.childElementCount > LINES_MOST) this.root.firstElementChild?.remove();
    if (atEnd) this.root.scrollTop = this.root.scrollHeight;
    this.count++;
  }
}

function liveView(view: RunView, entry: QueueEntry | undefined): HTMLElement {
  const { progress: steps } = view;
  const over = steps.done + steps.failed + steps.not_run + view.pruned;
  const busy = view.boards.filter((board) => board.job !== null);
  return element("div", {}, progress(entry ? overOf(entry) : over, view.job_count, "progress"),
    element("div", { class: "tiles" }, tile(view.stage, "stage"), tile(String(steps.done), "measured", "good"),
      tile(String(steps.failed), "failed", steps.failed ? "bad" : ""), tile(String(steps.running), "on boards now"),
      tile(format.elapsed(view.elapsed_ns), "so far"), tile(view.left_ns === null ? "–" : format.elapsed(view.left_ns), "left, about")),
    view.kept > 0 && element("p", { class: "notice" }, `The store cannot be written: ${view.kept} records wait.`),
    busy.length > 0 && scrolling("Boards that measure", "card", table(["Board", "Measures", "Phase", ""], busy.map((board) => [
      link(pagePath("boards", board.id), board.id), board.job ?? "", board.phase,
      board.phase_of ? progress(board.phase_done, board.phase_of, board.phase) : ""]))));
}

function downloads(run: RunRow): HTMLElement {
  return element("div", { class: "buttons" }, element("span", { class: "soft" }, "Download"), ...REPORTS.map(([report, label]) =>
    action(label, async () => {
      await download(`/runs/${segment(run.key)}/${report}`, `${run.key}-${run.name}-${report}`);
      return null;
    })));
}

function laterButtons(live: Live, run: RunRow): HTMLElement {
  return element("div", { class: "buttons" },
    run.not_run + run.failed > 0 && live.mayChange(run.owner) && action("Resume", async () => {
      const answer = await post<{ key: string; selected: number }>(`/runs/${segment(run.key)}/resume`);
      location.hash = `#${pagePath("runs", answer.key)}`;
      dispatchEvent(new HashChangeEvent("hashchange"));
      return `${run.name} is resumed: ${answer.selected} measurements`;
    }, "primary"),
    live.mayChange(run.owner) && action("Tag", async () => {
      const chosen = await ask("Tag this run", "A tagged run can be a baseline, and is never trimmed.", "Tag", [{ name: "tag", label: "Tag", type: "text", value: "" }]);
      if (!chosen?.tag) return null;
      await post(`/runs/${segment(run.key)}/tag`, { tag: chosen.tag, move: false });
      return `the run has the tag ${chosen.tag}`;
    }),
    action("Compare with the one before", async () => {
      const { runs } = await get<{ runs: RunRow[] }>(`/runs${query({ name: run.name, before: run.id, limit: 1 })}`);
      if (!runs.length) return `there is no earlier run of ${run.name}`;
      location.hash = `#${pagePath("compare", runs[0].id, run.id)}`;
      return null;
    }));
}

/** Links from the variations of a run to their trends. */
function trends(state: State): HTMLElement {
  const { results, chips } = state.data;
  return element("details", { class: "card pruned" }, element("summary", {}, "Trends over all runs"),
    element("ul", { class: "columns" }, ...results.name.slice(0, 400).map((name, i) =>
      element("li", {}, link(pagePath("trend", name, chips[results.chip[i]]), name), element("span", { class: "soft" }, ` ${chips[results.chip[i]]}`)))));
}

/** The data of a run, compared with a run, or else with the one that it was compared with when it ended. */
async function resultsOf(key: string, baseline: string | null): Promise<{ data: PageData; note: HTMLElement | null }> {
  const data = await get<PageData>(`/runs/${segment(key)}/page.json${query({ baseline })}`);
  const { regressed } = data.run;
  return { data, note: regressed === null || data.baseline ? null : element("p", { class: "notice" },
    `${regressed} result${regressed === 1 ? " was" : "s were"} worse than in the baseline when the run ended. ` +
    (data.run.baseline ? `The store no longer has that run, ${data.run.baseline}.` : "Which run that was is not recorded.")) };
}

/**
 * @param key of the run, or whatever else names it
 * @param baseline number of the run to compare with; null = none
 */
export async function run(live: Live, key: string, baseline: string | null): Promise<View> {
  const row = await get<RunRow>(`/runs/${segment(key)}`);
  const ended = new AbortController();
  const now = element("section", { class: "now" }), buttons = element("div", { class: "actions" }), log = new Log(), views = element("div", { class: "views" });
  const logSection = element("details", { class: "card pruned" }, element("summary", {}, "Log"), log.root);
  let view: RunView | null = null, isOver = false, problem: string | null = null;

  const showResults = async (): Promise<void> => {
    const { data, note } = await resultsOf(key, baseline);
    const size = data.details_block;
    const state = new State(data, (block) => get<DetailBlock>(`/runs/${segment(key)}/details.json${query({ offset: block * size, limit: size })}`));
    const [heading, ...others] = runViews(state);
    replace(views, ...[heading, note, buttons, ...others, trends(state)].filter((part): part is HTMLElement | string => Boolean(part)));
    document.documentElement.dataset.results = String(state.count);
  };
  const soFar = action("Results so far", async () => {
    await showResults();
    return null;
  });
  const fail = (cause: Error): void => {
    if (!ended.signal.aborted) replace(views, element("p", { class: "bad" }, cause.message));
  };
  const draw = (): void => {
    const entry = live.entry(row.key);
    now.hidden = isOver;
    if (isOver) replace(now);
    else replace(now, element("h1", {}, row.name), element("p", { class: "sub" }, `${row.key}, of ${row.owner ?? "unknown"}`),
      problem && element("p", { class: "notice" }, problem),
      view ? liveView(view, entry) : element("p", { class: "soft" }, entry ? entry.state : "waiting for its first news"),
      entry && element("p", { class: "buttons" }, soFar, runButtons(live, entry)));
  };
  const showEnd = async (): Promise<void> => {
    const fresh = await get<RunRow>(`/runs/${segment(key)}`);
    if (ended.signal.aborted) return;
    isOver = true;
    draw();
    replace(buttons, downloads(fresh), laterButtons(live, fresh));
    await showResults();
  };

  const isUnderWay = row.state === "running";
  if (isUnderWay) {
    logSection.open = true;
    void follow(`/runs/${segment(row.key)}/events`, {
      event: (name, data) => {
        const read = JSON.parse(data);
        if (name === "view") view = read as RunView;
        else if (name === "event") log.add(...sentence(read as RunEvent));
        else if (name === "gap") log.add(`${read.events} earlier events are not kept`, false);
        else if (name === "over") {
          log.add(`the run is over: ${read.summary.state}`, false);
          showEnd().catch(fail);
        }
        draw();
      },
      state: (text) => {
        problem = text;
        draw();
      },
    }, ended.signal, true, () => isOver);
  } else {
    showEnd().catch(fail);
  }
  const stop = live.on(() => {
    if (!isOver) draw();
  });
  draw();
  if (!isUnderWay) now.hidden = true;
  return {
    title: row.name, parts: [now, views, isUnderWay && logSection],
    close: () => {
      ended.abort();
      stop();
    },
  };
}
