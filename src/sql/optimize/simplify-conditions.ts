// Conditions with constants: `x AND TRUE` is x, `x AND FALSE` is FALSE, NOT NOT x is x, and a filter that is TRUE goes.

import type { LogicalPipeline } from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { rewriteExpression, rewriteNodes } from './rewrite.ts';

export function simplifyConditions(pipeline: LogicalPipeline): LogicalPipeline {
  return rewriteNodes(pipeline, (node) => {
    if (node.kind !== 'project') return node;
    const filter = node.filter === null ? null : rewriteExpression(node.filter, simplify);
    const outputs = node.outputs.map((output) => rewriteExpression(output, simplify));
    return { ...node, filter: filter !== null && isConstant(filter, true) ? null : filter, outputs };
  });
}

function simplify(expression: BoundExpression): BoundExpression {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const neutral = expression.kind === 'and';
      const decided = expression.operands.find((o) => isConstant(o, !neutral));
      if (decided !== undefined) return decided;
      const operands = expression.operands.filter((o) => !isConstant(o, neutral));
      if (operands.length === 0) return expression.operands[0] as BoundExpression;
      if (operands.length === 1) return operands[0] as BoundExpression;
      return { ...expression, operands, nullable: operands.some((o) => o.nullable) };
    }
    case 'not': {
      const { operand } = expression;
      if (operand.kind === 'not') return operand.operand;
      if (operand.kind === 'literal' && typeof operand.value === 'boolean')
        return { ...operand, value: !operand.value };
      return expression;
    }
    case 'is-null': {
      const { operand, negated, type, span } = expression;
      if (operand.nullable) return expression;
      return { kind: 'literal', value: negated, type, nullable: false, span };
    }
    default:
      return expression;
  }
}

function isConstant(expression: BoundExpression, value: boolean): boolean {
  return expression.kind === 'literal' && expression.value === value;
}
