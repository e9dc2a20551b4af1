// Before each file of tests: what fast-check draws is the same in every run, unless LAMINAR_TEST_SEED is given; with
// LAMINAR_TEST_GROW=1 linear memory grows whenever it may.

import fc from 'fast-check';
import { growAtEveryBlock } from './growing-memory.ts';
import { SEED } from './random.ts';

fc.configureGlobal({ seed: SEED });
if (process.env['LAMINAR_TEST_GROW'] !== undefined) growAtEveryBlock();
