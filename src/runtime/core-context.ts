// What a core is given by its thread, or by a test: where its input and output are, and how it reaches the others.

import type { MessagePort } from 'node:worker_threads';
import type { ByteWriter, KeyedTable, SinkContext, SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { EndpointSpec } from '../plan/node.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { Wake } from '../platform/poll.ts';
import type { LinkRequest } from './channels/core-link.ts';
import type { Control } from './control.ts';
import type { DurableParts } from './core.ts';
import type { RunOptions } from './run.ts';
import type { Telemetry } from './telemetry.ts';

/** How a core reaches the outside: the registry of connectors, or memory in tests. */
export interface Endpoints {
  openSource(spec: EndpointSpec, context: { node: SourceNode; memory: LinearMemory }): SplitReader[];
  /** A lookup table whose rows are asked for by key; without it there is none. */
  openTable?(spec: EndpointSpec, context: { node: SourceNode; keys: readonly number[]; bell: Wake }): KeyedTable;
  /** What a source is like now: another text once it has changed; null: it is not there. */
  markOfSource?(spec: EndpointSpec): string | null;
  openSink(spec: EndpointSpec, context: SinkContext): ByteWriter;
}

export interface CoreContext {
  kernels: WebAssembly.Module;
  endpoints: Endpoints;
  telemetry: Telemetry;
  control: Control;
  options: RunOptions;
  /** Tells the user something while the run goes on. */
  notify?: (text: string) => void;
  /** How this core finds the others; null: there are none. */
  link?: LinkRequest | null;
  /** Milliseconds of the wall clock; a test may bring its own. */
  now?: () => number;
  /** By which the main thread asks for taps; without it nobody does. */
  taps?: MessagePort | null;
  /** By which the other cores are given lookup tables; without them they have none. */
  tables?: readonly MessagePort[];
  /** Lets other cores go on, in a test with one thread for all. */
  yieldToOthers?: () => void;
  /** What keeps its state. */
  durable?: DurableParts | null;
}
