// What a core tells of itself: waiting output is written, and counters that are not kept per batch are brought up to date.

import type { LinearMemory } from '../data/memory.ts';
import type { Control } from './control.ts';
import { CORE_MEMORY_BYTES, OPERATOR_KEYS, OPERATOR_LATE, OPERATOR_STATE_BYTES } from './counters.ts';
import type { Meter } from './meter.ts';
import type { Stateful } from './operators/operator.ts';
import type { Sink } from './operators/sink.ts';
import type { Telemetry } from './telemetry.ts';
import type { Task } from './urgency.ts';

export interface ReportParts {
  meter: Meter;
  memory: LinearMemory;
  operators: readonly Stateful[];
  sinks: readonly Sink[];
  telemetry: Telemetry;
  control: Control;
}

export class CoreReports implements Task {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** @throws ClosedOutput */
  run(): boolean {
    const { sinks } = this.#parts;
    for (let i = 0; i < sinks.length; i++) (sinks[i] as Sink).flush();
    this.#count();
    return true;
  }

  /** Reports at once if the main thread asks for it; output may still wait. */
  readonly onRequest: Task = {
    run: () => {
      const { control } = this.#parts;
      const asked = control.reportAsked;
      if (asked === 0) return false;
      this.#count();
      control.answerReport(asked);
      return true;
    },
  };

  #count(): void {
    const { memory, operators, telemetry, meter } = this.#parts;
    meter.tellBudgets();
    for (let i = 0; i < operators.length; i++) {
      const operator = operators[i] as Stateful;
      const at = telemetry.placeOf(operator.id);
      telemetry.counters[at + OPERATOR_STATE_BYTES] = operator.stateBytes();
      if (operator.lateCount !== undefined) telemetry.counters[at + OPERATOR_LATE] = operator.lateCount();
      if (operator.keyCount !== undefined) telemetry.counters[at + OPERATOR_KEYS] = operator.keyCount();
      operator.reportTime?.(telemetry.counters, at);
    }
    telemetry.counters[CORE_MEMORY_BYTES] = memory.memory.buffer.byteLength;
  }
}
