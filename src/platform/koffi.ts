// koffi, loaded when first asked for. The bundler takes the line with createRequire out, so that `require` is its own
// and koffi is bundled; koffi's search for its native part is then replaced by native.ts (scripts/bundle.mjs).

import { createRequire } from 'node:module';

export type Koffi = typeof import('koffi');

const require = createRequire(import.meta.url);

export function requireKoffi(): Koffi {
  return require('koffi') as Koffi;
}
