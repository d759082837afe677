import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { RunView } from '../src/schema';
import { drawRun } from '../src/shared/run';
import { plainWords } from '../src/shared/say';
import { freshPage, runView } from './page';

beforeEach(freshPage);

interface IDone {
  compared: string[];
  restored: string[];
}

function drawn(view: RunView, done: IDone | null = null): HTMLElement {
  const place = document.createElement('div');
  document.body.append(place);
  const actions = done && {
    compare: (left: string, right: string) => void done.compared.push(`${left} ${right}`),
    restore: (reference: string) => void done.restored.push(reference)
  };
  drawRun(place, { view, say: plainWords, actions });
  return place;
}

function told(node: Node): string {
  return node.textContent ?? '';
}

function focusedState(): string | null | undefined {
  return document.activeElement?.getAttribute('aria-expanded');
}

function press(place: HTMLElement, text: string): void {
  const found = [...place.querySelectorAll('button')].find(one => one.textContent === text);
  assert.ok(found, `no button "${text}"`);
  found.click();
}

test('the line says run, score, delta with its doubt, and what changed', () => {
  const text = told(drawn(runView('run_line')));

  assert.ok(text.includes('forest#7'));
  assert.ok(text.includes('avg precision 0.8412'));
  assert.ok(text.includes('▲.0087 vs #6, may be chance (±.011)'));
  assert.ok(text.includes('max_depth 8→12, +txn_hour'));
});

test('the line opens into the panel and closes again, with the keyboard kept', () => {
  const place = drawn(runView('run_line'));

  press(place, '▸');
  assert.ok(place.querySelector('section'));
  assert.equal(focusedState(), 'true');

  press(place, '▾');
  assert.equal(place.querySelector('section'), null);
  assert.equal(focusedState(), 'false');
});

test('a click anywhere on the line opens it', () => {
  const place = drawn(runView('run_line'));

  place.querySelector<HTMLElement>('.jp-Celltrail-score')?.click();

  assert.ok(place.querySelector('section'));
});

test('the panel tells the headline with its target, changes, what is the same, and one caution', () => {
  const place = drawn(runView('run_panel'));

  const text = told(place);

  assert.ok(text.includes('avg precision · y_test (60 216 rows, 104 frauds)'));
  assert.ok(text.includes('highest of 7 ★'));
  assert.ok(text.includes('rows, split, seed 42'));
  assert.equal(place.querySelectorAll('.jp-Celltrail-caution').length, 1);
});

test('further cautions wait behind their number', () => {
  const place = drawn(runView('run_panel'));

  press(place, '1 more ▸');

  assert.equal(place.querySelectorAll('.jp-Celltrail-caution').length, 2);
});

test('one detail is open at a time', () => {
  const place = drawn(runView('run_panel'));

  press(place, '5 metrics');
  press(place, '1 fit, 3 params set (15 default)');

  const open = [...place.querySelectorAll('[aria-expanded="true"]:not(.jp-Celltrail-opener)')];
  assert.deepEqual(
    open.map(one => one.textContent),
    ['1 fit, 3 params set (15 default)']
  );
  assert.ok(told(place).includes('max_depth=12'));
  assert.ok(place.querySelector('figure svg'));
});

test('a gap in the trend is a gap in its line', () => {
  const path = drawn(runView('run_panel')).querySelector('.jp-Celltrail-chartLine')?.getAttribute('d') ?? '';

  assert.equal(path.split('M').length - 1, 2);
  assert.ok(!path.includes('NaN'));
});

test('the actions name both runs in full', () => {
  const done: IDone = { compared: [], restored: [] };
  const place = drawn(runView('run_panel'), done);

  press(place, 'compare with #6');
  press(place, 'restore #6');

  assert.deepEqual(done, { compared: ['forest#6 forest#7'], restored: ['forest#6'] });
});

test('no action is offered where none can be done', () => {
  assert.equal(drawn(runView('run_panel')).querySelector('.jp-Celltrail-actions'), null);
});

test('a reference that could be code is never offered as an action', () => {
  const view = runView('run_panel');
  view.run.experiment = 'x\nimport os; #';

  const place = drawn(view, { compared: [], restored: [] });

  assert.equal(place.querySelector('.jp-Celltrail-actions'), null);
});

test('markup in names stays text', () => {
  const view = runView('run_panel');
  view.run.reference = '<img src=x onerror=alert(1)>';
  view.changed = [{ kind: 'param', name: '<script>alert(1)</script>', before: '', after: '<b>x</b>' }];

  const place = drawn(view);

  assert.equal(place.querySelector('img, script'), null);
  assert.ok(told(place).includes('<script>alert(1)</script>'));
});

test('several fits stand below each other, the best with its star, the doubtful with its remark', () => {
  const rows = [
    ...drawn({ ...runView('run_fits'), mode: 'panel' }).querySelectorAll('.jp-Celltrail-topText tr')
  ].map(row => row.textContent);

  assert.deepEqual(rows, [
    'HistGradientBoostingClassifier0.8497★ ',
    'RandomForestClassifier0.8412',
    'LogisticRegression0.7120did not converge (100 iterations)'
  ]);
});

test('a failed run says how, and shows no empty rows', () => {
  const line = told(drawn(runView('run_failed')));
  const panel = drawn({ ...runView('run_failed'), mode: 'panel' });

  assert.ok(line.includes('failed in fit after 2.1 s'));
  assert.equal(panel.querySelector('svg'), null);
  assert.deepEqual(
    [...panel.querySelectorAll('.jp-Celltrail-facts th')].map(one => one.textContent),
    ['pending', 'note']
  );
});

test('what the saved output said stands in the line', () => {
  const text = told(drawn(runView('run_saved_says')));

  assert.ok(
    text.includes('saved output says 0.8412 (ann, 2026-11-12): scikit-learn 1.9.0→1.9.1, +17 571 rows')
  );
});
