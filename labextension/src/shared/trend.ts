/** How the main metric moved over the runs of an experiment: as tiny bars in the line, as a chart in the panel. */
import type { Headline, TrendPoint } from '../schema';
import { lineChart, spread } from './chart';
import { picture } from './dom';
import { finite, tight } from './number';
import type { ISay } from './say';

const BAR = { width: 5, gap: 2, height: 16, least: 2 };
const SHOWN_BARS = 12;
const CHART = { width: 252, height: 104 };

/** Bars, the newest at the right; null for fewer than two values, as then nothing moved. */
export function trendBars(trend: TrendPoint[], headline: Headline | null, say: ISay): SVGSVGElement | null {
  const shown = trend.slice(-SHOWN_BARS);
  const values = shown.flatMap(point => finite(point.value) ?? []);
  if (values.length < 2) {
    return null;
  }
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const width = shown.length * (BAR.width + BAR.gap) - BAR.gap;
  return picture(
    'svg',
    {
      class: 'jp-Celltrail-bars',
      viewBox: `0 0 ${width} ${BAR.height}`,
      width,
      height: BAR.height,
      role: 'img',
      'aria-label': trendWords(trend, headline, say)
    },
    ...shown.map((point, index) => bar(point, index, low, span))
  );
}

function bar(point: TrendPoint, index: number, low: number, span: number): SVGElement | null {
  const value = finite(point.value);
  if (value === null) {
    return null;
  }
  const height = BAR.least + ((value - low) / span) * (BAR.height - BAR.least);
  return picture('rect', {
    class: 'jp-Celltrail-bar',
    'data-this': point.is_this,
    x: index * (BAR.width + BAR.gap),
    y: BAR.height - height,
    width: BAR.width,
    height
  });
}

/** The chart of the panel; null for fewer than two values. */
export function trendChart(trend: TrendPoint[], headline: Headline | null, say: ISay): SVGSVGElement | null {
  if (trend.filter(point => finite(point.value) !== null).length < 2) {
    return null;
  }
  const points = trend.map(point => ({
    x: point.number,
    y: finite(point.value),
    mark: point.is_this ? ('dot' as const) : ('ring' as const),
    title: `#${point.number}  ${point.value === null ? '' : tight(point.value, 4)}`
  }));
  return lineChart([{ name: headline?.label ?? '', points }], {
    ...CHART,
    label: trendWords(trend, headline, say),
    xTicks: spread(
      trend.map(point => point.number),
      8
    )
  });
}

function trendWords(trend: TrendPoint[], headline: Headline | null, say: ISay): string {
  const values = trend.flatMap(point => finite(point.value) ?? []);
  return say.__(
    '%1 over %2 runs, between %3 and %4',
    headline?.label ?? say.__('main metric'),
    values.length,
    tight(Math.min(...values), 4),
    tight(Math.max(...values), 4)
  );
}
