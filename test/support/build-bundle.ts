// Before the tests: grammar, kernels and bundle are built from the source as it is.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { assert } from '../../src/base/assert.ts';

const root = path.resolve(import.meta.dirname, '../..');

export default function buildBundle(): void {
  assert(process.versions.node.startsWith('24.'), `the tests need Node 24, not ${process.version}: run npm ci`);
  for (const script of ['grammar.mjs', 'kernels.mjs', 'bundle.mjs']) runScript(script);
}

export function runScript(name: string): void {
  execFileSync(process.execPath, [path.join(root, 'scripts', name)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
