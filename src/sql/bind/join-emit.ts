// When the rows of a join come out that nothing bounds in time.
//
//   inner, semi     over rows that stay: as they come, and they stay
//   others          a row without a match comes out at once, and goes with its first match; or, where nobody wants changes,
//                   at the end of the input
//   over changes    with every change of its inputs

import type { JoinKind } from '../../plan/join-node.ts';
import type { EmitClause } from '../ast.ts';
import type { JoinNode } from './logical.ts';

/** What the EMIT of its query asks of a join. */
export function joinEmit(clause: EmitClause | null): JoinNode['emit'] {
  if (clause?.mode === 'on-update' || clause?.mode === 'changes') return 'update';
  return clause?.mode === 'final' ? 'close' : 'default';
}

/** Kinds whose rows may have to be taken back although those of the inputs stay. */
const OPEN: ReadonlySet<JoinKind> = new Set(['left', 'right', 'full', 'anti', 'mark']);

/** Whether a join may change what it gives although its inputs do not. */
export function isOpenJoin({ join, time, asof }: JoinNode): boolean {
  return OPEN.has(join) && time === null && asof === null;
}
