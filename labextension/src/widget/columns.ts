/** The columns of the run table: what a person sorts by. */
import type { Numeric, RunRow } from '../schema';
import { numberText } from '../shared/compare';
import type { ISay } from '../shared/say';

const MOST_PARAMS = 5;

export interface IColumn {
  key: string;
  title: string;
  text: (row: RunRow) => string;
  /** What it is sorted by; null stands last in both directions. */
  rank: (row: RunRow) => number | string | null;
}

/** Run, the chosen metric, parameters in which the runs differ, how it ended, when. */
export function columnsFor(rows: RunRow[], metric: string, say: ISay): IColumn[] {
  return [
    {
      key: 'run',
      title: say.__('run'),
      text: row => runText(row, new Set(rows.map(one => one.author)).size > 1),
      rank: row => `${row.experiment}#${String(row.number ?? 0).padStart(9, '0')}`
    },
    {
      key: 'metric',
      title: metric,
      text: row => (valueOf(row, metric) === undefined ? '' : numberText(valueOf(row, metric) ?? null)),
      rank: row => rankOf(valueOf(row, metric))
    },
    ...differingParams(rows).map(name => ({
      key: `param ${name}`,
      title: name,
      text: (row: RunRow) => (name in row.params ? plain(row.params[name]) : ''),
      rank: (row: RunRow) => rankOfParam(row.params[name])
    })),
    ...(rows.some(row => ended(row) !== '')
      ? [
          {
            key: 'status',
            title: say.__('status'),
            text: ended,
            rank: (row: RunRow) => ended(row) || null
          }
        ]
      : []),
    { key: 'when', title: say.__('when'), text: row => when(row), rank: row => row.started_at }
  ];
}

/** Sort without touching the list that came. */
export function sortRows(rows: RunRow[], column: IColumn, isDown: boolean): RunRow[] {
  return [...rows].sort((left, right) => {
    const [a, b] = [column.rank(left), column.rank(right)];
    if (a === null || b === null) {
      return Number(a === null) - Number(b === null);
    }
    const order =
      typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : Number(a !== b);
    return isDown ? -order : order;
  });
}

/** Metrics of the list, the main metric of most runs first. */
export function metricsOf(rows: RunRow[]): string[] {
  const votes = new Map<string, number>();
  for (const row of rows) {
    Object.keys(row.metrics).forEach(key => votes.set(key, votes.get(key) ?? 0));
    if (row.main_metric !== null && valueOf(row, row.main_metric) !== undefined) {
      votes.set(row.main_metric, (votes.get(row.main_metric) ?? 0) + 1);
    }
  }
  return [...votes.entries()].sort((left, right) => right[1] - left[1]).map(([key]) => key);
}

/** The value of a metric; a run of several fits has one of its own only for its main metric. */
export function valueOf(row: RunRow, metric: string): Numeric | undefined {
  return row.metrics[metric] ?? (metric === row.main_metric ? (row.main_value ?? undefined) : undefined);
}

/**
 * Short names only, as `clf.max_depth` says the same as `max_depth`.
 *
 * What varies from run to run of one experiment; only where nothing does, what varies between experiments: two
 * classes of models differ in everything, which tells nothing.
 */
function differingParams(rows: RunRow[]): string[] {
  const names = new Set(rows.flatMap(row => Object.keys(row.params)));
  const within = varying(rows, row => row.experiment);
  return (within.length > 0 ? within : varying(rows, () => ''))
    .filter(name => !name.includes('.') || !names.has(name.slice(name.indexOf('.') + 1)))
    .slice(0, MOST_PARAMS);
}

function varying(rows: RunRow[], group: (row: RunRow) => string): string[] {
  const first = new Map<string, string>();
  const found = new Set<string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row.params)) {
      const place = JSON.stringify([group(row), name]);
      const before = first.get(place) ?? plain(value);
      first.set(place, before);
      if (before !== plain(value)) {
        found.add(name);
      }
    }
  }
  return [...found];
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rankOf(value: Numeric | undefined): number | null {
  return typeof value === 'number' ? value : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : null;
}

function rankOfParam(value: unknown): number | string | null {
  return value === undefined || value === null ? null : typeof value === 'number' ? value : plain(value);
}

/** Whose run it is matters only where there are runs of several people. */
function runText(row: RunRow, withAuthor: boolean): string {
  const repeats = row.repeats > 1 ? ` ×${row.repeats}` : '';
  return row.reference + repeats + (withAuthor ? ` · ${row.author}` : '');
}

function ended(row: RunRow): string {
  return row.status === 'finished' ? '' : row.status;
}

function when(row: RunRow): string {
  const at = new Date(row.started_at);
  return Number.isNaN(at.getTime())
    ? ''
    : at.toLocaleString(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
}
