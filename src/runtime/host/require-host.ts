// Functions in JavaScript for a core that already runs, and cannot await: loaded when a tap first calls one. As with koffi
// (platform/koffi.ts), the bundler takes the line with createRequire out, so that `require` is its own.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function requireHost(): typeof import('./host.ts') {
  return require('./host.ts') as typeof import('./host.ts');
}
