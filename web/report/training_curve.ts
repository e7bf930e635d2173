// SPDX-License-Identifier: Apache-2.0
/** How the weights of a variation were trained: loss and accuracies after each epoch. */
import { Chart, LinearScale, LineController, LineElement, PointElement, Tooltip, TooltipItem } from "chart.js/chart.mjs";
import { axisOf } from "../common/axis";
import { element, paint, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { onColours } from "../common/lifetime";
import { PackedTraining } from "./data";

Chart.register(LinearScale, LineController, LineElement, PointElement, Tooltip);

const EPOCH_FIELDS = 5;
const NS_PER_S = 1e9;
/** Above so many epochs points would cover the line. */
const POINTS_MOST = 60;
/** How far a point may be drawn beyond the axes, in pixels. */
const CLIP = 8;

interface Epoch { epoch: number; loss: number | null; training: number | null; validation: number | null; seconds: number | null }
interface Point { x: number; y: number }
interface Line { title: string; colour: string; dash: number[]; value: (epoch: Epoch) => number | null }

export interface TrainingViews { root: HTMLElement; close: () => void }

function epochsOf(flat: (number | null)[]): Epoch[] {
  const epochs: Epoch[] = [];
  for (let at = 0; at + EPOCH_FIELDS <= flat.length; at += EPOCH_FIELDS)
    epochs.push({ epoch: flat[at] ?? 0, loss: flat[at + 1], training: flat[at + 2], validation: flat[at + 3], seconds: flat[at + 4] });
  return epochs;
}

class CurveChart {
  readonly root: HTMLElement;
  private readonly chart: Chart;
  private isOpen = true;

  constructor(title: string, unit: string, epochs: Epoch[], lines: Line[], show: (value: number) => string) {
    const canvas = element("canvas", { role: "img", "aria-label": `${title} of ${epochs.length} epochs; the values are in the table below the charts` });
    const values = lines.flatMap((line) => epochs.map(line.value)).filter((value): value is number => value !== null);
    const { min, max, stepSize, label } = axisOf(values, show);
    this.chart = new Chart(canvas, {
      type: "line",
      data: { datasets: lines.map((line) => ({
        label: line.title, borderColor: paint(line.colour), backgroundColor: paint(line.colour), borderWidth: 1.5, borderDash: line.dash,
        pointRadius: epochs.length > POINTS_MOST ? 0 : 3, pointHitRadius: 8, clip: CLIP,
        data: epochs.map((epoch) => ({ x: epoch.epoch, y: line.value(epoch) })).filter((point) => point.y !== null),
      })) },
      options: {
        animation: false, maintainAspectRatio: false, responsive: true,
        scales: {
          x: { type: "linear", min: 0, max: Math.max(...epochs.map((epoch) => epoch.epoch)), grid: { color: paint("--line") },
            title: { display: true, text: "epoch", color: paint("--soft") }, ticks: { color: paint("--soft"), precision: 0, maxTicksLimit: 11 } },
          y: { min, max, grid: { color: paint("--line") }, title: { display: true, text: unit, color: paint("--soft") },
            ticks: { color: paint("--soft"), maxTicksLimit: 9, stepSize, callback: label } },
        },
        plugins: { legend: { display: false }, tooltip: {
          callbacks: { title: (items: TooltipItem<Point>[]) => `epoch ${items[0]?.raw.x}`,
            label: (item: TooltipItem<Point>) => `${item.dataset.label}: ${show(item.raw.y)}` },
        } },
      },
    });
    onColours(() => this.isOpen && this.chart.update("none"));
    this.root = element("figure", { class: "card chart" }, element("figcaption", {}, title), element("div", { class: "plot" }, canvas));
  }

  close(): void {
    this.isOpen = false;
    this.chart.destroy();
  }
}

function epochTable(epochs: Epoch[]): HTMLElement {
  const text = (value: number | null, show: (value: number) => string): string => (value === null ? "–" : show(value));
  return element("details", { class: "values" }, element("summary", {}, "Values of the epochs"),
    scrolling("Values of the epochs", "card", table(["Epoch", "Loss", "Training", "Validation", "Time"],
      epochs.map((one) => [String(one.epoch), text(one.loss, format.plain), text(one.training, format.percent), text(one.validation, format.percent),
        text(one.seconds, (seconds) => format.elapsed(seconds * NS_PER_S))]), [0, 1, 2, 3, 4])));
}

/** The training of a result's weights. */
export function trainingViews([key, complete, count, seconds, flat, warning]: PackedTraining): TrainingViews {
  const epochs = epochsOf(flat), charts: CurveChart[] = [];
  if (epochs.length)
    charts.push(
      new CurveChart("Loss", "mean over the training samples", epochs,
        [{ title: "loss", colour: "--c0", dash: [], value: (epoch) => epoch.loss }], format.plain),
      new CurveChart("Accuracy: training solid, validation dashed", "percent", epochs, [
        { title: "training", colour: "--c0", dash: [], value: (epoch) => epoch.training },
        { title: "validation", colour: "--c1", dash: [6, 4], value: (epoch) => epoch.validation },
      ], format.percent));
  const ended = complete ? "" : ", paused or stopped before its end";
  return {
    root: element("section", { class: "training" }, element("h3", {}, "Training"),
      element("p", {}, `${count} epoch${count === 1 ? "" : "s"} in ${format.elapsed(seconds * NS_PER_S)}${ended}. `,
        element("span", { class: "soft" }, "Key of graph, data and recipe: ", element("code", {}, key))),
      warning !== null && element("p", { class: "warn" }, `Warning: ${warning}`),
      element("div", { class: "charts" }, ...charts.map((chart) => chart.root)), epochs.length > 0 && epochTable(epochs)),
    close: () => charts.forEach((chart) => chart.close()),
  };
}
