// A pipeline's statements, in text order, to logical plans: names are declared, queries bound, sinks filled.
//
// A statement that is wrong is reported and its name marked as broken, so that statements which use it are not reported
// too; all other errors of the file come in one go.

import { LaminarError, PipelineErrors } from '../../base/errors.ts';
import type { View } from '../../plan/tap-plan.ts';
import type { CreateSink, CreateStream, Pipeline, Span, Statement } from '../ast.ts';
import { BrokenReference } from './broken-reference.ts';
import { settleChanges } from './changes.ts';
import { endlessNotices } from './endless.ts';
import { type BoundEndpoint, bindEndpoint } from './endpoints.ts';
import { DeclaredFunctions } from './functions.ts';
import type { LogicalNode, LogicalPipeline, LogicalSink } from './logical.ts';
import { bindLookupTable, refuseLookup } from './lookup-table.ts';
import { Names } from './names.ts';
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

/** @throws LaminarError or PipelineErrors, LMN-20nn, in text order. */
export function bindPipeline(pipeline: Pipeline, context: PipelineContext): BoundPipeline {
  return new PipelineBinder(context).bind(pipeline.statements);
}

class PipelineBinder {
  readonly #context: PipelineContext;
  readonly #functions: DeclaredFunctions;
  readonly #settings: SettingsReader;
  readonly #errors: LaminarError[] = [];
  readonly #notices: string[] = [];
  readonly #names = new Names();

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
        else if ('orReplace' in statement) this.#names.declare(statement.name, { kind: 'broken' });
      }
    });
    if (this.#errors.length === 0) this.#finishSinks();
    if (this.#errors.length > 1) throw new PipelineErrors(this.#errors);
    if (this.#errors.length === 1) throw this.#errors[0];
    const names = this.#names;
    const bound = { sinks: names.sinks, settings: this.#settings.values, notices: this.#notices };
    const settled = settleChanges(bound);
    const notices = [...this.#notices, ...endlessNotices(settled)];
    const views = viewsOf(names.relations, names.sources, settled.sinks);
    return { ...settled, notices, views, functions: this.#functions };
  }

  #bindStatement(statement: Statement, isLast: boolean): void {
    this.#names.reader = readerOf(statement);
    switch (statement.kind) {
      case 'set':
        this.#settings.set(statement);
        return;
      case 'create-source': {
        if (!this.#names.mayDeclare(statement)) return;
        const id = this.#names.uniqueId(statement.name.name);
        const { node, connector } = bindSource(statement, this.#functions, id);
        this.#names.claimStdin(statement.name, connector);
        this.#names.sources.add(node);
        this.#names.declare(statement.name, { kind: 'relation', node });
        return;
      }
      case 'create-lookup': {
        if (!this.#names.mayDeclare(statement)) return;
        const node = bindLookupTable(statement, this.#names.uniqueId(statement.name.name));
        this.#names.declare(statement.name, { kind: 'relation', node });
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
        const sink = this.#names.sinkNamed(statement.sink);
        const id = `${sink.id}.query${sink.inputs.length === 0 ? '' : sink.inputs.length + 1}`;
        this.#fill(sink, insertedColumns(sink, this.#bindQuery(id, statement), statement.columns), statement.query);
        return;
      }
      case 'drop':
        this.#notices.push(...this.#names.drop(statement));
        return;
      case 'select':
        if (!isLast) {
          throw new LaminarError('LMN-2018', 'a SELECT by itself is the last statement of a pipeline', {
            hint: 'give this one a name: CREATE STREAM name AS SELECT …, or a sink: CREATE SINK name AS SELECT … INTO STDOUT',
            at: { span: { start: statement.span.start, end: statement.span.start + 6 } },
          });
        }
        this.#names.sinks.push(this.#defaultSink(this.#bindQuery(this.#names.uniqueId('select'), statement)));
    }
  }

  #bindStream(statement: CreateStream): void {
    if (!this.#names.mayDeclare(statement)) return;
    const node = this.#bindQuery(this.#names.uniqueId(statement.name.name), statement);
    this.#names.declare(statement.name, { kind: 'relation', node });
  }

  #bindSink(statement: CreateSink): void {
    if (!this.#names.mayDeclare(statement)) return;
    const { name } = statement.name;
    const { input } = statement;
    const id = this.#names.uniqueId(name);
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
      const node = this.#names.relationNamed(input.name);
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
    this.#names.declare(statement.name, { kind: 'sink', sink, filled: input !== null, name: statement.name });
    this.#names.sinks.push(sink);
  }

  #bindQuery(id: string, statement: Pick<CreateStream, 'query' | 'emit' | 'lateness' | 'late'>): LogicalNode {
    const { text } = this.#context;
    const functions = this.#functions;
    const { query, emit, lateness, late } = statement;
    const lateRows: LogicalNode[] = [];
    const lateSink = late === null ? null : this.#names.sinkNamed(late.sink);
    if (late !== null) this.#names.fills(late.sink.name);
    const notices = this.#notices;
    const find: FindTable = (name, known) => this.#names.relationNamed(name, known);
    const place = { id, text, functions, find, emit, lateness, late, notices, lateRows };
    const node = bindQueryExpression(query, place);
    for (const rows of lateRows) this.#fill(lateSink as LogicalSink, rows, late ?? query);
    return node;
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
    return { id: this.#names.uniqueId(name.name), name: name.name, connector, format, inputs: [input], span: null };
  }

  #finishSinks(): void {
    for (const { name, span } of this.#names.emptySinks) {
      const hint = `add INSERT INTO ${name} SELECT …, or FROM a stream`;
      this.#errors.push(new LaminarError('LMN-2023', `nothing is written to sink ${name}`, { hint, at: { span } }));
    }
    if (this.#names.sinks.length > 0 || this.#errors.length > 0) return;
    const { relations, sources } = this.#names;
    const last = relations.findLast(({ node }) => !sources.has(node));
    if (last === undefined) {
      const from = relations[0]?.written ?? 'source';
      throw new LaminarError('LMN-2023', 'the pipeline computes nothing', {
        hint: `add a query, for example: SELECT * FROM ${from};`,
      });
    }
    this.#names.sinks.push(this.#defaultSink(last.node));
  }
}

/** The name that a statement fills. */
function readerOf(statement: Statement): string | null {
  if (statement.kind === 'insert-into') return statement.sink.name;
  return statement.kind === 'create-stream' || statement.kind === 'create-sink' ? statement.name.name : null;
}
