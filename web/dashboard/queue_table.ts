// SPDX-License-Identifier: Apache-2.0
/** The queue, with what its runs' owners can do. */
import { element, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { post, segment } from "./api";
import { Live } from "./live";
import { QueueEntry } from "./types";
import { action, ago, ask, link, pagePath, progress } from "./widgets";

const PRIORITY_MOST = 8;

export async function cancelRun(run: QueueEntry): Promise<string | null> {
  const sure = await ask("Cancel this run?", `${run.name}: attempts under way are cancelled, what is missing is recorded as not run. ` +
    "It can be resumed.", "Cancel the run");
  if (!sure) return null;
  await post(`/runs/${segment(run.key)}/cancel`);
  return `${run.name} is being cancelled`;
}

export async function changePriority(run: QueueEntry): Promise<string | null> {
  const steps = Array.from({ length: 2 * PRIORITY_MOST + 1 }, (_step, i) => String(PRIORITY_MOST - i));
  const chosen = await ask("Priority", "Among the owner's runs each step doubles the share. Runs below 0 stop when the night is over.", "Set",
    [{ name: "priority", label: run.name, type: "select", value: String(run.priority), options: steps.map((step) => [step, step]) }]);
  if (!chosen) return null;
  await post(`/runs/${segment(run.key)}/priority`, { priority: Number(chosen.priority) });
  return `${run.name} has priority ${chosen.priority}`;
}

export const overOf = (run: QueueEntry): number => run.measured + run.failed + run.not_run + run.pruned;

export function runButtons(live: Live, run: QueueEntry): HTMLElement | string {
  if (!live.mayChange(run.owner)) return "";
  return element("span", { class: "buttons" }, action("Priority", () => changePriority(run)), action("Cancel", () => cancelRun(run), "danger"));
}

export function queueTable(live: Live): HTMLElement {
  return scrolling("Runs in progress", "card queue", table(["Run", "Owner", "State", "Progress", "Failed", "Left", "Priority", ""],
    live.queue.map((run) => [
      element("span", {}, link(pagePath("runs", run.key), run.name), run.title ? element("span", { class: "soft" }, ` ${run.title}`) : null),
      run.owner, element("span", { title: ago(run.submitted_ms) }, run.state),
      progress(overOf(run), run.job_count, `progress of ${run.name}`),
      run.failed ? element("span", { class: "bad" }, String(run.failed)) : "0",
      run.left_ns === null ? "–" : `about ${format.elapsed(run.left_ns)}`, String(run.priority), runButtons(live, run),
    ]), [4, 5, 6]));
}
