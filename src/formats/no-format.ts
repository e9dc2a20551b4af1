// The format of a sink that drops its rows: nothing is encoded, so that what comes before it can be measured alone.

import type { Encoder } from './format.ts';

export function createNoEncoder(): Encoder {
  return { pendingBytes: 0, pending: 0, encode() {}, clear() {}, resume() {}, finish() {} };
}
