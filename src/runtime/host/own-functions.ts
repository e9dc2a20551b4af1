// Laminar's own functions in JavaScript, by name. Each is made anew for every call in a plan, so it may remember what it
// computed from arguments that seldom change.

import { encodingFunctions } from './encodings.ts';
import { formatFunctions } from './format-text.ts';
import type { HostBody } from './host.ts';
import { numberFunctions } from './number-functions.ts';
import { parseTimeFunctions } from './parse-time.ts';
import { regularExpressionFunctions } from './regular-expressions.ts';
import { textFunctions } from './text-functions.ts';
import { timeTextFunctions } from './time-texts.ts';
import { timeZoneFunctions } from './time-zones.ts';

export const OWN_FUNCTIONS: Readonly<Record<string, (() => HostBody) | undefined>> = {
  ...regularExpressionFunctions,
  ...textFunctions,
  ...formatFunctions,
  ...encodingFunctions,
  ...numberFunctions,
  ...parseTimeFunctions,
  ...timeTextFunctions,
  ...timeZoneFunctions,
};
