/** Bundles each test with its sources and runs them all under Node's own test runner. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, so that the bundles find jsdom.
const out = mkdtempSync(join(root, 'node_modules', '.celltrail-test-'));
try {
  const tests = readdirSync(join(root, 'test')).filter(name => name.endsWith('.test.ts'));
  await build({
    entryPoints: tests.map(name => join(root, 'test', name)),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'warning'
  });
  const bundles = readdirSync(out).map(name => join(out, name));
  const run = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--test', '--test-reporter=spec', ...bundles],
    {
      stdio: 'inherit',
      cwd: root
    }
  );
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
