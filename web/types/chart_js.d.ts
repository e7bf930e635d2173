// SPDX-License-Identifier: Apache-2.0
/** Of Chart.js 3 (Debian's package has no declarations): what the pages use. */
declare module "chart.js/chart.mjs" {
  export interface Scale {
    min: number;
    max: number;
    ticks: { value: number }[];
    getPixelForValue(value: number): number;
    getValueForPixel(pixel: number): number | undefined;
  }

  /** An element under the pointer. */
  export interface ActiveElement { datasetIndex: number; index: number }

  /** A point of a tooltip. @typeParam Raw what the data set holds */
  export interface TooltipItem<Raw> { datasetIndex: number; dataIndex: number; raw: Raw; dataset: { label?: string } }

  export interface DataSet { data: unknown[]; [option: string]: unknown }
  export interface ChartData { labels?: string[]; datasets: DataSet[] }

  export class Chart {
    constructor(canvas: HTMLCanvasElement, configuration: { type: string; data: ChartData; options?: object; plugins?: object[] });
    static register(...parts: object[]): void;
    readonly ctx: CanvasRenderingContext2D;
    /** undefined until the first layout */
    readonly chartArea: { left: number; right: number; top: number; bottom: number } | undefined;
    readonly scales: Record<string, Scale>;
    data: ChartData;
    options: { scales?: Record<string, object> };
    update(mode?: "none"): void;
    destroy(): void;
  }

  export const BarController: object, BarElement: object, CategoryScale: object, Filler: object, LinearScale: object, LineController: object,
    LineElement: object, LogarithmicScale: object, PointElement: object, ScatterController: object, Tooltip: object;
}
