// `laminar state export` and `get`: rows of what GROUP BYs keep, as JSON.
//
//   {"operator":"bars.query.aggregate","symbol":"ACME","window_start":"…","COUNT(*)":12}
//
// Each is built as for a run, takes its state from the checkpoint, and is told that its input has ended: what it gives is
// what it keeps, as results.

import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import { fingerprints } from '../plan/fingerprint.ts';
import type { PhysicalPlan, PlanNode, SinkNode } from '../plan/physical-plan.ts';
import { loadKernelModule } from '../platform/resources.ts';
import { buildCore } from '../runtime/build.ts';
import { Control } from '../runtime/control.ts';
import type { RunOptions } from '../runtime/run.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import type { OperatorState } from '../state/snapshot.ts';
import { lastOf, namedDirectory, reading } from './checkpoints.ts';
import { stateDirectoryOf } from './durable-run.ts';
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
  for (const id of new Set(states.map((state) => state.id))) {
    const node = plan.nodes.find((other) => other.id === id);
    if (node?.kind !== 'aggregate') continue;
    if (known[id] !== nodes[id]) {
      throw new LaminarError('LMN-4006', `the state of ${id} is not that of this pipeline`, {
        hint: 'name the pipeline that has written it, as it was',
      });
    }
    const shares = states.filter((state) => state.id === id);
    await exportOperator(plan, node, shares, options.wanted);
  }
}

async function exportOperator(
  plan: PhysicalPlan,
  node: PlanNode,
  states: OperatorState[],
  wanted: ExportOptions['wanted'],
): Promise<void> {
  const given = { ...plan, nodes: [...upstreamOf(plan, node), sinkOf(node)] };
  const core = await buildCore(given, {
    kernels: loadKernelModule(),
    telemetry: new Telemetry(given, { coreCount: 1 }),
    control: new Control(),
    options: OPTIONS,
    durable: { give: () => {}, logs: null, restored: { sources: [], operators: states, sinks: [] } },
    endpoints: {
      openSource: () => [new NoInput()],
      openSink: () => new RowPrinter(node.id, wanted),
    },
  });
  core.run();
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
  readonly #operator: string;
  readonly #wanted: [string, string][];
  #rest = '';
  readonly #decoder = new TextDecoder();

  constructor(operator: string, wanted: ExportOptions['wanted']) {
    this.#operator = JSON.stringify(operator);
    this.#wanted = Object.entries(wanted);
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    const lines = (
      this.#rest + this.#decoder.decode(memory.u8.slice(address, address + bytes), { stream: true })
    ).split('\n');
    this.#rest = lines.pop() as string;
    const printed = lines
      .filter((line) => this.#isWanted(line))
      .map((line) => `{"operator":${this.#operator},${line.slice(1)}\n`);
    if (printed.length > 0) writeFully(1, Buffer.from(printed.join('')));
  }

  flush(): void {}

  settle(): number {
    return 0;
  }

  close(): void {}

  #isWanted(line: string): boolean {
    if (this.#wanted.length === 0) return true;
    const row = JSON.parse(line) as Record<string, unknown>;
    return this.#wanted.every(([column, value]) => String(row[column]) === value);
  }
}
