// Names that nothing above declares, with what may have been meant.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import type { Identifier } from '../ast.ts';

/** `names`: sources and streams that there are. */
export function noRelation({ name, span }: Identifier, names: readonly string[]): LaminarError {
  const nearest = nearestName(name, names);
  const hint =
    nearest !== undefined
      ? `did you mean ${nearest}?`
      : names.length === 0
        ? `declare it first: CREATE SOURCE ${name} (…)`
        : `declared above: ${names.join(', ')}`;
  return new LaminarError('LMN-2002', `there is no source or stream ${name}`, { hint, at: { span } });
}

/** `names`: sinks that there are. */
export function noSink({ name, span }: Identifier, names: readonly string[]): LaminarError {
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `declare it first: CREATE SINK ${name} INTO STDOUT` : `did you mean ${nearest}?`;
  return new LaminarError('LMN-2002', `there is no sink ${name}`, { hint, at: { span } });
}
