/** The chosen metric over the listed runs, a line for each experiment. */
import type { RunRow } from '../schema';
import type { ISeries } from '../shared/chart';
import { lineChart, spread } from '../shared/chart';
import { legend, numberText } from '../shared/compare';
import { element } from '../shared/dom';
import { finite } from '../shared/number';
import type { ISay } from '../shared/say';
import { valueOf } from './columns';

/** As many lines as can be told apart. */
const MOST_SERIES = 4;

/** Draw the chart; null for fewer than two values. */
export function metricTrend(
  rows: RunRow[],
  metric: string,
  chosen: ReadonlySet<string>,
  say: ISay
): HTMLElement | null {
  const series = seriesOf(rows, metric, chosen);
  const points = series.flatMap(one => one.points);
  if (points.length < 2) {
    return null;
  }
  const drawing = lineChart(series, {
    width: 640,
    height: 150,
    label: say.__('%1 over %2 runs', metric, points.length),
    xTicks: spread(
      [...new Set(points.map(point => point.x))].sort((left, right) => left - right),
      12
    )
  });
  const names = series.map(one => one.name);
  return drawing && element('figure', {}, names.length > 1 ? legend(names) : null, drawing);
}

function seriesOf(rows: RunRow[], metric: string, chosen: ReadonlySet<string>): ISeries[] {
  const series = new Map<string, ISeries>();
  for (const row of [...rows].sort((left, right) => (left.number ?? 0) - (right.number ?? 0))) {
    const value = finite(valueOf(row, metric) ?? null);
    if (value === null || row.number === null) {
      continue;
    }
    const mine = series.get(row.experiment) ?? { name: row.experiment, points: [] };
    mine.points.push({
      x: row.number,
      y: value,
      mark: chosen.has(row.id) ? 'dot' : 'ring',
      title: `${row.reference}  ${numberText(value)}`
    });
    series.set(row.experiment, mine);
  }
  return [...series.values()].slice(0, MOST_SERIES);
}
