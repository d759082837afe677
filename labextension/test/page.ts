/** A document to draw into, and the contract files that Python made. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import type { RunView } from '../src/schema';
import { isRunView } from '../src/schema';

/** Make a fresh page the one that the drawing modules see. */
export function freshPage(): void {
  const { window } = new JSDOM('<!doctype html><body></body>');
  Object.assign(globalThis, { window, document: window.document, KeyboardEvent: window.KeyboardEvent });
}

/** Read what `tests/contract/make.py` wrote. The tests run in the folder of package.json. */
export function contract(name: string): unknown {
  return JSON.parse(readFileSync(join('..', 'tests', 'contract', `${name}.json`), 'utf8'));
}

export function runView(name: string): RunView {
  const view = contract(name);
  if (!isRunView(view)) {
    throw new Error(`${name}.json is not a run view`);
  }
  return view;
}
