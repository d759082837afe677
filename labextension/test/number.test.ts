import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, roundTicks, tickText, tight } from '../src/shared/number';

test('two figures that count, and no leading zero', () => {
  assert.equal(tight(0.0113), '.011');
  assert.equal(tight(-0.5), '-.50');
  assert.equal(tight(12.34), '12');
  assert.equal(tight(0), '0');
  assert.equal(tight(3.2e-9), '3.2e-9');
  assert.equal(tight('nan'), 'nan');
});

test('thousands are told apart', () => {
  assert.equal(counted(60216), '60\u202f216');
  assert.equal(counted(999), '999');
});

test('ticks are round, and span what they are for', () => {
  for (const [low, high] of [
    [0.7951, 0.8412],
    [0, 1],
    [-3, 1200],
    [5, 5],
    [0, 0]
  ] as const) {
    const ticks = roundTicks(low, high);

    assert.ok(
      (ticks[0] ?? 1) <= low && (ticks.at(-1) ?? 0) >= high - 1e-9,
      `${low} to ${high}: ${ticks.join(' ')}`
    );
    assert.ok(ticks.length >= 2 && ticks.length <= 4);
  }
});

test('ticks bear just the digits that tell them apart', () => {
  assert.equal(tickText(0.8, 0.025), '.800');
  assert.equal(tickText(0.85, 0.05), '.85');
  assert.equal(tickText(1000, 500), '1000');
});
