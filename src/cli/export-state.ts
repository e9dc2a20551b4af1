// `laminar state export` and `get`: what operators keep, as rows of JSON.
//
//   {"operator":"bars.query.aggregate","symbol":"ACME","window_start":"…","COUNT(*)":12}
//   {"operator":"pairs.query.join","side":"left","symbol":"ACME","price":7}
//
// A GROUP BY is built as for a run, takes its state from the checkpoint, and is told that its input has ended: what it gives
// is what it keeps, as results. Operators that keep rows have them in their state (src/runtime/kept-rows.ts).

import { LaminarError } from '../base/errors.ts';
import { createLinearMemory, type LinearMemory } from '../data/memory.ts';
import { fingerprints } from '../plan/fingerprint.ts';
import type { PhysicalPlan, PlanNode, SinkNode } from '../plan/physical-plan.ts';
import { loadKernelModule } from '../platform/resources.ts';
import { buildCore } from '../runtime/build.ts';
import { Control } from '../runtime/control.ts';
import { KeptRows, type RowKind, rowKindsOf } from '../runtime/kept-rows.ts';
import type { RunOptions } from '../runtime/run.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import type { OperatorState } from '../state/snapshot.ts';
import { lastOf, namedDirectory, reading } from './checkpoints.ts';
import { stateDirectoryOf } from './durable-run.ts';
import { printNotice } from './notice.ts';
import { writeFully } from './standard-streams.ts';

export interface ExportOptions {
  /** From the command line; null: the pipeline or the environment may say. */
  directory: string | null;
  /** A savepoint or checkpoint; null: the last. */
  from: string | null;
  /** Only this operator; null: all. */
  operator: string | null;
  /** Only rows with these values in these columns. */
  wanted: Readonly<Record<string, string>>;
}

const OPTIONS: RunOptions = {
  maxRows: null,
  maxMillis: null,
  maxErrors: null,
  cores: 1,
  startsAllCores: false,
  placement: { pin: null, numa: false },
  verify: false,
};

/** @throws UsageError, LMN-4003, LMN-4006, LMN-4008 */
export async function exportState(plan: PhysicalPlan, options: ExportOptions): Promise<void> {
  const directory = namedDirectory(stateDirectoryOf(plan, options.directory) ?? undefined);
  const { states, nodes } = await reading(directory, (opened) => {
    const manifest = options.from === null ? lastOf(opened) : opened.find(options.from);
    const entries = manifest.operators.filter(({ id }) => options.operator === null || id === options.operator);
    return { states: entries.map((entry) => opened.readOperator(entry)), nodes: manifest.nodes };
  });
  const known = fingerprints(plan);
  let shown = 0;
  for (const id of new Set(states.map((state) => state.id))) {
    const node = plan.nodes.find((other) => other.id === id);
    const kinds = node === undefined ? null : rowKindsOf(plan, node);
    if (node === undefined || (node.kind !== 'aggregate' && kinds === null)) continue;
    if (known[id] !== nodes[id]) {
      throw new LaminarError('LMN-4006', `the state of ${id} is not that of this pipeline`, {
        hint: 'name the pipeline that has written it, as it was',
      });
    }
    shown++;
    const shares = states.filter((state) => state.id === id);
    if (kinds !== null) for (const share of shares) exportRows(kinds, share, options.wanted);
    else if (!(await exportResults(plan, node, shares, options.wanted)) && shares.some(({ keys }) => keys)) {
      printNotice(`${id} has given its results as they changed: they are in its sink`, false);
    }
  }
  if (shown === 0) printNotice(`no ${options.operator ?? 'operator'} keeps groups or rows in this checkpoint`, false);
}

function exportRows(kinds: readonly RowKind[], state: OperatorState, wanted: ExportOptions['wanted']): void {
  const rows = new KeptRows(createLinearMemory(loadKernelModule()), kinds);
  for (const block of state.blocks) {
    for (const { side, text } of rows.read(block)) {
      const head = `{"operator":${JSON.stringify(state.id)},${side === null ? '' : `"side":"${side}",`}`;
      printRows(text.split('\n').slice(0, -1), { head, wanted });
    }
  }
}

/** Those with the wanted values in these columns, and before each what it is of. */
function printRows(lines: readonly string[], { head, wanted }: { head: string; wanted: ExportOptions['wanted'] }) {
  const columns = Object.entries(wanted);
  const isWanted = (line: string): boolean => {
    if (columns.length === 0) return true;
    const row = JSON.parse(line) as Record<string, unknown>;
    return columns.every(([column, value]) => String(row[column]) === value);
  };
  const printed = lines.filter(isWanted).map((line) => `${head}${line.slice(1)}\n`);
  if (printed.length > 0) writeFully(1, Buffer.from(printed.join('')));
}

/** @returns whether it gives any rows, wanted or not. */
async function exportResults(
  plan: PhysicalPlan,
  node: PlanNode,
  states: OperatorState[],
  wanted: ExportOptions['wanted'],
): Promise<boolean> {
  let isShown = false;
  const given = { ...plan, nodes: [...upstreamOf(plan, node), sinkOf(node)] };
  const core = await buildCore(given, {
    kernels: loadKernelModule(),
    telemetry: new Telemetry(given, { coreCount: 1 }),
    control: new Control(),
    options: OPTIONS,
    durable: { give: () => {}, logs: null, restored: { sources: [], operators: states, sinks: [] } },
    endpoints: {
      openSource: () => [new NoInput()],
      openSink: () =>
        new RowPrinter(node.id, wanted, () => {
          isShown = true;
        }),
    },
  });
  core.run();
  return isShown;
}

/** The node and all that it reads, in the order of the plan. */
function upstreamOf(plan: PhysicalPlan, node: PlanNode): PlanNode[] {
  const ids = new Set([node.id]);
  for (const other of [...plan.nodes].reverse())
    if (ids.has(other.id)) for (const input of other.inputs) ids.add(input);
  return plan.nodes.filter(({ id }) => ids.has(id));
}

function sinkOf({ id, schema }: PlanNode): SinkNode {
  const endpoint = { kind: 'stdout', options: {} };
  const format = { kind: 'json', options: {} };
  return { kind: 'sink', id: `${id}.export`, name: 'export', inputs: [id], schema, connector: endpoint, format };
}

class NoInput {
  readonly name = 'nothing';
  readonly sizeBytes = 0;
  readonly consumedBytes = 0;
  readonly waitDescriptor = null;

  read(): number {
    return -1;
  }

  close(): void {}
}

/** Prints lines of JSON, with the operator they are of. */
class RowPrinter {
  readonly name = 'stdout';
  readonly #how: { head: string; wanted: ExportOptions['wanted'] };
  #rest = '';
  readonly #decoder = new TextDecoder();

  readonly #onRows: () => void;

  constructor(operator: string, wanted: ExportOptions['wanted'], onRows: () => void) {
    this.#how = { head: `{"operator":${JSON.stringify(operator)},`, wanted };
    this.#onRows = onRows;
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    const text = this.#decoder.decode(memory.u8.slice(address, address + bytes), { stream: true });
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() as string;
    if (lines.length > 0) this.#onRows();
    printRows(lines, this.#how);
  }

  flush(): void {}

  settle(): number {
    return 0;
  }

  close(): void {}
}
