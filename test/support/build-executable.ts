// Before the tests of the single executable: it is built from the source as it is.

import buildBundle, { runScript } from './build-bundle.ts';

export default function buildExecutable(): void {
  buildBundle();
  runScript('package.cjs');
}
