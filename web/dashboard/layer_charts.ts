// SPDX-License-Identifier: Apache-2.0
/** The layers of a scorecard: MACs, parameters, live memory and estimated time on one axis. */
import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from "chart.js/chart.mjs";
import { axisBetween } from "../common/axis";
import { colour, element, replace, scrolling, table } from "../common/dom";
import * as format from "../common/format";
import { Scorecard } from "./types";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

type Layer = Scorecard["layers"][number];

const KINDS: [string, (layer: Layer) => number, (value: number) => string, string][] = [
  ["MACs", (layer) => layer.macs, format.count, "--c0"],
  ["Parameters", (layer) => layer.parameter_bytes, format.bytes, "--c2"],
  ["Live memory", (layer) => layer.live_bytes, format.bytes, "--c1"],
  ["Estimated cycles", (layer) => Object.values(layer.cycles_estimated)[0] ?? 0, format.count, "--c3"],
];

/** Charts that are filled again with each scorecard. */
export function layerCharts(): { root: HTMLElement; show: (card: Scorecard | null) => void; close: () => void } {
  const root = element("section", { hidden: true });
  const values = element("details", { class: "values" });
  let shown: Scorecard | null = null;
  const charts = KINDS.map(([title, , show, ink]) => {
    const canvas = element("canvas", { role: "img", "aria-label": `${title} by layer; the values are in the table below` });
    const chart: any = new Chart(canvas, {
      type: "bar", data: { labels: [], datasets: [{ data: [], backgroundColor: colour(ink), barPercentage: 1, categoryPercentage: 0.9 }] },
      options: {
        animation: false, maintainAspectRatio: false, responsive: true,
        scales: {
          x: { ticks: { display: false }, grid: { display: false } },
          y: { grid: { color: colour("--line") }, ticks: { color: colour("--soft"), maxTicksLimit: 7 } },
        },
        plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item: any) => show(item.raw) } } },
      },
    });
    return { chart, figure: element("figure", { class: "card chart" }, element("figcaption", {}, title), element("div", { class: "plot low" }, canvas)) };
  });
  const list = (): void => {
    replace(values, element("summary", {}, "Layers as a table"), values.open && shown && scrolling("Layers", "", table(
      ["#", "Layer", "Type", "Output", ...KINDS.map(([title]) => title)], shown.layers.map((layer, i) => [
        String(i + 1), layer.name, layer.type, layer.output.join(" x "), ...KINDS.map(([, of, show]) => show(of(layer)))]), [0, 4, 5, 6, 7])));
  };
  values.addEventListener("toggle", list);
  root.append(element("h2", {}, "Layers"), element("div", { class: "charts" }, ...charts.map((one) => one.figure)), values);
  return {
    root,
    show: (card) => {
      shown = card;
      root.hidden = !card;
      charts.forEach(({ chart }, i) => {
        chart.data.labels = card ? card.layers.map((layer) => layer.name) : [];
        const data: number[] = card ? card.layers.map(KINDS[i][1]) : [], { scales } = chart.options;
        chart.data.datasets[0].data = data;
        const { max, stepSize, label } = axisBetween(0, Math.max(1, ...data), KINDS[i][2]);
        Object.assign(scales.y, { min: 0, max });
        Object.assign(scales.y.ticks, { stepSize, callback: label });
        chart.update("none");
      });
      list();
    },
    close: () => charts.forEach(({ chart }) => chart.destroy()),
  };
}
