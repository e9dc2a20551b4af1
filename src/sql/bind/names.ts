// The names of a pipeline as its statements declare them, one after another: what each stands for, who needs whom, and
// what may be replaced or dropped. Upper and lower case are the same.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import type { DropStatement, Identifier, Statement } from '../ast.ts';
import { BrokenReference } from './broken-reference.ts';
import { Dependents } from './dependents.ts';
import type { LogicalNode, LogicalSink } from './logical.ts';
import { lookupOf } from './lookup-table.ts';
import { noRelation, noSink } from './no-such-name.ts';

type Entry =
  | { kind: 'relation'; node: LogicalNode }
  | { kind: 'sink'; sink: LogicalSink; filled: boolean; name: Identifier }
  /** Its own statement was wrong. */
  | { kind: 'broken' };

/** What a name is. */
type Kind = 'source' | 'sink' | 'lookup table' | 'stream';

/** By what DROP says; views are streams. */
const KINDS: Partial<Record<DropStatement['what'], Kind>> = {
  source: 'source',
  sink: 'sink',
  'lookup-table': 'lookup table',
};

/** A statement that gives something a name. */
type Declaration = Extract<Statement, { orReplace: boolean }>;

export class Names {
  /** Of statements that are right, in the order of the text. */
  readonly sinks: LogicalSink[] = [];
  /** Relations that are sources. */
  readonly sources = new Set<LogicalNode>();
  /** The name that the statement fills which is being bound; null when it has none. */
  reader: string | null = null;
  /** By lower-case name. */
  readonly #entries = new Map<string, Entry & { written: string }>();
  /** How often a name was declared. */
  readonly #declared = new Map<string, number>();
  readonly #dependents = new Dependents();
  #stdinReader: string | null = null;

  /** Sources and streams, but no tables that are only looked into, in the order in which they were declared. */
  get relations(): { written: string; node: LogicalNode }[] {
    const all = [...this.#entries.values()].filter((entry) => entry.kind === 'relation');
    return all.filter(({ node }) => lookupOf(node) === null);
  }

  /** Sinks that no query fills. */
  get emptySinks(): Identifier[] {
    const sinks = [...this.#entries.values()].filter((entry) => entry.kind === 'sink');
    return sinks.filter(({ sink }) => sink.inputs.length === 0).map(({ name }) => name);
  }

  /**
   * The id of what a statement makes: its name, in quotes if it could be taken for a part's (`bars.aggregate`). OR
   * REPLACE makes a second node of a name, which may read the first.
   */
  uniqueId(name: string): string {
    const count = (this.#declared.get(name.toLowerCase()) ?? 0) + 1;
    this.#declared.set(name.toLowerCase(), count);
    const id = /[.#"]/.test(name) ? JSON.stringify(name) : name;
    return count === 1 ? id : `${id}#${count}`;
  }

  declare(name: Identifier, entry: Entry): void {
    const key = name.name.toLowerCase();
    // One that was replaced is the last again.
    this.#entries.delete(key);
    this.#entries.set(key, { ...entry, written: name.name });
  }

  /** @returns false when the statement does nothing: IF NOT EXISTS of a name that exists. @throws LMN-2001. */
  mayDeclare(statement: Declaration): boolean {
    const { name, span } = statement.name;
    const known = this.#entries.get(name.toLowerCase());
    if (known === undefined || known.kind === 'broken') return true;
    if (statement.ifNotExists) return false;
    if (statement.orReplace && kindOf(statement.kind) === known.kind) {
      this.#refuseIfNeeded(statement.name, 'replaced', 'put this statement above them, or give it another name');
      this.#dependents.replace(name);
      if (known.kind === 'sink') this.#takeSink(known.sink);
      return true;
    }
    throw new LaminarError('LMN-2001', `${known.written} exists already`, {
      hint: 'choose another name, or write CREATE OR REPLACE, or IF NOT EXISTS',
      at: { span },
    });
  }

  /** @returns notices. @throws LMN-2002, LMN-2026 */
  drop({ what, name, ifExists, cascade }: DropStatement): string[] {
    const entry = this.#entries.get(name.name.toLowerCase());
    if (entry === undefined && ifExists) return [];
    if (entry?.kind === 'broken') throw new BrokenReference();
    const kind = KINDS[what] ?? 'stream';
    const found = entry === undefined ? null : this.#kindOf(entry);
    if (entry === undefined || found !== kind) throw this.#noneToDrop(kind, name, found);
    if (!cascade) this.#refuseIfNeeded(name, 'dropped', 'drop them before it, or all at once by CASCADE');
    const gone = this.#dependents.downFrom(name.name).map((key) => this.#take(key));
    return gone.length === 1 ? [] : [`dropped with ${entry.written}: ${gone.slice(0, -1).join(', ')}`];
  }

  #noneToDrop(kind: Kind, { name, span }: Identifier, found: Kind | null): LaminarError {
    const known = [...this.#entries.values()].filter(
      (entry) => entry.kind !== 'broken' && this.#kindOf(entry) === kind,
    );
    const nearest = nearestName(
      name,
      known.map(({ written }) => written),
    );
    const missing = nearest === undefined ? 'DROP … IF EXISTS does nothing then' : `did you mean ${nearest}?`;
    const hint = found === null ? missing : `it is a ${found}: DROP ${found.toUpperCase()} ${name}`;
    return new LaminarError('LMN-2002', `there is no ${kind} ${name}`, { hint, at: { span } });
  }

  #kindOf(entry: Exclude<Entry, { kind: 'broken' }>): Kind {
    if (entry.kind === 'sink') return 'sink';
    if (lookupOf(entry.node) !== null) return 'lookup table';
    return this.sources.has(entry.node) ? 'source' : 'stream';
  }

  /** @returns how it was written. */
  #take(key: string): string {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    this.#dependents.drop(key);
    if (this.#stdinReader?.toLowerCase() === key) this.#stdinReader = null;
    if (entry?.kind === 'sink') this.#takeSink(entry.sink);
    return entry?.written ?? key;
  }

  #takeSink(sink: LogicalSink): void {
    this.sinks.splice(this.sinks.indexOf(sink), 1);
  }

  /** @throws LMN-2026 */
  #refuseIfNeeded({ name, span }: Identifier, what: string, hint: string): void {
    const needing = this.#dependents.of(name).map((key) => this.#entries.get(key)?.written ?? key);
    if (needing.length === 0) return;
    const message = `${name} cannot be ${what}: ${needing.join(', ')} ${needing.length === 1 ? 'needs' : 'need'} it`;
    throw new LaminarError('LMN-2026', message, { hint, at: { span } });
  }

  /** `known`: other names that would do. @throws LMN-2002 */
  relationNamed(reference: Identifier, known: readonly string[] = []): LogicalNode {
    const entry = this.#entries.get(reference.name.toLowerCase());
    if (entry?.kind === 'relation') {
      if (this.reader !== null) this.#dependents.add(this.reader, reference.name);
      return entry.node;
    }
    if (entry?.kind === 'broken') throw new BrokenReference();
    if (entry?.kind === 'sink') {
      throw new LaminarError('LMN-2002', `${reference.name} is a sink: nothing can be read from it`, {
        hint: 'read from the stream that fills it',
        at: { span: reference.span },
      });
    }
    const declared = [...this.#entries.values()].filter((e) => e.kind === 'relation').map((e) => e.written);
    throw noRelation(reference, [...known, ...declared]);
  }

  sinkNamed(reference: Identifier): LogicalSink {
    const entry = this.#entries.get(reference.name.toLowerCase());
    if (entry?.kind === 'broken') throw new BrokenReference();
    if (entry?.kind === 'sink') {
      if (!entry.filled) {
        if (this.reader !== null) this.#dependents.add(this.reader, reference.name);
        return entry.sink;
      }
      throw new LaminarError('LMN-2023', `sink ${entry.written} has a query of its own`, {
        hint: `declare it without one, CREATE SINK ${entry.written} INTO …, and fill it by INSERT INTO`,
        at: { span: reference.span },
      });
    }
    const names = [...this.#entries.values()].filter((e) => e.kind === 'sink').map((e) => e.written);
    throw noSink(reference, names);
  }

  claimStdin(name: Identifier, connector: string): void {
    if (this.#stdinReader?.toLowerCase() === name.name.toLowerCase()) this.#stdinReader = null;
    if (connector !== 'stdin') return;
    if (this.#stdinReader !== null) {
      throw new LaminarError('LMN-2019', `${this.#stdinReader} reads stdin already, and ${name.name} would too`, {
        hint: 'read one of them from a FILE',
        at: { span: name.span },
      });
    }
    this.#stdinReader = name.name;
  }

  /** The statement writes to the sink: as the sink needs rows, it needs somewhere to write them. */
  fills(sink: string): void {
    if (this.reader !== null) this.#dependents.add(sink, this.reader);
  }
}

/** What a statement makes. */
function kindOf(statement: Statement['kind']): Entry['kind'] {
  return statement === 'create-sink' ? 'sink' : 'relation';
}
