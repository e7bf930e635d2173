// SPDX-License-Identifier: Apache-2.0
/** The data of a page, as orchestrator/page/ writes it: columns, one value per result, and the details of results in blocks. */

export interface Run {
  id: number; key: string; name: string; owner: string | null; tags: string | null; state: string;
  started_ms: number; duration_ns: number | null; resumptions: number; hilfarm_version: string;
  openocd_version: string | null; host: string; warmup: number; runs: number; spec_path: string;
  spec_text: string; farm_path: string | null; farm_text: string | null; trimmed: string;
  measured: number; failed: number; not_run: number; pruned: number;
  /** results that were worse than in the baseline when the run ended, and that baseline's key; null = not compared, or not recorded */
  regressed: number | null; baseline: string | null;
}

export interface Limits { ram_bytes: number | null; rom_bytes: number | null; macs: number | null }

export interface Board {
  id: string; chip: string; core: string; modelled: boolean; clock_hz: number | null;
  dead: string | null; attempts: number; failed: number;
}

export interface BoardFailure {
  board: string; at_ms: number; fault: string; message: string; transcript: string | null;
}

/** An attempt: number, index of the board, start, duration and its parts, and what went wrong. */
export type Attempt = [number, number, number, number, number, number, number, string | null,
  string | null, string | null];

/** A layer: indices of name and operator in `texts`, output shape, and the layer's figures. */
export const LAYER_FIELDS = 11;

type Numbers = (number | null)[];
type Texts = (string | null)[];

export interface Results {
  /** `family`, `chip`, `firmware` and `board`: indices; -1 = none */
  name: string[]; family: number[]; chip: number[]; firmware: number[]; outcome: string[]; verdict: Texts;
  fault: Texts; message: Texts; board: number[]; modelled: boolean[];
  macs: Numbers; params: Numbers; image_bytes: Numbers; image_bytes_min: Numbers;
  peak_memory_bytes: Numbers; planned_arena_bytes: Numbers; ram_bytes: Numbers; arena_bytes: Numbers;
  static_bytes: Numbers; stack_bytes: Numbers; rom_bytes: Numbers; firmware_bytes: Numbers;
  clock_hz: Numbers; latency_ns: Numbers; latency_low_ns: Numbers; latency_high_ns: Numbers;
  cycles: Numbers; instructions: Numbers; accuracy: Numbers; accuracy_low: Numbers;
  accuracy_high: Numbers;
  /** timed inferences, also those that were deleted since */
  sample_count: number[];
}

/** What is read of a result when it is opened. */
export interface ResultDetails {
  source: string | null; accuracy_source: string | null; image_sha256: string | null; clock_source: string | null; ports: string | null;
  /** cycles */
  samples: number[]; samples_deleted: number; attempts: Attempt[];
  /** LAYER_FIELDS numbers a layer */
  layers: number[];
  /** index of the plan of its arena; -1 = none is known */
  arena: number;
  /** null = its weights were not trained, or nothing is known of it */
  training: PackedTraining | null;
  /** results of the variation in this run and earlier ones, newest first; [] in a page of very many results */
  trend: PackedPoint[];
}

/** Key, 1 = complete, epochs, seconds; then for each epoch its number, loss, accuracies in training and validation, seconds until its end; a warning. */
export type PackedTraining = [string, number, number, number, (number | null)[], string | null];

/**
 * A point of a trend: run, time, latency with its 5 % and 95 % quantile, RAM, ROM, accuracy, 1 = modelled; then indices in `texts`, -1 = unknown:
 * key of the run, outcome, message, board, firmware, image, hilfarm, host, source of the clock.
 */
export type PackedPoint = [number, number, number | null, number | null, number | null, number | null, number | null, number | null, number,
  ...number[]];

/** The details of `details_block` results, one after the other. */
export interface DetailBlock {
  texts: string[];
  /** Plans of arenas, five numbers a buffer. */
  arenas: number[][];
  results: ResultDetails[];
}

/** Reads a block. @param block from 0 */
export type ReadBlock = (block: number) => Promise<DetailBlock>;

/** One figure of a compared result that is not as before. Of the accuracy, `percent` is in percentage points. */
export interface Change {
  result: number; change: string; figure: string; before: number; after: number; percent: number;
}

/** A compared result that its figures do not explain: its outcomes, or its kinds of timing. `result` null: only the baseline has it. */
export interface OtherChange { result: number | null; name: string; chip: string; change: string; was: string; is: string }

export interface Baseline {
  run: string; started_ms: number; counts: Record<string, number>; changes: Change[]; others: OtherChange[];
}

export interface PageData {
  /** nothing was run: latencies are estimates */
  analysed: boolean;
  run: Run; limits: Limits; boards: Board[]; failures: BoardFailure[]; families: string[];
  chips: string[]; firmwares: string[];
  /** results in a block of details */
  details_block: number;
  factors: Record<string, Numbers>; results: Results;
  baseline: Baseline | null;
}

/** Whether any time was computed by a virtual board. */
export const isModelled = (data: PageData): boolean =>
  data.results.modelled.some((modelled, i) => modelled && data.results.outcome[i] === "measured");

/** Decodes data of the page: base64 of a zlib stream of JSON. */
export async function unpack<Type>(base64: string): Promise<Type> {
  const binary = atob(base64.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return (await new Response(stream).json()) as Type;
}
