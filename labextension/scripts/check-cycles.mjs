/** No circle of imports, types included, and no drawing module that knows JupyterLab. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => join(entry.parentPath ?? entry.path, entry.name));

function importsOf(file) {
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(one => one.fileName);
}

const graph = new Map(
  files.map(file => [
    file,
    importsOf(file)
      .filter(name => name.startsWith('.'))
      .map(name => `${join(dirname(file), name)}.ts`)
  ])
);

const faults = [];
const finished = new Set();

function walk(file, path) {
  if (path.includes(file)) {
    faults.push(
      `circle: ${[...path.slice(path.indexOf(file)), file].map(one => relative(root, one)).join(' -> ')}`
    );
  } else if (!finished.has(file)) {
    (graph.get(file) ?? []).forEach(next => walk(next, [...path, file]));
    finished.add(file);
  }
}

files.forEach(file => walk(file, []));
for (const file of files.filter(
  one => !relative(root, one).startsWith('plugins') && !one.endsWith('index.ts')
)) {
  for (const name of importsOf(file).filter(one => !one.startsWith('.'))) {
    faults.push(`${relative(root, file)} is drawn outside JupyterLab too, yet imports ${name}`);
  }
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
