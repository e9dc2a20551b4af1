// Makes syntax nodes of CREATE FUNCTION: the post-processors of grammar/functions.ne.

import type { CreateFunction, FunctionParameter, Identifier, Span, TypeReference } from './ast.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

type FunctionHead = Pick<CreateFunction, 'name' | 'orReplace' | 'ifNotExists' | 'parameters'> & { span: Span };

export function functionHead([created, word, { name, ifNotExists }, parameters]: [
  { orReplace: boolean; span: Span },
  Token,
  { name: Identifier; ifNotExists: boolean },
  FunctionParameter[],
]): FunctionHead {
  return { name, orReplace: created.orReplace, ifNotExists, parameters, span: spanFrom(created, word) };
}

export function createFunction([head, , result, , language, , body]: [
  FunctionHead,
  Token,
  TypeReference,
  Token,
  Token,
  Token,
  Token,
]): CreateFunction {
  const span = { start: body.start, end: body.end };
  return {
    kind: 'create-function',
    name: head.name,
    orReplace: head.orReplace,
    ifNotExists: head.ifNotExists,
    parameters: head.parameters,
    result,
    language: identifier(language),
    body: { source: body.value, span },
    span: spanFrom(head, body),
  };
}

export function noParameters(): FunctionParameter[] {
  return [];
}

export function parameter([name, type]: [Token, TypeReference]): FunctionParameter {
  return { name: identifier(name), type, span: spanFrom(name, type) };
}
