/** Small line charts, drawn by hand: a metric over runs, a training curve over its rounds. */
import { picture } from './dom';
import { roundTicks, tickText } from './number';

export interface IPoint {
  x: number;
  /** null leaves a gap. */
  y: number | null;
  /** A ring for a run among others, a dot for the one that is looked at. */
  mark?: 'ring' | 'dot';
  /** Told on hovering. */
  title?: string;
}

export interface ISeries {
  name: string;
  points: IPoint[];
}

export interface IChartOptions {
  width: number;
  height: number;
  /** What a screen reader says in place of the picture. */
  label: string;
  /** Values of x that bear a number. */
  xTicks: number[];
}

interface IScale {
  x(value: number): number;
  y(value: number): number;
}

const MARGIN = { top: 8, right: 10, bottom: 18, left: 40 };

/** Draw the chart; null when no value is finite, as then there is nothing to see. */
export function lineChart(series: ISeries[], options: IChartOptions): SVGSVGElement | null {
  const points = series.flatMap(one => one.points);
  const ys = points.flatMap(point => (point.y === null ? [] : [point.y]));
  if (ys.length === 0) {
    return null;
  }
  const ticks = roundTicks(Math.min(...ys), Math.max(...ys));
  const scale = scaleOf(
    points.map(point => point.x),
    ticks,
    options
  );
  return picture(
    'svg',
    {
      class: 'jp-Celltrail-chart',
      viewBox: `0 0 ${options.width} ${options.height}`,
      width: options.width,
      height: options.height,
      role: 'img',
      'aria-label': options.label
    },
    ...yAxis(ticks, scale, options),
    ...xAxis(options.xTicks, scale, options),
    ...series.flatMap((one, index) => drawSeries(one, index, scale))
  );
}

function scaleOf(xs: number[], ticks: number[], options: IChartOptions): IScale {
  const left = Math.min(...xs);
  const wide = Math.max(...xs) - left;
  const low = Math.min(...ticks);
  const high = Math.max(...ticks) - low || 1;
  const width = options.width - MARGIN.left - MARGIN.right;
  const height = options.height - MARGIN.top - MARGIN.bottom;
  return {
    // One single point stands in the middle.
    x: value => MARGIN.left + (wide === 0 ? width / 2 : ((value - left) / wide) * width),
    y: value => MARGIN.top + height - ((value - low) / high) * height
  };
}

function yAxis(ticks: number[], scale: IScale, options: IChartOptions): SVGElement[] {
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return ticks.flatMap(tick => [
    picture('line', {
      class: 'jp-Celltrail-chartGrid',
      x1: MARGIN.left,
      x2: options.width - MARGIN.right,
      y1: scale.y(tick),
      y2: scale.y(tick)
    }),
    picture(
      'text',
      { class: 'jp-Celltrail-chartTick', x: MARGIN.left - 5, y: scale.y(tick) + 3.5, 'text-anchor': 'end' },
      tickText(tick, step)
    )
  ]);
}

function xAxis(ticks: number[], scale: IScale, options: IChartOptions): SVGElement[] {
  return ticks.map(tick =>
    picture(
      'text',
      { class: 'jp-Celltrail-chartTick', x: scale.x(tick), y: options.height - 4, 'text-anchor': 'middle' },
      String(tick)
    )
  );
}

function drawSeries(series: ISeries, index: number, scale: IScale): SVGElement[] {
  const path = pathOf(series.points, scale);
  const line = picture('path', { class: 'jp-Celltrail-chartLine', 'data-series': index, d: path });
  const marks = series.points.map(point => drawMark(point, index, scale));
  return [line, ...marks.filter((mark): mark is SVGElement => mark !== null)];
}

function pathOf(points: IPoint[], scale: IScale): string {
  let pen = 'M';
  let path = '';
  for (const point of points) {
    if (point.y === null) {
      pen = 'M';
      continue;
    }
    path += `${pen}${scale.x(point.x).toFixed(1)} ${scale.y(point.y).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

function drawMark(point: IPoint, index: number, scale: IScale): SVGElement | null {
  if (point.y === null || point.mark === undefined) {
    return null;
  }
  return picture(
    'circle',
    {
      class: 'jp-Celltrail-chartMark',
      'data-mark': point.mark,
      'data-series': index,
      cx: scale.x(point.x),
      cy: scale.y(point.y),
      r: point.mark === 'dot' ? 4 : 2.5
    },
    point.title === undefined ? null : picture('title', {}, point.title)
  );
}

/** At most this many round places along x, the first and the last among them. */
export function spread(values: number[], most: number): number[] {
  if (values.length <= most) {
    return values;
  }
  const stride = (values.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => values[Math.round(index * stride)] ?? 0);
}
