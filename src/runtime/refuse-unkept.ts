// What a run with a state directory cannot keep is refused before it begins, by name: never lost on the way.

import { LaminarError } from '../base/errors.ts';
import type { CoreParts } from './core.ts';

/** @throws LMN-4002 naming the first part of the pipeline that could not be gone on with. */
export function refuseUnkept({ sources, operators }: Pick<CoreParts, 'sources' | 'operators'>): void {
  for (const source of sources) {
    const why = source.refusal();
    if (why !== null) throw unkept(`source ${source.node.id}`, why);
  }
  for (const { id, save } of operators) {
    if (save === undefined) throw unkept(id, 'what it remembers of its input cannot be saved yet');
  }
}

function unkept(name: string, why: string): LaminarError {
  return new LaminarError('LMN-4002', `${name} cannot be kept in a state directory: ${why}`, {
    hint: 'run the pipeline without --state-dir, or change that part of it',
    at: { name },
  });
}
