// Before each file of tests: what fast-check draws is the same in every run, unless LAMINAR_TEST_SEED is given.

import fc from 'fast-check';
import { SEED } from './random.ts';

fc.configureGlobal({ seed: SEED });
