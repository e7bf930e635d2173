// SPDX-License-Identifier: Apache-2.0
/** The results of a run as the items of a selection. */
import { colouringsOfFactors, Selection } from "../common/selection";
import { PageData } from "./data";
import { Choice, choose } from "./recommend";
import { listMetrics } from "./result_metrics";

export class State extends Selection {
  /** what to ship, for each chip */
  readonly choices: Choice[];

  constructor(readonly data: PageData) {
    const r = data.results, metrics = listMetrics(data);
    const family = { id: "family", title: "family", names: data.families, group: r.family };
    const chip = { id: "chip", title: "chip", names: data.chips, group: r.chip };
    const choices = data.chips.map((_chip, n) => choose(data, metrics, n));
    const outcomes = [...new Set(r.outcome)];
    super({
      count: r.name.length, metrics,
      name: (i) => r.name[i],
      title: (i) => `${r.name[i]} on ${data.chips[r.chip[i]]}`,
      words: (i) => `${r.name[i]} ${data.chips[r.chip[i]]} ${r.outcome[i]} ${r.verdict[i] ?? ""}`,
      classOf: (i) => r.chip[i],
      recommended: choices.map((choice) => choice.recommended).filter((i): i is number => i !== null),
      colourings: [
        ...(data.chips.length > 1 ? [chip, family] : [family, chip]),
        {
          id: "outcome", title: "outcome", names: outcomes.map((name) => name.replace("_", " ")),
          group: r.outcome.map((name) => outcomes.indexOf(name)),
        },
        ...colouringsOfFactors(metrics),
      ],
    });
    this.choices = choices;
  }
}
