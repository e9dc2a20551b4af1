// The outputs of a core: sinks, and files that bad records go to. Each goes on where an earlier run has left it.

import type { LinearMemory } from '../data/memory.ts';
import { createEncoder } from '../formats/registry.ts';
import type { SinkNode } from '../plan/physical-plan.ts';
import type { SinkState } from '../state/snapshot.ts';
import type { CoreContext } from './core-context.ts';
import { DeadLetters, deadLettersId } from './dead-letters.ts';
import { Sink, type SinkParts } from './operators/sink.ts';

export class CoreOutputs {
  readonly sinks: Sink[] = [];
  readonly #memory: LinearMemory;
  readonly #context: CoreContext;
  readonly #shared: Pick<SinkParts, 'meter' | 'limit'>;
  /** By path: sources may share a file. */
  readonly #deadLetters = new Map<string, DeadLetters>();

  constructor(memory: LinearMemory, context: CoreContext, shared: Pick<SinkParts, 'meter' | 'limit'>) {
    this.#memory = memory;
    this.#context = context;
    this.#shared = shared;
  }

  get deadLetters(): DeadLetters[] {
    return [...this.#deadLetters.values()];
  }

  /** @throws LaminarError when it cannot be opened. */
  addSink(node: SinkNode): Sink {
    const { name, schema, format, connector } = node;
    const { durable = null, endpoints, telemetry, now = Date.now } = this.#context;
    const encoder = createEncoder(format.kind, this.#memory, schema, format.options);
    const place = this.#restored(node.id)?.place ?? null;
    const cut = encoder.cut?.bind(encoder) ?? null;
    const context = { name, schema, resumeAt: this.#resumeAt(node.id), place, isCommitted: durable !== null, cut, now };
    const writer = endpoints.openSink(connector, context);
    const sink = new Sink(this.#memory, node, { ...this.#shared, encoder, writer, telemetry });
    this.sinks.push(sink);
    return sink;
  }

  /** @throws LaminarError when the file cannot be opened. */
  deadLettersAt(path: string): DeadLetters {
    const open = this.#deadLetters.get(path) ?? new DeadLetters(path, this.#resumeAt(deadLettersId(path)));
    this.#deadLetters.set(path, open);
    return open;
  }

  /** Bytes of an output that stay; null when no earlier run has written it. */
  #resumeAt(id: string): number | null {
    return this.#restored(id)?.bytes ?? null;
  }

  #restored(id: string): SinkState | undefined {
    return this.#context.durable?.restored?.sinks.find((sink) => sink.id === id);
  }
}
