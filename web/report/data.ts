// SPDX-License-Identifier: Apache-2.0
/** The data of a page, as orchestrator/report/page_data.c writes it: columns, one value per result. */

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
  name: string[]; family: number[]; chip: number[]; outcome: string[]; verdict: Texts;
  source: Texts; fault: Texts; message: Texts; board: number[]; modelled: boolean[];
  macs: Numbers; params: Numbers; image_bytes: Numbers; image_bytes_min: Numbers;
  peak_memory_bytes: Numbers; planned_arena_bytes: Numbers; ram_bytes: Numbers; arena_bytes: Numbers;
  static_bytes: Numbers; stack_bytes: Numbers; rom_bytes: Numbers; firmware_bytes: Numbers;
  clock_hz: Numbers; latency_ns: Numbers; latency_low_ns: Numbers; latency_high_ns: Numbers;
  cycles: Numbers; instructions: Numbers; accuracy: Numbers; accuracy_low: Numbers;
  accuracy_high: Numbers; accuracy_source: Texts; image_sha256: Texts; firmware_id: Texts;
  clock_source: Texts; ports: Texts; arena: number[]; samples: number[][]; samples_deleted: number[]; layers: number[][]; attempts: Attempt[][];
}

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
  chips: string[]; texts: string[];
  /** Plans of arenas, five numbers a buffer; results.arena has the index, -1 = none is known. */
  arenas: number[][];
  factors: Record<string, Numbers>; results: Results;
  baseline: Baseline | null;
}

/** Whether any time was computed by a virtual board. */
export const isModelled = (data: PageData): boolean =>
  data.results.modelled.some((modelled, i) => modelled && data.results.outcome[i] === "measured");

/** Decodes the page's data: base64 of a zlib stream of JSON. */
export async function readData(base64: string): Promise<PageData> {
  const binary = atob(base64.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return (await new Response(stream).json()) as PageData;
}
