/** The sentences that line and panel share. */
import type { Caution, Change, Delta, FitRow, Headline, RunView, SavedSays } from '../schema';
import { element, words } from './dom';
import { counted, tight } from './number';
import type { ISay } from './say';

/** `▲.0087 vs #6, may be chance (±.011)`, in full with the noise's source; grey while it may be chance. */
export function deltaPhrase(delta: Delta, say: ISay, inFull = false): HTMLElement {
  const joint = inFull ? ' · ' : ', ';
  const tone =
    delta.may_be_chance || delta.is_better === null ? 'unsure' : delta.is_better ? 'better' : 'worse';
  const isSame = delta.direction === 'same';
  return element(
    'span',
    { class: 'jp-Celltrail-delta', 'data-tone': tone },
    isSame ? null : words('jp-Celltrail-deltaText', inFull ? delta.text : delta.text.replace(/ /g, '')),
    isSame ? say.__('same as %1', delta.against) : ' ' + say.__('vs %1', delta.against),
    againstTheArrow(delta, say, joint),
    delta.may_be_chance ? joint + chancePhrase(delta, say, inFull) : null
  );
}

/** Where less is better the arrow alone would mislead. */
function againstTheArrow(delta: Delta, say: ISay, joint: string): string | null {
  if (delta.direction === 'down' && delta.is_better === true) {
    return joint + say.__('better');
  }
  return delta.direction === 'up' && delta.is_better === false ? joint + say.__('worse') : null;
}

function chancePhrase(delta: Delta, say: ISay, inFull: boolean): string {
  if (delta.noise === null) {
    return say.__('may be chance');
  }
  const noise = tight(delta.noise);
  return inFull && delta.noise_source !== ''
    ? say.__('may be chance (± %1, %2)', noise, delta.noise_source)
    : say.__('may be chance (±%1)', noise);
}

/** One change in a line: `max_depth 8→12`, `+txn_hour`, `+17 571 rows`, `code +3 −1 lines`. */
export function changePhrase(change: Change, say: ISay): string {
  const { name, before, after } = change;
  switch (change.kind) {
    case 'columns':
      return after;
    case 'rows':
      return say.__('%1 rows', signed(digitsOf(after) - digitsOf(before)));
    case 'code':
      return say.__('code %1', after);
    case 'data':
      if (before !== '' && after !== '' && !name.includes('.')) {
        return say.__('other values in %1', name);
      }
  }
  if (before === '') {
    return name === '' ? after : `+${name} ${after}`.trim();
  }
  return after === '' ? `−${name}` : `${name} ${before}→${after}`.trim();
}

/** The same in two columns, for the panel: what, and how. */
export function changeCells(change: Change, say: ISay): [string, string] {
  const { kind, name, before, after } = change;
  if ((kind === 'param' || kind === 'environment' || kind === 'seed') && before !== '' && after !== '') {
    return [name, `${before} → ${after}`];
  }
  if (kind === 'columns' || kind === 'code') {
    return [kind === 'code' ? say.__('code') : say.__('columns'), after];
  }
  return kind === 'estimator'
    ? [say.__('estimator'), changePhrase(change, say)]
    : [changePhrase(change, say), ''];
}

function digitsOf(text: string): number {
  return Number(text.replace(/[^0-9]/g, ''));
}

function signed(value: number): string {
  return value < 0 ? `−${counted(-value)}` : `+${counted(value)}`;
}

/** Cautions that no row shows already: a fit's remark stands beside the fit where there are several. */
export function unsaid(view: RunView): Caution[] {
  const told = new Set(view.fits.map(fit => `${fit.estimator} ${fit.remark}.`));
  return view.fits.length < 2 ? view.cautions : view.cautions.filter(caution => !told.has(caution.text));
}

/** `average precision · y_test (60 216 rows, 104 frauds)` */
export function targetPhrase(headline: Headline): string {
  const detail = headline.target_detail === '' ? '' : ` (${headline.target_detail})`;
  return headline.target === '' ? headline.label : `${headline.label} · ${headline.target}${detail}`;
}

/** `saved output says 0.8412 (ann, 2026-11-12): scikit-learn 1.9.0→1.9.1, +17 571 rows · %why saved` */
export function savedPhrase(says: SavedSays, say: ISay): HTMLElement {
  const whence = [says.author, says.date].filter(part => part !== '').join(', ');
  const claim =
    whence === ''
      ? say.__('saved output says %1', says.value_text)
      : say.__('saved output says %1 (%2)', says.value_text, whence);
  return element(
    'span',
    { class: 'jp-Celltrail-saved' },
    says.differences.length > 0 ? `${claim}: ${says.differences.join(', ')}` : claim
  );
}

/** `highest of 7` with a star where the lead is real; the word stands beside the shape. */
export function standingPhrase(view: RunView): HTMLElement | null {
  if (view.standing === '') {
    return null;
  }
  return element(
    'span',
    { class: 'jp-Celltrail-standing' },
    view.standing,
    view.is_best ? element('span', { class: 'jp-Celltrail-star', 'aria-hidden': 'true' }, ' ★') : null
  );
}

/** `forest#7`, `forest#5 ×3` */
export function referencePhrase(view: RunView): string {
  return view.run.repeats > 1 ? `${view.run.reference} ×${view.run.repeats}` : view.run.reference;
}

/** What happened to a run that did not simply finish; null for one that did. */
export function troublePhrase(view: RunView, say: ISay): HTMLElement | null {
  const told: Record<RunView['run']['status'], string> = {
    finished: view.error,
    running: say.__('running'),
    failed: view.error || say.__('failed'),
    interrupted: view.error || say.__('interrupted'),
    lost: view.error || say.__('lost')
  };
  return words('jp-Celltrail-trouble', told[view.run.status]);
}

/** Several fits of one run, the best first as Python has put them, each with its remark. */
export function standingsTable(fits: FitRow[]): HTMLElement {
  const rows = fits.map(fit =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, fitName(fit, fits)),
      element('td', {}, fit.text === '' ? '–' : fit.text),
      element('td', {}, fit.is_top ? '★ ' : null, words('jp-Celltrail-label', fit.remark))
    )
  );
  return element('table', { class: 'jp-Celltrail-table' }, element('tbody', {}, ...rows));
}

/** A fit among others: by its class, by its variable too where two share the class. */
export function fitName(fit: FitRow, fits: FitRow[]): string {
  const isAlone = fits.filter(other => other.estimator === fit.estimator).length <= 1;
  return isAlone || fit.name === fit.estimator ? fit.estimator : `${fit.name} (${fit.estimator})`;
}

/** What a run without a main metric still did. */
export function unscoredPhrase(view: RunView, say: ISay): HTMLElement | null {
  const names = [...new Set(view.fits.slice(0, 3).map(fit => fit.estimator))].join(', ');
  const isOver = view.run.status === 'finished' || view.run.status === 'running';
  return view.headline === null && isOver && names !== ''
    ? words('jp-Celltrail-label', say.__('%1 fitted, not scored yet', names))
    : null;
}
