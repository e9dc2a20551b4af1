// Brings an operator to where a checkpoint was, whether one core had computed it or several had their shares of its keys.
//
// What the same share was saved of comes back as it was. Otherwise each saved share is looked through for what is this
// one's: the operator is told so before the blocks of each (Stateful.beginShare).

import { assert } from '../base/assert.ts';
import type { OperatorState } from '../state/snapshot.ts';
import type { KeyShare, Stateful } from './operators/operator.ts';

/** By keys a core has what is its own alone; by partials any core may have saved a part of any group. */
export type RestoredShare = KeyShare & { by: 'keys' | 'partials' };

/** All of an operator is on the core. */
export const WHOLE: RestoredShare = { core: 0, cores: 1, by: 'partials' };

/** `states`: all that a checkpoint has of the operator. @throws LMN-4003 */
export function restoreOperator(operator: Stateful, states: readonly OperatorState[], share: RestoredShare): void {
  const { core, cores } = share;
  const same = states.find((state) => state.core === core && state.cores === cores);
  if (same !== undefined) {
    for (const { bytes } of same.blocks) operator.restore?.(bytes);
    return;
  }
  const parts = states.filter((state) => share.by === 'partials' || overlap(state, share));
  for (const { blocks, ...saved } of [...parts].sort((a, b) => a.core - b.core)) {
    assert(operator.beginShare !== undefined, `${operator.id} can be restored on other cores than it was saved on`);
    operator.beginShare(share, Math.floor((saved.core * cores) / saved.cores) === core);
    for (const { bytes } of blocks) operator.restore?.(bytes);
  }
}

/** Whether a key group may belong to both: group · cores / 256 is the core (kernels/exchange-groups.ts). */
function overlap(a: KeyShare, b: KeyShare): boolean {
  return a.core * b.cores < (b.core + 1) * a.cores && b.core * a.cores < (a.core + 1) * b.cores;
}
