// The lookups of a core: tables whose rows it reads, and those whose rows it asks for by key.

import type { LinearMemory } from '../../data/memory.ts';
import type { LookupAge } from '../../plan/lookup-node.ts';
import type { PhysicalPlan, PlanNode } from '../../plan/physical-plan.ts';
import { remoteTableOf } from '../../plan/remote-table.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import type { CoreOutputs } from '../build-outputs.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { CoreContext } from '../core-context.ts';
import { LookupSource, type TableKeeper } from '../lookup-source.ts';
import type { Meter } from '../meter.ts';
import type { Output } from '../operators/operator.ts';
import type { SourceTask } from '../source-task.ts';
import type { Turn } from '../turn.ts';
import { buildGiver } from './build-giver.ts';
import { buildRemoteLookup } from './build-remote-lookup.ts';
import type { GivenSoFar } from './given-tables.ts';
import type { RemoteLookup } from './remote-lookup.ts';
import { RemoteLookups } from './remote-lookups.ts';

export interface CoreLookupsParts {
  plan: PhysicalPlan;
  context: CoreContext;
  /** null: there are no other cores. */
  link: CoreLink | null;
  outputs: CoreOutputs;
  meter: Meter;
  turn: Turn;
  /** Nobody reads the source any more. */
  isEnded: (source: SourceNode) => boolean;
}

export class CoreLookups {
  readonly tables: LookupSource[] = [];
  readonly remotes: RemoteLookups;
  readonly #memory: LinearMemory;
  readonly #parts: CoreLookupsParts;
  /** What takes the rows of a lookup table, by its id. */
  readonly #keepers = new Map<string, TableKeeper[]>();
  readonly #given: GivenSoFar = { last: 0, bytes: new Map() };

  constructor(memory: LinearMemory, parts: CoreLookupsParts) {
    this.#memory = memory;
    this.#parts = parts;
    this.remotes = new RemoteLookups(parts.meter);
  }

  /** A table that is read by `source`. */
  addTable(node: SourceNode, age: LookupAge, source: SourceTask): void {
    const { plan, context, link, isEnded } = this.#parts;
    const { endpoints, control, now = Date.now, notify = () => {} } = context;
    const table = new LookupSource({
      source,
      age,
      keepers: this.keepersOf(node.id),
      giver: buildGiver(node, { plan, context, link, given: this.#given, isEnded }),
      control,
      open: () => endpoints.openSource(node.connector, { node, memory: this.#memory }),
      mark: () => endpoints.markOfSource?.(node.connector) ?? null,
      notify,
      now,
    });
    this.tables.push(table);
  }

  /** Those that are built later are added. */
  keepersOf(table = ''): TableKeeper[] {
    const keepers = this.#keepers.get(table) ?? [];
    this.#keepers.set(table, keepers);
    return keepers;
  }

  /** @returns null for any other node than a lookup whose rows are asked for by key. */
  addRemote(node: PlanNode, output: Output): RemoteLookup | null {
    const { plan, context, outputs, meter, turn } = this.#parts;
    const table = remoteTableOf(plan, node);
    if (table === null || node.kind !== 'lookup') return null;
    const deadLetters = table.deadLetterPath === null ? null : outputs.deadLettersAt(table.deadLetterPath);
    const parts = { plan, context, output, deadLetters, turn, meter };
    const lookup = buildRemoteLookup(this.#memory, [node, table], parts);
    this.remotes.add(lookup);
    return lookup;
  }
}
