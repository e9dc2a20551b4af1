// A query's life on one page: text → syntax tree → bound logical plan → optimized → physical plan with compiled code.

import type { PhysicalPlan } from '../plan/physical-plan.ts';
import { type BoundPipeline, bindPipeline } from './bind/pipeline.ts';
import type { Settings } from './bind/settings.ts';
import { expandEnvironment } from './expand-environment.ts';
import { functionNames, resolveFunction } from './functions/registry.ts';
import { optimize } from './optimize/optimize.ts';
import { parsePipeline } from './parser.ts';
import { planPipeline } from './planner/physical.ts';

export interface CompileOptions {
  fileName: string;
  /** What `${NAME}` may stand for. */
  variables: Readonly<Record<string, string>>;
  /** Settings that win over SET, by name. */
  settings?: Settings;
}

export interface CompiledPipeline {
  plan: PhysicalPlan;
  /** Lines the user should read before the run. */
  notices: string[];
  /** What a running pipeline is asked by: see tap.ts. */
  bound: BoundPipeline;
}

/** @throws LaminarError or PipelineErrors: every independent error of the text, with its place. */
export function compilePipeline(text: string, options: CompileOptions): CompiledPipeline {
  const parsed = expandEnvironment(parsePipeline(text), options.variables);
  const functions = { resolve: resolveFunction, names: functionNames };
  const bound = bindPipeline(parsed, { text, functions, settings: options.settings ?? {} });
  const plan = planPipeline(optimize(bound));
  return { plan, notices: plan.notices, bound };
}
