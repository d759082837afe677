/** Everything that differs between two runs: metrics, parameters, data, code, environment, other cells, curves. */
import type { Change, CompareView, CurvePair, MetricDifference, Numeric } from '../schema';
import type { ISeries } from './chart';
import { lineChart, spread } from './chart';
import { codeDiff } from './diff';
import type { Child } from './dom';
import { element, words } from './dom';
import { finite } from './number';
import type { ISay } from './say';

/** Draw the comparison; parts without a difference are absent. */
export function compareDrawing(view: CompareView, say: ISay): HTMLElement {
  const changes: [string, Change[]][] = [
    [say.__('parameters'), view.params],
    [say.__('data'), view.data],
    [say.__('environment'), view.environment]
  ];
  return element(
    'section',
    {
      class: 'jp-Celltrail-compare',
      'aria-label': say.__('%1 and %2', view.left.reference, view.right.reference)
    },
    element('h3', {}, say.__('%1 → %2', view.left.reference, view.right.reference)),
    part(say.__('metrics'), metricTable(view, say)),
    ...changes.map(([title, list]) => part(title, changeTable(list))),
    part(say.__('code'), view.code === '' ? null : codeDiff(view.code, say)),
    ...view.other_cells.map(cell => otherCell(cell, say)),
    part(say.__('outputs'), view.outputs.length === 0 ? null : element('div', {}, view.outputs.join(', '))),
    ...view.curves.map(one => part(one.name, curves(one, view, say))),
    part(say.__('same'), view.same.length === 0 ? null : element('div', {}, view.same.join(', ')))
  );
}

function part(title: string, body: Child): HTMLElement | null {
  return body ? element('div', { class: 'jp-Celltrail-part' }, element('h4', {}, title), body) : null;
}

function table(heads: string[], rows: Child[][]): HTMLElement | null {
  if (rows.length === 0) {
    return null;
  }
  const head = element('tr', {}, ...heads.map(text => element('th', { scope: 'col' }, text)));
  const body = rows.map(cells => element('tr', {}, ...cells.map(cell => element('td', {}, cell))));
  return element(
    'div',
    { class: 'jp-Celltrail-scroll' },
    element(
      'table',
      { class: 'jp-Celltrail-table' },
      heads.length === 0 ? null : element('thead', {}, head),
      element('tbody', {}, ...body)
    )
  );
}

function metricTable(view: CompareView, say: ISay): HTMLElement | null {
  return table(
    [say.__('metric'), view.left.reference, view.right.reference, ''],
    view.metrics.map(metric => [
      words('jp-Celltrail-key', metric.key),
      numberText(metric.left),
      numberText(metric.right),
      metric.same_target ? metric.text : otherRows(metric, say)
    ])
  );
}

/** A difference between scores of other rows would say nothing. */
function otherRows(metric: MetricDifference, say: ISay): Child {
  return metric.left === null || metric.right === null
    ? null
    : words('jp-Celltrail-label', say.__('other rows: not comparable'));
}

export function numberText(value: Numeric | null): string {
  if (typeof value !== 'number') {
    return value ?? '–';
  }
  const isPlain = Math.abs(value) >= 1e-4 && Math.abs(value) < 1e4;
  // As many digits in each row, so that a column can be read downwards.
  return Number.isInteger(value) ? String(value) : isPlain ? value.toPrecision(4) : value.toExponential(3);
}

function changeTable(changes: Change[]): HTMLElement | null {
  return table(
    [],
    changes.map(change => [
      words('jp-Celltrail-key', change.name),
      change.before || '–',
      '→',
      element('b', {}, change.after || '–')
    ])
  );
}

function otherCell(cell: Record<string, string>, say: ISay): HTMLElement | null {
  const name = say.__('other cell %1: %2', cell['cell'] ?? '', cell['state'] ?? '');
  return part(name, cell['diff'] ? codeDiff(cell['diff'], say) : ' ');
}

function curves(one: CurvePair, view: CompareView, say: ISay): Child {
  const both = [curve(view.left.reference, one.left), curve(view.right.reference, one.right)];
  const rounds = both.flatMap(series => series.points.map(point => point.x));
  const drawing = lineChart(both, {
    width: 420,
    height: 150,
    label: say.__('%1 of both runs', one.name),
    xTicks: spread([...new Set(rounds)], 6)
  });
  return drawing && element('div', {}, legend(both.map(series => series.name)), drawing);
}

function curve(name: string, values: Numeric[]): ISeries {
  return { name, points: values.map((value, index) => ({ x: index + 1, y: finite(value) })) };
}

/** Names beside the strokes that they bear in the chart. */
export function legend(names: string[]): HTMLElement {
  return element(
    'div',
    { class: 'jp-Celltrail-legend' },
    ...names.map((name, index) => element('span', { 'data-series': index }, name))
  );
}
