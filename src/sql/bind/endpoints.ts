// Connector and format of a source or sink, from its FROM, INTO or WITH clause.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { CONNECTORS, type ConnectorSpec, type EndpointRole, isRolled } from '../../plan/connector-specs.ts';
import { FORMAT_OPTION, FORMATS, type FormatSpec, formatOfPath } from '../../plan/format-specs.ts';
import type { EndpointSpec } from '../../plan/node.ts';
import type { OptionScalar, OptionSpec } from '../../plan/option-spec.ts';
import type { ConnectorClause, Identifier, Span } from '../ast.ts';
import { OptionReader } from './options.ts';

/** What an end is to be; the formats of lookup tables are those of sources. */
type Role = 'source' | 'sink' | 'lookup';

export interface BoundEndpoint {
  connector: EndpointSpec;
  format: EndpointSpec;
  /** Options that are neither the connector's nor the format's are still in it. */
  options: OptionReader;
  span: Span;
}

/**
 * @param clause null: the default connector of this direction.
 * @throws LMN-2012 to LMN-2015.
 */
export function bindEndpoint(role: Role, clause: ConnectorClause | null, end: { name: Identifier }): BoundEndpoint {
  const owner = `${ROLES[role].name} ${end.name.name}`;
  const span = clause?.span ?? end.name.span;
  const { spec, definitions } = connectorOf(role, clause, end.name);
  const options = new OptionReader(definitions, owner);
  const endpoint = spec[role] as EndpointRole;
  const connector = { kind: spec.name, options: options.takeAll(endpoint.options, span) };
  // Files of a series are kept for others: they are not replaced unasked.
  if (isRolled(connector) && options.spanOf('mode') === null) connector.options['mode'] = 'new';
  if (endpoint.format === 'json') return { connector, format: { kind: 'json', options: {} }, options, span };
  if (endpoint.format === 'optional' && options.spanOf('format') === null) {
    return { connector, format: { kind: 'none', options: {} }, options, span };
  }
  const path = connector.options['path'];
  const chosen = options.take(FORMAT_OPTION[role]) ?? (typeof path === 'string' ? formatOfPath(path) : null) ?? 'json';
  const format = FORMATS.find((f) => f.name === chosen) as FormatSpec;
  const values = options.takeAll(optionsOf(format, role, span), span);
  const kind = format.name;
  return {
    connector,
    format: role === 'sink' ? formatOf(kind, values, options) : { kind, options: values },
    options,
    span,
  };
}

/** @throws LMN-2012 when no such end has the format, which the ending of the file's name has chosen. */
function optionsOf(format: FormatSpec, role: Role, span: Span): readonly OptionSpec[] {
  const own = role === 'lookup' ? (format.lookup ?? format.source) : format[role];
  if (own !== null) return own;
  const hint = format.lookup === undefined ? 'choose another one with format' : 'only lookup tables have it';
  throw new LaminarError('LMN-2012', `a ${role} cannot have the format ${format.name}`, { hint, at: { span } });
}

/** `changelog = 'debezium'` is a format by itself. @throws LMN-2012 for options that say nothing then. */
function formatOf(kind: string, values: Record<string, OptionScalar>, options: OptionReader): EndpointSpec {
  const { changelog, ...rest } = values;
  const only = changelog === 'upsert' ? [] : changelog === 'debezium' ? ['key', 'op_column'] : ['key'];
  for (const name of only) {
    const span = options.spanOf(name);
    if (span === null || values[name] === undefined) continue;
    const message = `${name} says nothing ${changelog === 'debezium' ? 'of' : 'without'} changelog = '${
      changelog === 'debezium' ? 'debezium' : 'upsert'
    }'`;
    throw new LaminarError('LMN-2012', message, { hint: `leave ${name} out`, at: { span } });
  }
  return changelog === 'debezium' ? { kind: 'debezium', options: rest } : { kind, options: values };
}

const ROLES: Readonly<Record<Role, { name: string; connector: string; verb: string }>> = {
  source: { name: 'source', connector: 'stdin', verb: 'be read from' },
  sink: { name: 'sink', connector: 'stdout', verb: 'be written to' },
  lookup: { name: 'lookup table', connector: 'file', verb: 'be a lookup table' },
};

/** The connector a clause names; for WITH it is the option `connector`. */
function connectorOf(role: Role, clause: ConnectorClause | null, name: Identifier) {
  const byDefault = ROLES[role].connector;
  if (clause === null) return { spec: find(byDefault) as ConnectorSpec, definitions: [] };
  if (clause.name !== null)
    return { spec: named(role, clause.name.name, clause.name.span), definitions: clause.options };
  const option = clause.options.find(({ key }) => key.name.toLowerCase() === 'connector');
  const definitions = clause.options.filter((o) => o !== option);
  if (option === undefined) {
    throw new LaminarError('LMN-2015', `${ROLES[role].name} ${name.name} does not say its connector`, {
      hint: `add 'connector' = '${byDefault}' to the WITH clause`,
      at: { span: clause.span },
    });
  }
  const text = option.value.kind === 'string' ? option.value.value : '';
  return { spec: named(role, text, option.value.span), definitions };
}

function find(name: string): ConnectorSpec | undefined {
  return CONNECTORS.find((spec) => spec.name === name.toLowerCase());
}

function named(role: Role, name: string, span: Span): ConnectorSpec {
  const spec = find(name);
  const has = (connector: ConnectorSpec) => connector[role] !== null && connector[role] !== undefined;
  if (spec !== undefined && has(spec)) return spec;
  const known = CONNECTORS.filter(has).map((c) => c.name.toUpperCase());
  const { verb } = ROLES[role];
  const nearest = nearestName(name, known);
  const message = spec === undefined ? `there is no connector ${name}` : `${name.toUpperCase()} cannot ${verb}`;
  const hint =
    nearest === undefined || spec !== undefined ? `use one of ${known.join(', ')}` : `did you mean ${nearest}?`;
  throw new LaminarError('LMN-2014', message, { hint, at: { span } });
}
