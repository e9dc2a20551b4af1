// A syntax tree as an outline, every node with the text its span covers.
//
//   items[0]: expression «a + 1 AS b»
//     expression: binary operator='+' «a + 1»

import type { Span } from '../../src/sql/ast.ts';

const SHOWN_MAX = 60;

/** Lines without a final newline. Empty lists, nulls and false are left out. */
export function showTree(node: object, text: string): string {
  return fieldsOf(node, text).join('\n');
}

function fieldsOf(node: object, text: string): string[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (Array.isArray(value)) return value.flatMap((item, i) => show(`${key}[${i}]`, item, text));
    return isNode(value) && key !== 'span' ? show(key, value, text) : [];
  });
}

function show(key: string, value: unknown, text: string): string[] {
  if (!isNode(value)) return [`${key}: ${value}`];
  const { kind, span, ...rest } = value as { kind?: string; span?: Span };
  const scalars = Object.entries(rest).flatMap(([name, scalar]) =>
    typeof scalar === 'string' ? [`${name}='${scalar}'`] : scalar === true ? [name] : [],
  );
  const source = span === undefined ? [] : [`«${shorten(text.slice(span.start, span.end))}»`];
  const head = `${key}: ${[...(kind === undefined ? [] : [kind]), ...scalars, ...source].join(' ')}`;
  return [head, ...fieldsOf(value, text).map((line) => `  ${line}`)];
}

function shorten(source: string): string {
  const line = source.replace(/\s+/gu, ' ');
  return line.length <= SHOWN_MAX ? line : `${line.slice(0, SHOWN_MAX / 2)} … ${line.slice(-SHOWN_MAX / 2)}`;
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
