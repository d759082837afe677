import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject } from '../src/guards';
import { SHAPES, isCompareView, isRunRow, isRunView } from '../src/schema';
import { contract } from './page';

for (const name of ['run_panel', 'run_line', 'run_fits', 'run_failed', 'run_saved_says']) {
  test(`the ${name} that Python makes is accepted`, () => {
    assert.ok(isRunView(contract(name)));
  });
}

test('the rows and the comparison that Python makes are accepted', () => {
  const rows = contract('run_rows');

  assert.ok(Array.isArray(rows) && rows.every(isRunRow));
  assert.ok(isCompareView(contract('compare')));
});

test('both sides name the same keys in every shape', () => {
  const python = contract('shapes');
  assert.ok(isObject(python));

  const here = Object.fromEntries(
    Object.entries(SHAPES).map(([name, { keys }]) => [
      name,
      { required: [...keys].sort(), optional: name === 'RunView' ? ['note'] : [] }
    ])
  );

  assert.deepEqual(here, python);
});

test('a run of a later schema is refused, not half drawn', () => {
  const view = contract('run_panel');
  assert.ok(isObject(view));

  assert.ok(!isRunView({ ...view, schema: 'celltrail.run/2' }));
  assert.ok(!isRunView({ ...view, trend: [{ number: 'one' }] }));
  assert.ok(!isRunView(null));
});
