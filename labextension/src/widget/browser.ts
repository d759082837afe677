/** The interactive panel: a filter, the runs, two of them compared. Holds what is chosen; the drawing is elsewhere. */
import type { CompareView, RunRow } from '../schema';
import { compareDrawing } from '../shared/compare';
import { button, element, words } from '../shared/dom';
import type { ISay } from '../shared/say';
import type { IModel } from './channel';
import { Channel } from './channel';
import { columnsFor, metricsOf, sortRows } from './columns';
import type { Reply } from './messages';
import { runTable } from './runs';
import { metricTrend } from './trend';

const FILTER_HINT = 'metrics.accuracy > 0.9 and params.max_depth = 12';

export class RunBrowser {
  constructor(
    model: IModel,
    private readonly say: ISay
  ) {
    this.channel = new Channel(model, reply => this.answered(reply));
    this.node = element(
      'div',
      { class: 'jp-Celltrail jp-Celltrail-browser' },
      this.filterForm(),
      this.fault,
      this.body
    );
    this.refresh();
  }

  readonly node: HTMLElement;

  dispose(): void {
    this.channel.dispose();
    this.node.remove();
  }

  private refresh(): void {
    this.channel.ask('list', { filter: this.filter.value });
  }

  private answered(reply: Reply): void {
    // The caret line below a filter's error stays where it points.
    this.fault.textContent = reply.type === 'fault' ? reply.payload.message : '';
    this.filter.setAttribute('aria-invalid', String(reply.type === 'fault'));
    if (reply.type === 'rows') {
      this.listed(reply.payload.rows, reply.payload.is_cut);
    } else if (reply.type === 'compared') {
      this.compared = reply.payload;
      this.draw();
    }
  }

  private listed(rows: RunRow[], isCut: boolean): void {
    this.rows = rows;
    this.isCut = isCut;
    const metrics = metricsOf(rows);
    this.metric = metrics.includes(this.metric) ? this.metric : (metrics[0] ?? '');
    this.chosen = this.chosen.filter(id => rows.some(row => row.id === id));
    this.compare();
  }

  /** The last two that were chosen. */
  private choose(id: string): void {
    const others = this.chosen.filter(one => one !== id);
    this.chosen = others.length < this.chosen.length ? others : [...others, id].slice(-2);
    this.compare();
  }

  /** Ask for the comparison once two are chosen, the earlier one on the left. */
  private compare(): void {
    this.compared = null;
    const [left, right] = this.rows
      .filter(row => this.chosen.includes(row.id))
      .sort((one, other) => (one.started_at < other.started_at ? -1 : 1));
    if (left !== undefined && right !== undefined) {
      this.channel.ask('compare', { left: left.id, right: right.id });
    }
    this.draw();
  }

  private sort(column: string): void {
    this.isDown = this.sortedBy === column ? !this.isDown : column === 'metric' || column === 'when';
    this.sortedBy = column;
    this.draw();
  }

  private draw(): void {
    const focused = this.body.querySelector<HTMLElement>(':focus')?.dataset['focus'];
    const columns = columnsFor(this.rows, this.metric, this.say);
    const sorting = columns.find(column => column.key === this.sortedBy);
    const chosen = new Set(this.chosen);
    const table = runTable({
      rows: sorting ? sortRows(this.rows, sorting, this.isDown) : this.rows,
      columns,
      sortedBy: this.sortedBy,
      isDown: this.isDown,
      chosen,
      say: this.say,
      sort: column => this.sort(column),
      choose: id => this.choose(id)
    });
    const parts = [
      this.metricChoice(),
      this.metric === '' ? null : metricTrend(this.rows, this.metric, chosen, this.say),
      table,
      this.isCut
        ? words(
            'jp-Celltrail-label',
            this.say.__('Only the newest %1: filter to see others.', this.rows.length)
          )
        : null,
      this.compared ? compareDrawing(this.compared, this.say) : this.compareHint()
    ];
    const top = this.body.querySelector('.jp-Celltrail-runs')?.scrollTop ?? 0;
    this.body.replaceChildren(...parts.filter(part => part !== null));
    table.scrollTop = top;
    if (focused !== undefined) {
      [...this.body.querySelectorAll<HTMLElement>('[data-focus]')]
        .find(one => one.dataset['focus'] === focused)
        ?.focus();
    }
  }

  private compareHint(): HTMLElement | null {
    const hint = this.chosen.length === 1 ? this.say.__('Choose a second run to compare.') : '';
    return this.rows.length < 2
      ? null
      : words('jp-Celltrail-label', hint || this.say.__('Choose two runs to compare.'));
  }

  private metricChoice(): HTMLElement | null {
    const metrics = metricsOf(this.rows);
    if (metrics.length === 0) {
      return null;
    }
    const options = metrics.map(key => element('option', { value: key, selected: key === this.metric }, key));
    const select = element('select', { 'data-focus': 'metric' }, ...options);
    select.addEventListener('change', () => {
      this.metric = select.value;
      this.draw();
    });
    return element(
      'label',
      { class: 'jp-Celltrail-choice' },
      words('jp-Celltrail-label', this.say.__('metric')),
      ' ',
      select
    );
  }

  private filterForm(): HTMLElement {
    const form = element(
      'form',
      { class: 'jp-Celltrail-filter', role: 'search' },
      this.filter,
      button({ class: 'jp-Celltrail-action' }, () => this.refresh(), this.say.__('refresh'))
    );
    this.filter.setAttribute('aria-label', this.say.__('Filter the runs'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.refresh();
    });
    // JupyterLab takes keys for commands of the notebook: here they are letters.
    this.filter.addEventListener('keydown', event => event.stopPropagation());
    return form;
  }

  private readonly channel: Channel;
  private readonly filter = element('input', { type: 'search', placeholder: FILTER_HINT, spellcheck: 'false' });
  private readonly fault = element('pre', { class: 'jp-Celltrail-fault', role: 'alert' });
  private readonly body = element('div', { class: 'jp-Celltrail-body' });
  private rows: RunRow[] = [];
  private isCut = false;
  private metric = '';
  private sortedBy = '';
  private isDown = false;
  private chosen: string[] = [];
  private compared: CompareView | null = null;
}
