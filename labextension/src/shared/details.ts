/** What opens under the panel: metrics, fits, inputs, environment, each behind its own ▸. */
import type { FitRow, InputRow, MetricRow, RunView } from '../schema';
import { lineChart, spread } from './chart';
import type { Child } from './dom';
import { button, element, words } from './dom';
import { counted, finite, tight } from './number';
import type { ISay } from './say';

interface IDetail {
  title: string;
  body: () => HTMLElement;
}

/** A row of titles, one of them open at a time; null where there is nothing to tell. */
export function runDetails(view: RunView, say: ISay): HTMLElement | null {
  const details = detailsOf(view, say);
  const kept = view.fits.length === 1 ? words('jp-Celltrail-kept', modelPhrase(view.fits[0], say)) : null;
  if (details.length === 0 && kept === null) {
    return null;
  }
  const below = element('div', { class: 'jp-Celltrail-detailBody' });
  const openers = details.map(detail =>
    button({ class: 'jp-Celltrail-detailOpener', 'aria-expanded': 'false' }, () => toggle(detail), detail.title)
  );
  function toggle(detail: IDetail): void {
    const chosen = openers[details.indexOf(detail)];
    const opening = chosen?.getAttribute('aria-expanded') === 'false';
    openers.forEach(opener => opener.setAttribute('aria-expanded', String(opening && opener === chosen)));
    below.replaceChildren(...(opening ? [detail.body()] : []));
  }
  return element(
    'div',
    { class: 'jp-Celltrail-details' },
    element('div', { class: 'jp-Celltrail-detailOpeners' }, ...openers, kept),
    below
  );
}

/** A line is saved without its tables; opened, it shows what travels with the notebook instead. */
function detailsOf(view: RunView, say: ISay): IDetail[] {
  const { fits, environment, saved } = view;
  const metrics = view.metrics.length > 0 ? view.metrics : savedMetrics(saved);
  const details: IDetail[] = [];
  if (metrics.length > 0) {
    const title = metrics.length === 1 ? say.__('1 metric') : say.__('%1 metrics', metrics.length);
    details.push({ title, body: () => metricTable(metrics, say) });
  }
  const params = Object.entries(saved.params);
  if (fits.some(fit => fit.params_written !== null)) {
    details.push({ title: fitsTitle(fits, say), body: () => fitList(fits, say) });
  } else if (params.length > 0) {
    const title = params.length === 1 ? say.__('1 param set') : say.__('%1 params set', params.length);
    details.push({ title, body: () => element('div', { class: 'jp-Celltrail-key' }, pairs(saved.params)) });
  }
  if (view.inputs.length > 0) {
    const title = view.inputs.length === 1 ? say.__('1 input') : say.__('%1 inputs', view.inputs.length);
    details.push({ title, body: () => inputTable(view.inputs, say) });
  }
  const versions =
    environment ||
    Object.entries(saved.versions)
      .map(one => one.join(' '))
      .join(', ');
  if (versions !== '') {
    details.push({ title: say.__('environment'), body: () => element('div', {}, versions) });
  }
  return details;
}

function savedMetrics(saved: RunView['saved']): MetricRow[] {
  return Object.entries(saved.metrics).map(([key, value]) => ({
    key,
    label: key,
    value,
    text: typeof value === 'number' ? String(Number(value.toPrecision(4))) : value,
    spread: null,
    count: 1,
    fit: null,
    is_confirmed: true
  }));
}

function pairs(params: Record<string, unknown>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join('  ');
}

function fitsTitle(fits: FitRow[], say: ISay): string {
  const only = fits.length === 1 ? fits[0] : undefined;
  if (only === undefined) {
    return say.__('%1 fits', fits.length);
  }
  return only.params_written === null
    ? say.__('1 fit')
    : say.__('1 fit, %1 params set (%2 default)', Object.keys(only.params_written).length, only.params_default);
}

function modelPhrase(fit: FitRow | undefined, say: ISay): string {
  return fit === undefined || fit.model === '' ? '' : say.__('model %1', fit.model);
}

function table(heads: string[], rows: Child[][]): HTMLElement {
  return element(
    'div',
    { class: 'jp-Celltrail-scroll' },
    element(
      'table',
      { class: 'jp-Celltrail-table' },
      element('thead', {}, element('tr', {}, ...heads.map(head => element('th', { scope: 'col' }, head)))),
      element(
        'tbody',
        {},
        ...rows.map(cells => element('tr', {}, ...cells.map(cell => element('td', {}, cell))))
      )
    )
  );
}

function metricTable(metrics: MetricRow[], say: ISay): HTMLElement {
  const severalFits = new Set(metrics.map(metric => metric.fit)).size > 1;
  const heads = [say.__('metric'), say.__('value'), ...(severalFits ? [say.__('fit')] : []), ''];
  return table(
    heads,
    metrics.map(metric => [
      words('jp-Celltrail-key', metric.key),
      metricValue(metric),
      ...(severalFits ? [metric.fit ?? ''] : []),
      metric.is_confirmed ? null : words('jp-Celltrail-label', say.__('not confirmed'))
    ])
  );
}

function metricValue(metric: MetricRow): string {
  const spreadText = metric.spread === null ? '' : ` ± ${tight(metric.spread)}`;
  const repeats = metric.count > 1 ? ` (${metric.count})` : '';
  // Python may have put the spread into the text already.
  return metric.text.includes('±') ? metric.text : metric.text + spreadText + repeats;
}

function inputTable(inputs: InputRow[], say: ISay): HTMLElement {
  return table(
    [say.__('name'), say.__('role'), say.__('kind'), say.__('size'), say.__('digest')],
    inputs.map(input => [
      input.name,
      input.role,
      input.kind,
      sizePhrase(input, say),
      words('jp-Celltrail-key', input.digest || input.status)
    ])
  );
}

function sizePhrase(input: InputRow, say: ISay): string {
  if (input.rows === null) {
    return '';
  }
  const rows = counted(input.rows);
  return input.columns === null
    ? say.__('%1 rows', rows)
    : say.__('%1 rows × %2', rows, counted(input.columns));
}

function fitList(fits: FitRow[], say: ISay): HTMLElement {
  return element('div', { class: 'jp-Celltrail-fits' }, ...fits.map(fit => fitBlock(fit, say)));
}

function fitBlock(fit: FitRow, say: ISay): HTMLElement {
  const written = fit.params_written;
  const params = written === null ? say.__('parameters not known from the source') : pairs(written);
  return element(
    'div',
    { class: 'jp-Celltrail-fit' },
    element('b', {}, fit.name === fit.estimator ? fit.name : `${fit.name}: ${fit.estimator}`),
    words('jp-Celltrail-key', params),
    fit.params_default > 0
      ? words('jp-Celltrail-label', say.__('%1 at their default', fit.params_default))
      : null,
    words('jp-Celltrail-trouble', fit.remark),
    ...Object.entries(fit.curve).map(([name, values]) => curve(name, values.map(finite), say))
  );
}

function curve(name: string, values: (number | null)[], say: ISay): Element | null {
  const points = values.map((y, index) => ({ x: index + 1, y }));
  const drawing = lineChart([{ name, points }], {
    width: 320,
    height: 120,
    label: say.__('%1 over %2 rounds', name, values.length),
    xTicks: spread(
      points.map(point => point.x),
      6
    )
  });
  return drawing && element('figure', {}, element('figcaption', {}, name), drawing);
}
