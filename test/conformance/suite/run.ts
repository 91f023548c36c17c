/** A plan from its first module to its last: starts each, waits for its end, reads its log. It judges nothing. */

import { setTimeout as sleep } from 'node:timers/promises';
import { suggestion } from '../../../config/nearest.ts';
import { Refused } from '../../../src/commands/command.ts';
import type { Entry, ModuleOfPlan, Suite } from './api.ts';
import type { Plan } from './plans.ts';

/** How a module ended: the suite's own word, or that it did not end. */
export type Outcome = 'PASSED' | 'FAILED' | 'WARNING' | 'REVIEW' | 'SKIPPED' | 'UNKNOWN' | 'INTERRUPTED' | 'TIMEOUT';

export interface ModuleResult {
  module: string;
  id: string;
  outcome: Outcome;
  /** Conditions that did not pass. */
  failing: Entry[];
  /** Where a person reads on. */
  address: string;
  /** What a module that did not end was waiting for. */
  waitingFor?: string;
}

export interface RunOptions {
  suite: Suite;
  plan: Plan;
  configuration: object;
  /** One module of the plan alone. */
  only?: string;
  /** Milliseconds that a module may take. */
  deadline: number;
  /** Milliseconds between two looks. */
  every: number;
  /** What a module that waits to be started by hand wants done first, by its name. */
  byHand?: Record<string, () => Promise<void>>;
  /** Aborted when the run is to end before its time. */
  stopped?: AbortSignal;
  /** Told of each module at its end. */
  onProgress?: (text: string) => void;
}

/** Runs the plan's modules, one after the other: they share an alias. Throws Refused when the suite cannot be worked with. */
export async function runPlan(options: RunOptions): Promise<{ plan: string; results: ModuleResult[] }> {
  const { suite, plan, configuration, only } = options;
  const { id, modules } = await suite.createPlan(plan.planName, plan.variant, configuration);
  const chosen = only === undefined ? modules : modules.filter(({ testModule }) => testModule === only);
  if (chosen.length === 0) {
    const known = [...new Set(modules.map(({ testModule }) => testModule))];
    throw new Refused(`the plan has no module '${only}'`, suggestion(only ?? '', known));
  }
  const results: ModuleResult[] = [];
  for (const module of chosen) results.push(await runModule(id, module, options));
  return { plan: id, results };
}

async function runModule(plan: string, module: ModuleOfPlan, options: RunOptions): Promise<ModuleResult> {
  const { suite, onProgress } = options;
  const { id } = await suite.startModule(plan, module);
  const end = await untilItEnds(id, module.testModule, options);
  const failing = (await suite.log(id)).filter(({ result }) => result === 'FAILURE' || result === 'WARNING');
  onProgress?.(`${end.outcome.padEnd(11)} ${module.testModule}`);
  return { module: module.testModule, id, failing, address: suite.logAddress(id), ...end };
}

async function untilItEnds(
  id: string,
  module: string,
  { suite, deadline, every, stopped, byHand = {} }: RunOptions,
): Promise<Pick<ModuleResult, 'outcome' | 'waitingFor'>> {
  const until = Date.now() + deadline;
  let started = false;
  for (;;) {
    if (stopped?.aborted) throw new Refused('the run was ended', 'start it again');
    const { status, result } = await suite.info(id);
    if (status === 'INTERRUPTED') return { outcome: 'INTERRUPTED' };
    // The result is written a moment after the status.
    if (status === 'FINISHED' && result) return { outcome: result };
    if (status === 'CONFIGURED' && !started && byHand[module]) {
      started = true;
      await byHand[module]();
      await suite.goOn(id);
    }
    if (Date.now() > until) {
      const urls = await suite.unvisited(id).catch(() => []);
      const visits = urls.length > 0 ? `, for a visit that no page selector matches: ${urls.join(' ')}` : '';
      return { outcome: 'TIMEOUT', waitingFor: `${status} after ${Math.round(deadline / 1000)} s${visits}` };
    }
    await sleep(every);
  }
}
