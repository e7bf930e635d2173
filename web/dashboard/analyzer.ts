// SPDX-License-Identifier: Apache-2.0
/** The analyzer: scaling factors are moved by hand, the daemon scores the model, and "measure this" submits it. */
import { element, option, replace, tile } from "../common/dom";
import * as format from "../common/format";
import { ApiError, get, post, query } from "./api";
import { layerFigures } from "./layer_figures";
import { Factor, Family, Scorecard, View } from "./types";
import { action, link, pagePath } from "./widgets";

const EXACT_AFTER_MS = 350; /* so long nothing has moved */
const USUAL: Record<string, number> = { alpha: 0.25, resolution: 96, channels: 3, classes: 2 };
const SLIDER_STEPS = 400;
const LIMITS: ["ram_bytes" | "rom_bytes" | "macs", string, number, string][] = [
  ["ram_bytes", "RAM, KB", 1024, "250"], ["rom_bytes", "ROM, KB", 1024, "250"], ["macs", "MACs, M", 1e6, "60"]];

interface Choice { factor: Factor; value: number; isSet: boolean }

/** A factor as names write it: few decimals, no exponent. */
const plain = (value: number): string => String(Number(value.toFixed(3)));

/**
 * The name of a variation, in the convention of orchestrator/models/families: FAMILY_ALPHA_RESOLUTION_cCHANNELS_oCLASSES, then the
 * optional factors, then the head.
 */
function nameOf(family: Family, choices: Choice[], head: string): string {
  const value = (name: string): string => plain(choices.find((choice) => choice.factor.name === name)?.value ?? 0);
  const optional = choices.filter((choice) => choice.factor.optional && choice.isSet).map((choice) => choice.factor.name + plain(choice.value)).join("");
  const base = `${family.name}_${value("alpha")}_${value("resolution")}_c${value("channels")}_o${value("classes")}`;
  return base + (optional ? `_${optional}` : "") + (head && head !== family.default_head ? `.${head}` : "");
}

/** The values of the factors, and the head, that a name has; null = it is no name of the family. */
function readName(family: Family, name: string): { choices: Choice[]; head: string } | null {
  const head = family.heads.find((one) => name.endsWith(`.${one}`)) ?? "", base = head ? name.slice(0, -head.length - 1) : name;
  const [alpha, resolution, channels, classes, ...rest] = base.slice(family.name.length + 1).split("_");
  const values = new Map<string, number>([["alpha", Number(alpha)], ["resolution", Number(resolution)],
    ["channels", Number(channels?.slice(1))], ["classes", Number(classes?.slice(1))]]);
  for (const [, factor, value] of rest.join("_").matchAll(/([a-z]+)([0-9.]+)/g)) values.set(factor, Number(value));
  const choices = family.factors.map((factor) => ({ factor, value: values.get(factor.name) ?? usual(factor), isSet: !factor.optional || values.has(factor.name) }));
  const fits = choices.every(({ factor, value }) => value >= factor.min && value <= factor.max);
  return fits && nameOf(family, choices, head) === name ? { choices, head } : null;
}

/** A slider covers what is usual: most ranges are much wider, and small values matter most, so it is logarithmic. */
class FactorControl {
  readonly root: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly number: HTMLInputElement;
  private readonly used: HTMLInputElement | null = null;

  constructor(readonly choice: Choice, changed: () => void) {
    const { factor } = choice;
    this.slider = element("input", { type: "range", min: 0, max: factor.values ? factor.values.length - 1 : SLIDER_STEPS, step: 1, "aria-label": `${factor.name}, coarse`,
      oninput: () => {
        this.set(this.fromSlider(Number(this.slider.value)));
        changed();
      } });
    this.number = element("input", { type: "number", min: factor.min, max: factor.max, step: factor.integer ? 1 : "any", "aria-label": factor.name,
      name: factor.name, oninput: () => {
        const value = Number(this.number.value);
        if (this.number.value === "" || !(value >= factor.min && value <= factor.max)) return;
        choice.value = value;
        this.placeSlider();
        changed();
      } });
    if (factor.optional)
      this.used = element("input", { type: "checkbox", checked: choice.isSet, "aria-label": `set ${factor.name}`, onchange: () => {
        choice.isSet = (this.used as HTMLInputElement).checked;
        this.enable();
        changed();
      } });
    this.root = element("div", { class: "factor" }, element("span", { class: "name" }, this.used, ` ${factor.name}`), this.slider, this.number);
    this.set(choice.value);
    this.enable();
  }

  private enable(): void {
    this.slider.disabled = this.number.disabled = !this.choice.isSet;
    this.root.classList.toggle("soft", !this.choice.isSet);
  }

  private fromSlider(at: number): number {
    const { factor } = this.choice;
    if (factor.values) return factor.values[at];
    const low = Math.max(factor.min, factor.integer ? 1 : 0.01);
    if (at === 0) return factor.min;
    const value = low * (factor.max / low) ** (at / SLIDER_STEPS);
    const rounded = factor.integer ? Math.round(value) : Number(value.toPrecision(2));
    return Math.min(factor.max, Math.max(factor.min, rounded));
  }

  private placeSlider(): void {
    const { factor, value } = this.choice;
    const low = Math.max(factor.min, factor.integer ? 1 : 0.01);
    this.slider.value = String(factor.values ? Math.max(0, factor.values.indexOf(value))
      : value <= low ? 0 : Math.round((SLIDER_STEPS * Math.log(value / low)) / Math.log(factor.max / low)));
  }

  private set(value: number): void {
    this.choice.value = value;
    this.number.value = plain(value);
    this.placeSlider();
  }
}

function usual(factor: Factor): number {
  const wanted = USUAL[factor.name] ?? (factor.integer ? Math.max(1, factor.min) : 1);
  const value = Math.min(factor.max, Math.max(factor.min, wanted));
  return factor.values ? factor.values.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a)) : value;
}

/** A quantity against its limit: a bar with the limit as a line. */
function limitBar(title: string, value: number, limit: number | null, met: boolean | null, show: (value: number) => string, note: string): HTMLElement {
  const most = Math.max(value, limit ?? 0) * 1.15 || 1;
  const kind = limit === null ? "" : met === false ? "bad" : met ? "good" : "warn";
  return element("div", { class: `limit ${kind}` },
    element("span", {}, title), element("b", { class: `n ${kind}` }, show(value)),
    element("div", { class: "track", role: "img", "aria-label": `${title} ${show(value)}${limit === null ? "" : `, limit ${show(limit)}`}` },
      element("i", { class: "fill", style: `width:${((100 * value) / most).toFixed(1)}%` }),
      limit !== null && element("i", { class: "line", style: `left:${((100 * limit) / most).toFixed(1)}%` })),
    element("span", { class: "soft" }, limit === null ? "no limit" : `limit ${show(limit)}: ${met === null ? "only a run can tell" : met ? "met" : "missed"}`, note ? ` · ${note}` : ""));
}

function figures(card: Scorecard): HTMLElement {
  const limit = (name: string): { allowed: number; met: boolean | null; value: number } | undefined => card.limits.find((one) => one.limit === name);
  const ram = limit("ram"), rom = limit("rom"), macs = limit("macs");
  return element("div", { class: "limits" },
    limitBar("RAM", ram?.value ?? card.arena_bytes, ram?.allowed ?? null, ram?.met ?? null, format.bytes, ram ? "arena and static data" : "the arena"),
    limitBar("ROM", rom?.value ?? card.model_bytes, rom?.allowed ?? null, rom?.met ?? null, format.bytes, rom ? "model and firmware" : "the model"),
    limitBar("MACs", card.macs, macs?.allowed ?? null, macs?.met ?? null, format.count, ""));
}

/** The spec that "measure this" submits. */
function specOf(card: Scorecard, chip: string, limits: Record<string, number | null>): string {
  const given = Object.entries({ ram: limits.ram_bytes, rom: limits.rom_bytes, macs: limits.macs }).filter(([, value]) => value);
  return ["name: analyzer", ...(given.length ? [`constraints: {${given.map(([name, value]) => `${name}: ${value}${name === "macs" ? "" : " B"}`).join(", ")}}`] : []),
    "models:", `  - name: ${card.name}`, `boards: {tags: [${chip}]}`, "measure: {warmup: 1, runs: 10, layers: true}", ""].join("\n");
}

export async function analyzer(given: string | null): Promise<View> {
  const { families, chips } = await get<{ families: Family[]; chips: string[] }>("/families");
  let family = families.filter((one) => given?.startsWith(`${one.name}_`)).sort((a, b) => b.name.length - a.name.length)[0] ?? families[0];
  let wanted = given === null ? null : readName(family, given);
  if (given !== null && !wanted) throw new ApiError(404, `there is no model '${given}': expected FAMILY_ALPHA_RESOLUTION_cCHANNELS_oCLASSES and factors in order, as in ${families[0].name}_0.25_96_c3_o2`);
  let choices: Choice[] = [], card: Scorecard | null = null, head = "", timer = 0, running: AbortController | null = null, isClosed = false;
  const result = element("div", { class: "result" }), controls = element("div", { class: "factors" }), title = element("output", { class: "name" });
  const layers = layerFigures();

  const limits = (): Record<string, number | null> => Object.fromEntries(LIMITS.map(([name, , unit]) => {
    const value = Number(limitInputs[name].value);
    return [name, limitInputs[name].value !== "" && value > 0 ? Math.round(value * unit) : null];
  }));
  const showCard = (fresh: Scorecard): void => {
    card = fresh;
    const timing = fresh.latency_estimated[0];
    replace(result, element("div", { class: "tiles" }, tile(timing ? format.duration(timing.latency_ns) : "–",
      `estimated latency (modelled)${timing ? `, 95 % of models within ${timing.error_percent.toFixed(1)} %` : ""}`),
      tile(format.count(fresh.params), "parameters"), tile(`${fresh.model_bytes_exact ? "" : "≈ "}${format.bytes(fresh.model_bytes)}`, "model"),
      tile(`${fresh.arena_bytes_exact ? "" : "≤ "}${format.bytes(fresh.arena_bytes)}`, "arena"), tile(format.bytes(fresh.peak_memory_bytes), `peak memory, in ${fresh.peak_memory_layer}`)),
    figures(fresh));
    layers.show(fresh);
    document.documentElement.dataset.scored = fresh.name;
    document.documentElement.dataset.exact = String(fresh.model_bytes_exact);
  };
  const score = async (exact: boolean): Promise<void> => {
    const name = nameOf(family, choices, head), one = new AbortController();
    running?.abort();
    running = one;
    try {
      const fresh = await get<Scorecard>(`/scorecard${query({ model: name, chip: chip.value, ...limits(), exact: exact ? 1 : null })}`, one.signal);
      if (!one.signal.aborted && !isClosed) showCard(fresh);
    } catch (cause) {
      if (one.signal.aborted || isClosed) return;
      card = null;
      replace(result, element("p", { class: "bad" }, cause instanceof ApiError ? cause.message : String(cause)));
      layers.show(null);
    }
  };
  const changed = (): void => {
    replace(title, nameOf(family, choices, head));
    clearTimeout(timer);
    void score(false);
    timer = window.setTimeout(() => void score(true), EXACT_AFTER_MS);
  };
  const chooseFamily = (): void => {
    const old = new Map(choices.map((choice) => [choice.factor.name, choice]));
    choices = family.factors.map((factor) => {
      const known = old.get(factor.name), fits = known && known.value >= factor.min && known.value <= factor.max && !factor.values;
      return { factor, value: fits ? known.value : usual(factor), isSet: !factor.optional };
    });
    head = wanted?.head ?? "";
    choices = wanted?.choices ?? choices;
    wanted = null;
    replace(controls, ...choices.map((choice) => new FactorControl(choice, changed).root),
      family.heads.length > 1 && element("div", { class: "factor" }, element("span", { class: "name" }, "head"), element("select", { "aria-label": "head", onchange: (event) => {
        head = (event.target as HTMLSelectElement).value;
        changed();
      } }, ...family.heads.map((one) => option(one, one === family.default_head ? `${one} (the family's own)` : one, one === (head || family.default_head))))));
    changed();
  };
  const chip = element("select", { "aria-label": "chip", onchange: changed }, ...chips.map((name) => option(name, name, name === chips[0])));
  const limitInputs = Object.fromEntries(LIMITS.map(([name, label, , value]) =>
    [name, element("input", { type: "number", min: 0, step: "any", value, name, "aria-label": label, oninput: changed })])) as Record<string, HTMLInputElement>;
  const measure = action("Measure this", async () => {
    if (!card) return "there is nothing to measure";
    const answer = await post<{ key: string }>("/runs", { spec: { path: "analyzer.yaml", text: specOf(card, chip.value, limits()) }, files: [], options: { title: card.name } });
    location.hash = `#${pagePath("runs", answer.key)}`;
    return `${card.name} is in the queue`;
  }, "primary measure");
  const familySelect = element("select", { "aria-label": "family", onchange: (event) => {
    family = families.find((one) => one.name === (event.target as HTMLSelectElement).value) ?? family;
    chooseFamily();
  } }, ...families.map((one) => option(one.name, one.name, one === family)));
  chooseFamily();
  return {
    title: "Analyzer",
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      running?.abort();
    },
    parts: [element("h1", {}, "Analyzer"),
      element("div", { class: "analyzer" },
        element("div", { class: "card panel" },
          element("div", { class: "factor" }, element("span", { class: "name" }, "family"), familySelect),
          controls,
          element("h3", {}, "Limits"),
          ...LIMITS.map(([name, label]) => element("div", { class: "factor limit-input" }, element("span", { class: "name" }, label), limitInputs[name])),
          element("div", { class: "factor" }, element("span", { class: "name" }, "chip"), chip)),
        element("div", { class: "outcome" }, element("p", {}, title, " ", measure, " ", action("Trend", async () => {
          if (card) location.hash = `#${pagePath("trend", card.name, chip.value)}`;
          return null;
        })), result)),
      layers.root,
      element("p", { class: "soft" }, "The compiler's figures; weights do not change them. Latencies are estimates. ", link("/trend", "What was measured"))],
  };
}
