// Reads one statement with the compiled grammar (nearley, an Earley parser), and tells what could have stood where.
//
// An Earley parser keeps one column per token boundary: column i holds every rule that may be under way after the first
// i tokens. That makes it a good witness after an error: it knows what was expected at any place, and how far the text
// would be readable if a few tokens were others (`tokensReadWith`).

import nearley from 'nearley';
import grammar from '../../build/generated/grammar.js';
import { assert } from '../base/assert.ts';
import type { Statement } from './ast.ts';
import type { Token } from './lexer.ts';
import type { Terminal } from './terminals.ts';

/** What the grammar asks for at a place: a keyword or symbol, a token type (`%string`), or a class of words. */
export type Expected = { literal: string } | { type: string } | Terminal;

interface State {
  rule: { name: string; symbols: (string | Expected)[] };
  dot: number;
  reference: number;
  isComplete: boolean;
}

interface Column {
  states: State[];
  scannable: State[];
}

/** nearley's parser with the parts its types leave out. */
interface EarleyParser {
  table: Column[];
  current: number;
  results: unknown[];
  feed(text: string): void;
  reportError(): string;
}

const compiled = nearley.Grammar.fromCompiled(grammar);
const UNEXPECTED = 'unexpected token';

export class StatementReader {
  /** Exactly one parse, or null. */
  readonly statement: Statement | null;
  /** Tokens that could be read: all of them, or the index of the first that cannot stand where it stands. */
  readonly tokensRead: number;
  readonly #parser: EarleyParser;
  readonly #columns: readonly Column[];
  readonly #feed: TokenFeed;

  /** @param tokens one statement without its `;`. */
  constructor(tokens: readonly Token[]) {
    this.#feed = new TokenFeed(tokens);
    // nearley's types know neither columns nor other tokens than strings.
    const options = { lexer: this.#feed as unknown as nearley.Lexer, keepHistory: true };
    this.#parser = new nearley.Parser(compiled, options) as unknown as EarleyParser;
    this.#parser.reportError = () => UNEXPECTED;
    this.tokensRead = this.#read();
    this.#columns = this.#parser.table.slice(0, this.tokensRead + 1);
    const parses = this.tokensRead === tokens.length ? this.#parser.results : [];
    assert(parses.length <= 1, `a statement has ${parses.length} parses: ${tokens.map((t) => t.text).join(' ')}`);
    this.statement = (parses[0] as Statement | undefined) ?? null;
  }

  /** What could stand after the first `count` tokens, without repetitions. Requires count ≤ tokensRead. */
  expectedAfter(count: number): Expected[] {
    const symbols = this.#columns[count]!.scannable.map((state) => state.rule.symbols[state.dot] as Expected);
    const unique = new Map<string | Terminal, Expected>();
    for (const symbol of symbols) {
      unique.set('literal' in symbol ? symbol.literal : 'type' in symbol ? `%${symbol.type}` : symbol, symbol);
    }
    return [...unique.values()];
  }

  /** Whether the first `count` tokens are a whole statement. */
  isWholeAfter(count: number): boolean {
    return this.#columns[count]!.states.some(
      (state) => state.isComplete && state.rule.name === compiled.start && state.reference === 0,
    );
  }

  /** How the text would go on after its first `kept` tokens if `replacement` followed. */
  tryInstead(kept: number, replacement: readonly Token[]): { tokensRead: number; isWhole: boolean } {
    this.#parser.table = this.#columns.slice(0, kept + 1);
    this.#parser.current = kept;
    this.#feed.tokens = replacement;
    const tokensRead = this.#read();
    return {
      tokensRead: tokensRead - kept,
      isWhole: tokensRead === kept + replacement.length && this.#parser.results.length > 0,
    };
  }

  #read(): number {
    try {
      this.#parser.feed('');
    } catch (error) {
      if (!(error instanceof Error) || error.message !== UNEXPECTED) throw error;
    }
    return this.#parser.current;
  }
}

/** Hands tokens to nearley. */
class TokenFeed {
  tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  reset(): void {
    this.#next = 0;
  }

  next(): Token | undefined {
    return this.tokens[this.#next++];
  }

  save(): undefined {}
}
