// SPDX-License-Identifier: Apache-2.0
/** The results of a run as the items of a selection. */
import { colouringsOfFactors, Selection } from "../common/selection";
import { DetailBlock, PageData, ReadBlock } from "./data";
import { Card, unpackCard } from "./card";
import { Choice, choose } from "./recommend";
import { listMetrics } from "./result_metrics";

/** A result and its variation on other chips are in few blocks. */
const BLOCKS_KEPT = 4;

export class State extends Selection {
  /** what to ship, for each chip */
  readonly choices: Choice[];

  /** blocks that were read, the newest last */
  private readonly blocks = new Map<number, Promise<DetailBlock>>();

  constructor(readonly data: PageData, private readonly readBlock: ReadBlock) {
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

  private block(number: number): Promise<DetailBlock> {
    const block = this.blocks.get(number) ?? this.readBlock(number);
    this.blocks.delete(number);
    this.blocks.set(number, block);
    for (const oldest of [...this.blocks.keys()].slice(0, -BLOCKS_KEPT)) this.blocks.delete(oldest);
    return block;
  }

  /** Reads the details of a result. */
  async card(result: number): Promise<Card> {
    const size = this.data.details_block;
    return unpackCard(await this.block(Math.floor(result / size)), result, result % size);
  }
}
