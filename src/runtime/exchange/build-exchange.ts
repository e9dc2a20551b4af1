// From a plan to a core's part in its exchange, and on the first core to what stands in the place of the node.

import type { LinearMemory } from '../../data/memory.ts';
import { exchangeOf } from '../../plan/exchange.ts';
import { fedJoinsOf } from '../../plan/fed-exchange.ts';
import type { PhysicalPlan } from '../../plan/physical-plan.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { CompiledMaps } from '../compiled-maps.ts';
import { buildFeederChain, type FeederChain } from '../feeder-chain.ts';
import type { Output } from '../operators/operator.ts';
import type { Telemetry } from '../telemetry.ts';
import { Exchange, type ExchangeParts, type ExchangePort } from './exchange.ts';
import { ExchangeGroup } from './exchange-group.ts';
import { ExchangeOperator } from './exchange-operator.ts';

/** This core's parts in the exchanges of the run. */
export function buildExchanges(
  memory: LinearMemory,
  plan: PhysicalPlan,
  {
    outputOf,
    ...parts
  }: Omit<ExchangeParts, 'plan' | 'batchRows' | 'group' | 'output'> & {
    /** Takes the results of a node, on the first core; null on others. */
    outputOf: ((node: string) => Output) | null;
  },
): ExchangeGroup {
  const group = new ExchangeGroup();
  const first = exchangeOf(plan);
  const all = first === null ? fedJoinsOf(plan) : [first, ...fedJoinsOf(plan)];
  for (const exchanged of all.filter(({ node }) => parts.link.exchanges(node.id))) {
    const output = outputOf?.(exchanged.node.id) ?? null;
    new Exchange(memory, { ...parts, group, output, plan: exchanged, batchRows: plan.batchRows });
  }
  return group;
}

export interface ConnectParts {
  link: CoreLink;
  maps: CompiledMaps;
  batchRows: number;
  telemetry: Telemetry;
  /** Of the node. */
  output: Output;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
}

/** On the first core: what takes the rows of a source, and the chain that leads into the exchange. */
export function connectExchange(
  memory: LinearMemory,
  port: ExchangePort,
  { link, maps, batchRows, telemetry, output, onFailure }: ConnectParts,
): { operator: ExchangeOperator; chain: FeederChain } {
  const { exchange, input, sender } = port;
  const { meter, place } = exchange;
  const shared = { maps, batchRows, encoder: null, meter, telemetry, onFailure };
  const chain = buildFeederChain(memory, input.source, { ...shared, chain: input.chain });
  chain.output.connect(sender, place);
  return { operator: new ExchangeOperator({ port, link, chain, output }), chain };
}
