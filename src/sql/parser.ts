// Pipeline text to syntax tree: exactly one parse or one error for every statement.
//
// The text is cut into tokens (lexer.ts) and those at `;` into statements; each is read with the grammar (earley.ts).
// A statement that cannot be read is explained (explain-syntax.ts), and reading goes on behind it, so that all
// independent errors of a file are reported at once.

import { LaminarError, PipelineErrors } from '../base/errors.ts';
import { EXPRESSION_DEPTH_MAX, STATEMENT_TOKENS_MAX } from '../base/limits.ts';
import type { Pipeline, PrimaryKey, Span, Statement, WatermarkDefinition } from './ast.ts';
import { StatementReader } from './earley.ts';
import { explainSyntax, type StatementPlace } from './explain-syntax.ts';
import { type Token, tokenize } from './lexer.ts';

/**
 * The syntax tree of a pipeline file.
 * @throws LaminarError LMN-10nn for one syntax error, PipelineErrors for several in text order.
 */
export function parsePipeline(text: string): Pipeline {
  const tokens = tokenize(text);
  const statements: Statement[] = [];
  const errors: LaminarError[] = [];
  let start = 0;
  while (start < tokens.length) {
    let end = start;
    while (end < tokens.length && tokens[end]!.text !== ';') end++;
    const next = end + 1;
    if (end > start) {
      const result = parseStatement(tokens.slice(start, end), { text, semicolon: tokens[end]?.start ?? null });
      if (result.statement !== null) statements.push(result.statement);
      if (result.error !== null) errors.push(result.error);
      start = result.resume === null ? next : start + result.resume;
    } else {
      start = next;
    }
  }
  if (errors.length > 1) throw new PipelineErrors(errors);
  if (errors.length === 1) throw errors[0];
  return { statements };
}

interface StatementResult {
  statement: Statement | null;
  error: LaminarError | null;
  /** Index of the token with which the next statement starts, null for the one behind the `;`. */
  resume: number | null;
}

function parseStatement(tokens: readonly Token[], place: StatementPlace): StatementResult {
  const tooLarge = sizeError(tokens);
  if (tooLarge !== null) return { statement: null, error: tooLarge, resume: null };
  const reader = new StatementReader(tokens);
  if (reader.statement === null) {
    const { error, resume } = explainSyntax(reader, tokens, place);
    return { statement: null, error, resume };
  }
  const error = depthProblem(reader.statement) ?? secondWatermark(reader.statement) ?? secondKey(reader.statement);
  return { statement: reader.statement, error, resume: null };
}

// --- what the grammar does not say ---

/** Refuses what would take the parser too much memory: nested parentheses and statements without an end. */
function sizeError(tokens: readonly Token[]): LaminarError | null {
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    if (depth > EXPRESSION_DEPTH_MAX) return depthError(token);
  }
  const first = tokens[STATEMENT_TOKENS_MAX];
  if (first === undefined) return null;
  return new LaminarError('LMN-1008', `the statement has more than ${STATEMENT_TOKENS_MAX} words and symbols`, {
    hint: 'a missing quote or semicolon can make one statement of many; long IN lists belong into a source of their own',
    at: { span: { start: first.start, end: first.end } },
  });
}

/** Everything behind the parser walks the tree by recursion: a tree of this depth still fits every stack. */
function depthProblem(statement: Statement): LaminarError | null {
  const pending: { node: object; depth: number }[] = [{ node: statement, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const child of Object.values(next.node) as unknown[]) {
      if (typeof child !== 'object' || child === null) continue;
      const depth = next.depth + ('kind' in child ? 1 : 0);
      if (depth > EXPRESSION_DEPTH_MAX) return depthError((child as { span: Span }).span);
      pending.push({ node: child, depth });
    }
  }
  return null;
}

function depthError({ start, end }: Span): LaminarError {
  return new LaminarError('LMN-1008', `the statement is nested more than ${EXPRESSION_DEPTH_MAX} levels deep`, {
    hint: 'split it into several CREATE STREAM statements; replace a long chain of OR by IN (…)',
    at: { span: { start, end } },
  });
}

function secondKey(statement: Statement & { extraKey?: PrimaryKey }): LaminarError | null {
  const extra = statement.extraKey;
  if (extra === undefined) return null;
  return new LaminarError('LMN-1009', 'there is one PRIMARY KEY, and this is the second', {
    hint: 'name all of its columns in one: PRIMARY KEY (a, b)',
    at: { span: extra.span },
  });
}

function secondWatermark(statement: Statement & { extraWatermark?: WatermarkDefinition }): LaminarError | null {
  const extra = statement.extraWatermark;
  if (extra === undefined) return null;
  return new LaminarError('LMN-1009', 'a source has one WATERMARK, and this is the second', {
    hint: 'keep the one of the column that windows use',
    at: { span: extra.span },
  });
}
