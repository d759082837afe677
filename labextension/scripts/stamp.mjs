/** Writes what the built bundle was built from; tests/test_packaging.py computes the same without Node and compares. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['package.json', 'yarn.lock', 'tsconfig.json', 'install.json', 'src', 'style', 'scripts'];

function filesIn(path) {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.flatMap(entry =>
    entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)]
  );
}

const files = SOURCES.flatMap(name =>
  /\.(json|lock)$/.test(name) ? [join(root, name)] : filesIn(join(root, name))
);
const lines = files.map(file => {
  // Line ends as in the repository, whatever the checkout made of them.
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  return `${createHash('sha256').update(text).digest('hex')}  ${relative(root, file).split(sep).join('/')}`;
});
// By code point, as Python sorts.
lines.sort((left, right) => (left.slice(66) < right.slice(66) ? -1 : 1));
const stamp = createHash('sha256').update(lines.join('\n')).digest('hex');
writeFileSync(join(root, '..', 'src', 'celltrail', 'static', 'built-from.txt'), `${stamp}\n`);
