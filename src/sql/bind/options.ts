// Options as written, `(key = value, …)`, checked against what a connector, format or source takes.

import { parseBytes } from '../../base/bytes.ts';
import { parseDuration } from '../../base/duration.ts';
import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { describeOptionType, type OptionScalar, type OptionSpec } from '../../plan/option-spec.ts';
import type { OptionDefinition, OptionValue, Span } from '../ast.ts';
import { intervalMicros, parseTimestamp } from './literals.ts';

/** The options of one end, taken one specification at a time; what nobody took is an error. */
export class OptionReader {
  readonly #given = new Map<string, OptionDefinition>();
  readonly #spans = new Map<string, Span>();
  readonly #known: string[] = [];
  readonly #owner: string;

  /** @param owner for messages: `source trades`. @throws LMN-2012 for an option given twice. */
  constructor(definitions: readonly OptionDefinition[], owner: string) {
    this.#owner = owner;
    for (const definition of definitions) {
      const key = definition.key.name.toLowerCase();
      if (this.#given.has(key)) {
        throw new LaminarError('LMN-2012', `option ${definition.key.name} is given twice`, {
          at: { span: definition.key.span },
        });
      }
      this.#given.set(key, definition);
      this.#spans.set(key, definition.value.span);
    }
  }

  /** Where an option's value stands, null when it is not given. */
  spanOf(name: string): Span | null {
    return this.#spans.get(name) ?? null;
  }

  /** Takes one option. @throws LMN-2013 for a value it cannot have. */
  take(spec: OptionSpec): OptionScalar | null {
    this.#known.push(spec.name);
    const definition = this.#given.get(spec.name);
    if (definition === undefined) return spec.default;
    this.#given.delete(spec.name);
    return optionValue(definition, spec);
  }

  /** Takes every option of a list: values by name, absent ones left out. @throws LMN-2013, LMN-2015. */
  takeAll(specs: readonly OptionSpec[], at: Span): Record<string, OptionScalar> {
    const values: Record<string, OptionScalar> = {};
    for (const spec of specs) {
      const value = this.take(spec);
      if (value !== null) values[spec.name] = value;
      else if (spec.required) {
        throw new LaminarError('LMN-2015', `${this.#owner} needs the option ${spec.name}`, {
          hint: `write ${spec.name} = … (${describeOptionType(spec.type)})`,
          at: { span: at },
        });
      }
    }
    return values;
  }

  /** @throws LMN-2012 for the first option nobody took. */
  finish(): void {
    for (const { key } of this.#given.values()) {
      const nearest = nearestName(key.name, this.#known);
      const hint = nearest === undefined ? `it takes ${this.#known.join(', ')}` : `did you mean ${nearest}?`;
      throw new LaminarError('LMN-2012', `${this.#owner} has no option ${key.name}`, { hint, at: { span: key.span } });
    }
  }
}

/** The value of an option as its specification wants it. @throws LMN-2013. */
export function optionValue(definition: OptionDefinition, spec: OptionSpec): OptionScalar {
  const { value } = definition;
  const read = readValue(value, spec);
  if (read !== null) return read;
  throw new LaminarError('LMN-2013', `${spec.name} cannot be ${written(value)}`, {
    hint: `it is ${describeOptionType(spec.type)}`,
    at: { span: value.span },
  });
}

function readValue(value: OptionValue, spec: OptionSpec): OptionScalar | null {
  const { type } = spec;
  switch (type.kind) {
    case 'text':
      return value.kind === 'string' ? value.value : value.kind === 'number' ? value.text : null;
    case 'character': {
      const text = value.kind === 'string' ? value.value.replace(/^\\t$/, '\t') : '';
      return text.length === 1 && text.charCodeAt(0) < 128 ? text : null;
    }
    case 'integer': {
      const number = numberOf(value);
      return number !== null && Number.isSafeInteger(number) && number >= type.minimum ? number : null;
    }
    case 'number': {
      const number = numberOf(value);
      const { minimum = -Infinity, maximum = Infinity } = type;
      return number !== null && number >= minimum && number <= maximum ? number : null;
    }
    case 'boolean':
      if (value.kind === 'boolean') return value.value;
      return value.kind === 'string' && /^(true|false)$/i.test(value.value)
        ? value.value.toLowerCase() === 'true'
        : null;
    case 'duration': {
      const micros = durationOf(value);
      return micros === null || micros < (type.minimum ?? 0) ? null : micros;
    }
    case 'bytes': {
      const text = value.kind === 'string' ? value.value : value.kind === 'number' ? value.text : '';
      const bytes = parseBytes(text);
      return bytes !== null && bytes >= type.minimum && bytes <= type.maximum ? bytes : null;
    }
    case 'timestamp': {
      const micros = value.kind === 'string' ? parseTimestamp(value.value) : null;
      return micros === null ? null : Number(micros);
    }
    case 'choice': {
      const text = value.kind === 'string' ? value.value.toLowerCase() : String(numberOf(value) ?? '');
      const chosen = spec.aliases?.[text] ?? text;
      return type.of.includes(chosen) ? chosen : null;
    }
  }
}

function numberOf(value: OptionValue): number | null {
  const text = value.kind === 'number' ? value.text : value.kind === 'string' ? value.value : '';
  const number = Number(text.replaceAll('_', ''));
  return text.trim() === '' || Number.isNaN(number) ? null : number;
}

/** µs of `'5s'`, INTERVAL '5' SECOND, or 0. */
function durationOf(value: OptionValue): number | null {
  if (value.kind === 'interval') return intervalMicros(value);
  const text = value.kind === 'string' ? value.value : value.kind === 'number' ? value.text : '';
  if (text === '0') return 0;
  const duration = parseDuration(text, null);
  return 'micros' in duration && duration.micros >= 0 ? duration.micros : null;
}

function written(value: OptionValue): string {
  switch (value.kind) {
    case 'string':
      return `'${value.value}'`;
    case 'number':
      return value.text;
    case 'boolean':
      return String(value.value);
    case 'interval':
      return `INTERVAL '${value.text}'`;
  }
}
