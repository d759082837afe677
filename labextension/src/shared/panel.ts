/** The panel of a run: did it get better, is that real, what did I change, may I believe it. */
import type { Caution, RunView } from '../schema';
import { runDetails } from './details';
import type { Child } from './dom';
import { button, element, words } from './dom';
import {
  changeCells,
  deltaPhrase,
  referencePhrase,
  savedPhrase,
  standingPhrase,
  standingsTable,
  targetPhrase,
  troublePhrase,
  unsaid,
  unscoredPhrase
} from './phrases';
import type { ISay } from './say';
import { trendChart } from './trend';

/** What the place where the panel stands can do; a place that can do nothing gives none, and no action is shown. */
export interface IRunActions {
  compare(left: string, right: string): void;
  restore(reference: string): void;
}

export interface IPanelProps {
  view: RunView;
  say: ISay;
  actions: IRunActions | null;
  /** Shows the line in place of the panel. */
  close: () => void;
}

const KNOWN_REFERENCE = /^[\p{L}\p{N}_.-]+#\d+$/u;

/** Draw the panel; rows that would be empty are absent. */
export function runPanel({ view, say, actions, close }: IPanelProps): HTMLElement {
  return element(
    'section',
    { class: 'jp-Celltrail-panel', 'aria-label': say.__('Run %1', view.run.reference) },
    head(view, say, close),
    element(
      'div',
      { class: 'jp-Celltrail-top' },
      element('div', { class: 'jp-Celltrail-topText' }, ...topRows(view, say)),
      trendChart(view.trend, view.headline, say)
    ),
    facts(view, say),
    cautions(unsaid(view), say),
    runDetails(view, say),
    actionRow(view, say, actions)
  );
}

function head(view: RunView, say: ISay, close: () => void): HTMLElement {
  return element(
    'header',
    { class: 'jp-Celltrail-head' },
    button(
      {
        class: 'jp-Celltrail-opener',
        'aria-expanded': 'true',
        'aria-label': say.__('Show %1 as a line', view.run.reference)
      },
      close,
      '▾'
    ),
    words('jp-Celltrail-reference', referencePhrase(view)),
    view.evaluates_later ? words('jp-Celltrail-label', say.__('evaluation in a later cell')) : null,
    standingPhrase(view)
  );
}

function topRows(view: RunView, say: ISay): Child[] {
  const { headline, delta } = view;
  return [
    headline &&
      element(
        'div',
        { class: 'jp-Celltrail-headline' },
        element('b', { class: 'jp-Celltrail-value' }, headline.text),
        ' ',
        words('jp-Celltrail-label', targetPhrase(headline))
      ),
    row(unscoredPhrase(view, say)),
    row(delta && deltaPhrase(delta, say, true)),
    row(troublePhrase(view, say)),
    row(view.saved_says && savedPhrase(view.saved_says, say)),
    row(words('jp-Celltrail-repeats', view.repeats_say)),
    row(
      view.target_scored > 1 && headline !== null
        ? words('jp-Celltrail-label', say.__('%1 scored %2 times', headline.target, view.target_scored))
        : null
    ),
    view.fits.length > 1 ? standingsTable(view.fits) : null
  ];
}

function row(content: HTMLElement | null): HTMLElement | null {
  return content && element('div', {}, content);
}

/** What changed, what stayed, what is pending, what was noted: names on the left, in one column. */
function facts(view: RunView, say: ISay): HTMLElement | null {
  const changed = view.changed.map((change, index) =>
    factRow(index === 0 ? say.__('changed') : '', ...changeCells(change, say))
  );
  const rows = [
    ...changed,
    factRow(say.__('same'), view.same.join(', ')),
    factRow(say.__('pending'), view.pending.join(', ')),
    factRow(say.__('note'), view.note ?? '')
  ].filter(one => one !== null);
  if (rows.length === 0) {
    return null;
  }
  const table = element(
    'table',
    { class: 'jp-Celltrail-table jp-Celltrail-facts' },
    element('tbody', {}, ...rows)
  );
  return element('div', {}, table);
}

/** A row of one or two cells after its name; absent where it would be empty. */
function factRow(name: string, what: string, how = ''): HTMLElement | null {
  if (what === '' && how === '') {
    return null;
  }
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', how === '' ? { colspan: 2 } : {}, what),
    how === '' ? null : element('td', {}, how)
  );
}

/** One caution at a time; the others behind `1 more ▸`. */
function cautions(list: Caution[], say: ISay): HTMLElement | null {
  const [first, ...others] = list;
  if (first === undefined) {
    return null;
  }
  const box = element('div', { class: 'jp-Celltrail-cautions' }, cautionRow(first, say));
  if (others.length > 0) {
    const showAll = () => more.replaceWith(...others.map(caution => cautionRow(caution, say)));
    const more = button(
      { class: 'jp-Celltrail-action', 'aria-expanded': 'false' },
      showAll,
      say.__('%1 more ▸', others.length)
    );
    box.append(more);
  }
  return box;
}

function cautionRow(caution: Caution, say: ISay): HTMLElement {
  return element(
    'div',
    { class: 'jp-Celltrail-caution' },
    element('b', { 'aria-label': say.__('Caution:') }, '!'),
    ` ${[caution.text, caution.consequence, caution.next].filter(part => part !== '').join(' ')}`
  );
}

/** Only what can be done here, and only for references that are surely references: they become code. */
function actionRow(view: RunView, say: ISay, actions: IRunActions | null): HTMLElement | null {
  const against = view.delta?.against ?? '';
  const other = against.startsWith('#') ? `${view.run.experiment}${against}` : against;
  if (actions === null || !KNOWN_REFERENCE.test(other) || !KNOWN_REFERENCE.test(view.run.reference)) {
    return null;
  }
  const compare = () => actions.compare(other, view.run.reference);
  const restore = () => actions.restore(other);
  return element(
    'div',
    { class: 'jp-Celltrail-actions' },
    button({ class: 'jp-Celltrail-action' }, compare, say.__('compare with %1', against)),
    button({ class: 'jp-Celltrail-action' }, restore, say.__('restore %1', against))
  );
}
