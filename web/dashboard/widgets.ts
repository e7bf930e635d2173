// SPDX-License-Identifier: Apache-2.0
/** Small parts of pages: links, states, progress, questions. */
import { element, replace } from "../common/dom";
import * as format from "../common/format";
import { atEnd } from "../common/lifetime";

export const link = (path: string, text: string): HTMLAnchorElement => element("a", { href: `#${path}` }, text);

/** The path of a page. */
export const pagePath = (...parts: (string | number)[]): string => `/${parts.map((part) => encodeURIComponent(String(part))).join("/")}`;

/** A state with a mark, so that it does not need its colour. @param kind "good", "bad", "warn", "soft" or "" */
export function state(text: string, kind: string): HTMLElement {
  return element("span", { class: `state ${kind}` }, text);
}

/** How far a run is. */
export function progress(done: number, of: number, label: string): HTMLElement {
  const bar = element("progress", { max: Math.max(of, 1), value: Math.min(done, of), "aria-label": label });
  return element("span", { class: "progress" }, bar, element("span", { class: "n" }, `${done} of ${of}`));
}

/** A list of facts; those that are not known are left out. */
export function facts(list: [string, Node | string | null | undefined][]): HTMLElement {
  return element("dl", {}, ...list.flatMap(([title, value]) => value ? [element("dt", {}, title), element("dd", {}, value)] : []));
}

/** A message about what a button did, for people and for readers of the screen. */
const toast = element("div", { class: "toast", role: "status", hidden: true });
let toastTimer = 0;

export function say(text: string, isBad = false): void {
  if (!toast.isConnected) document.body.append(toast);
  toast.className = isBad ? "toast bad" : "toast";
  replace(toast, text);
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => (toast.hidden = true), isBad ? 12000 : 5000);
}

/** A button that does something with the daemon; it cannot be pressed again until that is over. */
export function action(text: string, work: () => Promise<string | null>, kind = ""): HTMLButtonElement {
  const button = element("button", { type: "button", class: kind || undefined, onclick: () => {
    button.disabled = true;
    work().then((done) => done && say(done), (cause: unknown) => say(cause instanceof Error ? cause.message : String(cause), true))
      .finally(() => (button.disabled = false));
  } }, text);
  return button;
}

export interface Question { name: string; label: string; type: "text" | "number" | "select"; value: string; options?: [string, string][] }

/** Asks in a dialogue. @return the answers by name; null = the person changed their mind */
export function ask(title: string, text: string, confirm: string, questions: Question[] = []): Promise<Record<string, string> | null> {
  return new Promise((resolve) => {
    const fields = questions.map((question) => question.type === "select"
      ? element("select", { name: question.name }, ...(question.options ?? []).map(([value, label]) =>
        element("option", { value, selected: value === question.value }, label)))
      : element("input", { name: question.name, type: question.type, value: question.value, maxlength: 500 }));
    const finish = (yes: boolean): void => {
      if (!dialog.isConnected) return;
      dialog.close();
      dialog.remove();
      resolve(yes ? Object.fromEntries(questions.map((question, i) => [question.name, fields[i].value])) : null);
    };
    const dialog = element("dialog", { "aria-label": title, oncancel: (event) => {
      event.preventDefault();
      finish(false);
    }, onkeydown: (event) => {
      if ((event as KeyboardEvent).key === "Enter" && (event.target as HTMLElement).tagName === "INPUT") finish(true);
    } }, element("h2", {}, title), text ? element("p", {}, text) : null,
    ...questions.map((question, i) => element("label", { class: "field" }, question.label, fields[i])),
    element("div", { class: "buttons" },
      element("button", { type: "button", class: "primary", onclick: () => finish(true) }, confirm),
      element("button", { type: "button", onclick: () => finish(false) }, "Back")));
    document.body.append(dialog);
    dialog.showModal();
    atEnd(() => finish(false)); /* another page was opened */
  });
}

/** How long ago something was, or when it will be: "5 min ago", "in 2 h". */
export function ago(ms: number): string {
  const distance = Math.abs(Date.now() - ms), text = format.elapsed(Math.max(distance, 1000) * 1e6);
  return distance > 86400000 * 2 ? format.moment(ms) : ms > Date.now() ? `in ${text}` : `${text} ago`;
}

/** Local time to the second: "2026-11-30 12:57:03". */
export const secondOf = (ms: number): string => `${format.moment(ms)}:${String(new Date(ms).getSeconds()).padStart(2, "0")}`;
