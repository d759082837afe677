/** The line of a run: the question at one glance, and ▸ to see more. */
import type { RunView } from '../schema';
import { button, element, words } from './dom';
import {
  changePhrase,
  deltaPhrase,
  referencePhrase,
  savedPhrase,
  standingsTable,
  targetPhrase,
  troublePhrase,
  unsaid,
  unscoredPhrase
} from './phrases';
import type { ISay } from './say';
import { trendBars } from './trend';

const SHOWN_CHANGES = 3;

export interface ILineProps {
  view: RunView;
  say: ISay;
  /** Shows the panel in place of the line. */
  open: () => void;
}

/** Draw the line. A click anywhere on it opens the panel, but not one that ends a selection of its text. */
export function runLine({ view, say, open }: ILineProps): HTMLElement {
  const line = element(
    'div',
    { class: 'jp-Celltrail-line', role: 'group', 'aria-label': say.__('Run %1', view.run.reference) },
    view.evaluates_later ? element('span', { class: 'jp-Celltrail-later', 'aria-hidden': 'true' }, '→') : null,
    words('jp-Celltrail-reference', referencePhrase(view)),
    ...lineFacts(view, say),
    trendBars(view.trend, view.headline, say),
    lineCaution(view, say),
    button(
      {
        class: 'jp-Celltrail-opener',
        'aria-expanded': 'false',
        'aria-label': say.__('Show the panel of %1', view.run.reference)
      },
      open,
      '▸'
    ),
    view.fits.length > 1 ? element('div', { class: 'jp-Celltrail-lineFits' }, standingsTable(view.fits)) : null
  );
  line.addEventListener('click', () => {
    if (document.getSelection()?.isCollapsed !== false) {
      open();
    }
  });
  return line;
}

function lineFacts(view: RunView, say: ISay): (HTMLElement | null)[] {
  return [
    ...lineHeadline(view, say),
    unscoredPhrase(view, say),
    troublePhrase(view, say),
    view.saved_says && savedPhrase(view.saved_says, say),
    view.delta && deltaPhrase(view.delta, say),
    lineChanges(view, say),
    words('jp-Celltrail-repeats', view.repeats_say)
  ];
}

function lineHeadline(view: RunView, say: ISay): (HTMLElement | null)[] {
  const { headline, fits } = view;
  if (headline === null) {
    return [];
  }
  if (fits.length > 1) {
    return [
      words('jp-Celltrail-standing', say.__('%1 fits', fits.length)),
      words('jp-Celltrail-label', targetPhrase({ ...headline, target_detail: '' }))
    ];
  }
  const often = view.evaluates_later && view.target_scored > 1;
  return [
    element(
      'span',
      { class: 'jp-Celltrail-score' },
      words('jp-Celltrail-label', headline.label),
      ' ',
      element('b', {}, headline.text)
    ),
    often
      ? words('jp-Celltrail-label', say.__('(%1 scored %2 times)', headline.target, view.target_scored))
      : null
  ];
}

function lineChanges(view: RunView, say: ISay): HTMLElement | null {
  const told = view.changed.slice(0, SHOWN_CHANGES).map(change => changePhrase(change, say));
  const more = view.changed.length - told.length;
  return words('jp-Celltrail-changes', [...told, ...(more > 0 ? [say.__('%1 more', more)] : [])].join(', '));
}

function lineCaution(view: RunView, say: ISay): HTMLElement | null {
  const [first, ...more] = unsaid(view);
  if (first === undefined) {
    return null;
  }
  const text = more.length === 0 ? first.text : `${first.text} +${more.length}`;
  return element(
    'span',
    { class: 'jp-Celltrail-caution', title: `${first.consequence} ${first.next}`.trim() },
    element('b', { 'aria-label': say.__('Caution:') }, '!'),
    ` ${text}`
  );
}
