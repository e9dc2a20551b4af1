// Every error code, with what it means and what to do: the source of `laminar explain LMN-nnnn` and docs/errors.md.
//
// Codes are stable: never reuse or renumber one. The first digit is the family, with a file for each in codes/.

import { CONNECTOR_CODES } from './codes/connector.ts';
import type { CodeEntry } from './codes/entry.ts';
import { FORMAT_CODES } from './codes/format.ts';
import { LANGUAGE_CODES } from './codes/language.ts';
import { PLANNING_CODES } from './codes/planning.ts';
import { PLATFORM_CODES } from './codes/platform.ts';
import { RUN_TIME_CODES } from './codes/run-time.ts';
import { STATE_CODES } from './codes/state.ts';

export type { CodeEntry };

export const CODES = {
  ...LANGUAGE_CODES,
  ...PLANNING_CODES,
  ...RUN_TIME_CODES,
  ...STATE_CODES,
  ...CONNECTOR_CODES,
  ...FORMAT_CODES,
  ...PLATFORM_CODES,
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof CODES;
