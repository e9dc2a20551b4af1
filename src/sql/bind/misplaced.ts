// Aggregates and windows where they cannot stand: the error says where they can.

import { LaminarError } from '../../base/errors.ts';
import type { Expression } from '../ast-expression.ts';
import { isAggregateCall } from './aggregates.ts';
import { isUnnestCall } from './unnest.ts';
import { edgeCall, isWindowCall } from './windows.ts';

/** @throws LMN-2017 when the node is an aggregate or a window function. @returns null otherwise. */
export function refuseMisplaced(expression: Expression, place: string): null {
  if (expression.kind !== 'call') return null;
  const { span } = expression;
  const name = expression.name.name.toUpperCase();
  const edge = edgeCall(expression);
  if (edge !== null) {
    throw new LaminarError('LMN-2017', `${name} needs a window in GROUP BY`, {
      hint: `write GROUP BY …, ${edge.window}(…)`,
      at: { span },
    });
  }
  if (isUnnestCall(expression)) {
    throw new LaminarError('LMN-2017', `UNNEST cannot stand in ${place}`, {
      hint: 'write it in FROM: FROM t, UNNEST(list) AS u(x)',
      at: { span },
    });
  }
  if (isAggregateCall(expression)) {
    throw new LaminarError('LMN-2017', `${name} is an aggregate and cannot stand in ${place}`, {
      hint: place === 'WHERE' ? 'HAVING filters by aggregates' : 'give it a name in a CREATE STREAM, and use that',
      at: { span },
    });
  }
  if (!isWindowCall(expression)) return null;
  throw new LaminarError('LMN-2017', `${name} is a window and stands in GROUP BY, not in ${place}`, {
    hint: `write GROUP BY …, ${name}(…), and window_start or window_end in the select list`,
    at: { span },
  });
}
