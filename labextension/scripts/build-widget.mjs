/** Bundles the widget of %trail, code and style, into the Python package; nothing is fetched at run time. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const at = path => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [
    { in: at('../src/widget.ts'), out: 'widget' },
    { in: at('../style/widget.css'), out: 'widget' }
  ],
  outdir: at('../../src/celltrail/static'),
  bundle: true,
  format: 'esm',
  target: 'es2020',
  minify: true,
  charset: 'utf8',
  logLevel: 'warning'
});
