// From a plan to a core's part in its exchange, and on the first core to what stands in the aggregate's place.

import type { LinearMemory } from '../../data/memory.ts';
import { exchangeOf } from '../../plan/exchange.ts';
import type { PhysicalPlan } from '../../plan/physical-plan.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { CompiledMaps } from '../compiled-maps.ts';
import { buildFeederChain, type FeederChain } from '../feeder-chain.ts';
import type { Output } from '../operators/operator.ts';
import type { Telemetry } from '../telemetry.ts';
import { Exchange, type ExchangeParts } from './exchange.ts';
import { ExchangeOperator } from './exchange-operator.ts';

/** This core's part in the exchange, if the run has one. */
export function buildExchange(
  memory: LinearMemory,
  plan: PhysicalPlan,
  parts: Omit<ExchangeParts, 'plan' | 'batchRows'>,
): Exchange | null {
  const exchanged = parts.link.hasExchange ? exchangeOf(plan) : null;
  if (exchanged === null) return null;
  return new Exchange(memory, { ...parts, plan: exchanged, batchRows: plan.batchRows });
}

export interface ConnectParts {
  link: CoreLink;
  maps: CompiledMaps;
  batchRows: number;
  telemetry: Telemetry;
  /** Of the aggregate. */
  output: Output;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
}

/** On the first core: what takes the source's rows, and the chain that leads into the exchange. */
export function connectExchange(
  memory: LinearMemory,
  exchange: Exchange,
  { link, maps, batchRows, telemetry, output, onFailure }: ConnectParts,
): { operator: ExchangeOperator; chain: FeederChain } {
  const { source, chain: plan } = exchange.plan;
  const chain = buildFeederChain(memory, source, {
    chain: plan,
    maps,
    batchRows,
    encoder: null,
    meter: exchange.meter,
    telemetry,
  });
  chain.output.connect(exchange.sender, exchange.place);
  return { operator: new ExchangeOperator({ exchange, link, chain, output, onFailure }), chain };
}
