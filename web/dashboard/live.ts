// SPDX-License-Identifier: Apache-2.0
/** What the daemon says of boards and queue, kept up to date by its events for all views. */
import { follow } from "./api";
import { Board, QueueEntry, Session } from "./types";

export class Live {
  boards: Board[] = [];
  queue: QueueEntry[] = [];
  /** null = connected */
  problem: string | null = "connecting";
  private readonly listeners = new Set<() => void>();

  constructor(readonly session: Session) {}

  /** Calls `listener` after each change, until the function that it returns is called. */
  on(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  board(id: string): Board | undefined {
    return this.boards.find((board) => board.view.id === id);
  }

  entry(key: string): QueueEntry | undefined {
    return this.queue.find((run) => run.key === key);
  }

  /** Whether the user may cancel a run, or change it otherwise. */
  mayChange(owner: string | null): boolean {
    return this.session.may_change_all || owner === this.session.user;
  }

  start(signal: AbortSignal): void {
    void follow("/events", {
      event: (name, data) => {
        const read = JSON.parse(data);
        if (name === "boards") this.boards = read.boards;
        else if (name === "queue") this.queue = read.runs;
        this.tell();
      },
      state: (problem) => {
        this.problem = problem;
        this.tell();
      },
    }, signal, false, () => false);
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
