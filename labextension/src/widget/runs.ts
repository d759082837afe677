/** The table of runs: sorted by a click on a head, two of them chosen to be compared. */
import type { RunRow } from '../schema';
import { button, element, words } from '../shared/dom';
import type { ISay } from '../shared/say';
import type { IColumn } from './columns';

export interface IRunTableProps {
  rows: RunRow[];
  columns: IColumn[];
  sortedBy: string;
  isDown: boolean;
  chosen: ReadonlySet<string>;
  say: ISay;
  sort: (column: string) => void;
  choose: (id: string) => void;
}

export function runTable(props: IRunTableProps): HTMLElement {
  const { rows, columns, say } = props;
  if (rows.length === 0) {
    return element('div', { class: 'jp-Celltrail-label' }, say.__('no runs'));
  }
  const choice = element('th', { scope: 'col' }, words('jp-Celltrail-hidden', say.__('compare')));
  return element(
    'div',
    { class: 'jp-Celltrail-runs', tabindex: 0, role: 'group', 'aria-label': say.__('Runs') },
    element(
      'table',
      { class: 'jp-Celltrail-table' },
      element('thead', {}, element('tr', {}, choice, ...columns.map(column => head(column, props)))),
      element('tbody', {}, ...rows.map(row => line(row, props)))
    )
  );
}

function head(column: IColumn, props: IRunTableProps): HTMLElement {
  const isSorted = column.key === props.sortedBy;
  const arrow = isSorted ? (props.isDown ? ' ▾' : ' ▴') : '';
  const sorted = isSorted ? (props.isDown ? 'descending' : 'ascending') : 'none';
  return element(
    'th',
    { scope: 'col', 'aria-sort': sorted },
    button({ 'data-focus': `sort ${column.key}` }, () => props.sort(column.key), column.title + arrow)
  );
}

function line(row: RunRow, props: IRunTableProps): HTMLElement {
  const isChosen = props.chosen.has(row.id);
  const box = element('input', {
    type: 'checkbox',
    checked: isChosen,
    'data-focus': row.id,
    'aria-label': props.say.__('Compare %1', row.reference)
  });
  box.addEventListener('change', () => props.choose(row.id));
  const cells = props.columns.map(column => element('td', { 'data-column': column.key }, column.text(row)));
  return element('tr', { 'data-chosen': isChosen }, element('td', {}, box), ...cells);
}
