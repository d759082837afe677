/** The sentences that line and panel share. */
import type { Change, Delta, Headline, RunView, SavedSays } from '../schema';
import { element, words } from './dom';
import { tight } from './number';
import type { ISay } from './say';

/** `▲ .0087 vs #6 · may be chance (± .011, 5 folds)`; grey while it may be chance. */
export function deltaPhrase(delta: Delta, say: ISay): HTMLElement {
  const tone =
    delta.may_be_chance || delta.is_better === null ? 'unsure' : delta.is_better ? 'better' : 'worse';
  return element(
    'span',
    { class: 'jp-Celltrail-delta', 'data-tone': tone },
    element('span', { class: 'jp-Celltrail-deltaText' }, delta.text),
    ' ' + say.__('vs %1', delta.against),
    delta.may_be_chance ? ' · ' + chancePhrase(delta, say) : null
  );
}

function chancePhrase(delta: Delta, say: ISay): string {
  if (delta.noise === null) {
    return say.__('may be chance');
  }
  const noise = tight(delta.noise);
  return delta.noise_source === ''
    ? say.__('may be chance (± %1)', noise)
    : say.__('may be chance (± %1, %2)', noise, delta.noise_source);
}

/** One change: `max_depth 8 → 12`, `+ txn_hour`. */
export function changePhrase(change: Change, say: ISay): string {
  if (change.before !== '' && change.after !== '') {
    return `${change.name} ${change.before} → ${change.after}`.trim();
  }
  if (change.after !== '') {
    return `${change.name} ${change.after}`.trim();
  }
  if (change.before !== '') {
    return say.__('%1 was %2', change.name, change.before);
  }
  return change.name;
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
