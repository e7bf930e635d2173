// SPDX-License-Identifier: Apache-2.0
/** The dashboard: signs in, follows the daemon, and shows the page that the address names. */
import { element, replace } from "../common/dom";
import { endViews } from "../common/lifetime";
import { analyzer } from "./analyzer";
import { ApiError, forgetToken, get, hasToken, keepToken, takeToken } from "./api";
import { board } from "./board";
import { compare } from "./compare";
import { Live } from "./live";
import { log } from "./log";
import { overview } from "./overview";
import { run } from "./run";
import { history } from "./runs";
import { chooseTrend, trend } from "./trend";
import { Daemon, Session, View } from "./types";
import { link } from "./widgets";

const PAGES: [string, string][] = [["/", "Overview"], ["/runs", "Runs"], ["/trend", "Trends"], ["/analyzer", "Analyzer"], ["/log", "Log"]];

const main = document.querySelector("main") as HTMLElement;

/** The view for the parts of an address. */
async function viewOf(live: Live, [page = "", ...rest]: string[], values: URLSearchParams): Promise<View> {
  if (page === "") return overview(live);
  if (page === "boards" && rest.length === 1) return board(live, rest[0]);
  if (page === "runs" && !rest.length) return history();
  if (page === "runs" && rest.length === 1) return run(live, rest[0], values.get("baseline"));
  if (page === "compare" && rest.length === 2) return compare(rest[0], rest[1]);
  if (page === "trend" && !rest.length) return chooseTrend();
  if (page === "trend" && rest.length === 2) return trend(live, rest[0], rest[1]);
  if (page === "analyzer") return analyzer(rest[0] ?? null);
  if (page === "log") return log();
  throw new ApiError(404, "there is no such page");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

class Shell {
  private readonly content = element("div", { class: "content", tabindex: -1 });
  private readonly nav = element("nav", { "aria-label": "Pages" });
  private readonly connection = element("span", { class: "connection", role: "status" });
  private view: View | null = null;
  private turn = 0;

  constructor(private readonly live: Live, daemon: Daemon) {
    const out = element("button", { type: "button", class: "link", onclick: () => {
      forgetToken();
      location.reload();
    } }, "Sign out");
    replace(main, element("div", { class: "bar-top" }, element("b", { class: "brand" }, "hilfarm"), this.nav,
      element("span", { class: "who" }, this.connection, element("span", { class: "soft" }, live.session.user), out)),
    this.content, element("footer", { class: "soft" }, `hilfarm ${daemon.version}, ${daemon.farm ?? "built-in virtual boards"}`));
    live.on(() => this.drawConnection());
    this.drawConnection();
    addEventListener("hashchange", () => {
      if (!hasToken()) void this.show();
    });
    void this.show();
  }

  private drawConnection(): void {
    const { problem } = this.live;
    this.connection.className = problem ? "connection bad" : "connection good";
    replace(this.connection, problem ?? "live");
    document.documentElement.dataset.live = problem ? "no" : "yes";
  }

  private drawNav(page: string): void {
    replace(this.nav, ...PAGES.map(([path, title]) => {
      const one = link(path, title);
      if (path === `/${page}` || (page === "boards" && path === "/") || (page === "compare" && path === "/runs")) one.setAttribute("aria-current", "page");
      return one;
    }));
  }

  private async show(): Promise<void> {
    const [path, values = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const parts = path.split("/").filter((part) => part).map(decode);
    const turn = ++this.turn;
    this.view?.close?.();
    endViews();
    this.view = null;
    this.drawNav(parts[0] ?? "");
    delete document.documentElement.dataset.page;
    delete document.documentElement.dataset.results;
    let view: View;
    try {
      view = await viewOf(this.live, parts, new URLSearchParams(values));
    } catch (cause) {
      if (cause instanceof ApiError && cause.status === 401) {
        signIn("The session is over.");
        return;
      }
      view = { title: "Failure", parts: [element("h1", {}, "This page cannot be shown"), element("p", { class: "bad" }, cause instanceof Error ? cause.message : String(cause))] };
    }
    if (turn !== this.turn) { /* another page was opened meanwhile */
      view.close?.();
      return;
    }
    this.view = view;
    document.title = `${view.title} - hilfarm`;
    replace(this.content, ...view.parts);
    scrollTo(0, 0);
    this.content.focus({ preventScroll: true });
    document.documentElement.dataset.page = parts[0] ?? "overview";
  }
}

/** Asks for a token: once for this tab. */
function signIn(why: string): void {
  const input = element("input", { type: "password", autocomplete: "off", name: "token", "aria-label": "token", onkeydown: (event) => {
    if ((event as KeyboardEvent).key === "Enter") enter();
  } });
  const enter = (): void => {
    if (!input.value.trim()) return;
    keepToken(input.value.trim());
    /* An address with another token, opened in this tab: only the hash changes, so the page is not loaded again. */
addEventListener("hashchange", () => {
  if (hasToken()) location.reload();
});
void start();
  };
  replace(main, element("div", { class: "card sign-in" }, element("h1", {}, "hilfarm"), why ? element("p", { class: "bad" }, why) : null,
    element("label", { class: "field" }, "Your token", input),
    element("div", { class: "buttons" }, element("button", { type: "button", class: "primary", onclick: enter }, "Sign in")),
    element("p", { class: "soft" }, "On the daemon's host, ", element("code", {}, "hilfarm dashboard"), " opens this page signed in. Otherwise the daemon's administrator gives out tokens. " +
      "The token is kept until this tab is closed.")));
  document.documentElement.dataset.page = "sign-in";
  input.focus();
}

async function start(): Promise<void> {
  if (!takeToken()) {
    signIn("");
    return;
  }
  try {
    const [session, daemon] = await Promise.all([get<Session>("/session"), get<Daemon>("")]);
    const live = new Live(session);
    live.start(new AbortController().signal);
    new Shell(live, daemon);
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 401) {
      forgetToken();
      signIn("The token is not valid, or its session is over.");
    } else {
      replace(main, element("p", { class: "bad" }, cause instanceof Error ? cause.message : String(cause)),
        element("button", { type: "button", onclick: () => location.reload() }, "Try again"));
    }
  }
}

/* An address with another token, opened in this tab: only the hash changes, so the page is not loaded again. */
addEventListener("hashchange", () => {
  if (hasToken()) location.reload();
});
void start();
