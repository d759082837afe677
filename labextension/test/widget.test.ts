import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { isObject } from '../src/guards';
import widget from '../src/widget';
import { contract, freshPage } from './page';

beforeEach(freshPage);

/** The kernel's side: hears what the page asks, and says what it is told to. */
class Kernel {
  send(content: unknown): void {
    assert.ok(isObject(content));
    this.heard.push(content);
  }

  on(_event: 'msg:custom', listener: (content: unknown) => void): void {
    this.listener = listener;
  }

  off(): void {
    this.listener = null;
  }

  answer(type: string, payload: unknown, id = this.heard.at(-1)?.['id']): void {
    this.listener?.({ type, id, payload });
  }

  readonly heard: Record<string, unknown>[] = [];
  listener: ((content: unknown) => void) | null = null;
}

function opened(): { kernel: Kernel; page: HTMLElement; dispose: () => void } {
  const kernel = new Kernel();
  const page = document.createElement('div');
  document.body.append(page);
  const dispose = widget.render({ model: kernel, el: page });
  return { kernel, page, dispose };
}

function listed(): { kernel: Kernel; page: HTMLElement } {
  const { kernel, page } = opened();
  kernel.answer('rows', { rows: contract('run_rows'), is_cut: false });
  return { kernel, page };
}

function references(page: HTMLElement): (string | null)[] {
  return [...page.querySelectorAll('td[data-column="run"]')].map(cell => cell.textContent);
}

function choose(page: HTMLElement, reference: string): void {
  const box = page.querySelector<HTMLInputElement>(`input[aria-label="Compare ${reference}"]`);
  assert.ok(box);
  box.click();
}

function head(page: HTMLElement, name: string): HTMLElement {
  const found = [...page.querySelectorAll<HTMLElement>('th button')].find(one =>
    one.textContent?.startsWith(name)
  );
  assert.ok(found);
  return found;
}

test('the page asks for all runs and shows those that come, newest first', () => {
  const { kernel, page } = listed();

  assert.deepEqual(kernel.heard[0], { type: 'list', id: 1, payload: { filter: '' } });
  assert.deepEqual(references(page), ['forest#7', 'forest#6', 'forest#5 ×3', 'forest#4']);
});

test('only parameters in which the runs differ have a column', () => {
  const { page } = listed();

  const heads = [...page.querySelectorAll('th button')].map(one => one.textContent);

  assert.deepEqual(heads, ['run', 'average_precision_score.y_test', 'max_depth', 'status', 'when']);
});

test('a click on a head sorts, another one turns it round, and what is missing stays last', () => {
  const { page } = listed();

  head(page, 'average').click();
  assert.deepEqual(references(page), ['forest#7', 'forest#6', 'forest#5 ×3', 'forest#4']);

  head(page, 'average').click();
  assert.deepEqual(references(page), ['forest#6', 'forest#7', 'forest#5 ×3', 'forest#4']);
  assert.equal(head(page, 'average').parentElement?.getAttribute('aria-sort'), 'ascending');
});

test('sorting keeps the keyboard where it was', () => {
  const { page } = listed();

  head(page, 'max_depth').focus();
  head(page, 'max_depth').click();

  assert.equal(document.activeElement, head(page, 'max_depth'));
});

test('two chosen runs are compared, the earlier one on the left', () => {
  const { kernel, page } = listed();

  choose(page, 'forest#7');
  choose(page, 'forest#6');
  kernel.answer('compared', contract('compare'));

  const ids = kernel.heard.at(-1)?.['payload'];
  assert.deepEqual(ids, { left: '01J9Z6V5T00000000000000006', right: '01J9Z6V5T00000000000000007' });
  const text = page.querySelector('.jp-Celltrail-compare')?.textContent ?? '';
  assert.ok(text.includes('max_depth8→12'));
  assert.ok(text.includes('clf = RandomForestClassifier(max_depth=12)'));
  assert.ok(text.includes('1.9.0→1.9.1'));
  assert.ok(page.querySelector('.jp-Celltrail-compare svg'));
});

test('a third choice takes the place of the first', () => {
  const { page } = listed();

  ['forest#7', 'forest#6', 'forest#5'].forEach(reference => choose(page, reference));

  const chosen = [...page.querySelectorAll<HTMLInputElement>('input:checked')].map(
    box => box.ariaLabel ?? box.getAttribute('aria-label')
  );
  assert.deepEqual(chosen, ['Compare forest#6', 'Compare forest#5']);
});

test('a wrong filter shows its caret under the character, and the runs stay', () => {
  const { kernel, page } = listed();

  page.querySelector('form')?.requestSubmit();
  kernel.answer('fault', { message: 'Not a filter: …\n  metrics.auc >>\n              ^' });

  assert.equal(page.querySelector('pre')?.textContent?.split('\n')[2], '              ^');
  assert.equal(references(page).length, 4);
});

test('an answer to a question that was asked anew is dropped', () => {
  const { kernel, page } = listed();

  page.querySelector('form')?.requestSubmit();
  page.querySelector('form')?.requestSubmit();
  kernel.answer('rows', { rows: [], is_cut: false }, 2);

  assert.equal(references(page).length, 4);
});

test('what is not an answer is not drawn', () => {
  const { kernel, page } = opened();

  kernel.answer('rows', { rows: [{ id: 1 }], is_cut: false });
  kernel.answer('burn', {});

  assert.deepEqual(references(page), []);
});

test('the chart shows the chosen metric over the runs', () => {
  const { page } = listed();

  assert.equal(page.querySelectorAll('figure circle').length, 2);
});

test('closing it leaves nothing that listens', () => {
  const { kernel, page, dispose } = opened();

  dispose();

  assert.equal(kernel.listener, null);
  assert.equal(page.childElementCount, 0);
});
