// Before a run opens anything: every file that it writes is its own. One that a source reads would be emptied before it is
// read, and two that write one file write over each other.

import fs, { type BigIntStats } from 'node:fs';
import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { inheritedDescriptor, isPattern, matchFiles } from '../connectors/file.ts';
import { isRolled } from '../plan/connector-specs.ts';
import type { EndpointSpec } from '../plan/node.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';

/** How the identity of a file begins that is there. */
const INODE = 'inode ';

interface Output {
  /** `sink a writes a.csv`: for the message. */
  what: string;
  identity: string;
  /** Others of this kind may have the same file: they write behind each other. */
  shares: 'descriptor' | 'dead letters' | null;
}

/** @throws LMN-5034 when two outputs are the same file, or one is a file that is read. */
export function requireOwnOutputs({ nodes }: PhysicalPlan): void {
  const outputs = new Map<string, Output>();
  for (const output of nodes.flatMap(outputsOf)) {
    const { what, identity, shares } = output;
    const other = outputs.get(identity);
    if (other !== undefined && (shares === null || shares !== other.shares)) {
      const hint = 'give each a file of its own; INSERT INTO brings several queries into one sink';
      throw new LaminarError('LMN-5034', `${what}, and ${other.what}`, { hint });
    }
    outputs.set(identity, output);
  }
  if (outputs.size === 0) return;
  // A pattern may match very many files, none of which is an output that is not there yet.
  const matchesAny = [...outputs.keys()].some((identity) => identity.startsWith(INODE));
  for (const node of nodes) {
    if (node.kind !== 'source') continue;
    const output = inputsOf(node.connector, matchesAny).find((identity) => identity !== null && outputs.has(identity));
    if (output === undefined || output === null) continue;
    throw new LaminarError('LMN-5034', `${outputs.get(output)?.what}, which source ${node.name} reads`, {
      hint: 'write another file, and rename it when the run has ended',
    });
  }
}

function outputsOf(node: PhysicalPlan['nodes'][number]): Output[] {
  if (node.kind === 'source' && node.deadLetterPath !== null) {
    const what = `source ${node.name} writes dead letters to ${node.deadLetterPath}`;
    return known(what, identityOf(node.deadLetterPath), 'dead letters');
  }
  if (node.kind !== 'sink') return [];
  const { id, connector } = node;
  if (isA('STDOUT', connector)) {
    return known(`sink ${id} writes standard output`, identityOfDescriptor(1), 'descriptor');
  }
  if (!isA('FILE', connector)) return [];
  const file = pathOf(connector);
  const identity = isRolled(connector) ? `rolled ${path.resolve(file)}` : identityOf(file);
  return known(`sink ${id} writes ${file}`, identity, inheritedDescriptor(file) === null ? null : 'descriptor');
}

function known(what: string, identity: string | null, shares: Output['shares']): Output[] {
  return identity === null ? [] : [{ what, identity, shares }];
}

function inputsOf(connector: EndpointSpec, matchesAny: boolean): (string | null)[] {
  if (isA('STDIN', connector)) return [identityOfDescriptor(0)];
  if (!isA('FILE', connector) || (!matchesAny && isPattern(pathOf(connector)))) return [];
  try {
    return matchFiles(pathOf(connector)).map(identityOf);
  } catch {
    return []; // that it is not there is said when it is opened
  }
}

function isA(kind: string, connector: EndpointSpec): boolean {
  return connector.kind.toUpperCase() === kind;
}

function pathOf(connector: EndpointSpec): string {
  return String(connector.options['path']);
}

/** The same for all names of a file, whether it is there or not; null for what is none: a pipe, a device. */
function identityOf(file: string): string | null {
  const inherited = inheritedDescriptor(file);
  if (inherited !== null) return identityOfDescriptor(inherited);
  const stats = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stats !== undefined) return numberOf(stats);
  const resolved = path.resolve(file);
  try {
    return path.join(fs.realpathSync(path.dirname(resolved)), path.basename(resolved));
  } catch {
    return resolved;
  }
}

function identityOfDescriptor(descriptor: number): string | null {
  try {
    return numberOf(fs.fstatSync(descriptor, { bigint: true }));
  } catch {
    return null; // closed
  }
}

function numberOf(stats: BigIntStats): string | null {
  return stats.isFile() ? `${INODE}${stats.dev}:${stats.ino}` : null;
}
