// SPDX-License-Identifier: Apache-2.0
/** How a run ended, in the words of the terminal (orchestrator/report/runs_table.c). */

export interface RunEnd { state: string; failed: number; not_run: number; dead_boards: number; regressed: number }

/** "green", or the first thing that is wrong. @return the text, and its kind: "good", "bad" or "" */
export function runOutcome(run: RunEnd): [string, string] {
  if (run.state !== "done") return [run.state, run.state === "running" ? "" : "bad"];
  if (run.failed) return [`RED ${run.failed} failed`, "bad"];
  if (run.not_run) return [`RED ${run.not_run} not run`, "bad"];
  if (run.dead_boards) return [`RED ${run.dead_boards} board${run.dead_boards === 1 ? "" : "s"}`, "bad"];
  return run.regressed ? [`RED ${run.regressed} worse`, "bad"] : ["green", "good"];
}
