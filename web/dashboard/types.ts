// SPDX-License-Identifier: Apache-2.0
/** The answers of the daemon's API, as orchestrator/daemon/API.md describes them. */

export interface Session { user: string; may_change_all: boolean; session: boolean }

export interface Daemon {
  version: string; started_ms: number; farm: string | null; store: string; board_count: number; run_count: number;
}

export interface BoardView {
  id: string; chip: string; modelled: boolean;
  status: {
    state: string; attempt: number; strikes: number; in_use: boolean; quarantined: boolean; given_up: boolean; reserved: boolean;
    disabled: boolean; needs_attention: boolean; check_requested: boolean; done: number; failed: number;
  };
  job: string | null; run: string | null; run_id: number; owner: string | null; phase: string; phase_done: number;
  phase_of: number; in_use: string | null; failure: string; quarantine_left_ns: number;
}

export interface Board {
  view: BoardView; disabled_reason: string | null; disabled_by: string | null; disabled_ms: number;
  reserved_by: string | null; reserved_note: string | null; reserved_until_ms: number; attention: string | null;
  attention_ms: number; host: string | null; host_problem: string | null; host_heard_ms: number;
}

export interface QueueEntry {
  key: string; run_id: number; name: string; title: string | null; owner: string; priority: number; state: string;
  submitted_ms: number; started_ms: number; job_count: number; measured: number; failed: number; not_run: number;
  pruned: number; running: number; left_ns: number | null;
}

export interface RunRow {
  id: number; key: string; name: string; owner: string | null; priority: number; started_ms: number; finished_ms: number;
  duration_ns: number; compared: boolean; regressed: number; state: string; tags: string | null; measured: number;
  failed: number; not_run: number; pruned: number; dead_boards: number;
}

export interface RunView {
  stage: string; job_count: number; pruned: number; elapsed_ns: number; left_ns: number | null; kept: number;
  progress: { done: number; failed: number; not_run: number; running: number; waiting: number };
  boards: BoardView[];
}

export interface RunEvent {
  kind: string; job: string | null; chip: string | null; board: string | null; attempt: number; fault: string;
  message: string; latency_ns: number; quarantine_ns: number; modelled: boolean; finished: number; job_count: number;
}

export interface HealthCheck {
  at_ms: number; kind: string; passed: boolean; drifted: boolean; cycles: number | null; drift: number | null;
  clock_ratio: number | null; clock_source: string | null; firmware_id: string | null; fault: string | null;
  message: string | null;
}

export interface BoardHistory {
  days: { day_ms: number; succeeded: number; failed: number }[];
  checks: HealthCheck[];
  failures: {
    run_id: number; run_name: string; model: string | null; at_ms: number; fault: string; message: string;
    transcript: string | null; dead: boolean;
  }[];
}

export interface Factor {
  name: string; min: number; max: number; integer: boolean; optional: boolean; values: number[] | null;
}
export interface Family { name: string; factors: Factor[]; heads: string[]; default_head: string }

export interface Scorecard {
  name: string; family: string; macs: number; params: number; model_bytes: number; model_bytes_exact: boolean;
  peak_memory_bytes: number; peak_memory_layer: string; arena_bytes: number; arena_bytes_exact: boolean;
  /** who occupies the arena when, five numbers a buffer; null = not compiled */
  arena_map: number[] | null;
  latency_estimated: { chip: string; cycles: number; latency_ns: number; error_percent: number }[];
  limits: { limit: string; value: number; allowed: number; met: boolean | null }[];
  layers: {
    name: string; type: string; output: number[]; macs: number; params: number; parameter_bytes: number;
    live_bytes: number; cycles_estimated: Record<string, number>;
  }[];
}

/** A page of the dashboard. */
export interface View {
  title: string;
  parts: (HTMLElement | string | null | false)[];
  /** ends its streams and charts */
  close?: () => void;
}
