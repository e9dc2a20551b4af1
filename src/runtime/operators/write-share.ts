// Tells kernels what a core takes of states that were saved of shares of an operator's keys.

import { SHARE_CORE, SHARE_CORES, SHARE_COUNTS } from '../../../kernels/layout-share.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { KeyShare } from './operator.ts';

/** `to`: address of SHARE_*; `isCounted`: as in Stateful.beginShare. */
export function writeShare(memory: LinearMemory, to: number, { core, cores }: KeyShare, isCounted: boolean): void {
  memory.store32(to + SHARE_CORE, core);
  memory.store32(to + SHARE_CORES, cores);
  memory.store32(to + SHARE_COUNTS, isCounted ? 1 : 0);
}
