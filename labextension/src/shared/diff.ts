/** A unified diff, line by line; the sign stands in its own column, so that colour is not needed to read it. */
import { element } from './dom';
import type { ISay } from './say';

type Kind = 'added' | 'removed' | 'place' | 'same';

const SIGNS: Record<Kind, string> = { added: '+', removed: '−', place: '', same: '' };

export function codeDiff(diff: string, say: ISay): HTMLElement {
  const lines = diff.replace(/\n$/, '').split('\n');
  const rows = lines.filter(line => !/^(---|\+\+\+)( |$)/.test(line)).map(diffLine);
  return element(
    'div',
    {
      class: 'jp-Celltrail-scroll',
      tabindex: 0,
      role: 'group',
      'aria-label': say.__('Changed lines of the cell')
    },
    element('table', { class: 'jp-Celltrail-diff' }, element('tbody', {}, ...rows))
  );
}

function kindOf(line: string): Kind {
  if (line.startsWith('@@')) {
    return 'place';
  }
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same';
}

function diffLine(line: string): HTMLElement {
  const kind = kindOf(line);
  return element(
    'tr',
    { 'data-kind': kind },
    element('td', { class: 'jp-Celltrail-diffSign' }, SIGNS[kind]),
    element('td', { class: 'jp-Celltrail-diffText' }, kind === 'place' ? line : line.slice(1))
  );
}
