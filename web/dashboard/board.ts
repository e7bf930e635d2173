// SPDX-License-Identifier: Apache-2.0
/** One board: what it does now, what people can do with it, and its health over months. */
import { element, option, replace, scrolling, table, transcript } from "../common/dom";
import * as format from "../common/format";
import { get, post, segment } from "./api";
import { boardReason, boardState } from "./board_card";
import { Live } from "./live";
import { DayChart, TimeChart, TimeSeries } from "../common/time_chart";
import { Board, BoardHistory, HealthCheck, View } from "./types";
import { action, ask, facts, link, pagePath, progress, state } from "./widgets";

const HOUR_MS = 3600000;
const DURATIONS: [string, string][] = [["1", "1 hour"], ["2", "2 hours"], ["4", "4 hours"], ["8", "8 hours"], ["24", "a day"], ["168", "a week"], ["0", "until it is released"]];
const PERIODS: [string, string][] = [["30", "30 days"], ["90", "3 months"], ["180", "6 months"], ["365", "a year"], ["1825", "5 years"]];

const change = (id: string, what: string, body: object = {}): Promise<Board> => post<Board>(`/boards/${segment(id)}/${what}`, body);

async function reserve(board: Board): Promise<string | null> {
  const { id } = board.view;
  const other = board.view.status.reserved ? board.reserved_by : null;
  const chosen = await ask(`Reserve ${id}`, other ? `${other} has reserved it: this overrides their reservation.` : "No run gets it until then. The attempt under way ends first.",
    other ? "Override" : "Reserve", [{ name: "hours", label: "For", type: "select", value: "2", options: DURATIONS }, { name: "note", label: "Note for others", type: "text", value: "" }]);
  if (!chosen) return null;
  const hours = Number(chosen.hours);
  await change(id, "reserve", { until_ms: hours ? Date.now() + hours * HOUR_MS : 0, note: chosen.note || null, force: other !== null });
  return `${id} is reserved`;
}

async function release(live: Live, board: Board): Promise<string | null> {
  const { id } = board.view;
  const isOther = board.reserved_by !== null && board.reserved_by !== live.session.user;
  if (isOther && !(await ask(`Release ${id}?`, `${board.reserved_by} has reserved it.`, "Release it all the same"))) return null;
  await change(id, "release", { force: isOther });
  return `${id} is released`;
}

async function disable(board: Board): Promise<string | null> {
  const chosen = await ask(`Take ${board.view.id} out of service`, "No run gets it until it is enabled. The attempt under way ends first.", "Disable",
    [{ name: "reason", label: "Reason", type: "text", value: "" }]);
  if (!chosen) return null;
  await change(board.view.id, "disable", { reason: chosen.reason });
  return `${board.view.id} is disabled`;
}

function buttons(live: Live, board: Board): HTMLElement {
  const { id, status } = board.view;
  return element("div", { class: "buttons" },
    status.reserved ? action("Release", () => release(live, board), "primary") : null,
    action(status.reserved ? "Reserve again" : "Reserve", () => reserve(board)),
    status.disabled ? null : action("Disable", () => disable(board), "danger"),
    status.disabled || board.attention || status.given_up ? action("Enable", async () => {
      await change(id, "enable");
      return `${id} is in service, with a clean record`;
    }, "primary") : null,
    status.disabled ? null : action("Check its health", async () => {
      await change(id, "check");
      return `${id} is checked before its next job`;
    }));
}

function present(live: Live, board: Board): HTMLElement {
  const { view } = board;
  const [text, kind] = boardState(board);
  return element("div", {}, element("p", {}, state(text, kind), ` ${boardReason(board)}`),
    facts([["Chip", `${view.chip}${view.modelled ? ", a virtual board: its times are modelled" : ""}`],
      ["Measures", view.job && element("span", {}, view.job, view.run_id ? element("span", {}, " for ", link(pagePath("runs", view.run_id), view.run ?? "")) : "",
        view.owner ? ` of ${view.owner}` : "")],
      ["Phase", view.status.state === "busy" && view.job ? (view.phase_of ? progress(view.phase_done, view.phase_of, view.phase) : view.phase) : null],
      ["Attempts", `${view.status.done} succeeded, ${view.status.failed} failed since the daemon started`],
      ["Last failure", view.failure]]),
    buttons(live, board));
}

/** Cycles of the golden image, check by check. */
function cyclesOf(checks: HealthCheck[]): TimeSeries {
  return {
    title: "Cycles of the golden image in health checks", unit: "cycles", format: format.count,
    points: checks.map((check, i) => {
      const before = checks.slice(0, i).reverse().find((one) => one.firmware_id !== null);
      const isNew = before && check.firmware_id && before.firmware_id !== check.firmware_id;
      return {
        at_ms: check.at_ms, value: check.cycles, low: null, high: null, kind: check.passed && !check.drifted ? "" : "bad",
        change: isNew ? `firmware: ${before.firmware_id} → ${check.firmware_id}` : "",
        text: [format.moment(check.at_ms), `${check.kind} check: ${check.drifted ? "drifted" : check.passed ? "passed" : "failed"}`,
          check.cycles === null ? check.message ?? "" : `${check.cycles} cycles`].filter((line) => line),
      };
    }),
  };
}

function clockOf(checks: HealthCheck[]): TimeSeries {
  const known = checks.filter((check) => check.clock_ratio !== null);
  return {
    title: "Core clock against the host's", unit: "deviation", format: (value) => `${value.toFixed(3)} %`,
    points: known.map((check) => ({
      at_ms: check.at_ms, value: 100 * ((check.clock_ratio as number) - 1), low: null, high: null, kind: "", change: "",
      text: [format.moment(check.at_ms), `${(100 * ((check.clock_ratio as number) - 1)).toFixed(3)} %, ${check.clock_source ?? ""}`],
    })),
  };
}

function past(history: BoardHistory, charts: { close: () => void }[]): (HTMLElement | false)[] {
  const checks = [...history.checks].reverse();
  const keep = <T extends { close: () => void; root: HTMLElement }>(chart: T): HTMLElement => {
    charts.push(chart);
    return chart.root;
  };
  const clock = clockOf(checks);
  return [
    element("div", { class: "charts" },
      history.days.length > 0 && keep(new DayChart("Attempts per day", history.days.map((day) => ({ day_ms: day.day_ms, good: day.succeeded, bad: day.failed })))),
      checks.length > 0 && keep(new TimeChart(cyclesOf(checks))), clock.points.length > 0 && keep(new TimeChart(clock))),
    element("section", {}, element("h2", {}, "Health checks"), checks.length ? scrolling("Health checks", "card view", table(
      ["When", "Kind", "Result", "Cycles", "Drift", "Clock", "Firmware", ""], history.checks.map((check) => [element("span", { class: "when" }, format.moment(check.at_ms)), check.kind,
        state(check.drifted ? "drifted" : check.passed ? "passed" : "failed", check.passed && !check.drifted ? "good" : "bad"),
        check.cycles === null ? "–" : String(check.cycles), check.drift === null ? "–" : `${(100 * check.drift).toFixed(3)} %`,
        check.clock_source ?? "–", check.firmware_id ?? "–", check.message ?? ""]), [3, 4])) : element("p", { class: "soft" }, "none in this time")),
    element("section", {}, element("h2", {}, "Failures"), history.failures.length ? scrolling("Failures", "card", table(
      ["When", "Class", "What", "Run", "Model"], history.failures.map((failure) => [element("span", { class: "when" }, format.moment(failure.at_ms)), failure.fault,
        element("div", {}, failure.message, transcript(failure.transcript)), link(pagePath("runs", failure.run_id), failure.run_name), failure.model ?? "–"])))
      : element("p", { class: "soft" }, "none")),
  ];
}

export async function board(live: Live, id: string): Promise<View> {
  const first = await get<Board>(`/boards/${segment(id)}`);
  const now = element("div", { class: "card now" }), earlier = element("div");
  const charts: { close: () => void }[] = [];
  let shown = "", checks = 0;
  const read = async (): Promise<void> => {
    const history = await get<BoardHistory>(`/boards/${segment(id)}/history?days=${period.value}`);
    charts.splice(0).forEach((chart) => chart.close());
    replace(earlier, ...past(history, charts));
  };
  const failed = (cause: Error): void => replace(earlier, element("p", { class: "bad" }, cause.message));
  const period = element("select", { onchange: () => void read().catch(failed) }, ...PERIODS.map(([days, label]) => option(days, label, days === "180")));
  const draw = (): void => {
    const found = live.board(id) ?? first, json = JSON.stringify(found);
    if (json === shown) return;
    shown = json;
    replace(now, present(live, found));
    const { status } = found.view, over = status.done + status.failed;
    if (checks && checks !== over && status.state !== "busy") void read().catch(failed); /* something ended */
    checks = over || 1;
  };
  const stop = live.on(draw);
  draw();
  read().catch(failed);
  return {
    title: id, parts: [element("h1", {}, id), now, element("p", { class: "period" }, element("label", {}, "The last ", period)), earlier],
    close: () => {
      stop();
      charts.forEach((chart) => chart.close());
    },
  };
}
