// A pipeline's statements, in text order, to logical plans: names are declared, queries bound, sinks filled.
//
// A statement that is wrong is reported and its name marked as broken, so that statements which use it are not reported
// too; all other errors of the file come in one go.

import { LaminarError, PipelineErrors } from '../../base/errors.ts';
import type { View } from '../../plan/tap-plan.ts';
import type { CreateSink, CreateStream, Identifier, Pipeline, Span, Statement } from '../ast.ts';
import { BrokenReference } from './broken-reference.ts';
import { settleChanges } from './changes.ts';
import { endlessNotices } from './endless.ts';
import { type BoundEndpoint, bindEndpoint } from './endpoints.ts';
import { DeclaredFunctions } from './functions.ts';
import type { LogicalNode, LogicalPipeline, LogicalSink } from './logical.ts';
import { bindLookupTable, refuseLookup } from './lookup-table.ts';
import { noRelation, noSink } from './no-such-name.ts';
import { bindQueryExpression, type FindTable } from './query-expression.ts';
import type { FunctionCatalog } from './scope.ts';
import { type Settings, SettingsReader } from './settings.ts';
import { checkSameColumns, insertedColumns } from './sink-columns.ts';
import { bindSource } from './sources.ts';
import { viewsOf } from './views.ts';

export interface PipelineContext {
  text: string;
  functions: FunctionCatalog;
  /** Settings from outside of the file, which win over SET. */
  settings: Settings;
}

/** A pipeline with what its names stand for, and the functions that it may call. */
export interface BoundPipeline extends LogicalPipeline {
  views: readonly View[];
  functions: FunctionCatalog;
}

type Entry =
  | { kind: 'relation'; node: LogicalNode }
  | { kind: 'sink'; sink: LogicalSink; filled: boolean; name: Identifier }
  /** Its own statement was wrong. */
  | { kind: 'broken' };

/** @throws LaminarError or PipelineErrors, LMN-20nn, in text order. */
export function bindPipeline(pipeline: Pipeline, context: PipelineContext): BoundPipeline {
  return new PipelineBinder(context).bind(pipeline.statements);
}

class PipelineBinder {
  readonly #context: PipelineContext;
  readonly #functions: DeclaredFunctions;
  readonly #settings: SettingsReader;
  /** By lower-case name. */
  readonly #entries = new Map<string, Entry & { written: string }>();
  /** How often a name was declared. */
  readonly #declared = new Map<string, number>();
  readonly #errors: LaminarError[] = [];
  readonly #notices: string[] = [];
  readonly #sinks: LogicalSink[] = [];
  readonly #sources = new Set<LogicalNode>();
  #lastStream: { name: string; node: LogicalNode } | null = null;
  #stdinReader: string | null = null;

  constructor(context: PipelineContext) {
    this.#context = context;
    this.#functions = new DeclaredFunctions(context.functions);
    this.#settings = new SettingsReader(context.settings);
  }

  bind(statements: readonly Statement[]): BoundPipeline {
    statements.forEach((statement, index) => {
      const isLast = statements.slice(index + 1).every(({ kind }) => kind === 'set');
      try {
        this.#bindStatement(statement, isLast);
      } catch (error) {
        if (error instanceof LaminarError) this.#errors.push(error);
        else if (!(error instanceof BrokenReference)) throw error;
        if (statement.kind === 'create-function') this.#functions.declareBroken(statement.name.name);
        else if ('name' in statement && statement.kind !== 'set') this.#declare(statement.name, { kind: 'broken' });
      }
    });
    if (this.#errors.length === 0) this.#finishSinks();
    if (this.#errors.length > 1) throw new PipelineErrors(this.#errors);
    if (this.#errors.length === 1) throw this.#errors[0];
    const bound = { sinks: this.#sinks, settings: this.#settings.values, notices: this.#notices };
    const settled = settleChanges(bound);
    const notices = [...this.#notices, ...endlessNotices(settled)];
    const relations = [...this.#entries.values()].filter((entry) => entry.kind === 'relation');
    const views = viewsOf(relations, this.#sources, settled.sinks);
    return { ...settled, notices, views, functions: this.#functions };
  }

  #bindStatement(statement: Statement, isLast: boolean): void {
    switch (statement.kind) {
      case 'set':
        this.#settings.set(statement);
        return;
      case 'create-source': {
        if (!this.#mayDeclare(statement)) return;
        const id = this.#uniqueId(statement.name.name);
        const { node, connector } = bindSource(statement, this.#functions, id);
        this.#claimStdin(statement.name, connector);
        this.#sources.add(node);
        this.#declare(statement.name, { kind: 'relation', node });
        return;
      }
      case 'create-lookup': {
        if (!this.#mayDeclare(statement)) return;
        const node = bindLookupTable(statement, this.#uniqueId(statement.name.name));
        this.#declare(statement.name, { kind: 'relation', node });
        return;
      }
      case 'create-function':
        this.#functions.declare(statement);
        return;
      case 'create-stream':
        this.#bindStream(statement);
        return;
      case 'create-sink':
        this.#bindSink(statement);
        return;
      case 'insert-into': {
        const sink = this.#sinkNamed(statement.sink);
        const id = `${sink.id}.query${sink.inputs.length === 0 ? '' : sink.inputs.length + 1}`;
        this.#fill(sink, insertedColumns(sink, this.#bindQuery(id, statement), statement.columns), statement.query);
        return;
      }
      case 'select':
        if (!isLast) {
          throw new LaminarError('LMN-2018', 'a SELECT by itself is the last statement of a pipeline', {
            hint: 'give this one a name: CREATE STREAM name AS SELECT …, or a sink: CREATE SINK name AS SELECT … INTO STDOUT',
            at: { span: { start: statement.span.start, end: statement.span.start + 6 } },
          });
        }
        this.#sinks.push(this.#defaultSink(this.#bindQuery(this.#uniqueId('select'), statement)));
    }
  }

  #bindStream(statement: CreateStream): void {
    if (!this.#mayDeclare(statement)) return;
    const node = this.#bindQuery(this.#uniqueId(statement.name.name), statement);
    this.#declare(statement.name, { kind: 'relation', node });
    this.#lastStream = { name: statement.name.name, node };
  }

  #bindSink(statement: CreateSink): void {
    if (!this.#mayDeclare(statement)) return;
    const { name } = statement.name;
    const { input } = statement;
    const id = this.#uniqueId(name);
    const inputs: LogicalNode[] = [];
    // Both ends are looked at even if one is wrong.
    let endpoint: BoundEndpoint | null = null;
    try {
      endpoint = bindEndpoint('sink', statement.connector, statement);
      endpoint.options.finish();
    } catch (error) {
      if (!(error instanceof LaminarError)) throw error;
      this.#errors.push(error);
    }
    if (input?.kind === 'stream') {
      const node = this.#relationNamed(input.name);
      refuseLookup(node, input.name.name, input.name.span);
      inputs.push(node);
    }
    if (input?.kind === 'query') inputs.push(this.#bindQuery(`${id}.query`, input));
    if (endpoint === null) throw new BrokenReference();
    const sink: LogicalSink = {
      id,
      name,
      connector: endpoint.connector,
      format: endpoint.format,
      inputs,
      span: statement.name.span,
    };
    this.#declare(statement.name, { kind: 'sink', sink, filled: input !== null, name: statement.name });
    this.#sinks.push(sink);
  }

  #bindQuery(id: string, statement: Pick<CreateStream, 'query' | 'emit' | 'lateness' | 'late'>): LogicalNode {
    const { text } = this.#context;
    const functions = this.#functions;
    const { query, emit, lateness, late } = statement;
    const lateRows: LogicalNode[] = [];
    const lateSink = late === null ? null : this.#sinkNamed(late.sink);
    const notices = this.#notices;
    const find: FindTable = (name, known) => this.#relationNamed(name, known);
    const place = { id, text, functions, find, emit, lateness, late, notices, lateRows };
    const node = bindQueryExpression(query, place);
    for (const rows of lateRows) this.#fill(lateSink as LogicalSink, rows, late ?? query);
    return node;
  }

  // --- names ---

  /**
   * The id of what a statement makes: its name, in quotes if it could be taken for a part's (`bars.aggregate`). OR
   * REPLACE makes a second node of a name, while streams above go on reading the first.
   */
  #uniqueId(name: string): string {
    const count = (this.#declared.get(name.toLowerCase()) ?? 0) + 1;
    this.#declared.set(name.toLowerCase(), count);
    const id = /[.#"]/.test(name) ? JSON.stringify(name) : name;
    return count === 1 ? id : `${id}#${count}`;
  }

  #declare(name: Identifier, entry: Entry): void {
    this.#entries.set(name.name.toLowerCase(), { ...entry, written: name.name });
  }

  /** @returns false when the statement does nothing: IF NOT EXISTS of a name that exists. @throws LMN-2001. */
  #mayDeclare(statement: { name: Identifier; orReplace: boolean; ifNotExists: boolean }): boolean {
    const { name, span } = statement.name;
    const known = this.#entries.get(name.toLowerCase());
    if (known === undefined || known.kind === 'broken') return true;
    if (statement.ifNotExists) return false;
    if (statement.orReplace && known.kind === 'relation') return true;
    throw new LaminarError('LMN-2001', `${known.written} exists already`, {
      hint: 'choose another name, or write CREATE OR REPLACE, or IF NOT EXISTS',
      at: { span },
    });
  }

  /** `known`: other names that would do. @throws LMN-2002 */
  #relationNamed(reference: Identifier, known: readonly string[] = []): LogicalNode {
    const entry = this.#entries.get(reference.name.toLowerCase());
    if (entry?.kind === 'relation') return entry.node;
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

  #sinkNamed(reference: Identifier): LogicalSink {
    const entry = this.#entries.get(reference.name.toLowerCase());
    if (entry?.kind === 'broken') throw new BrokenReference();
    if (entry?.kind === 'sink') {
      if (!entry.filled) return entry.sink;
      throw new LaminarError('LMN-2023', `sink ${entry.written} has a query of its own`, {
        hint: `declare it without one, CREATE SINK ${entry.written} INTO …, and fill it by INSERT INTO`,
        at: { span: reference.span },
      });
    }
    const names = [...this.#entries.values()].filter((e) => e.kind === 'sink').map((e) => e.written);
    throw noSink(reference, names);
  }

  #claimStdin(name: Identifier, connector: string): void {
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

  // --- ends ---

  /** One more query for a sink; the first says the columns. @throws LMN-2023. */
  #fill(sink: LogicalSink, node: LogicalNode, place: { span: Span }): void {
    checkSameColumns(sink, node, place.span);
    sink.inputs.push(node);
  }

  /** Where rows go when the pipeline does not say: JSON lines on stdout. */
  #defaultSink(input: LogicalNode): LogicalSink {
    const name = { name: 'stdout', quoted: false, span: { start: 0, end: 0 } };
    const { connector, format } = bindEndpoint('sink', null, { name });
    return { id: this.#uniqueId(name.name), name: name.name, connector, format, inputs: [input], span: null };
  }

  #finishSinks(): void {
    for (const entry of this.#entries.values()) {
      if (entry.kind === 'sink' && entry.sink.inputs.length === 0) {
        this.#errors.push(
          new LaminarError('LMN-2023', `nothing is written to sink ${entry.written}`, {
            hint: `add INSERT INTO ${entry.written} SELECT …, or FROM a stream`,
            at: { span: entry.name.span },
          }),
        );
      }
    }
    if (this.#sinks.length > 0 || this.#errors.length > 0) return;
    if (this.#lastStream === null) {
      const sources = [...this.#entries.values()].filter((e) => e.kind === 'relation');
      const from = sources[0]?.written ?? 'source';
      throw new LaminarError('LMN-2023', 'the pipeline computes nothing', {
        hint: `add a query, for example: SELECT * FROM ${from};`,
      });
    }
    this.#sinks.push(this.#defaultSink(this.#lastStream.node));
  }
}
