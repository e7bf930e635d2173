// SPDX-License-Identifier: Apache-2.0
/** Requests to the daemon. The token is kept for this tab, and is sent in a header, never in an address. */

const PREFIX = "/api/v1";
const STORED = "hilfarm-token";
const RETRY_FIRST_MS = 1000, RETRY_MOST_MS = 15000;

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

const GIVEN = /^#token=([^&]+)/;

/** Whether the address has a token that was not taken yet. */
export const hasToken = (): boolean => GIVEN.test(location.hash);

/** The token of this tab; a new one comes behind `#token=`, which is not sent to anyone, and is removed from the address. */
export function takeToken(): string | null {
  const given = GIVEN.exec(location.hash);
  if (given) {
    sessionStorage.setItem(STORED, decodeURIComponent(given[1]));
    history.replaceState(null, "", "#/");
  }
  return sessionStorage.getItem(STORED);
}

export const keepToken = (token: string): void => sessionStorage.setItem(STORED, token);
export const forgetToken = (): void => sessionStorage.removeItem(STORED);

function headers(): Record<string, string> {
  const token = sessionStorage.getItem(STORED);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** What an answer says is wrong: its message, and the mistakes in a spec. */
async function failure(response: Response): Promise<ApiError> {
  try {
    const { error } = await response.json();
    const mistakes = (error.diagnostics as { line: number; column: number; text: string }[])
      .map((mistake) => `line ${mistake.line}: ${mistake.text}`);
    return new ApiError(response.status, [error.message, ...mistakes].join("\n"));
  } catch {
    return new ApiError(response.status, `the daemon answers with status ${response.status}`);
  }
}

async function request(path: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(PREFIX + path, { ...options, headers: { ...headers(), ...options.headers }, cache: "no-store" });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(0, "the daemon does not answer");
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await request(path, { signal })).json()) as T;
}

export async function getText(path: string): Promise<string> {
  return (await request(path)).text();
}

export async function post<T>(path: string, body: object = {}): Promise<T> {
  return (await (await request(path, {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  })).json()) as T;
}

/** Downloads a report under a name of its own. */
export async function download(path: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await (await request(path)).blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

/** The segment of a path for a text. */
export const segment = (text: string): string => encodeURIComponent(text);

export function query(values: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}` : "";
}

/* ---- Server-sent events. EventSource cannot send a header, so the stream is read here. ---- */

export interface Listener {
  /** @param data JSON */
  event: (name: string, data: string) => void;
  /** @param problem null = connected */
  state: (problem: string | null) => void;
}

/** Reads one stream until it ends. @return the id of the last event */
async function readStream(response: Response, listener: Listener, lastId: string): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let pending = "", id = lastId;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return id;
    pending += decoder.decode(value, { stream: true });
    let end: number;
    while ((end = pending.indexOf("\n\n")) >= 0) {
      let name = "message", data = "";
      for (const line of pending.slice(0, end).split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("data: ")) data += line.slice(6);
        else if (line.startsWith("id: ")) id = line.slice(4);
      }
      pending = pending.slice(end + 2);
      if (data) listener.event(name, data);
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  });
});

/** Resolves when the page can be seen: a browser allows few connections, and a hidden page needs none. */
const untilVisible = (signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (!document.hidden) {
    resolve();
    return;
  }
  const look = (): void => {
    if (document.hidden && !signal.aborted) return;
    document.removeEventListener("visibilitychange", look);
    resolve();
  };
  document.addEventListener("visibilitychange", look);
  signal.addEventListener("abort", look);
});

/**
 * Follows a stream of events until it is aborted or `isOver` says that nothing more will come; connects again when the
 * connection is lost.
 * @param all also the events before now
 */
export async function follow(path: string, listener: Listener, signal: AbortSignal, all: boolean, isOver: () => boolean): Promise<void> {
  let lastId = all ? "0" : "", wait_ms = RETRY_FIRST_MS;
  while (!signal.aborted && !isOver()) {
    await untilVisible(signal);
    if (signal.aborted) return;
    const one = new AbortController();
    const stop = (): void => one.abort();
    const hide = (): void => {
      if (document.hidden) one.abort();
    };
    signal.addEventListener("abort", stop);
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await request(path, { signal: one.signal, headers: lastId ? { "Last-Event-ID": lastId } : {} });
      listener.state(null);
      wait_ms = RETRY_FIRST_MS;
      lastId = await readStream(response, { ...listener, event: (name, data) => listener.event(name, data) }, lastId);
    } catch (cause) {
      if (cause instanceof ApiError && cause.status >= 400 && cause.status < 500) {
        listener.state(cause.message);
        return;
      }
    }
    signal.removeEventListener("abort", stop);
    document.removeEventListener("visibilitychange", hide);
    if (signal.aborted || isOver()) return;
    if (!document.hidden) {
      listener.state("the connection is lost");
      await pause(wait_ms, signal);
      wait_ms = Math.min(2 * wait_ms, RETRY_MOST_MS);
    }
  }
}
