// Where a core runs: pinned to a CPU, its memory on that CPU's NUMA node. Refusals are told, not fatal: the run goes on.
//
// With --pin, core k gets the k-th of the CPUs given, or of those the process may use. With --numa, cores take CPUs of
// one node after another, so that the cores of a run spread over the nodes, and prefer memory of their node.

import { allowedCpus, type NumaNode, numaNodes, pinThread, preferNode } from '../platform/affinity.ts';

export interface PlacementWish {
  /** CPUs to choose from, `auto` for those the process may use; null: not pinned. */
  pin: readonly number[] | 'auto' | null;
  numa: boolean;
}

/** Where a core has come to be. */
export interface Placement {
  core: number;
  /** CPUs that its thread may run on, read back from the system; empty when nobody asked. */
  cpus: number[];
  /** The node that its memory is taken from; null: the system decides. */
  node: number | null;
  /** What was asked for and refused. */
  problems: string[];
}

/** Places the calling thread, that of a core. */
export function placeCore(core: number, wish: PlacementWish): Placement {
  const placement: Placement = { core, cpus: [], node: null, problems: [] };
  if (wish.pin === null && !wish.numa) return placement;
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      placement.problems.push(`core ${core} cannot be ${what}: ${(error as Error).message}`);
    }
  };
  attempt('pinned', () => {
    const cpu = cpuFor(core, wish, numaNodes());
    pinThread([cpu]);
    if (wish.numa) attempt('kept to its NUMA node', () => preferOwnNode(cpu, placement));
  });
  attempt('asked for its CPUs', () => {
    placement.cpus = allowedCpus();
  });
  return placement;
}

/** The CPU of a core: those it may choose from in order, node by node in turn with --numa. */
export function cpuFor(core: number, { pin, numa }: PlacementWish, nodes: readonly NumaNode[]): number {
  const allowed = pin === null || pin === 'auto' ? allowedCpus() : pin;
  const ordered = numa ? inTurn(allowed, nodes) : allowed;
  return ordered[core % ordered.length] as number;
}

/** The first CPU of every node, then the second of every node, and so on. */
function inTurn(cpus: readonly number[], nodes: readonly NumaNode[]): readonly number[] {
  const byNode = nodes.map((node) => cpus.filter((cpu) => node.cpus.includes(cpu)));
  const longest = Math.max(0, ...byNode.map((list) => list.length));
  const ordered = Array.from({ length: longest }, (_, n) => byNode.flatMap((list) => list.slice(n, n + 1))).flat();
  return ordered.length === 0 ? cpus : ordered;
}

function preferOwnNode(cpu: number, placement: Placement): void {
  const own = numaNodes().find(({ cpus }) => cpus.includes(cpu));
  if (own === undefined) throw new Error('the system does not tell its nodes');
  preferNode(own.node);
  placement.node = own.node;
}
